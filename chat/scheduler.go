package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rounds"
)

// scheduledEvery is how often a node looks for messages that are due.
const scheduledEvery = 2 * time.Second

// RunScheduled posts what is due until the context ends; any number of nodes may.
func (s *Store) RunScheduled(ctx context.Context, log *slog.Logger) error {
	r := rounds.Rounds{Every: scheduledEvery, Failed: func(ctx context.Context, err error) {
		log.WarnContext(ctx, "scheduled messages could not be posted, they are tried again", "err", err)
	}}
	return r.Run(ctx, s.PostDue)
}

// PostDue posts every message that is due. One that cannot be posted now stops
// none of the others.
func (s *Store) PostDue(ctx context.Context) error {
	tried := []uuid.UUID{}
	var failures []error
	for {
		id, err := s.postNextDue(ctx, tried)
		if err != nil {
			failures = append(failures, err)
		}
		if id == uuid.Nil {
			return errors.Join(failures...)
		}
		tried = append(tried, id)
	}
}

// due is a message whose time has come, with its author as they are now.
type due struct {
	scheduledRow
	AuthorID   uuid.UUID
	AuthorName string
	Disabled   bool
}

// postNextDue posts one message and forgets that it waited. It is posted in a
// transaction of its own, before: who dies in between posts it again, and its
// client id makes that the same message.
func (s *Store) postNextDue(ctx context.Context, tried []uuid.UUID) (id uuid.UUID, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		const q = `
select l.id, l.room_id as room, l.content, l.send_at, l.refused, ` + forwards + `, l.author_id, a.name as author_name, a.disabled
from scheduled_messages l join accounts a on a.id = l.author_id
where l.refused = '' and l.send_at <= now() and l.id <> all($1) order by l.send_at, l.id limit 1 for update of l skip locked`
		rows, _ := tx.Query(ctx, q, tried)
		next, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[due])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		id = next.ID
		if refused, err := s.postScheduled(ctx, next); err != nil {
			return err
		} else if refused != "" {
			const keep = `update scheduled_messages set refused = $2, refused_at = now() where id = $1`
			_, err := tx.Exec(ctx, keep, id, refused)
			return err
		}
		_, err = tx.Exec(ctx, `delete from scheduled_messages where id = $1`, id)
		return err
	})
	if err != nil {
		return id, fmt.Errorf("post scheduled message %s: %w", id, err)
	}
	return id, nil
}

// postScheduled posts a message with the rights that its author has now, and
// says why that is refused.
func (s *Store) postScheduled(ctx context.Context, m due) (refused string, err error) {
	if m.Disabled {
		return "account_disabled", nil
	}
	by := Caller{Person: Person{ID: m.AuthorID, Kind: AccountPerson, Name: m.AuthorName}}
	err = s.postCarrying(ctx, by, m.scheduled())
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code, nil
	}
	return "", err
}

// postCarrying posts a message with the files that were given to it before.
func (s *Store) postCarrying(ctx context.Context, by Caller, m Scheduled) error {
	n := m.post()
	if err := n.check(); err != nil {
		return err
	}
	n.Attachments = nil
	_, err := s.prepare(ctx, &posting{by: by, NewMessage: n, attachments: m.Carried})
	return err
}
