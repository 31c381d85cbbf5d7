package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// worker sends letters.
type worker struct {
	river.WorkerDefaults[Job]
	pool    *pgxpool.Pool
	letters Letters
	notices *Notices // may be nil: then nobody is told what did not arrive
	mail    mailer
	log     *slog.Logger
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[Job]) error {
	err := w.deliver(ctx, job.Args)
	refused := errors.Is(err, errRefused)
	switch {
	case errors.Is(err, ErrStale):
		return river.JobCancel(err)
	case err == nil, !refused && job.Attempt < job.MaxAttempts:
		return err
	}
	if told := w.giveUp(ctx, job.Args, err); told != nil {
		return errors.Join(err, told)
	}
	if refused {
		return river.JobCancel(err)
	}
	return err
}

func (w *worker) deliver(ctx context.Context, job Job) error {
	letter, err := w.letters.Letter(ctx, job)
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	return w.mail.send(ctx, letter)
}

// giveUp writes down that a letter will not arrive, and tells who has to know.
func (w *worker) giveUp(ctx context.Context, job Job, cause error) error {
	w.log.WarnContext(ctx, "letter given up", "letter", job.Letter, "invitee", job.Invitee, "err", cause)
	err := postgres.InTx(ctx, w.pool, func(ctx context.Context, tx pgx.Tx) error {
		notices, err := w.letters.Undelivered(ctx, tx, job, shorten(cause.Error(), maxText))
		if err != nil || w.notices == nil {
			return err
		}
		return w.notices.Tell(ctx, tx, notices...)
	})
	if err != nil {
		return fmt.Errorf("note undelivered letter: %w", err)
	}
	return nil
}
