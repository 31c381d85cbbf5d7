package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// maxReaders is how many members a room has at most whose readers are listed.
const maxReaders = 500

// Reader is a member of a room, as far as one message is concerned.
type Reader struct {
	ID   uuid.UUID
	Name string
	// AccountRole is the account's role in the organisation.
	AccountRole string
	StationID   *uuid.UUID
	// TimeZone says whose clock says what.
	TimeZone    string
	Read        bool
	ConfirmedAt *time.Time
	// JoinedLater: they came after the message and have not confirmed it. They
	// are no readers of it, though they may still become ones by confirming.
	JoinedLater bool
}

// ReadList says who has read a message and, where it asks for that, who has
// confirmed it. Its author is not among them.
type ReadList struct {
	MustConfirm, Urgent bool
	Readers             []Reader
	// ChasedAt is when those who had not confirmed were last reminded.
	ChasedAt *time.Time
	// MayChase: the caller may remind them.
	MayChase bool
}

// asked is a message that its room is asked about.
type asked struct {
	seq                 int64
	author              uuid.UUID
	mustConfirm, urgent bool
	deleted, archived   bool
	text                string
	members             int
	manages             bool
}

func (s *Store) askAbout(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, by, room, message uuid.UUID,
) (a asked, err error) {
	const q = `
select x.seq, x.author_id, x.must_confirm, x.urgent, x.deleted_at is not null, r.archived_at is not null,
    left(coalesce(nullif(x.text, ''), x.text_en), 120), (select count(*) from room_members c where c.room_id = r.id), ` + manages + `
from messages x join rooms r on r.id = x.room_id join room_members m on m.room_id = r.id
join accounts a on a.id = m.account_id where x.id = $1 and r.id = $2 and a.id = $3`
	err = db.QueryRow(ctx, q, message, room, by).
		Scan(&a.seq, &a.author, &a.mustConfirm, &a.urgent, &a.deleted, &a.archived, &a.text, &a.members, &a.manages)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return a, ErrNoMessage
	case err == nil && a.deleted:
		return a, ErrDeleted
	}
	return a, err
}

// mayChase: whose message it is, and the room's managers.
func (a asked) mayChase(by uuid.UUID) bool { return a.mustConfirm && (a.author == by || a.manages) }

// Readers says who has read a message of the caller's room.
func (s *Store) Readers(ctx context.Context, c Caller, room, message uuid.UUID) (ReadList, error) {
	if c.Kind == GuestPerson {
		return ReadList{}, problem.Forbidden("for the room's members")
	}
	if err := s.may(ctx, c, room); err != nil {
		return ReadList{}, err
	}
	a, err := s.askAbout(ctx, s.pool, c.ID, room, message)
	if err != nil {
		return ReadList{}, fmt.Errorf("read who has read: %w", err)
	}
	if a.members > maxReaders {
		return ReadList{}, problem.New(http.StatusConflict, "too_many_members", "for rooms of up to %d members", maxReaders)
	}
	list := ReadList{MustConfirm: a.mustConfirm, Urgent: a.urgent, MayChase: a.mayChase(c.ID)}
	const q = `
select a.id, a.name, a.role as account_role, a.station_id, a.time_zone, c.at as confirmed_at,
    m.joined_seq < $3 and m.read_seq >= $3 or c.at is not null as read, m.joined_seq >= $3 and c.at is null as joined_later
from room_members m join accounts a on a.id = m.account_id
left join confirmations c on c.message_id = $2 and c.account_id = a.id
where m.room_id = $1 and a.id <> $4 and not a.disabled order by a.name collate "zh-x-icu", a.id`
	rows, _ := s.pool.Query(ctx, q, room, message, a.seq, a.author)
	if list.Readers, err = pgx.CollectRows(rows, pgx.RowToStructByName[Reader]); err != nil {
		return ReadList{}, fmt.Errorf("read who has read: %w", err)
	}
	err = s.pool.QueryRow(ctx, `select at from chases where message_id = $1`, message).Scan(&list.ChasedAt)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return ReadList{}, fmt.Errorf("read when it was asked for: %w", err)
	}
	return list, nil
}
