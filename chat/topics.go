package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Topic is what some of a room's messages are about.
type Topic struct {
	Name     string `json:"name"`
	Messages int    `json:"messages"`
	// LastSeq is the newest message's; a list goes on before it.
	LastSeq    int64     `json:"last_seq"`
	LastAt     time.Time `json:"last_at"`
	LastAuthor Person    `json:"last_author"`
}

// Topics lists a room's topics, the most recently used first: those used before
// a sequence number, or the newest for 0.
func (s *Store) Topics(ctx context.Context, c Caller, room uuid.UUID, before int64, limit int) (topics []Topic, more bool, err error) {
	if err := s.may(ctx, c, room); err != nil {
		return nil, false, err
	}
	limit = clampPage(limit)
	const q = `
select t.name, t.messages, t.last_seq, m.posted_at as last_at,
    jsonb_build_object('id', m.author_id, 'kind', m.author_kind, 'name', m.author_name) as last_author
from (select topic as name, count(*) as messages, max(seq) as last_seq from messages
        where room_id = $1 and topic <> '' and deleted_at is null
        group by topic having $2::bigint = 0 or max(seq) < $2::bigint order by max(seq) desc limit $3) t
join messages m on m.room_id = $1 and m.seq = t.last_seq order by t.last_seq desc`
	rows, _ := s.pool.Query(ctx, q, room, before, limit+1)
	topics, err = pgx.CollectRows(rows, pgx.RowToStructByName[Topic])
	if err != nil {
		return nil, false, fmt.Errorf("read topics: %w", err)
	}
	n := min(len(topics), limit)
	return topics[:n], len(topics) > n, nil
}

// PinnedMessage is what a list of pinned messages shows of one.
type PinnedMessage struct {
	ID          uuid.UUID `json:"id"`
	Seq         int64     `json:"seq"`
	Author      Person    `json:"author"`
	Text        string    `json:"text" doc:"its first 300 characters"`
	TextEN      string    `json:"text_en"`
	Attachments int       `json:"attachments" doc:"how many it carries"`
	PostedAt    time.Time `json:"posted_at"`
	Pin         Pin       `json:"pin"`
}

// Pins lists the messages that a room keeps in sight, the newest pin first.
func (s *Store) Pins(ctx context.Context, c Caller, room uuid.UUID) ([]PinnedMessage, error) {
	if err := s.may(ctx, c, room); err != nil {
		return nil, err
	}
	const q = `
select m.id, m.seq, jsonb_build_object('id', m.author_id, 'kind', m.author_kind, 'name', m.author_name) as author,
    left(m.text, 300) as text, left(m.text_en, 300) as text_en, jsonb_array_length(m.attachments) as attachments,
    m.posted_at, m.pinned as pin
from messages m where m.room_id = $1 and m.pinned is not null order by (m.pinned->>'at')::timestamptz desc, m.seq desc`
	rows, _ := s.pool.Query(ctx, q, room)
	pins, err := pgx.CollectRows(rows, pgx.RowToStructByName[PinnedMessage])
	if err != nil {
		return nil, fmt.Errorf("read pins: %w", err)
	}
	return pins, nil
}
