package minutes

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Sought says which minutes are looked for. Patterns are regular expressions of
// Postgres, all of which the title, the number or a block matches without
// regard to case. Empty fields do not narrow.
type Sought struct {
	Patterns []string
	Room     *uuid.UUID
	From, To time.Time
	Limit    int
}

// FoundMinutes are minutes that were found.
type FoundMinutes struct {
	ID, MeetingID, RoomID uuid.UUID
	Title                 string
	Number                *string
	State                 State
	StartsAt, CreatedAt   time.Time
	TimeZone              string
	// Texts are the blocks that match a pattern, in order.
	Texts []string
}

// findBatch is how many minutes are read at once while those are looked for
// that the caller may read; after maxFindBatches the search ends.
const (
	findBatch      = 100
	maxFindBatches = 10
)

// Find returns the newest minutes that match and that the caller may read:
// signed ones of meetings it may see, and drafts of those whose minutes it
// writes.
func (b *Book) Find(ctx context.Context, q Sought) ([]FoundMinutes, error) {
	if _, err := account.Require(ctx); err != nil {
		return nil, err
	}
	readable := []FoundMinutes{}
	var after *FoundMinutes
	for range maxFindBatches {
		candidates, err := b.candidates(ctx, q, after)
		if err != nil {
			return nil, err
		}
		may, err := b.readableOf(ctx, candidates)
		if err != nil {
			return nil, err
		}
		readable = append(readable, may...)
		if len(readable) >= q.Limit || len(candidates) < findBatch {
			break
		}
		after = &candidates[len(candidates)-1]
	}
	return readable[:min(len(readable), q.Limit)], nil
}

func (b *Book) candidates(ctx context.Context, q Sought, after *FoundMinutes) ([]FoundMinutes, error) {
	const statement = `
select m.id, m.meeting_id, m.room_id, m.title, m.number, m.state, m.starts_at, m.created_at, m.time_zone, array(
    select x.text from minutes_blocks x where x.minutes_id = m.id and not x.deleted
        and exists (select from unnest(@patterns::text[]) p where x.text ~* p) order by x.position, x.id limit 3) as texts
from minutes m
where (@room::uuid is null or m.room_id = @room)
    and (@from::timestamptz is null or m.starts_at >= @from) and (@to::timestamptz is null or m.starts_at < @to)
    and (@after_at::timestamptz is null or (m.created_at, m.id) < (@after_at, @after_id::uuid))
    and not exists (select from unnest(@patterns::text[]) p where m.title !~* p and coalesce(m.number, '') !~* p
        and not exists (select from minutes_blocks x where x.minutes_id = m.id and not x.deleted and x.text ~* p))
order by m.created_at desc, m.id desc limit @limit`
	arguments := pgx.NamedArgs{
		"patterns": q.Patterns, "room": q.Room, "from": orNil(q.From), "to": orNil(q.To), "limit": findBatch, "after_at": nil, "after_id": nil,
	}
	if after != nil {
		arguments["after_at"], arguments["after_id"] = after.CreatedAt, after.ID
	}
	rows, _ := b.Pool.Query(ctx, statement, arguments)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[FoundMinutes])
	if err != nil {
		return nil, fmt.Errorf("find minutes: %w", err)
	}
	return found, nil
}

// readableOf leaves out what the caller may not read.
func (b *Book) readableOf(ctx context.Context, all []FoundMinutes) ([]FoundMinutes, error) {
	meetings := make([]uuid.UUID, len(all))
	for i, m := range all {
		meetings[i] = m.MeetingID
	}
	seen, written, err := b.Meetings.Visible(ctx, meetings)
	if err != nil {
		return nil, err
	}
	readable := make([]FoundMinutes, 0, len(all))
	for _, m := range all {
		if written[m.MeetingID] || m.State == StateSigned && seen[m.MeetingID] {
			readable = append(readable, m)
		}
	}
	return readable, nil
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
