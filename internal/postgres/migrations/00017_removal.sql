-- +goose Up
-- Why a message is not there any more.
alter table messages add column removed text not null default ''
    check (removed in ('', 'author', 'manager', 'retention', 'erasure'));
update messages set removed = 'author' where deleted_at is not null;

-- How many days the messages in a kind of room are kept; no row: for ever.
create table retention (
    kind       text primary key check (kind in ('station', 'group', 'direct', 'meeting')),
    days       int not null check (days between 1 and 36500),
    changed_at timestamptz not null default now()
);

-- People whose data was erased, and the proof of it. Nothing in it names them
-- but the id, which stays in what is kept.
create table erasures (
    id          uuid primary key,
    person_id   uuid not null unique,
    person_kind text not null check (person_kind in ('account', 'guest')),
    by_id       uuid not null,
    by_name     text not null,
    reason      text not null,
    started_at  timestamptz not null default now(),
    finished_at timestamptz,
    proof       jsonb not null default '{}'
);
