package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// releaseAtOnce is how many notices become visible in one transaction.
const releaseAtOnce = 500

// released is a notice that has become visible.
type released struct {
	ID        int64
	AccountID uuid.UUID
	Kind      NoticeKind
	Urgent    bool
}

// Release makes the notices visible that are due, together with the jobs that
// push them, and announces it.
func (n *Notices) Release(ctx context.Context) error {
	for {
		var due []released
		err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) (err error) {
			const q = `
with due as (select id from notices where told_at is null and due_at <= clock_timestamp()
    order by due_at limit $1 for update skip locked)
update notices n set told_at = clock_timestamp() from due where n.id = due.id
returning n.id, n.account_id, n.kind, n.urgent`
			rows, _ := tx.Query(ctx, q, releaseAtOnce)
			if due, err = pgx.CollectRows(rows, pgx.RowToStructByName[released]); err != nil || len(due) == 0 {
				return err
			}
			return n.enqueuePushes(ctx, tx, due)
		})
		if err != nil {
			return fmt.Errorf("release notices: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		seen := make(map[uuid.UUID]bool)
		var accounts []uuid.UUID
		for _, d := range due {
			if !seen[d.AccountID] {
				seen[d.AccountID] = true
				accounts = append(accounts, d.AccountID)
			}
		}
		n.Announcer.NoticesChanged(ctx, accounts)
	}
}

// pushAfter is how long somebody has to see a message before it is pushed.
const pushAfter = 5 * time.Second

// target is a browser that one may be pushed to, with its person's settings.
type target struct {
	ID                     uuid.UUID
	AccountID              uuid.UUID
	Endpoint, P256dh, Auth string
	person
}

const targetColumns = `select s.id, s.account_id, s.endpoint, s.p256dh, s.auth, ` + personColumns + `
from push_subscriptions s join accounts a on a.id = s.account_id left join notice_settings t on t.account_id = a.id
where not a.disabled`

// targetsOf lists the browsers of accounts.
func targetsOf(ctx context.Context, tx pgx.Tx, accounts []uuid.UUID) ([]target, error) {
	rows, _ := tx.Query(ctx, targetColumns+` and a.id = any($1)`, accounts)
	return pgx.CollectRows(rows, pgx.RowToStructByName[target])
}

// target returns one browser, or ErrStale when it is gone.
func (n *Notices) target(ctx context.Context, id uuid.UUID) (target, error) {
	rows, _ := n.Pool.Query(ctx, targetColumns+` and s.id = $1`, id)
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[target])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, ErrStale
	}
	if err != nil {
		return t, fmt.Errorf("read browser to push to: %w", err)
	}
	return t, nil
}

// enqueuePushes adds a job for each notice and each browser of its person. In
// quiet hours it waits for their end, unless it is urgent.
func (n *Notices) enqueuePushes(ctx context.Context, tx pgx.Tx, due []released) error {
	accounts := make([]uuid.UUID, 0, len(due))
	for _, d := range due {
		accounts = append(accounts, d.AccountID)
	}
	targets, err := targetsOf(ctx, tx, accounts)
	if err != nil || len(targets) == 0 {
		return err
	}
	now := time.Now()
	var jobs []river.InsertManyParams
	for _, d := range due {
		for _, t := range targets {
			if t.AccountID != d.AccountID {
				continue
			}
			var at time.Time // at once
			if !d.Urgent {
				at = now.Add(pushAfter)
				if until := t.quietHours().until(now); !until.IsZero() {
					at = until
				}
			}
			jobs = append(jobs, river.InsertManyParams{
				Args:       pushJob{Notice: d.ID, Subscription: t.ID},
				InsertOpts: &river.InsertOpts{Queue: queueNotices, MaxAttempts: pushAttempts, ScheduledAt: at, UniqueOpts: river.UniqueOpts{ByArgs: true}},
			})
		}
	}
	return n.Queue.insert(ctx, tx, jobs)
}

// person is whom a push or a letter is for.
type person struct {
	Name, Email, Language, TimeZone string
	NoticeSettings
}

const personColumns = `a.name, a.email, a.language, a.time_zone, ` + settingsColumns

func (p person) quietHours() quietHours {
	return quietHours{on: p.Quiet, from: p.QuietFrom, to: p.QuietTo, zone: zoneOf(p.TimeZone)}
}
