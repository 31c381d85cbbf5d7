package chat

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// stored is a message as the database gives it.
type stored struct {
	ID         uuid.UUID
	RoomID     uuid.UUID
	Seq        int64
	ClientID   string
	AuthorID   uuid.UUID
	AuthorKind PersonKind
	AuthorName string
	Text       string
	TextEN     string
	Topic      string
	PostedAt   time.Time
	EditedAt   *time.Time
	Deleted    bool
	Removed    Removal
	ReplyTo    *Quote
	Mentions   []uuid.UUID
	Reactions  []Reaction

	MentionGroups []MentionGroup
	MentionsLate  []uuid.UUID
	GroupsLate    []MentionGroup
	Attachments   []Attachment
	Forwarded     *Forwarded
	Call          *CallRecord
	Pinned        *Pin
	MustConfirm   bool
	Urgent        bool
	ConfirmedBy   []uuid.UUID
}

// quotedText is what is quoted of a message q: the beginning of its text, or
// the name of its first file; nothing of one that was taken back, which has
// neither. Clients make it anew when a quoted message changes.
const quotedText = `left(coalesce(nullif(q.text, ''), '[' || (q.attachments->0->>'name') || ']', ''), 120)`

// quote is what quotedText is.
func quote(text string, attachments []Attachment) string {
	if text == "" && len(attachments) > 0 {
		text = "[" + attachments[0].Name + "]"
	}
	return string([]rune(text)[:min(quotedLength, utf8.RuneCountInString(text))])
}

// quotedLength is how many characters are quoted.
const quotedLength = 120

const messageColumns = `
m.id, m.room_id, m.seq, m.client_id, m.author_id, m.author_kind, m.author_name, m.text, m.text_en, m.topic, m.posted_at,
m.edited_at, m.deleted_at is not null as deleted, m.removed, m.mentions, m.mention_groups, m.mentions_late, m.groups_late, m.attachments, m.forwarded, m.call, m.pinned,
m.must_confirm, m.urgent,
case when m.must_confirm then array(select c.account_id from confirmations c where c.message_id = m.id
    order by c.at, c.account_id) else '{}' end as confirmed_by,
(select jsonb_build_object('id', q.id, 'seq', q.seq, 'author', jsonb_build_object('id', q.author_id, 'kind', q.author_kind, 'name', q.author_name),
    'text', ` + quotedText + `) from messages q where q.id = m.reply_to) as reply_to,
coalesce((select jsonb_agg(jsonb_build_object('emoji', g.emoji, 'by', g.by) order by g.first)
    from (select x.emoji, min(x.at) as first,
            jsonb_agg(jsonb_build_object('id', x.person_id, 'kind', x.person_kind, 'name', x.person_name) order by x.at) as by
        from reactions x where x.message_id = m.id group by x.emoji) g), '[]') as reactions`

func (r stored) message() Message {
	m := Message{
		ID: r.ID, Room: r.RoomID, Seq: r.Seq, ClientID: r.ClientID,
		Author: Person{r.AuthorID, r.AuthorKind, r.AuthorName}, Text: r.Text, TextEN: r.TextEN, Topic: r.Topic,
		PostedAt: r.PostedAt, EditedAt: r.EditedAt, Deleted: r.Deleted, Removed: r.Removed, ReplyTo: r.ReplyTo, Mentions: r.Mentions,
		MentionGroups: r.MentionGroups, MentionsLate: r.MentionsLate, GroupsLate: r.GroupsLate, Reactions: r.Reactions, Attachments: r.Attachments, Forwarded: r.Forwarded,
		Call: r.Call, Pin: r.Pinned,
	}
	if r.MustConfirm {
		m.Confirmation = &Confirmation{Urgent: r.Urgent, By: r.ConfirmedBy}
	}
	return m
}

// Page is a part of a room's history, oldest first.
type Page struct {
	Messages []Message
	// Head is the room's newest sequence number when the page was read: events
	// after it are not yet in the page.
	Head int64
	// More: older messages exist; Newer: newer ones do.
	More, Newer bool
}

// Part says which part of a room's history is wanted: the newest messages, or
// those posted before or after a sequence number, or around one. At most one of
// the three is set.
type Part struct {
	Before, After, Around int64
	// Topic narrows it to one topic.
	Topic string
	Limit int
	since int64 // a guest's admission: nothing up to there is read
}

