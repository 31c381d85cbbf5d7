-- +goose Up
-- Only a station's own account is of a station. Whoever became something else kept
-- it, and with it what is the station's.
update accounts set station_id = null where role <> 'station';
alter table accounts add constraint accounts_of_station check (station_id is null or role = 'station');

-- Nobody stays in a room for a reason that is gone: of the rooms of stations and of
-- meetings the members follow from who somebody is and from the invitations.
delete from room_members x using rooms r, accounts a
where r.id = x.room_id and a.id = x.account_id and r.kind = 'station'
    and (a.disabled or not (a.role in ('admin', 'staff') or coalesce(a.station_id = r.station_id, false)));
delete from room_members x using rooms r, meetings m, accounts a
where r.id = x.room_id and a.id = x.account_id and m.room_id = r.id and m.own_room
    and not (m.host_id = a.id or m.created_by = a.id or exists (
        select from invitees i where i.meeting_id = m.id and i.removed_at is null
            and (i.kind = 'account' and i.ref = a.id or i.kind = 'station' and i.ref = a.station_id and not a.disabled)));
-- Of a meeting's own room its host is the owner.
update room_members x set role = case when x.account_id = m.host_id then 'owner' else 'member' end
from meetings m where m.room_id = x.room_id and m.own_room and (x.role = 'owner') <> (x.account_id = m.host_id);
