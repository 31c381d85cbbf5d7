-- +goose Up
-- How the other nodes reach this one's HTTP; empty: not at all.
alter table presence add column address text not null default '';

-- Which node has the live side of a room, good for a few seconds after it was
-- renewed. Nobody needs it after a crash, so it is kept out of the log.
create unlogged table live_rooms (
    room_id    uuid primary key,
    node       uuid not null,
    people     int not null default 0, -- in its live meeting
    renewed_at timestamptz not null
);
