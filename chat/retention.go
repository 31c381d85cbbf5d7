package chat

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rounds"
)

// Retention is how long the messages in a kind of room are kept. What is older
// is removed with everything that belongs to it; that it was there stays
// visible, as with every removal.
type Retention struct {
	Kind RoomKind `json:"kind" enum:"station,group,direct,meeting"`
	// Days is 0 where messages are kept for ever.
	Days int `json:"days" minimum:"0" maximum:"36500"`
}

const (
	retainEvery = 10 * time.Minute
	maxDays     = 36500
)

// Retentions returns the rule of every kind of room.
func (s *Store) Retentions(ctx context.Context) ([]Retention, error) {
	const q = `
select k.kind, coalesce(r.days, 0) as days
from unnest(array['station', 'group', 'direct', 'meeting']) with ordinality k (kind, place) left join retention r using (kind)
order by k.place`
	rows, _ := s.pool.Query(ctx, q)
	rules, err := pgx.CollectRows(rows, pgx.RowToStructByName[Retention])
	if err != nil {
		return nil, fmt.Errorf("read rules of retention: %w", err)
	}
	return rules, nil
}

// SetRetention changes a rule; the caller is who the audit remembers.
func (s *Store) SetRetention(ctx context.Context, rule Retention) error {
	switch rule.Kind {
	case Station, Group, Direct, Meeting:
	default:
		return problem.Invalid("kind", "station, group, direct or meeting")
	}
	if rule.Days < 0 || rule.Days > maxDays {
		return problem.Invalid("days", "0 to %d", maxDays)
	}
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const set = `
insert into retention (kind, days) values ($1, $2) on conflict (kind) do update set days = excluded.days, changed_at = now()`
		q, arguments := set, []any{rule.Kind, rule.Days}
		if rule.Days == 0 {
			q, arguments = `delete from retention where kind = $1`, arguments[:1]
		}
		if _, err := tx.Exec(ctx, q, arguments...); err != nil {
			return fmt.Errorf("set rule of retention: %w", err)
		}
		if s.Audit == nil {
			return nil
		}
		return s.Audit.RecordIn(ctx, tx, "retention.set", string(rule.Kind), map[string]any{"days": rule.Days})
	})
}

// RunRetention removes what is older than its room's rule says, again and
// again, until the context ends. Several nodes may do so at the same time.
func (s *Store) RunRetention(ctx context.Context, log *slog.Logger) error {
	r := rounds.Rounds{Every: retainEvery, AtOnce: true, Failed: func(ctx context.Context, err error) {
		log.WarnContext(ctx, "old messages could not be removed", "err", err)
	}}
	return r.Run(ctx, func(ctx context.Context) error {
		n, err := s.Retain(ctx)
		if n > 0 {
			log.InfoContext(ctx, "old messages were removed", "messages", n)
		}
		return err
	})
}

// Retain removes everything that is too old now, and returns how much it was.
func (s *Store) Retain(ctx context.Context) (removed int, err error) {
	for {
		const q = `
select r.id from retention t join rooms r on r.kind = t.kind
where exists (select from messages m where m.room_id = r.id and ` + tooOld + `) order by r.id limit 100`
		rows, _ := s.pool.Query(ctx, q)
		rooms, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil || len(rooms) == 0 {
			return removed, err
		}
		for _, room := range rooms {
			n, err := s.retainRoom(ctx, room)
			removed += n
			if err != nil {
				return removed, fmt.Errorf("remove old messages of room %s: %w", room, err)
			}
		}
	}
}

// tooOld says of a message m that the rule t does not keep it any longer.
const tooOld = `m.deleted_at is null and m.posted_at < now() - make_interval(days => t.days)`

func (s *Store) retainRoom(ctx context.Context, room uuid.UUID) (n int, err error) {
	const q = `
select m.id from messages m join rooms r on r.id = m.room_id join retention t on t.kind = r.kind
where r.id = $1 and ` + tooOld + ` order by m.seq limit $2 for update of m`
	return s.removeSome(ctx, room, RemovedByAge, func(tx pgx.Tx) ([]uuid.UUID, error) {
		rows, _ := tx.Query(ctx, q, room, removedAtATime)
		return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	})
}

// removeSome removes the messages of a room that choose finds, with the room locked.
func (s *Store) removeSome(ctx context.Context, room uuid.UUID, why Removal, choose func(pgx.Tx) ([]uuid.UUID, error)) (n int, err error) {
	err = s.advance(ctx, room, func(tx pgx.Tx) (head int64, err error) {
		chosen, err := choose(tx)
		if err != nil || len(chosen) == 0 {
			return 0, err
		}
		n = len(chosen)
		return remove(ctx, tx, room, chosen, why)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
