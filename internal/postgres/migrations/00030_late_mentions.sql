-- +goose Up
-- Whom, and which groups, a message names only since an edit: they are told then.
alter table messages
    add column mentions_late uuid[] not null default '{}',
    add column groups_late text[] not null default '{}';
