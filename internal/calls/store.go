package calls

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// stored is a call as the database gives it.
type stored struct {
	ID, RoomID, ByID uuid.UUID
	ByName           string
	Version          int
	StartedAt        time.Time
	RingsUntil       time.Time
	AnsweredAt       *time.Time
	EndedAt          *time.Time
	People           []storedPerson
}

type storedPerson struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	State State     `json:"state"`
}

const columns = `
select c.id, c.room_id, c.by_id, c.by_name, c.version, c.started_at, c.rings_until, c.answered_at, c.ended_at,
    (select coalesce(jsonb_agg(jsonb_build_object('id', p.account_id, 'name', p.name, 'state', p.state) order by p.name, p.account_id), '[]')
        from call_people p where p.call_id = c.id) as people
from calls c`

func (s stored) call() Call {
	c := Call{
		ID: s.ID, Room: s.RoomID, By: Person{s.ByID, s.ByName}, Version: s.Version, StartedAt: s.StartedAt,
		RingsUntil: s.RingsUntil, AnsweredAt: s.AnsweredAt, EndedAt: s.EndedAt, People: make([]Callee, 0, len(s.People)),
	}
	for _, p := range s.People {
		c.People = append(c.People, Callee{Person{p.ID, p.Name}, p.State})
	}
	return c
}

// Read returns one call.
func (c *Calls) Read(ctx context.Context, id uuid.UUID) (Call, error) {
	rows, _ := c.Pool.Query(ctx, columns+` where c.id = $1`, id)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[stored])
	if errors.Is(err, pgx.ErrNoRows) {
		return Call{}, ErrNoCall
	}
	if err != nil {
		return Call{}, fmt.Errorf("read call: %w", err)
	}
	return s.call(), nil
}

// Recent lists the calls that these accounts make or are rung by now, and those
// that ended within the last minute: a node that heard of none of it finds
// here what to tell.
func (c *Calls) Recent(ctx context.Context, accounts []uuid.UUID) ([]Call, error) {
	const q = columns + `
where (c.ended_at is null or c.ended_at > clock_timestamp() - interval '1 minute')
    and c.started_at > clock_timestamp() - interval '10 minutes'
    and (c.by_id = any($1) or exists (select from call_people p where p.call_id = c.id and p.account_id = any($1)))
order by c.started_at`
	rows, _ := c.Pool.Query(ctx, q, accounts)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stored])
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	list := make([]Call, 0, len(found))
	for _, s := range found {
		list = append(list, s.call())
	}
	return list, nil
}
