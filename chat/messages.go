package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// NewMessage is what somebody posts.
type NewMessage struct {
	Room uuid.UUID
	// ClientID is the poster's own, unique for ever: posting it again returns
	// the first result.
	ClientID string
	// Text may be empty where there are attachments, or something is forwarded.
	Text, TextEN  string
	Topic         string
	ReplyTo       *uuid.UUID
	Mentions      []uuid.UUID
	MentionGroups []MentionGroup
	// Attachments are files of the poster's that no message carries yet.
	Attachments []uuid.UUID
	// Forward is a message to post again; its text and attachments are taken.
	Forward *ForwardOf
	// MustConfirm asks every reader to confirm; Urgent disturbs them at night.
	MustConfirm, Urgent bool
	// Call is what remains of a call; only the hub posts it.
	Call *CallRecord
	// At is when it was posted; zero means now. Only imports set it.
	At time.Time
}

// ForwardOf names a message of another room.
type ForwardOf struct {
	Room    uuid.UUID `json:"room"`
	Message uuid.UUID `json:"message"`
}

func (n *NewMessage) check() error {
	if n.ClientID == "" || len(n.ClientID) > maxClientID || strings.ContainsRune(n.ClientID, 0) {
		return problem.Invalid("client_id", "1 to %d bytes, none of them zero", maxClientID)
	}
	if len(n.Mentions) > maxMentions {
		return problem.Invalid("mentions", "at most %d", maxMentions)
	}
	if err := checkMentionGroups(n.MentionGroups); err != nil {
		return err
	}
	if len(n.Attachments) > maxAttachments {
		return problem.Invalid("attachments", "at most %d", maxAttachments)
	}
	if n.Urgent && !n.MustConfirm {
		return problem.Invalid("urgent", "only messages that ask for confirmation are urgent")
	}
	if err := n.checkTopic(); err != nil {
		return err
	}
	return n.checkContent()
}

func checkMentionGroups(groups []MentionGroup) error {
	for i, g := range groups {
		switch g {
		case MentionEveryone, MentionManagers, MentionStaff, MentionStation, MentionAmbassadors:
		default:
			return problem.Invalid("mention_groups", "no such group")
		}
		if slices.Contains(groups[:i], g) {
			return problem.Invalid("mention_groups", "one group twice")
		}
	}
	return nil
}

func (n *NewMessage) checkTopic() (err error) {
	n.Topic, err = label.Optional("topic", n.Topic, maxTopic)
	return err
}

// checkContent: there is a text, or something else to see.
func (n *NewMessage) checkContent() error {
	if n.Forward != nil {
		if n.Text != "" || n.TextEN != "" || len(n.Attachments) > 0 {
			return problem.Invalid("forward", "what is forwarded is posted as it is")
		}
		return nil
	}
	if n.TextEN != "" {
		if err := checkText("text_en", n.TextEN); err != nil {
			return err
		}
	}
	if n.Text == "" && n.TextEN == "" && (len(n.Attachments) > 0 || n.Call != nil) {
		return nil
	}
	return checkText("text", n.Text)
}

func checkText(field, text string) error {
	switch n := utf8.RuneCountInString(text); {
	case !label.Seen(text):
		return problem.Invalid(field, "empty")
	case n > maxText:
		return problem.Invalid(field, "at most %d characters", maxText)
	case strings.ContainsRune(text, 0):
		return problem.Invalid(field, "contains a NUL character")
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
	return s.prepare(ctx, &posting{by: c, NewMessage: n})
}

// prepare takes what a post forwards, and queues it. What is not there any more
// cannot be taken; one that was posted before is posted all the same.
func (s *Store) prepare(ctx context.Context, p *posting) (Event, error) {
	if p.Forward != nil {
		err := s.takeForward(ctx, p)
		if _, refused := errors.AsType[*problem.Error](err); refused {
			if e, before := s.postedBefore(ctx, p.by, p.NewMessage); before == nil {
				return e, nil
			}
		}
		if err != nil {
			return Event{}, err
		}
	}
	return s.queue(ctx, p)
}

// takeForward takes a message that the caller may read, to post it elsewhere.
// What was forwarded already keeps its first author.
func (s *Store) takeForward(ctx context.Context, p *posting) error {
	source, err := s.Message(ctx, p.by, p.Forward.Room, p.Forward.Message)
	switch {
	case err != nil:
		return fmt.Errorf("forward message: %w", err)
	case source.Deleted:
		return ErrDeleted
	case source.Call != nil:
		return problem.Invalid("forward", "a call is not forwarded")
	}
	p.Text, p.TextEN, p.attachments = source.Text, source.TextEN, source.Attachments
	p.forwarded = source.Forwarded
	if p.forwarded == nil {
		p.forwarded = &Forwarded{Author: source.Author, PostedAt: source.PostedAt}
	}
	return nil
}

// Message returns one message of a room that the caller may read.
func (s *Store) Message(ctx context.Context, c Caller, room, message uuid.UUID) (Message, error) {
	if err := s.may(ctx, c, room); err != nil {
		return Message{}, err
	}
	const q = `select ` + messageColumns + ` from messages m where m.id = $1 and m.room_id = $2 and m.seq > $3`
	rows, _ := s.pool.Query(ctx, q, message, room, c.GuestSince)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[stored])
	if errors.Is(err, pgx.ErrNoRows) {
		return Message{}, ErrNoMessage
	}
	if err != nil {
		return Message{}, fmt.Errorf("read message: %w", err)
	}
	m, _ := c.shown(found.message())
	return m, nil
}

