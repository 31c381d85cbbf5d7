-- +goose Up
-- Under which name a guest was invited: whose link it is.
create or replace view guests as
select l.invitee_id as id, s.id as session_id, l.meeting_id, coalesce(m.state, '') as meeting_state, s.name, s.language,
    s.time_zone, s.device, s.token_hash, s.admitted_seq as since, s.blocked,
    s.admitted_at is not null and not s.blocked and coalesce(m.state = 'live', false) as admitted, l.name as invited
from guest_sessions s join guest_links l on l.invitee_id = s.invitee_id and l.generation = s.generation
left join meetings m on m.id = l.meeting_id
where l.revoked_at is null and l.expires_at > now() and s.expires_at > now();
