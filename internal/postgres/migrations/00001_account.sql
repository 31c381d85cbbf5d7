-- +goose Up
create table accounts (
    id            uuid primary key,
    name          text not null,
    user_name     text not null,
    email         text not null default '',
    password_hash text not null default '', -- empty: has not chosen one yet
    role          text not null check (role in ('admin', 'staff', 'station', 'ambassador')),
    language      text not null default 'zh-CN' check (language in ('zh-CN', 'en')),
    time_zone     text not null default 'Asia/Shanghai',
    station_id    uuid,
    disabled      boolean not null default false,
    created_at    timestamptz not null default now()
);
create unique index accounts_user_name on accounts (lower(user_name));
create unique index accounts_email on accounts (lower(email)) where email <> '';
create index accounts_station on accounts (station_id) where station_id is not null;

create table sessions (
    id         uuid primary key,
    account_id uuid not null references accounts on delete cascade,
    token_hash bytea not null unique,
    device     text not null,
    address    text not null,
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_account on sessions (account_id);

-- Failed sign-ins, counted per name and address, per name, and per address.
create table sign_in_failures (
    key      text primary key,
    failures int not null,
    last_at  timestamptz not null
);

-- One-time links: the first administrator's, and those of new accounts.
create table invitations (
    token_hash bytea primary key,
    account_id uuid references accounts on delete cascade, -- null: first administrator
    expires_at timestamptz not null
);

-- Keys made by this installation itself.
create table secrets (
    name  text primary key,
    value bytea not null
);

-- What this installation knows of itself, such as that it is a demonstration.
create table facts (
    name  text primary key,
    value text not null
);

create table guest_links (
    invitee_id uuid primary key,
    meeting_id uuid not null,
    name       text not null,
    language   text not null,
    generation int not null default 1,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index guest_links_meeting on guest_links (meeting_id);

create table guest_sessions (
    id          uuid primary key,
    invitee_id  uuid not null references guest_links on delete cascade,
    generation  int not null,
    token_hash  bytea not null unique,
    name        text not null,
    language    text not null,
    time_zone   text not null,
    device      text not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    admitted_at timestamptz,
    blocked     boolean not null default false
);
create index guest_sessions_invitee on guest_sessions (invitee_id);