func (s *Store) postedBefore(ctx context.Context, c Caller, n NewMessage) (Event, error) {
	var seq int64
	const q = `select seq from messages where room_id = $1 and author_id = $2 and client_id = $3`
	if err := s.pool.QueryRow(ctx, q, n.Room, c.ID, n.ClientID).Scan(&seq); err != nil {
		return Event{}, fmt.Errorf("look for an earlier post: %w", err)
	}
	return s.event(ctx, n.Room, seq)
}

// Revision is what one's own message says from now on.
type Revision struct {
	Text string
	// TextEN stays as it is when it is nil, and goes when it is empty. So do the mentions.
	TextEN        *string
	Mentions      []uuid.UUID
	MentionGroups []MentionGroup
}

func (r *Revision) check() error {
	if err := checkText("text", r.Text); err != nil {
		return err
	}
	if r.TextEN != nil && *r.TextEN != "" {
		if err := checkText("text_en", *r.TextEN); err != nil {
			return err
		}
	}
	if len(r.Mentions) > maxMentions {
		return problem.Invalid("mentions", "at most %d", maxMentions)
	}
	return checkMentionGroups(r.MentionGroups)
}

// Edit replaces what one's own message says; what it said before is kept.
func (s *Store) Edit(ctx context.Context, c Caller, room, message uuid.UUID, r Revision) (Event, error) {
	if err := r.check(); err != nil {
		return Event{}, err
	}
	return s.change(ctx, c, room, message, Edited, func(tx pgx.Tx, m messageRow) error {
		switch {
		case m.AuthorID != c.ID:
			return problem.Forbidden("only its author edits a message")
		case m.fixed:
			return problem.New(http.StatusConflict, "not_editable", "what was forwarded, and a call, stay as they are")
		case !m.callerManages && slices.ContainsFunc(r.MentionGroups, func(g MentionGroup) bool {
			return g != MentionManagers && !slices.Contains(m.groups, g)
		}):
			return errGroupsForManagers
		}
		const keep = `
insert into message_versions (message_id, seq, text, text_en) select id, $2, text, text_en from messages where id = $1`
		if _, err := tx.Exec(ctx, keep, message, m.event); err != nil {
			return err
		}
		const q = `
update messages m set text = @text, text_en = coalesce(@text_en, text_en), edited_at = now(),
    mention_groups = coalesce(@groups::text[], mention_groups),
    mentions = case when @mentions::uuid[] is null then mentions else ` + membersOf + ` end,
    mentions_late = case when @mentions::uuid[] is null then mentions_late else array(
        select x from unnest(` + membersOf + `) x where x = any(m.mentions_late) or not x = any(m.mentions)) end,
    groups_late = case when @groups::text[] is null then groups_late else array(
        select g from unnest(@groups::text[]) g where g = any(m.groups_late) or not g = any(m.mention_groups)) end
where id = @message
returning id, text, text_en, topic, attachments`
		rows, _ := tx.Query(ctx, q, pgx.NamedArgs{
			"message": message, "room": room, "text": r.Text, "text_en": r.TextEN, "groups": r.MentionGroups, "mentions": r.Mentions,
		})
		now, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[unsearched])
		if err != nil {
			return err
		}
		const index = `update messages set search = array_to_tsvector($2) where id = $1`
		_, err = tx.Exec(ctx, index, message, s.lexemes(now.Text, now.TextEN, now.Topic, now.Attachments))
		return err
	})
}

// Delete takes a message back: its author may, and the room's managers.
func (s *Store) Delete(ctx context.Context, c Caller, room, message uuid.UUID) (Event, error) {
	return s.change(ctx, c, room, message, Deleted, func(tx pgx.Tx, m messageRow) error {
		if m.AuthorID != c.ID && !m.callerManages {
			return problem.Forbidden("only its author or the room's managers delete a message")
		}
		why := RemovedByAuthor
		if m.AuthorID != c.ID {
			why = RemovedByManager
		}
		const clear = `update messages set ` + clearedForRemoval + `, deleted_at = now(), removed = $2 where id = $1`
		if _, err := tx.Exec(ctx, clear, message, why); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, purge, []uuid.UUID{message}); err != nil {
			return err
		}
		if err := s.settled(ctx, tx, message, uuid.Nil); err != nil || why == RemovedByAuthor {
			return err
		}
		return s.record(ctx, tx, "messages.delete", room, map[string]any{"message": message, "author": m.AuthorID})
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
		_, err := tx.Exec(ctx, insertReaction, message, emoji, c.ID, c.Kind, c.Name)
		return err
	})
}