// History returns a part of a room's history.
func (s *Store) History(ctx context.Context, c Caller, room uuid.UUID, part Part) (Page, error) {
	if err := s.may(ctx, c, room); err != nil {
		return Page{}, err
	}
	part.Limit, part.since = clampPage(part.Limit), c.GuestSince
	part.After = max(part.After, 0)
	var page Page
	// One snapshot, so that Head and the messages agree.
	err := postgres.InTxAs(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(ctx context.Context, tx pgx.Tx) (err error) {
		if err := tx.QueryRow(ctx, `select seq from rooms where id = $1`, room).Scan(&page.Head); err != nil {
			return err
		}
		switch {
		case part.Around > 0:
			err = page.readAround(ctx, tx, room, part)
		case part.After > 0:
			page.Messages, page.Newer, err = readAfter(ctx, tx, room, part)
			page.More = part.After > part.since // what the asker already has
		default:
			page.Messages, page.More, err = readBefore(ctx, tx, room, part)
			page.Newer = part.Before > 0
		}
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("read history: %w", err)
	}
	for i := range page.Messages {
		page.Messages[i], _ = c.shown(page.Messages[i])
	}
	return page, nil
}

// readAround reads half a page up to a number and half a page after it.
func (p *Page) readAround(ctx context.Context, tx pgx.Tx, room uuid.UUID, part Part) error {
	half := max(1, part.Limit/2)
	older, more, err := readBefore(ctx, tx, room, Part{Before: part.Around + 1, Topic: part.Topic, Limit: half, since: part.since})
	if err != nil {
		return err
	}
	newer, beyond, err := readAfter(ctx, tx, room, Part{After: part.Around, Topic: part.Topic, Limit: half, since: part.since})
	p.Messages, p.More, p.Newer = append(older, newer...), more, beyond
	return err
}

func readBefore(ctx context.Context, tx pgx.Tx, room uuid.UUID, part Part) (messages []Message, more bool, err error) {
	const q = `select ` + messageColumns + ` from messages m
where m.room_id = $1 and ($2::bigint = 0 or m.seq < $2::bigint) and ($3 = '' or m.topic = $3) and m.seq > $5
order by m.seq desc limit $4`
	rows, _ := tx.Query(ctx, q, room, part.Before, part.Topic, part.Limit+1, part.since)
	messages, more, err = onePage(rows, part.Limit)
	slices.Reverse(messages)
	return messages, more, err
}

func readAfter(ctx context.Context, tx pgx.Tx, room uuid.UUID, part Part) (messages []Message, more bool, err error) {
	const q = `select ` + messageColumns + ` from messages m
where m.room_id = $1 and m.seq > $2 and ($3 = '' or m.topic = $3) order by m.seq limit $4`
	rows, _ := tx.Query(ctx, q, room, max(part.After, part.since), part.Topic, part.Limit+1)
	return onePage(rows, part.Limit)
}

func onePage(rows pgx.Rows, limit int) (messages []Message, more bool, err error) {
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stored])
	if err != nil {
		return nil, false, err
	}
	messages = make([]Message, 0, len(found))
	for _, f := range found {
		messages = append(messages, f.message())
	}
	n := fitting(messages, limit, Message.weight)
	return messages[:n], len(messages) > n, nil
}

// weight is about how much of a page a message takes, in bytes.
func (m Message) weight() int {
	n := len(m.Text) + len(m.TextEN) + 300*len(m.Attachments)
	if m.Confirmation != nil {
		n += 40 * len(m.Confirmation.By)
	}
	return n
}

// fitting returns how many of the rows found make one page: not more than the
// limit, nor than the text of a page, but always one.
func fitting[T any](found []T, limit int, weight func(T) int) int {
	bytes := 0
	for i, row := range found {
		bytes += weight(row)
		if i == limit || i > 0 && bytes > maxBytes {
			return i
		}
	}
	return len(found)
}

func clampPage(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, maxPage)
}

// Version is what a message said until it was edited.
type Version struct {
	Text       string    `json:"text"`
	TextEN     string    `json:"text_en"`
	ReplacedAt time.Time `json:"replaced_at"`
}

// Versions returns what a message said before, the first text first. One that
// was taken back has none.
func (s *Store) Versions(ctx context.Context, c Caller, room, message uuid.UUID) ([]Version, error) {
	if err := s.may(ctx, c, room); err != nil {
		return nil, err
	}
	const q = `
select v.text, v.text_en, v.replaced_at from message_versions v join messages m on m.id = v.message_id
where m.id = $1 and m.room_id = $2 and m.seq > $3 order by v.seq`
	rows, _ := s.pool.Query(ctx, q, message, room, c.GuestSince)
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return nil, fmt.Errorf("read versions of a message: %w", err)
	}
	return versions, nil
}

