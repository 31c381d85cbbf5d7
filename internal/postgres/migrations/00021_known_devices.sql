-- +goose Up
-- Devices on which somebody has signed in to an account. They open nothing: who
-- guesses elsewhere does not keep the owner out on them.
create table known_devices (
    account_id uuid not null references accounts on delete cascade,
    token_hash bytea not null,
    seen_at    timestamptz not null default now(),
    primary key (account_id, token_hash)
);
create index known_devices_token on known_devices (token_hash);