// Pin keeps a message in sight of everybody in its room, or no longer: the
// room's managers may, and both in a room of two. Doing so twice changes
// nothing.
func (s *Store) Pin(ctx context.Context, c Caller, room, message uuid.UUID, on bool) (Event, error) {
	return s.change(ctx, c, room, message, Pinned, func(tx pgx.Tx, m messageRow) error {
		if !m.callerManages && m.kind != Direct {
			return problem.Forbidden("only the room's managers pin messages")
		}
		if m.AuthorID != c.ID {
			if err := s.record(ctx, tx, "messages.pin", room, map[string]any{"message": message, "author": m.AuthorID, "on": on}); err != nil {
				return err
			}
		}
		if !on {
			_, err := tx.Exec(ctx, `update messages set pinned = null where id = $1`, message)
			return err
		}
		var others int
		const count = `select count(*) from messages where room_id = $1 and pinned is not null and id <> $2`
		if err := tx.QueryRow(ctx, count, room, message).Scan(&others); err != nil {
			return err
		}
		if others >= maxPins {
			return problem.New(http.StatusConflict, "too_many_pins", "at most %d pinned messages in a room", maxPins)
		}
		const q = `update messages set pinned = coalesce(pinned, $2) where id = $1`
		_, err := tx.Exec(ctx, q, message, Pin{By: c.Person, At: time.Now().UTC()})
		return err
	})
}

// Confirm says that an account has read a message that asks for it. Doing so
// twice changes nothing.
func (s *Store) Confirm(ctx context.Context, c Caller, room, message uuid.UUID) (Event, error) {
	return s.change(ctx, c, room, message, Confirmed, func(tx pgx.Tx, m messageRow) error {
		switch {
		case !m.mustConfirm:
			return problem.New(http.StatusConflict, "nothing_to_confirm", "the message does not ask for confirmation")
		case c.Kind == GuestPerson || m.AuthorID == c.ID:
			return problem.Forbidden("the members it was sent to confirm a message")
		}
		const q = `insert into confirmations (message_id, account_id) values ($1, $2) on conflict do nothing`
		if _, err := tx.Exec(ctx, q, message, c.ID); err != nil {
			return err
		}
		return s.settled(ctx, tx, message, c.ID)
	})
}

const insertReaction = `
insert into reactions (message_id, emoji, person_id, person_kind, person_name)
values ($1, $2, $3, $4, $5) on conflict do nothing`

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
	AuthorID      uuid.UUID
	Deleted       bool
	mustConfirm   bool
	fixed         bool // forwarded, or a call
	groups        []MentionGroup
	kind          RoomKind
	archived      bool
	callerManages bool
	event         int64 // the sequence number of the change
}

// change locks a message, lets apply alter it, and appends the event.
func (s *Store) change(ctx context.Context, c Caller, room, message uuid.UUID, kind EventKind, apply func(pgx.Tx, messageRow) error) (Event, error) {
	if err := s.may(ctx, c, room); err != nil {
		return Event{}, err
	}
	seq, err := s.commit(ctx, c, room, kind, func(tx pgx.Tx, seq int64) (uuid.UUID, error) {
		m := messageRow{event: seq}
		const q = `
select x.author_id, x.deleted_at is not null, x.must_confirm, x.forwarded is not null or x.call is not null, x.mention_groups, r.kind, r.archived_at is not null,
    exists (select from room_members m join accounts a on a.id = m.account_id
        where m.room_id = r.id and m.account_id = $3 and ` + manages + `)
from messages x join rooms r on r.id = x.room_id where x.id = $1 and x.room_id = $2 and x.seq > $4`
		err := tx.QueryRow(ctx, q, message, room, c.ID, c.GuestSince).
			Scan(&m.AuthorID, &m.Deleted, &m.mustConfirm, &m.fixed, &m.groups, &m.kind, &m.archived, &m.callerManages)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return uuid.Nil, ErrNoMessage
		case err != nil:
			return uuid.Nil, err
		case m.Deleted:
			return uuid.Nil, ErrDeleted
		case m.archived:
			return uuid.Nil, ErrArchived
		}
		return message, apply(tx, m)
	})
	if err != nil {
		return Event{}, fmt.Errorf("%s message: %w", kind, err)
	}
	e, err := s.event(ctx, room, seq)
	e, _ = c.Shown(e)
	return e, err
}

// commit takes the room's next sequence number, which locks the room's row and
// so gives its events one order, and writes the event with what write did.
func (s *Store) commit(ctx context.Context, c Caller, room uuid.UUID, kind EventKind, write func(tx pgx.Tx, seq int64) (uuid.UUID, error)) (int64, error) {
	var seq int64
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) error {
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
