-- +goose Up
create table rooms (
    id         uuid primary key,
    kind       text not null check (kind in ('station', 'group', 'direct', 'meeting')),
    title      text not null default '',
    title_en   text not null default '',
    station_id uuid unique,
    meeting_id uuid unique,
    direct_key text unique, -- the two accounts of a direct room, in order
    seq        bigint not null default 0, -- newest event; taken inside the inserting transaction
    created_at timestamptz not null default now()
);

create table room_members (
    room_id    uuid not null references rooms on delete cascade,
    account_id uuid not null references accounts on delete cascade,
    role       text not null default 'member' check (role in ('owner', 'member')),
    read_seq   bigint not null default 0,
    joined_at  timestamptz not null default now(),
    primary key (room_id, account_id)
);
create index room_members_account on room_members (account_id);

create table messages (
    id          uuid primary key,
    room_id     uuid not null references rooms on delete cascade,
    seq         bigint not null,
    client_id   text not null,
    author_id   uuid not null,
    author_kind text not null check (author_kind in ('account', 'guest')),
    author_name text not null,
    text        text not null,
    reply_to    uuid references messages,
    mentions    uuid[] not null default '{}',
    posted_at   timestamptz not null default now(),
    edited_at   timestamptz,
    deleted_at  timestamptz,
    unique (room_id, seq),
    unique (room_id, author_id, client_id)
);

create table room_events (
    room_id    uuid not null references rooms on delete cascade,
    seq        bigint not null,
    kind       text not null check (kind in ('posted', 'edited', 'deleted', 'reacted')),
    message_id uuid not null references messages on delete cascade,
    actor_id   uuid not null,
    at         timestamptz not null default now(),
    primary key (room_id, seq)
);

create table reactions (
    message_id  uuid not null references messages on delete cascade,
    emoji       text not null,
    person_id   uuid not null,
    person_kind text not null,
    person_name text not null,
    at          timestamptz not null default now(),
    primary key (message_id, emoji, person_id)
);
