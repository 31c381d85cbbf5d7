-- +goose Up
-- From which event of the room on a guest's device reads: where the room stood
-- when it was let in.
alter table guest_sessions add column admitted_seq bigint not null default 0;
-- Who is let in already goes on reading from about that moment.
update guest_sessions s set admitted_seq = coalesce((
    select max(e.seq) from guest_links l join meetings m on m.id = l.meeting_id
    join room_events e on e.room_id = m.room_id and e.at < s.admitted_at where l.invitee_id = s.invitee_id), 0)
where s.admitted_at is not null;

-- What a guest's device may now: whatever asks about a guest asks here. A device
-- was let into one meeting, and that holds while this meeting is live.
create view guests as
select l.invitee_id as id, s.id as session_id, l.meeting_id, coalesce(m.state, '') as meeting_state, s.name, s.language,
    s.time_zone, s.device, s.token_hash, s.admitted_seq as since, s.blocked,
    s.admitted_at is not null and not s.blocked and coalesce(m.state = 'live', false) as admitted
from guest_sessions s join guest_links l on l.invitee_id = s.invitee_id and l.generation = s.generation
left join meetings m on m.id = l.meeting_id
where l.revoked_at is null and l.expires_at > now() and s.expires_at > now();
