-- +goose Up
-- The owner of an account is told of a one-time link that sets its password.
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check
    check (kind in ('mention', 'message', 'missed_call', 'must_confirm', 'chase', 'reminder', 'hook_off', 'undelivered', 'link_made'));
-- Whether somebody's watching was noted already.
create index audit_object on audit (object, action, id);
