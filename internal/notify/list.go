package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NoticeView is a notice in its person's list.
type NoticeView struct {
	ID      int64      `json:"id"`
	Kind    NoticeKind `json:"kind" enum:"mention,message,missed_call,must_confirm,chase,reminder,hook_off,undelivered,link_made,meeting_invited,meeting_changed,meeting_cancelled,meeting_soon,meeting_begun,guest_waits,password_asked"`
	Room    *uuid.UUID `json:"room,omitempty"`
	Message *uuid.UUID `json:"message,omitempty"`
	Meeting *uuid.UUID `json:"meeting,omitempty"`
	Title   string     `json:"title"`
	Text    string     `json:"text"`
	Urgent  bool       `json:"urgent"`
	At      time.Time  `json:"at"`
	Read    bool       `json:"read"`
}

// NoticePage is a part of a person's list, newest first.
type NoticePage struct {
	Items []NoticeView `json:"items" nullable:"false"`
	// Unread counts all that are unread, not only those of the page.
	Unread int  `json:"unread"`
	More   bool `json:"more"`
}

const maxEntries = 100

// List returns a person's notices that came before one of them; before 0, the
// newest.
func (n *Notices) List(ctx context.Context, account uuid.UUID, before int64, limit int) (NoticePage, error) {
	if limit < 1 || limit > maxEntries {
		limit = 50
	}
	if err := n.followReading(ctx, []uuid.UUID{account}); err != nil {
		return NoticePage{}, err
	}
	const q = `
select id, kind, room_id as room, message_id as message, meeting_id as meeting, title, text, urgent, due_at as at, read_at is not null as read
from notices where account_id = $1 and told_at is not null and ($2::bigint = 0 or id < $2) order by id desc limit $3`
	rows, _ := n.Pool.Query(ctx, q, account, before, limit+1)
	items, err := pgx.CollectRows(rows, pgx.RowToStructByName[NoticeView])
	if err != nil {
		return NoticePage{}, fmt.Errorf("read notices: %w", err)
	}
	page := NoticePage{Items: items, More: len(items) > limit}
	page.Items = items[:min(len(items), limit)]
	const count = `select count(*) from notices where account_id = $1 and told_at is not null and read_at is null`
	if err := n.Pool.QueryRow(ctx, count, account).Scan(&page.Unread); err != nil {
		return NoticePage{}, fmt.Errorf("count notices: %w", err)
	}
	return page, nil
}

// MarkRead marks one's own notices as read: one of them, or all up to it.
func (n *Notices) MarkRead(ctx context.Context, account uuid.UUID, id int64, upTo bool) error {
	const q = `
update notices set read_at = clock_timestamp()
where account_id = $1 and read_at is null and told_at is not null and (id = $2 or $3 and id < $2)`
	tag, err := n.Pool.Exec(ctx, q, account, id, upTo)
	if err != nil {
		return fmt.Errorf("mark notices as read: %w", err)
	}
	if tag.RowsAffected() > 0 {
		n.Announcer.NoticesChanged(ctx, []uuid.UUID{account})
	}
	return nil
}

// follow marks as read what was told of rooms that have been read so far.
func (n *Notices) follow(ctx context.Context, marks []Mark) error {
	if len(marks) == 0 {
		return nil
	}
	who, where, seqs := make([]uuid.UUID, 0, len(marks)), make([]uuid.UUID, 0, len(marks)), make([]int64, 0, len(marks))
	for _, m := range marks {
		who, where, seqs = append(who, m.Account), append(where, m.Room), append(seqs, m.Seq)
	}
	const q = `
update notices n set read_at = clock_timestamp() from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as m (account, room, seq)
where n.account_id = m.account and n.room_id = m.room and n.seq <= m.seq and n.read_at is null
returning n.account_id`
	rows, _ := n.Pool.Query(ctx, q, who, where, seqs)
	read, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("follow reading: %w", err)
	}
	if len(read) > 0 {
		n.Announcer.NoticesChanged(ctx, slices.Compact(read))
	}
	return nil
}

// followReading brings notices up to what has been read in their rooms, and
// removes those of rooms that the person is not in any more.
func (n *Notices) followReading(ctx context.Context, accounts []uuid.UUID) error {
	const kept = `
select coalesce(array_agg(distinct room_id), '{}') from notices
where account_id = any($1) and told_at is not null and room_id is not null`
	var rooms []uuid.UUID
	if err := n.Pool.QueryRow(ctx, kept, accounts).Scan(&rooms); err != nil {
		return fmt.Errorf("look for rooms of notices: %w", err)
	}
	if len(rooms) == 0 {
		return nil
	}
	marks, err := n.Rooms.Marks(ctx, accounts, rooms)
	if err != nil {
		return err
	}
	if err := n.follow(ctx, marks); err != nil {
		return err
	}
	var who, where []uuid.UUID
	for _, m := range marks {
		who, where = append(who, m.Account), append(where, m.Room)
	}
	const outside = `
delete from notices n where n.account_id = any($1) and n.told_at is not null and n.room_id = any($2)
    and not exists (select from unnest($3::uuid[], $4::uuid[]) as m (account, room) where m.account = n.account_id and m.room = n.room_id)`
	if _, err := n.Pool.Exec(ctx, outside, accounts, rooms, who, where); err != nil {
		return fmt.Errorf("remove notices of rooms that were left: %w", err)
	}
	return nil
}

// keepFor is how long notices are kept. What they were about stays where it is.
const keepFor = 90 * 24 * time.Hour

// Forget removes old notices, and the letters that they went into. Nothing of
// that age is told again: messages are no news then, and calls and reminders
// have been told.
func (n *Notices) Forget(ctx context.Context) error {
	for _, q := range []string{
		`delete from notices where told_at < clock_timestamp() - $1::interval`,
		`delete from digests where made_at < clock_timestamp() - $1::interval and (sent_at is not null or dropped_at is not null)`,
	} {
		if _, err := n.Pool.Exec(ctx, q, keepFor); err != nil {
			return fmt.Errorf("remove old notices: %w", err)
		}
	}
	return nil
}
