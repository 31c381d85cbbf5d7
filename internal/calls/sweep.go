package calls

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/rounds"
)

const (
	// sweepEvery is how late the end of a ringing may be noticed.
	sweepEvery = time.Second
	// sweepTimeout ends a sweep that a half-dead database does not answer.
	sweepTimeout = 10 * time.Second
)

// Run sweeps until the context ends; failed is told what went wrong.
func (c *Calls) Run(ctx context.Context, failed func(context.Context, error)) error {
	r := rounds.Rounds{Every: sweepEvery, Limit: sweepTimeout, Failed: failed}
	return r.Run(ctx, c.Sweep)
}

// Sweep ends the calls that have rung long enough and tells what became of
// those whose node died before it did.
func (c *Calls) Sweep(ctx context.Context) error {
	if err := c.endOverdue(ctx); err != nil {
		return err
	}
	// Who ended a call tells of it at once; it is given a moment.
	const q = columns + ` where c.ended_at < clock_timestamp() - interval '3 seconds' and c.told_at is null order by c.ended_at limit 20`
	rows, _ := c.Pool.Query(ctx, q)
	untold, err := pgx.CollectRows(rows, pgx.RowToStructByName[stored])
	if err != nil {
		return fmt.Errorf("look for calls that nobody told of: %w", err)
	}
	var errs []error
	for _, s := range untold {
		errs = append(errs, c.tell(ctx, s.call()))
	}
	return errors.Join(errs...)
}

// endOverdue ends what has rung long enough by the database's clock.
func (c *Calls) endOverdue(ctx context.Context) error {
	const overdue = `select id from calls where ended_at is null and rings_until <= clock_timestamp()`
	rows, _ := c.Pool.Query(ctx, overdue)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("look for calls that are over: %w", err)
	}
	for _, id := range ids {
		_, err := c.step(ctx, id, func(tx pgx.Tx) error {
			const q = `
update call_people p set state = 'missed' from calls c
where c.id = p.call_id and c.id = $1 and p.state = 'ringing' and c.ended_at is null and c.rings_until <= clock_timestamp()`
			tag, err := tx.Exec(ctx, q, id)
			if err == nil && tag.RowsAffected() == 0 {
				err = ErrAnswered // another node was first
			}
			return err
		})
		if err != nil && !errors.Is(err, ErrAnswered) {
			return err
		}
	}
	return nil
}

// tell posts a call's entry and tells those who missed it. Doing so again
// changes nothing.
func (c *Calls) tell(ctx context.Context, call Call) error {
	message, seq, err := c.Rooms.Post(ctx, call)
	if err != nil {
		return fmt.Errorf("post entry of call %s: %w", call.ID, err)
	}
	err = postgres.InTx(ctx, c.Pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update calls set told_at = clock_timestamp() where id = $1 and told_at is null`, call.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return c.Teller.TellMissed(ctx, tx, call, Entry{Message: message, Seq: seq})
	})
	if err != nil {
		return fmt.Errorf("tell of call %s: %w", call.ID, err)
	}
	return nil
}
