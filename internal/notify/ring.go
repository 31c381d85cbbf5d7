package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/SherClockHolmes/webpush-go"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Ringing is a call that rings people whose page may be closed.
type Ringing struct {
	Call, Room uuid.UUID
	Accounts   []uuid.UUID
	Until      time.Time
}

// Calls knows whether somebody is still being rung.
type Calls interface {
	// Rings returns also who rings.
	Rings(ctx context.Context, call, account uuid.UUID) (by string, rings bool, err error)
}

// ringJob rings in one browser.
type ringJob struct {
	Call         uuid.UUID `json:"call" river:"unique"`
	Subscription uuid.UUID `json:"subscription" river:"unique"`
	Room         uuid.UUID `json:"room"`
	Until        time.Time `json:"until"`
}

// Kind implements river.JobArgs.
func (ringJob) Kind() string { return "ring" }

// Ring has the browsers of people ring, but of those whose hours are quiet.
func (n *Notices) Ring(ctx context.Context, r Ringing) error {
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		targets, err := targetsOf(ctx, tx, r.Accounts)
		if err != nil {
			return err
		}
		now := time.Now()
		var jobs []river.InsertManyParams
		for _, t := range targets {
			if !t.quietHours().until(now).IsZero() {
				continue
			}
			jobs = append(jobs, river.InsertManyParams{
				Args:       ringJob{Call: r.Call, Subscription: t.ID, Room: r.Room, Until: r.Until},
				InsertOpts: &river.InsertOpts{Queue: queueNotices, MaxAttempts: 2, Priority: 1, UniqueOpts: river.UniqueOpts{ByArgs: true}},
			})
		}
		return n.Queue.insert(ctx, tx, jobs)
	})
	if err != nil {
		return fmt.Errorf("ring in closed pages: %w", err)
	}
	return nil
}

// ringWorker rings.
type ringWorker struct {
	river.WorkerDefaults[ringJob]
	notices *Notices
}

// Work implements river.Worker.
func (w *ringWorker) Work(ctx context.Context, job *river.Job[ringJob]) error {
	n, r := w.notices, job.Args
	t, err := n.target(ctx, r.Subscription)
	if errors.Is(err, ErrStale) {
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	left := time.Until(r.Until)
	by, rings, err := n.Calls.Rings(ctx, r.Call, t.AccountID)
	if err != nil {
		return err
	}
	if !rings || left <= 0 {
		return river.JobCancel(ErrStale)
	}
	shown := pushed{Title: incoming(t.Language), Path: "/rooms/" + r.Room.String(), Tag: r.Room.String()}
	if t.WithText {
		shown.Body = by
	}
	body, err := json.Marshal(shown)
	if err != nil {
		return fmt.Errorf("write ringing: %w", err)
	}
	return n.send(ctx, t, body, webpush.UrgencyHigh, left)
}
