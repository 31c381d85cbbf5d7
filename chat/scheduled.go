package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Limits of what is posted later.
const (
	maxScheduled      = 100                  // waiting for one person
	maxScheduledAhead = 366 * 24 * time.Hour // a year
	// lateBy is how far in the past "now" may be by a client's clock.
	lateBy = time.Minute
)

var (
	errNotScheduled = problem.NotFound("scheduled")
	errBeingPosted  = problem.New(http.StatusConflict, "being_posted", "the message is being posted now")
)

// Content is what a message says and carries, before it is posted.
type Content struct {
	Text          string         `json:"text"`
	TextEN        string         `json:"text_en,omitempty"`
	Topic         string         `json:"topic,omitempty"`
	ReplyTo       *uuid.UUID     `json:"reply_to,omitempty"`
	Mentions      []uuid.UUID    `json:"mentions,omitempty" maxItems:"50"`
	MentionGroups []MentionGroup `json:"mention_groups,omitempty" maxItems:"5"`
	// Attachments are finished uploads of the author's.
	Attachments []uuid.UUID `json:"attachments,omitempty" maxItems:"20"`
	// Forward is a message to post again, as it is then.
	Forward     *ForwardOf `json:"forward,omitempty"`
	MustConfirm bool       `json:"must_confirm,omitempty"`
	Urgent      bool       `json:"urgent,omitempty"`
}

// Scheduled is a message that is posted later.
type Scheduled struct {
	// ID is the author's own, unique for ever: scheduling it again keeps one.
	ID      uuid.UUID
	Room    uuid.UUID
	Content Content
	// Carried are the files of the content, which have been given to it.
	Carried []Attachment
	// Forwards is what the content forwards, as its author may read it now; nil
	// where that is nothing any more.
	Forwards *Quote
	SendAt   time.Time
	// Refused is the code of why it could not be posted: it waits for its author.
	Refused string
}

// post is the message as it is posted; its client id makes it one, however
// often that is tried.
func (m *Scheduled) post() NewMessage {
	c := m.Content
	return NewMessage{
		Room: m.Room, ClientID: "scheduled:" + m.ID.String(), Text: c.Text, TextEN: c.TextEN, Topic: c.Topic,
		ReplyTo: c.ReplyTo, Mentions: c.Mentions, MentionGroups: c.MentionGroups, Attachments: c.Attachments,
		Forward: c.Forward, MustConfirm: c.MustConfirm, Urgent: c.Urgent,
	}
}

func (m *Scheduled) check(now time.Time) error {
	switch {
	case m.ID == uuid.Nil:
		return problem.Invalid("id", "must be given")
	case m.SendAt.Before(now.Add(-lateBy)):
		return problem.Invalid("send_at", "in the past")
	case m.SendAt.After(now.Add(maxScheduledAhead)):
		return problem.Invalid("send_at", "at most a year from now")
	}
	n := m.post()
	return n.check()
}

// Schedule keeps a message to be posted later. What its author may then is
// looked at then. Asked again, it changes what waits; what has been posted
// meanwhile is not posted once more.
func (s *Store) Schedule(ctx context.Context, c Caller, m Scheduled) (Scheduled, error) {
	m.Refused = ""
	if err := m.check(time.Now()); err != nil {
		return m, err
	}
	if err := s.may(ctx, c, m.Room); err != nil {
		return m, err
	}
	if err := s.mayForward(ctx, c, &m); err != nil {
		return m, err
	}
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		// Counted with the author's row locked: not more, however many come at once.
		const lock = `select from accounts where id = $1 for no key update`
		if _, err := tx.Exec(ctx, lock, c.ID); err != nil {
			return err
		}
		if before, err := s.reschedule(ctx, tx, c, m.ID, revised{&m.Content, m.Forwards, &m.SendAt}); !errors.Is(err, errNotScheduled) {
			m = before
			return err
		}
		if posted, err := wasPosted(ctx, tx, c, &m); posted || err != nil {
			return err
		}
		var waiting int
		const count = `select count(*) from scheduled_messages where author_id = $1`
		if err := tx.QueryRow(ctx, count, c.ID).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= maxScheduled {
			return problem.New(http.StatusConflict, "too_many_scheduled", "at most %d messages wait", maxScheduled)
		}
		if err := s.claimLater(ctx, tx, c, &m); err != nil {
			return err
		}
		const q = `insert into scheduled_messages (id, author_id, room_id, content, send_at) values ($1, $2, $3, $4, $5) on conflict do nothing`
		tag, err := tx.Exec(ctx, q, m.ID, c.ID, m.Room, m.kept(), m.SendAt)
		if err == nil && tag.RowsAffected() == 0 {
			err = problem.Invalid("id", "is not free")
		}
		return err
	})
	if err != nil {
		return m, fmt.Errorf("schedule message: %w", err)
	}
	return m, nil
}

// wasPosted reports whether a message that does not wait any more has been
// posted.
func wasPosted(ctx context.Context, tx pgx.Tx, c Caller, m *Scheduled) (posted bool, err error) {
	const q = `select exists (select from messages where room_id = $1 and author_id = $2 and client_id = $3)`
	err = tx.QueryRow(ctx, q, m.Room, c.ID, m.post().ClientID).Scan(&posted)
	return posted, err
}

// mayForward looks whether what is forwarded can be taken now, and shows it. It
// is taken when it is posted: what is edited until then is posted as it is
// then, and what is taken back, not at all.
func (s *Store) mayForward(ctx context.Context, c Caller, m *Scheduled) error {
	m.Forwards = nil
	if m.Content.Forward == nil {
		return nil
	}
	p := &posting{by: c, NewMessage: m.post()}
	if err := s.takeForward(ctx, p); err != nil {
		return err
	}
	m.Forwards = &Quote{ID: p.Forward.Message, Author: p.forwarded.Author, Text: quote(p.Text, p.attachments)}
	return nil
}

