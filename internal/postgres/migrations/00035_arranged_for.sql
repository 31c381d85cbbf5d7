-- +goose Up
-- For which station a meeting was arranged. Who arranged it runs it while they are of
-- that station, and not for ever.
alter table meetings add station_id uuid;
update meetings m set station_id = a.station_id from accounts a where a.id = m.created_by;
delete from room_members x using meetings m, accounts a
where m.room_id = x.room_id and m.own_room and a.id = x.account_id and m.created_by = a.id and a.role = 'ambassador'
    and not (m.host_id = a.id or exists (
        select from invitees i where i.meeting_id = m.id and i.removed_at is null and i.kind = 'account' and i.ref = a.id));
