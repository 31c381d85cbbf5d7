-- +goose Up
-- A file that somebody uploads, or has uploaded. What a message carries of it
-- is a copy in the message; who may read it is asked of the messages.
create table files (
    id          uuid primary key,
    owner_id    uuid not null,
    owner_kind  text not null check (owner_kind in ('account', 'guest')),
    room_id     uuid, -- a guest's: the only one that it may be posted to
    name        text not null,
    size        bigint not null check (size > 0),
    voice       boolean not null default false,
    duration_ms int not null default 0, -- as the uploader's device says
    type        text not null default '', -- by content
    sha256      text not null default '',
    width       int not null default 0,
    height      int not null default 0,
    preview     boolean not null default false,
    created_at  timestamptz not null default now(),
    finished_at timestamptz, -- all of it is there, looked at and stored
    claimed_at  timestamptz, -- first posted
    loose_since timestamptz, -- no message carries it any more
    checked_at  timestamptz not null default now(), -- whether one does
    gone_at     timestamptz  -- being deleted: nobody may have it any more
);
create index files_owner on files (owner_id);
create index files_unposted on files (created_at) where claimed_at is null;
create index files_checked on files (checked_at) where claimed_at is not null;
