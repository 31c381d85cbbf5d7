-- +goose Up
-- One ringing. It ends when nobody is being rung any more; what follows is the
-- room's meeting.
create table calls (
    id          uuid primary key,
    room_id     uuid not null,
    by_id       uuid not null references accounts on delete cascade,
    by_name     text not null,
    version     int not null default 1, -- one more with every change
    started_at  timestamptz not null default clock_timestamp(),
    rings_until timestamptz not null,
    answered_at timestamptz,
    ended_at    timestamptz,
    told_at     timestamptz -- its entry is in the room, and who missed it was told
);
create unique index calls_ringing on calls (room_id) where ended_at is null;
create index calls_overdue on calls (rings_until) where ended_at is null;
create index calls_untold on calls (ended_at) where told_at is null;
create index calls_by on calls (by_id, started_at);

create table call_people (
    call_id    uuid not null references calls on delete cascade,
    account_id uuid not null references accounts on delete cascade,
    name       text not null,
    state      text not null check (state in ('ringing', 'accepted', 'declined', 'busy', 'missed', 'cancelled')),
    primary key (call_id, account_id)
);
-- Nobody is rung by two calls at once: the second finds them busy.
create unique index call_people_ringing on call_people (account_id) where state = 'ringing';
