package notify

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/budget"
)

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notice.
const (
	Mention     NoticeKind = "mention"
	Message     NoticeKind = "message"
	MissedCall  NoticeKind = "missed_call"
	MustConfirm NoticeKind = "must_confirm"
	Chase       NoticeKind = "chase"
	Reminded    NoticeKind = "reminder"
	HookOff     NoticeKind = "hook_off"
	Undelivered NoticeKind = "undelivered"
	LinkMade    NoticeKind = "link_made"
	// PasswordAsked tells administrators that somebody has forgotten a password.
	PasswordAsked NoticeKind = "password_asked"

	MeetingInvited   NoticeKind = "meeting_invited"
	MeetingChanged   NoticeKind = "meeting_changed"
	MeetingCancelled NoticeKind = "meeting_cancelled" // or somebody is no longer invited
	MeetingSoon      NoticeKind = "meeting_soon"
	MeetingBegun     NoticeKind = "meeting_begun"
	GuestWaits       NoticeKind = "guest_waits"
)

// Notice is one thing that one person is told.
type Notice struct {
	Account uuid.UUID
	Kind    NoticeKind
	// Key is unique for ever per account: the same notice is told once.
	Key           string
	Room, Message *uuid.UUID
	// Meeting is what it is about where that is neither a room nor a message.
	Meeting *uuid.UUID
	// About is whom the title or the text names; zero where it is nobody.
	About uuid.UUID
	// Seq is the message's number in its room. Who has read that far has read the
	// notice; 0 where there is no message.
	Seq int64
	// Title says whose or what, Text is shortened; both in their author's words.
	Title, Text string
	// At is when it is due; zero means now. Until then nobody sees it.
	At time.Time
	// Urgent passes in quiet hours, too.
	Urgent bool
}

// Announcer hears whose list has changed. It may lose what it hears.
type Announcer interface {
	NoticesChanged(ctx context.Context, accounts []uuid.UUID)
}

// Auditor writes down what administrators do to hooks.
type Auditor interface {
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// House is what letters say about who writes.
type House struct {
	NameZH, NameEN string
	// URL begins every link, without a slash at the end.
	URL string
}

// Deps are what notices work with.
type Deps struct {
	Pool      *pgxpool.Pool
	Rooms     Rooms
	Calls     Calls
	Announcer Announcer
	Audit     Auditor
	Queue     *Queue
	House     House
	// DigestAfter is how long something is unseen before it goes into a letter;
	// zero means 15 minutes.
	DigestAfter time.Duration
	Outside     *Outside
	Log         *slog.Logger
}

const defaultDigestAfter = 15 * time.Minute

// Notices are what people are told: kept, listed, pushed, and collected in
// letters.
type Notices struct {
	Deps
	// Pushes bounds what one person's browsers are sent; what is urgent passes.
	Pushes *budget.Door
	keys   vapid
	heard  hints
}

// NewNotices reads the installation's keys, making them at the first start.
func NewNotices(ctx context.Context, d Deps) (*Notices, error) {
	if d.DigestAfter <= 0 {
		d.DigestAfter = defaultDigestAfter
	}
	keys, err := readVAPID(ctx, d.Pool)
	if err != nil {
		return nil, err
	}
	return &Notices{Deps: d, Pushes: budget.NewDoor("pushes", pushLimit), keys: keys, heard: newHints()}, nil
}

const (
	maxTitle = 200 // characters of a title
	maxText  = 160 // and of a text
)

// Tell adds notices in the transaction that causes them. One that was told
// before is not told again.
func (n *Notices) Tell(ctx context.Context, tx pgx.Tx, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	c := columnsOf(notices)
	const q = `
insert into notices (account_id, key, kind, room_id, message_id, meeting_id, about, seq, title, text, urgent, due_at)
select a.id, x.key, x.kind, x.room, x.message, x.meeting, nullif(x.about, '00000000-0000-0000-0000-000000000000'), nullif(x.seq, 0), x.title, x.text, x.urgent, coalesce(x.at, clock_timestamp())
from unnest(@account::uuid[], @key::text[], @kind::text[], @room::uuid[], @message::uuid[], @meeting::uuid[], @about::uuid[], @seq::bigint[],
    @title::text[], @text::text[], @urgent::boolean[], @at::timestamptz[])
    as x (account, key, kind, room, message, meeting, about, seq, title, text, urgent, at)
join accounts a on a.id = x.account and not a.disabled
on conflict (account_id, key) do nothing`
	if _, err := tx.Exec(ctx, q, c); err != nil {
		return fmt.Errorf("tell %d notices: %w", len(notices), err)
	}
	return nil
}

// columnsOf turns notices into one list for each column.
func columnsOf(notices []Notice) pgx.NamedArgs {
	var (
		accounts, about          []uuid.UUID
		rooms, messages          []*uuid.UUID
		meetings                 []*uuid.UUID
		keys, kinds, title, text []string
		seqs                     []int64
		urgent                   []bool
		at                       []*time.Time
	)
	for _, n := range notices {
		accounts, keys, kinds = append(accounts, n.Account), append(keys, n.Key), append(kinds, string(n.Kind))
		meetings, about = append(meetings, n.Meeting), append(about, n.About)
		rooms, messages, seqs = append(rooms, n.Room), append(messages, n.Message), append(seqs, n.Seq)
		title, text = append(title, shorten(n.Title, maxTitle)), append(text, shorten(n.Text, maxText))
		urgent = append(urgent, n.Urgent)
		var due *time.Time
		if !n.At.IsZero() {
			due = &n.At
		}
		at = append(at, due)
	}
	return pgx.NamedArgs{
		"account": accounts, "key": keys, "kind": kinds, "room": rooms, "message": messages, "meeting": meetings, "about": about, "seq": seqs,
		"title": title, "text": text, "urgent": urgent, "at": at,
	}
}

// shorten keeps so many characters, on one line.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	for i, r := range runes {
		if r == '\n' || r == '\r' || r == '\t' {
			runes[i] = ' '
		}
	}
	return string(runes)
}
