package schedule

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Attending returns the room that each of these people is meeting in now, on
// whatever node.
func (s *Schedule) Attending(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	const q = `
select a.person_id, m.room_id from attendance a join meetings m on m.id = a.meeting_id
where m.state = 'live' and a.left_at is null and a.person_id = any($1) order by a.joined_at`
	rows, _ := s.Pool.Query(ctx, q, people)
	at := make(map[uuid.UUID]uuid.UUID)
	var person, room uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&person, &room}, func() error { at[person] = room; return nil }); err != nil {
		return nil, fmt.Errorf("look for who is in a meeting: %w", err)
	}
	return at, nil
}
