package chat

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Removal says why a message is not there any more; empty while it is.
type Removal string

// The reasons: its author took it back, or a manager of the room did; it was
// older than the house keeps messages; its author's data was erased.
const (
	RemovedByAuthor  Removal = "author"
	RemovedByManager Removal = "manager"
	RemovedByAge     Removal = "retention"
	RemovedByErasure Removal = "erasure"
)

const (
	removedAtATime    = 200 // messages of a room in one transaction
	clearedForRemoval = `text = '', text_en = '', mentions = '{}', mention_groups = '{}', mentions_late = '{}', groups_late = '{}', attachments = '[]',
    forwarded = null, pinned = null, must_confirm = false, urgent = false, search = ''`
)

// purge deletes what belongs to removed messages beside their rows.
const purge = `
with v as (delete from message_versions where message_id = any($1)),
    c as (delete from confirmations where message_id = any($1)),
    n as (delete from chases where message_id = any($1))
delete from reactions where message_id = any($1)`

// remove takes messages of one room away for a reason, each with an event of
// its own, and returns the room's new head. It waits for the room like whoever
// posts into it.
func remove(ctx context.Context, tx pgx.Tx, room uuid.UUID, messages []uuid.UUID, why Removal) (head int64, err error) {
	head, err = appendEvents(ctx, tx, room, messages, Deleted)
	if err != nil {
		return 0, err
	}
	const clear = `
update messages set ` + clearedForRemoval + `, call = null, deleted_at = coalesce(deleted_at, now()),
    removed = case when removed = '' then $2 else removed end where id = any($1)`
	if _, err := tx.Exec(ctx, clear, messages, why); err != nil {
		return 0, fmt.Errorf("clear messages: %w", err)
	}
	if _, err := tx.Exec(ctx, purge, messages); err != nil {
		return 0, fmt.Errorf("purge messages: %w", err)
	}
	return head, nil
}

// advance changes a room's messages with its row locked, and tells of the new
// head that do returns; 0: nothing has changed.
func (s *Store) advance(ctx context.Context, room uuid.UUID, do func(pgx.Tx) (head int64, err error)) error {
	var head int64
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, `select from rooms where id = $1 for update`, room); err != nil {
			return err
		}
		head, err = do(tx)
		return err
	})
	if err == nil && head > 0 {
		s.announce.Advanced(ctx, room, head)
	}
	return err
}

// appendEvents gives each of a room's messages an event, by nobody, in the order
// in which they were posted, and returns the room's new head.
func appendEvents(ctx context.Context, tx pgx.Tx, room uuid.UUID, messages []uuid.UUID, kind EventKind) (head int64, err error) {
	const next = `update rooms set seq = seq + $2 where id = $1 returning seq`
	if err := tx.QueryRow(ctx, next, room, len(messages)).Scan(&head); err != nil {
		return 0, fmt.Errorf("take numbers for events: %w", err)
	}
	const events = `
insert into room_events (room_id, seq, kind, message_id, actor_id)
select $1, $2::bigint + row_number() over (order by m.seq), $3, m.id, $4
from messages m where m.room_id = $1 and m.id = any($5)`
	tag, err := tx.Exec(ctx, events, room, head-int64(len(messages)), kind, uuid.Nil, messages)
	if err == nil && tag.RowsAffected() != int64(len(messages)) {
		err = fmt.Errorf("%d of %d messages are not in the room", int64(len(messages))-tag.RowsAffected(), len(messages))
	}
	if err != nil {
		return 0, fmt.Errorf("append events: %w", err)
	}
	return head, nil
}
