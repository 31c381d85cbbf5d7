package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// farthest is how far ahead somebody may be reminded.
const farthest = 14 * 24 * time.Hour

// Remind makes a reminder to oneself to ring somebody, at a moment to come. The
// same reminder twice is one.
func (n *Notices) Remind(ctx context.Context, account, room uuid.UUID, at time.Time) error {
	now := time.Now()
	if !at.After(now) || at.After(now.Add(farthest)) {
		return problem.Invalid("at", "within the next 14 days")
	}
	title, about, err := n.Rooms.Title(ctx, account, room)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		return n.Tell(ctx, tx, Notice{
			Account: account, Kind: Reminded, Key: fmt.Sprintf("reminder:%s:%d", room, at.Unix()), Room: &room, About: about, Title: title, At: at, Urgent: true,
		})
	})
}

// ReminderView is a reminder that is still to come.
type ReminderView struct {
	ID    int64     `json:"id"`
	Room  uuid.UUID `json:"room"`
	Title string    `json:"title"`
	At    time.Time `json:"at"`
}

// Reminders lists what a person is still to be reminded of, the next first.
func (n *Notices) Reminders(ctx context.Context, account uuid.UUID) ([]ReminderView, error) {
	const q = `
select id, room_id as room, title, due_at as at from notices
where account_id = $1 and kind = 'reminder' and told_at is null order by due_at, id limit $2`
	rows, _ := n.Pool.Query(ctx, q, account, maxEntries)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ReminderView])
	if err != nil {
		return nil, fmt.Errorf("read reminders: %w", err)
	}
	return list, nil
}

// Unremind takes back a reminder of one's own that has not come yet.
func (n *Notices) Unremind(ctx context.Context, account uuid.UUID, id int64) error {
	const q = `delete from notices where id = $1 and account_id = $2 and kind = 'reminder' and told_at is null`
	tag, err := n.Pool.Exec(ctx, q, id, account)
	if err == nil && tag.RowsAffected() == 0 {
		err = problem.NotFound("reminder")
	}
	if err != nil {
		return fmt.Errorf("take back reminder: %w", err)
	}
	return nil
}
