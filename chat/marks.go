package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Mark is how far a member has read a room. A room numbers its marks as it
// numbers its events, in a row of its own: marks never wait for messages. Of
// each member only the newest counts, so that the marks after a number, however
// long ago that was, are at most one for each member.
type Mark struct {
	Person Person
	// Read is the newest sequence number of the room that the member has read.
	Read int64
	// Number is the mark's place in the room's order of marks.
	Number int64
}

var errUnmoved = errors.New("the mark stays where it is")

// MarkRead notes how far a member has read. It never goes back, nor beyond the
// room's end. Guests' marks are not kept.
func (s *Store) MarkRead(ctx context.Context, c Caller, room uuid.UUID, seq int64) error {
	if err := s.may(ctx, c, room); err != nil || c.Kind == GuestPerson {
		return err
	}
	mark := Mark{Person: c.Person}
	err := s.inTurn(ctx, &s.marking, room, func(ctx context.Context, tx pgx.Tx) error {
		const next = `
insert into room_marks (room_id, seq) values ($1, 1) on conflict (room_id) do update set seq = room_marks.seq + 1 returning seq`
		if err := tx.QueryRow(ctx, next, room).Scan(&mark.Number); err != nil {
			return err
		}
		const q = `
update room_members m set read_seq = least($3::bigint, r.seq), mark = $4 from rooms r
where r.id = m.room_id and m.room_id = $1 and m.account_id = $2 and m.read_seq < least($3::bigint, r.seq)
returning m.read_seq`
		err := tx.QueryRow(ctx, q, room, c.ID, seq, mark.Number).Scan(&mark.Read)
		if errors.Is(err, pgx.ErrNoRows) {
			return errUnmoved // and the number is taken by the next
		}
		return err
	})
	switch {
	case errors.Is(err, errUnmoved):
		return nil
	case err != nil:
		return fmt.Errorf("mark read: %w", err)
	}
	s.announce.Marked(ctx, room, mark)
	return nil
}

// Marks returns the marks of a room after a number, and the newest number;
// after 0, where everybody stands. Guests are not told.
func (s *Store) Marks(ctx context.Context, c Caller, room uuid.UUID, after int64) (marks []Mark, newest int64, err error) {
	if err := s.may(ctx, c, room); err != nil || c.Kind == GuestPerson {
		return []Mark{}, 0, err
	}
	if after <= 0 {
		after = -1 // also who has read nothing yet
	}
	return s.marksAfter(ctx, room, after)
}

// marksAfter reads without asking who wants to know. Both come from one
// snapshot: a mark that is not among them has a higher number.
func (s *Store) marksAfter(ctx context.Context, room uuid.UUID, after int64) (marks []Mark, newest int64, err error) {
	const q = `
select a.id, a.name, m.read_seq, m.mark, coalesce(k.seq, 0)
from rooms r left join room_marks k on k.room_id = r.id
left join room_members m on m.room_id = r.id and m.mark > $2 left join accounts a on a.id = m.account_id
where r.id = $1 order by m.mark, a.id`
	rows, _ := s.pool.Query(ctx, q, room, after)
	var (
		id           *uuid.UUID
		name         *string
		read, number *int64
	)
	marks = []Mark{}
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &read, &number, &newest}, func() error {
		if id != nil {
			marks = append(marks, Mark{Person: Person{ID: *id, Kind: AccountPerson, Name: *name}, Read: *read, Number: *number})
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read marks: %w", err)
	}
	return marks, newest, nil
}

// Head is where a room stands for a person.
type Head struct {
	Room   uuid.UUID
	Seq    int64
	Read   int64
	Unread int
	// Mentions counts the unread messages that name the person, or a group it is in.
	Mentions int
	// Mark is the room's newest mark.
	Mark int64
	// Manages: the person is among those who manage the room.
	Manages bool
}

// mentionsUnread counts unread messages that name a member: itself, everyone,
// the managers if it is one, those with its role. It is part of a query over
// room_members m, accounts a and rooms r.
const mentionsUnread = `(select count(*) from messages u where u.room_id = r.id and u.seq > m.read_seq
        and u.author_id <> m.account_id and u.deleted_at is null and (m.account_id = any(u.mentions)
            or u.mention_groups && array['everyone', case when a.role = 'admin' then 'staff' else a.role end,
                case when ` + manages + ` then 'managers' end]))`

// Heads returns where all rooms of the caller stand.
func (s *Store) Heads(ctx context.Context, c Caller) ([]Head, error) {
	if c.Kind == GuestPerson {
		if c.GuestRoom == uuid.Nil {
			return []Head{}, nil
		}
		heads, err := s.heads(ctx, headsOf, []uuid.UUID{c.GuestRoom})
		for i := range heads {
			heads[i].Mark = 0 // guests are told of no marks
		}
		return heads, err
	}
	const q = `
select r.id as room, r.seq, m.read_seq as read, coalesce(k.seq, 0) as mark, ` + manages + ` as manages,
    (select count(*) from messages x where x.room_id = r.id and x.seq > m.read_seq
        and x.author_id <> m.account_id and x.deleted_at is null) as unread, ` + mentionsUnread + ` as mentions
from room_members m join rooms r on r.id = m.room_id join accounts a on a.id = m.account_id
left join room_marks k on k.room_id = r.id where m.account_id = $1`
	return s.heads(ctx, q, c.ID)
}

// headsOf reads where rooms stand, for nobody in particular.
const headsOf = `
select r.id as room, r.seq, r.seq as read, 0 as unread, 0 as mentions, coalesce(k.seq, 0) as mark, false as manages
from rooms r left join room_marks k on k.room_id = r.id where r.id = any($1)`

func (s *Store) heads(ctx context.Context, q string, arg any) ([]Head, error) {
	rows, _ := s.pool.Query(ctx, q, arg)
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByName[Head])
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	return heads, nil
}

// Newest returns the number of a room's newest event.
func (s *Store) Newest(ctx context.Context, room uuid.UUID) (int64, error) {
	heads, err := s.heads(ctx, headsOf, []uuid.UUID{room})
	if err == nil && len(heads) == 0 {
		err = ErrNoRoom
	}
	if err != nil {
		return 0, err
	}
	return heads[0].Seq, nil
}
