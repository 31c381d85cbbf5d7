-- +goose Up
-- What was the room's newest event when a member came: messages up to it were
-- posted before.
alter table room_members add column joined_seq bigint not null default 0;
-- Of those who are there already, their time says it.
update room_members m set joined_seq = o.seq
from (select room_id, account_id, coalesce(max(seq) over (partition by room_id order by at, seq rows unbounded preceding), 0) as seq
    from (select room_id, account_id, joined_at as at, null::bigint as seq from room_members
        union all select room_id, null, at, seq from room_events) x) o
where o.account_id is not null and m.room_id = o.room_id and m.account_id = o.account_id and o.seq > 0;
