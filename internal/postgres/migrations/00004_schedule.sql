-- +goose Up
create table meetings (
    id              uuid primary key,
    room_id         uuid not null,
    own_room        boolean not null, -- the room was made for this meeting
    title           text not null,
    host_id         uuid not null references accounts,
    created_by      uuid not null references accounts,
    starts_at       timestamptz not null,
    ends_at         timestamptz not null,
    time_zone       text not null, -- the zone whose wall clock was agreed
    state           text not null default 'planned' check (state in ('planned', 'live', 'ended', 'cancelled')),
    spontaneous     boolean not null default false,
    sequence        int not null default 0,
    may_be_recorded boolean not null default false,
    note            text not null default '',
    cancel_reason   text not null default '',
    live_at         timestamptz,
    ended_at        timestamptz,
    seen_at         timestamptz, -- when a live meeting was last known to go on
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    check (ends_at >= starts_at)
);
create index meetings_starts on meetings (starts_at, id);
create index meetings_room on meetings (room_id, starts_at);
create unique index meetings_live on meetings (room_id) where state = 'live';

create table agenda_items (
    id         uuid primary key,
    meeting_id uuid not null references meetings on delete cascade,
    position   int not null,
    title      text not null,
    minutes    int not null
);
create index agenda_items_meeting on agenda_items (meeting_id, position);

create table invitees (
    id         uuid primary key,
    meeting_id uuid not null references meetings on delete cascade,
    position   int not null,
    kind       text not null check (kind in ('account', 'station', 'contact', 'address')),
    ref        uuid,
    name       text not null,
    email      text not null,
    language   text not null,
    time_zone  text not null,
    unit       text not null, -- as the minutes name it
    title      text not null,
    response   text not null default 'unknown' check (response in ('unknown', 'accepted', 'declined')),
    removed_at timestamptz, -- kept, so that the cancellation can still be written
    check ((ref is null) = (kind = 'address'))
);
create index invitees_meeting on invitees (meeting_id, position);
create index invitees_ref on invitees (ref) where removed_at is null;

create table attendance (
    id         bigint generated always as identity primary key,
    meeting_id uuid not null references meetings on delete cascade,
    person_id  uuid not null,
    kind       text not null check (kind in ('account', 'guest')),
    name       text not null,
    joined_at  timestamptz not null,
    left_at    timestamptz,
    check (left_at >= joined_at)
);
create index attendance_meeting on attendance (meeting_id, joined_at);
create unique index attendance_open on attendance (meeting_id, person_id) where left_at is null;
