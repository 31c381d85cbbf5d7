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

// takenFor is how long a message that a node took to post is nobody else's.
const takenFor = "interval '20 seconds'"

// postNextDue posts one message and forgets that it waited. It is taken, posted
// and forgotten one after the other: who dies in between lets another node post
// it again, and its client id makes that the same message.
func (s *Store) postNextDue(ctx context.Context, tried []uuid.UUID) (uuid.UUID, error) {
	next, err := s.takeNextDue(ctx, tried)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("take scheduled message: %w", err)
	}
	refused, err := s.postScheduled(ctx, next)
	switch {
	case err != nil:
		const free = `update scheduled_messages set taken_at = null where id = $1`
		_, freeErr := s.pool.Exec(ctx, free, next.ID)
		err = errors.Join(err, freeErr)
	case refused != "":
		const keep = `update scheduled_messages set refused = $2, refused_at = now(), taken_at = null where id = $1`
		_, err = s.pool.Exec(ctx, keep, next.ID, refused)
	default:
		_, err = s.pool.Exec(ctx, `delete from scheduled_messages where id = $1`, next.ID)
	}
	if err != nil {
		return next.ID, fmt.Errorf("post scheduled message %s: %w", next.ID, err)
	}
	return next.ID, nil
}

// takeNextDue takes the next message that is due and that nobody posts now; from
// here on its author does not change it any more.
func (s *Store) takeNextDue(ctx context.Context, tried []uuid.UUID) (due, error) {
	const q = `
with next as (
    select id from scheduled_messages
    where refused = '' and send_at <= now() and id <> all($1) and (taken_at is null or taken_at < now() - ` + takenFor + `)
    order by send_at, id limit 1 for update skip locked
), taken as (update scheduled_messages set taken_at = now() where id in (select id from next))
select l.id, l.room_id as room, l.content, l.send_at, l.refused, ` + forwards + `, l.author_id, a.name as author_name, a.disabled
from scheduled_messages l join next using (id) join accounts a on a.id = l.author_id`
	rows, _ := s.pool.Query(ctx, q, tried)
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[due])
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
