-- +goose Up
-- How often looking at an upload began and did not end: the process died under
-- it.
alter table files add column looks smallint not null default 0;
