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

// hookJob delivers one message to one hook. It carries only what it is about;
// the words are read when it is sent, and what was taken back is not.
type hookJob struct {
	Hook uuid.UUID `json:"hook" river:"unique"`
	Room uuid.UUID `json:"room" river:"unique"`
	Seq  int64     `json:"seq" river:"unique"`
	// Test is set for a trial that an administrator asked for.
	Test uuid.UUID `json:"test" river:"unique"`
}

// Kind implements river.JobArgs.
func (hookJob) Kind() string { return "hook" }

const (
	// hookAttempts is how often a delivery is tried: for about four hours.
	hookAttempts = 10
)

// deliver enqueues the messages that hooks are told of.
func (n *Notices) deliver(ctx context.Context, tx pgx.Tx, r Room, events []Event, now time.Time) error {
	if r.Direct || r.Archived {
		return nil
	}
	rows, _ := tx.Query(ctx, `select id from hooks where enabled and (room_id is null or room_id = $1)`, r.ID)
	hooks, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(hooks) == 0 {
		return err
	}
	var jobs []river.InsertManyParams
	for _, e := range events {
		if e.Kind != EventPosted || e.Deleted || e.Call || now.Sub(e.At) > freshFor {
			continue
		}
		for _, h := range hooks {
			jobs = append(jobs, hookParams(hookJob{Hook: h, Room: r.ID, Seq: e.Seq}))
		}
	}
	return n.Queue.insert(ctx, tx, jobs)
}

func hookParams(job hookJob) river.InsertManyParams {
	return river.InsertManyParams{
		Args: job, InsertOpts: &river.InsertOpts{Queue: queueHooks, MaxAttempts: hookAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true}},
	}
}

// TestHook delivers a trial, once more each time it is asked for.
func (n *Notices) TestHook(ctx context.Context, id uuid.UUID) error {
	if _, err := n.hook(ctx, id); err != nil {
		return err
	}
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := n.Queue.insert(ctx, tx, []river.InsertManyParams{hookParams(hookJob{Hook: id, Test: uuid.New()})}); err != nil {
			return err
		}
		return n.Audit.RecordIn(ctx, tx, "hooks.test", id.String(), nil)
	})
	if err != nil {
		return fmt.Errorf("test hook: %w", err)
	}
	return nil
}

// hookWorker delivers.
type hookWorker struct {
	river.WorkerDefaults[hookJob]
	notices *Notices
}

// NextRetry grows with every attempt: 1 s, 16 s, 81 s, … The hook's row says
// when it is.
func (w *hookWorker) NextRetry(job *river.Job[hookJob]) time.Time {
	return time.Now().Add(pauseAfter(job.Attempt))
}

func pauseAfter(attempt int) time.Duration {
	return time.Duration(attempt*attempt*attempt*attempt) * time.Second
}

// Work implements river.Worker.
func (w *hookWorker) Work(ctx context.Context, job *river.Job[hookJob]) error {
	n := w.notices
	h, err := n.hook(ctx, job.Args.Hook)
	if errors.Is(err, ErrNoHook) || err == nil && !h.Enabled && job.Args.Test == uuid.Nil {
		return river.JobCancel(errors.New("the hook is gone, or off"))
	}
	if err != nil {
		return err
	}
	news, err := n.newsOf(ctx, h, job.Args)
	if errors.Is(err, ErrStale) {
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	sendErr := n.sendHook(ctx, h, news)
	if sendErr == nil {
		const q = `update hooks set failures = 0, last_error = '', last_ok_at = clock_timestamp(), next_try_at = null where id = $1`
		_, err := n.Pool.Exec(ctx, q, h.ID)
		return err
	}
	last := job.Attempt >= job.MaxAttempts || job.Args.Test != uuid.Nil
	if err := n.failed(ctx, h, job, sendErr); err != nil {
		return errors.Join(sendErr, err)
	}
	if last {
		return river.JobCancel(sendErr)
	}
	return sendErr
}

// failed writes down why a hook did not work. After the last try of a delivery
// the hook is switched off, and administrators are told; but where others came
// through meanwhile, what cannot be delivered is put aside.
func (n *Notices) failed(ctx context.Context, h hookRow, job *river.Job[hookJob], cause error) error {
	isTest, last := job.Args.Test != uuid.Nil, job.Attempt >= job.MaxAttempts
	var next *time.Time
	if !last && !isTest {
		at := time.Now().Add(pauseAfter(job.Attempt))
		next = &at
	}
	return postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
update hooks set failures = failures + 1, last_error = $2, next_try_at = $3,
    enabled = enabled and (not $4 or coalesce(last_ok_at > $5, false)) where id = $1 returning enabled`
		var enabled bool
		err := tx.QueryRow(ctx, q, h.ID, shorten(cause.Error(), maxText), next, last && !isTest, job.CreatedAt).Scan(&enabled)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil // the hook was removed meanwhile
		case err != nil || !last || isTest:
			return err
		case enabled:
			details := map[string]any{"name": h.Name, "room": job.Args.Room, "seq": job.Args.Seq, "cause": shorten(cause.Error(), maxText)}
			return n.Audit.RecordIn(ctx, tx, "hooks.put_aside", h.ID.String(), details)
		}
		if err := n.Audit.RecordIn(ctx, tx, "hooks.off", h.ID.String(), map[string]any{"name": h.Name}); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, `select id from accounts where role = 'admin' and not disabled`)
		admins, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		notices := make([]Notice, 0, len(admins))
		for _, admin := range admins {
			notices = append(notices, Notice{
				Account: admin, Kind: HookOff, Key: fmt.Sprintf("hook_off:%s:%d", h.ID, job.ID), Title: h.Name, Text: cause.Error(),
			})
		}
		return n.Tell(ctx, tx, notices...)
	})
}
