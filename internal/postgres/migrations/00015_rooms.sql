-- +goose Up
-- How far people have read is numbered per room, apart from the room's events:
-- who misses a mark sees it by the number, and no message waits for one.
create table room_marks (
    room_id uuid primary key references rooms on delete cascade,
    seq     bigint not null default 0 -- newest mark; taken inside the marking transaction
);
alter table room_members add column mark bigint not null default 0; -- the number of this member's newest mark
create index room_members_mark on room_members (room_id, mark);

alter table message_versions add column text_en text not null default '';

-- When those who have not confirmed a message were last reminded.
create table chases (
    message_id uuid primary key references messages on delete cascade,
    round      integer not null default 1,
    at         timestamptz not null default now()
);
