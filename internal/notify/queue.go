package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Queue takes jobs in.
type Queue struct {
	enabled bool
	client  *river.Client[pgx.Tx]
}

// NewQueue returns a queue that only takes in; it needs no pool of its own,
// since it writes in the transactions of others.
func NewQueue(config Config, log *slog.Logger) (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("make queue: %w", err)
	}
	return &Queue{enabled: config.Enabled(), client: client}, nil
}

// Enabled says whether letters are sent at all.
func (q *Queue) Enabled() bool { return q.enabled }

// attempts is how often a letter is tried: with the queue's growing pauses,
// for about a day.
const attempts = 12

// Enqueue adds letters in the transaction that causes them. A letter that is
// enqueued already, or was sent, is not added again.
func (q *Queue) Enqueue(ctx context.Context, tx pgx.Tx, jobs ...Job) error {
	if !q.enabled || len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		params[i] = river.InsertManyParams{Args: job, InsertOpts: &river.InsertOpts{
			MaxAttempts: attempts,
			ScheduledAt: job.At,
			UniqueOpts:  river.UniqueOpts{ByArgs: true},
		}}
	}
	if _, err := q.client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("enqueue %d letters: %w", len(jobs), err)
	}
	return nil
}

// insert adds jobs of other kinds in the transaction that causes them.
func (q *Queue) insert(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("enqueue %d jobs: %w", len(jobs), err)
	}
	return nil
}

const (
	// queueNotices is the queue of what does not need an SMTP server.
	queueNotices = "notices"
	// queueHooks is the queue of deliveries: a slow receiver keeps nothing waiting
	// but them.
	queueHooks = "hooks"
)

// Runner does the jobs of the queue.
type Runner struct {
	client *river.Client[pgx.Tx]
}

// Work is what a runner does.
type Work struct {
	Mail    Config
	Letters Letters
	// Notices may be nil: then only letters are sent.
	Notices *Notices
}

// A job whose node died is taken up by another one after rescueAfter: soon
// enough for a reminder to come before the meeting.
const (
	jobTimeout  = 45 * time.Second
	rescueAfter = 90 * time.Second
)

// NewRunner returns a runner that works on a pool of its own: jobs must not
// wait for the pool that the rest of the house uses up. Letters wait in the
// queue while there is no SMTP server.
func NewRunner(pool *pgxpool.Pool, w Work, log *slog.Logger) (*Runner, error) {
	workers, queues := river.NewWorkers(), make(map[string]river.QueueConfig)
	var errs []error
	if w.Mail.Enabled() {
		queues[river.QueueDefault] = river.QueueConfig{MaxWorkers: 4}
	}
	letterWorker := &worker{pool: pool, letters: w.Letters, notices: w.Notices, mail: mailer{w.Mail}, log: log}
	errs = append(errs, river.AddWorkerSafely(workers, letterWorker))
	if w.Notices != nil {
		queues[queueNotices] = river.QueueConfig{MaxWorkers: 8}
		queues[queueHooks] = river.QueueConfig{MaxWorkers: 8}
		errs = append(errs,
			river.AddWorkerSafely(workers, &digestWorker{notices: w.Notices, mail: mailer{w.Mail}}),
			river.AddWorkerSafely(workers, &pushWorker{notices: w.Notices}),
			river.AddWorkerSafely(workers, &ringWorker{notices: w.Notices}),
			river.AddWorkerSafely(workers, &hookWorker{notices: w.Notices}))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("make runner of jobs: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues: queues, Workers: workers, Logger: log, JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter,
		Middleware: []rivertype.Middleware{&quarantine{letters: letterWorker, log: log}},
	})
	if err != nil {
		return nil, fmt.Errorf("make runner of jobs: %w", err)
	}
	return &Runner{client: client}, nil
}

// stopWithin is how long jobs on their way have when the runner stops.
const stopWithin = 10 * time.Second

// Run does jobs until ctx is done, then finishes those on their way.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start runner of jobs: %w", err)
	}
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := r.client.Stop(stopping); err == nil {
		return nil
	}
	hard, cancelHard := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancelHard()
	if err := r.client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop runner of jobs: %w", err)
	}
	return nil
}
