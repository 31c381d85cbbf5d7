-- +goose Up
create table minutes (
    id            uuid primary key,
    meeting_id    uuid not null,
    room_id       uuid not null,
    version       int not null,
    state         text not null default 'draft' check (state in ('draft', 'review', 'signed')),
    number        text unique,
    title         text not null,
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    time_zone     text not null,
    place         text not null,
    host_name     text not null,
    recorder_name text not null,
    present       jsonb not null,
    attending     jsonb not null,
    absent        jsonb not null,
    signer        text,
    signed_at     timestamptz,
    signed_by     uuid,
    copies_to     text not null default '',
    return_reason text not null default '',
    revision      int not null default 1,
    corrects      uuid references minutes,
    created_by    uuid not null,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    unique (meeting_id, version),
    check ((state = 'signed') = (number is not null and signer is not null and signed_at is not null))
);

-- The last number given in a year. It is raised in the signing transaction,
-- so that a number is neither left out nor given twice.
create table minutes_numbers (
    year int primary key,
    last int not null
);

create table minutes_blocks (
    id              uuid primary key,
    minutes_id      uuid not null references minutes,
    position        int not null,
    kind            text not null check (kind in ('agenda', 'discussion', 'decision', 'action')),
    text            text not null,
    owner           text not null,
    due             date,
    revision        int not null default 1,
    deleted         boolean not null default false,
    updated_by_name text not null,
    updated_at      timestamptz not null default now()
);
create index minutes_blocks_minutes on minutes_blocks (minutes_id, position);

-- Every save of a block.
create table minutes_block_versions (
    block_id uuid not null references minutes_blocks,
    revision int not null,
    kind     text not null,
    text     text not null,
    owner    text not null,
    due      date,
    deleted  boolean not null,
    by_id    uuid not null,
    by_name  text not null,
    at       timestamptz not null default now(),
    primary key (block_id, revision)
);

-- A signed record cannot change, whoever asks the database.
-- +goose StatementBegin
create function minutes_signed() returns trigger language plpgsql as $$
begin
    if old.state = 'signed' then
        raise exception 'signed minutes cannot change';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;

create function minutes_blocks_signed() returns trigger language plpgsql as $$
declare
    record_id uuid := case when tg_op = 'DELETE' then old.minutes_id else new.minutes_id end;
begin
    if exists (select from minutes where id = record_id and state = 'signed')
        or tg_op = 'UPDATE' and exists (select from minutes where id = old.minutes_id and state = 'signed') then
        raise exception 'signed minutes cannot change';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;

create function minutes_versions_stay() returns trigger language plpgsql as $$
begin
    raise exception 'versions of minutes are only ever added to';
end $$;
-- +goose StatementEnd

create trigger minutes_signed before update or delete on minutes for each row execute function minutes_signed();
create trigger minutes_blocks_signed before insert or update or delete on minutes_blocks
    for each row execute function minutes_blocks_signed();
create trigger minutes_versions_stay before update or delete or truncate on minutes_block_versions
    for each statement execute function minutes_versions_stay();
