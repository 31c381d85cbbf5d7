-- +goose Up
-- Why a letter of an invitation will never arrive, as the mail server said; ''
-- while none was given up.
alter table invitees add column undelivered text not null default '';
-- What a notice is about where that is neither a room nor a message.
alter table notices add column meeting_id uuid;
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in
    ('mention', 'message', 'missed_call', 'must_confirm', 'chase', 'reminder', 'hook_off', 'undelivered'));
