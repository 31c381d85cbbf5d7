-- +goose Up
-- How many letters went to people outside the house, by whose doing: kept for a
-- day, to bound them.
create table outside_letters (
    account_id uuid not null references accounts (id) on delete cascade,
    at timestamptz not null,
    letters int not null check (letters > 0)
);
create index outside_letters_at on outside_letters (at);