// keptContent is what lies in the table: the content, and what its files are.
type keptContent struct {
	Content
	Carried []Attachment `json:"carried,omitempty"`
}

func (m *Scheduled) kept() keptContent { return keptContent{m.Content, m.Carried} }

// claimLater gives the files of a content to it, those that it did not have
// yet: nobody else posts them, and they are kept until then.
func (s *Store) claimLater(ctx context.Context, tx pgx.Tx, c Caller, m *Scheduled) error {
	var carried []Attachment
	var fresh []uuid.UUID
	for _, id := range m.Content.Attachments {
		if i := slices.IndexFunc(m.Carried, func(a Attachment) bool { return a.ID == id }); i >= 0 {
			carried = append(carried, m.Carried[i])
		} else {
			fresh = append(fresh, id)
		}
	}
	if len(fresh) > 0 {
		claimed, err := s.claim(ctx, tx, c, fresh)
		if err != nil {
			return err
		}
		carried = append(carried, claimed...)
	}
	m.Carried = carried
	return nil
}

// scheduledRow is a scheduled message as the database gives it.
type scheduledRow struct {
	ID       uuid.UUID
	Room     uuid.UUID
	Content  keptContent
	Forwards *Quote
	SendAt   time.Time
	Refused  string
}

func (r scheduledRow) scheduled() Scheduled {
	return Scheduled{
		ID: r.ID, Room: r.Room, Content: r.Content.Content, Carried: r.Content.Carried, Forwards: r.Forwards, SendAt: r.SendAt, Refused: r.Refused,
	}
}

// forwards is what a scheduled message l forwards, for its author alone.
const forwards = `case when l.content ? 'forward' then (
    select jsonb_build_object('id', q.id, 'text', ` + quotedText + `, 'author', coalesce(q.forwarded->'author',
        jsonb_build_object('id', q.author_id, 'kind', q.author_kind, 'name', q.author_name)))
    from messages q join room_members m on m.room_id = q.room_id and m.account_id = l.author_id
    where q.id = (l.content->'forward'->>'message')::uuid and q.room_id = (l.content->'forward'->>'room')::uuid
        and q.deleted_at is null) end as forwards`

const scheduledColumns = `select l.id, l.room_id as room, l.content, l.send_at, l.refused, ` + forwards + ` from scheduled_messages l `

// beingPosted says of a scheduled message that a node posts it now.
const beingPosted = `coalesce(taken_at > now() - ` + takenFor + `, false)`

// ScheduledBy lists what an account posts later, the next first.
func (s *Store) ScheduledBy(ctx context.Context, author uuid.UUID) ([]Scheduled, error) {
	rows, _ := s.pool.Query(ctx, scheduledColumns+`where l.author_id = $1 order by l.send_at, l.id`, author)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[scheduledRow])
	if err != nil {
		return nil, fmt.Errorf("read scheduled messages: %w", err)
	}
	list := make([]Scheduled, 0, len(found))
	for _, r := range found {
		list = append(list, r.scheduled())
	}
	return list, nil
}

// Reschedule changes what one's own message says and when it is posted; nil
// stays. One that was refused waits again.
func (s *Store) Reschedule(ctx context.Context, c Caller, id uuid.UUID, content *Content, at *time.Time) (m Scheduled, err error) {
	r := revised{content: content, at: at}
	if content != nil {
		draft := Scheduled{Content: *content}
		if err := s.mayForward(ctx, c, &draft); err != nil {
			return Scheduled{}, fmt.Errorf("change scheduled message: %w", err)
		}
		r.forwards = draft.Forwards
	}
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		m, err = s.reschedule(ctx, tx, c, id, r)
		return err
	})
	if err != nil {
		return m, fmt.Errorf("change scheduled message: %w", err)
	}
	return m, nil
}

// revised is what a scheduled message becomes; nil stays. What a content forwards
// was looked at before.
type revised struct {
	content  *Content
	forwards *Quote
	at       *time.Time
}

func (s *Store) reschedule(ctx context.Context, tx pgx.Tx, c Caller, id uuid.UUID, r revised) (Scheduled, error) {
	rows, _ := tx.Query(ctx, scheduledColumns+`where l.id = $1 and l.author_id = $2 for update of l`, id, c.ID)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[scheduledRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Scheduled{}, errNotScheduled
	} else if err != nil {
		return Scheduled{}, err
	}
	var taken bool
	if err := tx.QueryRow(ctx, `select `+beingPosted+` from scheduled_messages where id = $1`, id).Scan(&taken); err != nil {
		return Scheduled{}, err
	}
	if taken {
		return Scheduled{}, errBeingPosted
	}
	m := found.scheduled()
	if r.content != nil {
		m.Content, m.Forwards = *r.content, r.forwards
	}
	if r.at != nil {
		m.SendAt = *r.at
	}
	m.Refused = ""
	if err := m.check(time.Now()); err != nil {
		return m, err
	}
	if err := s.claimLater(ctx, tx, c, &m); err != nil {
		return m, err
	}
	const q = `update scheduled_messages set content = $2, send_at = $3, refused = '', refused_at = null where id = $1`
	_, err = tx.Exec(ctx, q, id, m.kept(), m.SendAt)
	return m, err
}

// Unschedule takes back what was not posted yet.
func (s *Store) Unschedule(ctx context.Context, author, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `delete from scheduled_messages where id = $1 and author_id = $2 and not `+beingPosted, id, author)
	if err == nil && tag.RowsAffected() == 0 {
		err = errNotScheduled
	}
	if err != nil {
		return fmt.Errorf("take back scheduled message: %w", err)
	}
	return nil
}
