package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Rest is told when everybody has left a live meeting without ending it. A
// spontaneous one is over; an arranged one waits for them to come back as long
// as its time lasts.
func (s *Schedule) Rest(ctx context.Context, meeting uuid.UUID, at time.Time) error {
	const q = `
update meetings set state = 'planned', updated_at = now(),
    live_at = case when $2 + $3::interval < starts_at then null else live_at end -- begun much too early: not its beginning
where id = $1 and state = 'live' and not spontaneous and ends_at > $2 returning room_id`
	var room uuid.UUID
	err := s.Pool.QueryRow(ctx, q, meeting, at, early).Scan(&room)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.End(ctx, meeting, at)
	}
	if err != nil {
		return fmt.Errorf("let meeting %s rest: %w", meeting, err)
	}
	s.Announcer.Changed(ctx, "meeting", meeting.String(), room)
	return nil
}

// RoomOf returns the room a meeting is held in.
func (s *Schedule) RoomOf(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error) {
	m, err := readMeeting(ctx, s.Pool, meeting)
	return m.RoomID, err
}
