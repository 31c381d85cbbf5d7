-- +goose Up
-- People are told of the meetings that they are invited to.
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check
    check (kind in ('mention', 'message', 'missed_call', 'must_confirm', 'chase', 'reminder', 'hook_off', 'undelivered', 'link_made',
        'meeting_invited', 'meeting_changed', 'meeting_cancelled', 'meeting_soon', 'meeting_begun', 'guest_waits'));
create index notices_meeting on notices (meeting_id) where meeting_id is not null;