// Events returns the events after a sequence number, in order.
func (s *Store) Events(ctx context.Context, c Caller, room uuid.UUID, after int64, limit int) (events []Event, more bool, err error) {
	if err := s.may(ctx, c, room); err != nil {
		return nil, false, err
	}
	limit = clampPage(limit)
	events, err = s.eventsAfter(ctx, room, max(after, c.GuestSince), limit+1)
	if err != nil {
		return nil, false, err
	}
	n := fitting(events, limit, func(e Event) int { return e.Message.weight() })
	return c.shownEvents(events[:n]), len(events) > n, nil
}

func (s *Store) event(ctx context.Context, room uuid.UUID, seq int64) (Event, error) {
	events, err := s.eventsAfter(ctx, room, seq-1, 1)
	if err != nil {
		return Event{}, err
	}
	if len(events) == 0 || events[0].Seq != seq {
		return Event{}, fmt.Errorf("event %d of room %s is missing", seq, room)
	}
	return events[0], nil
}

// eventsAfter reads without asking who wants to know.
func (s *Store) eventsAfter(ctx context.Context, room uuid.UUID, after int64, limit int) ([]Event, error) {
	rows, _ := s.pool.Query(ctx, selectEvents, room, after, limit)
	events, err := collectEvents(rows)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

const selectEvents = `select e.seq as event_seq, e.kind as event_kind, ` + messageColumns + `
from room_events e join messages m on m.id = e.message_id
where e.room_id = $1 and e.seq > $2 order by e.seq limit $3`

// Cursor is how far somebody knows a room.
type Cursor struct {
	Room  uuid.UUID
	After int64
}

// EventsOfRooms returns the events after many cursors, room by room in the order
// of the cursors. Rooms the caller may not read are left out: it may have been
// taken out of one since it knew it.
func (s *Store) EventsOfRooms(ctx context.Context, c Caller, cursors []Cursor, limit int) (events []Event, more bool, err error) {
	limit = clampPage(limit)
	rooms, after := make([]uuid.UUID, 0, len(cursors)), make([]int64, 0, len(cursors))
	for _, cursor := range cursors {
		rooms, after = append(rooms, cursor.Room), append(after, max(0, cursor.After, c.GuestSince))
	}
	// A room's numbers have no gaps, so how much is missing is known without
	// counting, and only the rooms that fit into the page are looked into.
	const q = `
with missed as (
    select w.room, w.after, w.place, sum(r.seq - w.after) over (order by w.place) - (r.seq - w.after) as before
    from unnest(@rooms::uuid[], @after::bigint[]) with ordinality w (room, after, place) join rooms r on r.id = w.room
    where r.seq > w.after and (r.id = @guest_room or exists (
        select from room_members x where x.room_id = r.id and x.account_id = @account))
)
select e.seq as event_seq, e.kind as event_kind, ` + messageColumns + `
from missed w cross join lateral (
    select * from room_events x where x.room_id = w.room and x.seq > w.after order by x.seq limit @limit) e
join messages m on m.id = e.message_id
where w.before < @limit order by w.place, e.seq limit @limit`
	arguments := pgx.NamedArgs{"rooms": rooms, "after": after, "limit": limit + 1, "account": nil, "guest_room": nil}
	if c.Kind == GuestPerson {
		arguments["guest_room"] = c.GuestRoom
	} else {
		arguments["account"] = c.ID
	}
	rows, _ := s.pool.Query(ctx, q, arguments)
	events, err = collectEvents(rows)
	if err != nil {
		return nil, false, fmt.Errorf("read events of rooms: %w", err)
	}
	n := fitting(events, limit, func(e Event) int { return e.Message.weight() })
	return c.shownEvents(events[:n]), len(events) > n, nil
}

// eventRow is an event as the database gives it.
type eventRow struct {
	EventSeq  int64
	EventKind EventKind
	stored
}

func (r eventRow) event() Event {
	return Event{Room: r.RoomID, Seq: r.EventSeq, Kind: r.EventKind, Message: r.message()}
}

func collectEvents(rows pgx.Rows) ([]Event, error) {
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Event, error) {
		row, err := pgx.RowToStructByName[eventRow](r)
		return row.event(), err
	})
}
