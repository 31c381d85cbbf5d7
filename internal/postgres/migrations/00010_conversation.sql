-- +goose Up
-- What a room is besides its title: who may post, whether it is over, and what
-- each member is and wants to hear of it. Managers are owners and moderators.
alter table rooms
    add column posting text not null default 'members' check (posting in ('members', 'managers')),
    add column archived_at timestamptz;
alter table room_members drop constraint room_members_role_check;
alter table room_members
    add constraint room_members_role_check check (role in ('owner', 'moderator', 'member')),
    add column notify text not null default 'all' check (notify in ('all', 'mentions', 'none'));

-- What a message is besides its text. Attachments, what it was forwarded from
-- and a call are kept as they were then.
alter table messages
    add column text_en text not null default '',
    add column topic text not null default '',
    add column mention_groups text[] not null default '{}',
    add column attachments jsonb not null default '[]',
    add column forwarded jsonb,
    add column call jsonb,
    add column pinned jsonb,
    add column must_confirm boolean not null default false,
    add column urgent boolean not null default false;
create index messages_topic on messages (room_id, topic, seq) where topic <> '';
create index messages_pinned on messages (room_id, seq) where pinned is not null;
create index messages_files on messages using gin (attachments jsonb_path_ops) where attachments <> '[]';

-- Who has confirmed a message that asks for it.
create table confirmations (
    message_id uuid not null references messages on delete cascade,
    account_id uuid not null,
    at         timestamptz not null default now(),
    primary key (message_id, account_id)
);

alter table room_events drop constraint room_events_kind_check;
alter table room_events add constraint room_events_kind_check
    check (kind in ('posted', 'edited', 'deleted', 'reacted', 'pinned', 'confirmed'));
