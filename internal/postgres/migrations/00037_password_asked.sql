-- +goose Up
-- Administrators are told of who has forgotten a password.
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check
    check (kind in ('mention', 'message', 'missed_call', 'must_confirm', 'chase', 'reminder', 'hook_off', 'undelivered', 'link_made',
        'meeting_invited', 'meeting_changed', 'meeting_cancelled', 'meeting_soon', 'meeting_begun', 'guest_waits', 'password_asked'));
