package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// NewMessage is what somebody posts.
type NewMessage struct {
	Room uuid.UUID
	// ClientID is the poster's own, unique for ever: posting it again returns
	// the first result.
	ClientID string
	Text     string
	ReplyTo  *uuid.UUID
	Mentions []uuid.UUID
	// At is when it was posted; zero means now. Only imports set it.
	At time.Time
}

func (n *NewMessage) check() error {
	if n.ClientID == "" || len(n.ClientID) > maxClientID || strings.ContainsRune(n.ClientID, 0) {
		return problem.Invalid("client_id", "1 to %d bytes, none of them zero", maxClientID)
	}
	if len(n.Mentions) > maxMentions {
		return problem.Invalid("mentions", "at most %d", maxMentions)
	}
	return checkText(n.Text)
}

func checkText(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		return problem.Invalid("text", "empty")
	case n > maxText:
		return problem.Invalid("text", "at most %d characters", maxText)
	case strings.ContainsRune(text, 0):
		return problem.Invalid("text", "contains a NUL character")
	}
	return nil
}

// may says whether the caller reads and writes a room.
func (s *Store) may(ctx context.Context, c Caller, room uuid.UUID) error {
	if c.Kind == GuestPerson {
		if c.GuestRoom == uuid.Nil || c.GuestRoom != room {
			return ErrNoRoom
		}
		return nil
	}
	is, err := s.IsMember(ctx, room, c.ID)
	if err == nil && !is {
		err = ErrNoRoom
	}
	return err
}

// Post stores a message and returns its event. When the client's id was posted
// before, that first event is returned and nothing is stored.
func (s *Store) Post(ctx context.Context, c Caller, n NewMessage) (Event, error) {
	if err := n.check(); err != nil {
		return Event{}, err
	}
	// Members are looked up with the room locked; a guest's room is known.
	if c.Kind == GuestPerson {
		if err := s.may(ctx, c, n.Room); err != nil {
			return Event{}, err
		}
	}
	return s.queue(ctx, c, n)
}

func (s *Store) postedBefore(ctx context.Context, c Caller, n NewMessage) (Event, error) {
	var seq int64
	const q = `select seq from messages where room_id = $1 and author_id = $2 and client_id = $3`
	if err := s.pool.QueryRow(ctx, q, n.Room, c.ID, n.ClientID).Scan(&seq); err != nil {
		return Event{}, fmt.Errorf("look for an earlier post: %w", err)
	}
	return s.event(ctx, n.Room, seq)
}

// Edit replaces the text of one's own message.
func (s *Store) Edit(ctx context.Context, c Caller, room, message uuid.UUID, text string) (Event, error) {
	if err := checkText(text); err != nil {
		return Event{}, err
	}
	return s.change(ctx, c, room, message, Edited, func(tx pgx.Tx, m messageRow) error {
		if m.AuthorID != c.ID {
			return problem.Forbidden("only its author edits a message")
		}
		const keep = `insert into message_versions (message_id, seq, text) select id, $2, text from messages where id = $1`
		if _, err := tx.Exec(ctx, keep, message, m.event); err != nil {
			return err
		}
		const q = `update messages set text = $2, edited_at = now() where id = $1`
		_, err := tx.Exec(ctx, q, message, text)
		return err
	})
}

// Delete takes a message back: its author may, and the room's owners.
func (s *Store) Delete(ctx context.Context, c Caller, room, message uuid.UUID) (Event, error) {
	return s.change(ctx, c, room, message, Deleted, func(tx pgx.Tx, m messageRow) error {
		if m.AuthorID != c.ID && !m.callerOwns {
			return problem.Forbidden("only its author or the room's owners delete a message")
		}
		const q = `update messages set text = '', mentions = '{}', deleted_at = now() where id = $1`
		if _, err := tx.Exec(ctx, q, message); err != nil {
			return err
		}
		const clear = `with v as (delete from message_versions where message_id = $1) delete from reactions where message_id = $1`
		_, err := tx.Exec(ctx, clear, message)
		return err
	})
}

