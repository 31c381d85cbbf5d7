package schedule

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Sought says which meetings are looked for. Patterns are regular expressions
// of Postgres, all of which a meeting's title, agenda or note matches without
// regard to case. Empty fields do not narrow.
type Sought struct {
	Patterns []string
	Room     *uuid.UUID
	Host     *uuid.UUID
	From, To time.Time
	Limit    int
}

// FoundMeeting is a meeting that was found.
type FoundMeeting struct {
	ID       uuid.UUID
	RoomID   uuid.UUID
	Title    string
	HostName string
	StartsAt time.Time
	TimeZone string
	State    State
	Note     string
	Agenda   []string
}

// Find returns the newest meetings that the caller may see and that match.
func (s *Schedule) Find(ctx context.Context, q Sought) ([]FoundMeeting, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	const statement = `
select m.id, m.room_id, m.title, a.name as host_name, m.starts_at, m.time_zone, m.state, m.note, array(
    select title from agenda_items i where i.meeting_id = m.id order by position) as agenda
from meetings m join accounts a on a.id = m.host_id
where ` + visibleTo + `
    and (@room::uuid is null or m.room_id = @room) and (@host::uuid is null or m.host_id = @host)
    and (@from::timestamptz is null or m.ends_at > @from) and (@to::timestamptz is null or m.starts_at < @to)
    and not exists (select from unnest(@patterns::text[]) p where m.title !~* p and m.note !~* p
        and not exists (select from agenda_items i where i.meeting_id = m.id and i.title ~* p))
order by m.starts_at desc, m.id limit @limit`
	arguments := v.arguments()
	maps.Copy(arguments, pgx.NamedArgs{
		"room": q.Room, "host": q.Host, "from": orNil(q.From), "to": orNil(q.To), "patterns": q.Patterns, "limit": q.Limit,
	})
	rows, _ := s.Pool.Query(ctx, statement, arguments)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[FoundMeeting])
	if err != nil {
		return nil, fmt.Errorf("find meetings: %w", err)
	}
	return found, nil
}

// visibleTo is the condition that a viewer sees the meeting m, the same rule as
// viewer.sees.
const visibleTo = `(@all or m.host_id = @me or m.room_id = any(@rooms)
    or exists (select from accounts a where a.id = @me and ` + arrangedBy + `)
    or exists (select from invitees i where i.meeting_id = m.id and removed_at is null
            and (kind = 'account' and ref = @me or kind = 'station' and ref = @station)))`

func (v viewer) arguments() pgx.NamedArgs {
	station := v.StationID
	if station != nil && !v.OfStation(*station) {
		station = nil
	}
	return pgx.NamedArgs{"all": v.Role == account.Admin, "me": v.ID, "rooms": v.rooms, "station": station}
}

// Visible parts meetings into those the caller may see, and of these those
// whose minutes it may write.
func (s *Schedule) Visible(ctx context.Context, meetings []uuid.UUID) (seen, written map[uuid.UUID]bool, err error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, nil, err
	}
	const q = `select` + meetingColumns + ` from meetings m where m.id = any(@ids) and ` + visibleTo
	arguments := v.arguments()
	arguments["ids"] = meetings
	rows, _ := s.Pool.Query(ctx, q, arguments)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[meetingRow])
	if err != nil {
		return nil, nil, fmt.Errorf("look which meetings are visible: %w", err)
	}
	seen, written = make(map[uuid.UUID]bool, len(found)), make(map[uuid.UUID]bool, len(found))
	for _, m := range found {
		seen[m.ID] = true
		written[m.ID] = v.rights(m).WriteMinutes
	}
	return seen, written, nil
}
