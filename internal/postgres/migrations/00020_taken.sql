-- +goose Up
-- When a node took a scheduled message to post it: no transaction stays open
-- while it does.
alter table scheduled_messages add column taken_at timestamptz;