// React puts an emoji on a message, or takes it off. Doing so twice changes nothing.
func (s *Store) React(ctx context.Context, c Caller, room, message uuid.UUID, emoji string, on bool) (Event, error) {
	if !IsEmoji(emoji) {
		return Event{}, problem.Invalid("emoji", "one emoji")
	}
	return s.change(ctx, c, room, message, Reacted, func(tx pgx.Tx, _ messageRow) error {
		if !on {
			const q = `delete from reactions where message_id = $1 and emoji = $2 and person_id = $3`
			_, err := tx.Exec(ctx, q, message, emoji, c.ID)
			return err
		}
		var others int
		const count = `select count(distinct emoji) from reactions where message_id = $1 and emoji <> $2`
		if err := tx.QueryRow(ctx, count, message, emoji).Scan(&others); err != nil {
			return err
		}
		if others >= maxReactions { // the message travels with all of them
			return problem.New(http.StatusConflict, "too_many_reactions", "at most %d different reactions to a message", maxReactions)
		}
		const q = `
insert into reactions (message_id, emoji, person_id, person_kind, person_name)
values ($1, $2, $3, $4, $5) on conflict do nothing`
		_, err := tx.Exec(ctx, q, message, emoji, c.ID, c.Kind, c.Name)
		return err
	})
}

// IsEmoji refuses text: letters of any script, digits, spaces and controls are
// no emoji, but for the keycap sequences, which nobody here reacts with.
func IsEmoji(text string) bool {
	if text == "" || len(text) > maxEmoji {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		low := r < 0x2190 && r != 0x00a9 && r != 0x00ae && r != 0x200d && r != 0x203c && r != 0x2049 && r != 0x2122
		return low || r == utf8.RuneError || r == 0xfeff || unicode.IsLetter(r) || unicode.IsDigit(r) ||
			unicode.IsSpace(r) || unicode.Is(unicode.Co, r)
	})
}

// messageRow is what a change looks at before it is made.
type messageRow struct {
	AuthorID   uuid.UUID
	Deleted    bool
	callerOwns bool
	event      int64 // the sequence number of the change
}

// change locks a message, lets apply alter it, and appends the event.
func (s *Store) change(ctx context.Context, c Caller, room, message uuid.UUID, kind EventKind, apply func(pgx.Tx, messageRow) error) (Event, error) {
	if err := s.may(ctx, c, room); err != nil {
		return Event{}, err
	}
	seq, err := s.commit(ctx, c, room, kind, func(tx pgx.Tx, seq int64) (uuid.UUID, error) {
		m := messageRow{event: seq}
		const q = `
select m.author_id, m.deleted_at is not null,
    exists (select from room_members r where r.room_id = m.room_id and r.account_id = $3 and r.role = 'owner')
from messages m where m.id = $1 and m.room_id = $2`
		err := tx.QueryRow(ctx, q, message, room, c.ID).Scan(&m.AuthorID, &m.Deleted, &m.callerOwns)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return uuid.Nil, ErrNoMessage
		case err != nil:
			return uuid.Nil, err
		case m.Deleted:
			return uuid.Nil, ErrDeleted
		}
		return message, apply(tx, m)
	})
	if err != nil {
		return Event{}, fmt.Errorf("%s message: %w", kind, err)
	}
	return s.event(ctx, room, seq)
}

// commit takes the room's next sequence number, which locks the room's row and
// so gives its events one order, and writes the event with what write did.
func (s *Store) commit(ctx context.Context, c Caller, room uuid.UUID, kind EventKind, write func(tx pgx.Tx, seq int64) (uuid.UUID, error)) (int64, error) {
	var seq int64
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		const next = `update rooms set seq = seq + 1 where id = $1 returning seq`
		if err := tx.QueryRow(ctx, next, room).Scan(&seq); errors.Is(err, pgx.ErrNoRows) {
			return ErrNoRoom
		} else if err != nil {
			return err
		}
		message, err := write(tx, seq)
		if err != nil {
			return err
		}
		const insert = `insert into room_events (room_id, seq, kind, message_id, actor_id) values ($1, $2, $3, $4, $5)`
		_, err = tx.Exec(ctx, insert, room, seq, kind, message, c.ID)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.announce.Advanced(ctx, room, seq)
	return seq, nil
}
