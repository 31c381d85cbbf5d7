package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// EraseOf deletes what a person was told, and where to, and what others were told
// that names them.
func (n *Notices) EraseOf(ctx context.Context, person uuid.UUID) (notices int64, err error) {
	err = postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from notices where account_id = $1 or about = $1`, person)
		if err != nil {
			return err
		}
		notices = tag.RowsAffected()
		var all pgx.Batch
		for _, q := range []string{
			`delete from digests where account_id = $1`, `delete from push_subscriptions where account_id = $1`,
			`delete from notice_settings where account_id = $1`,
		} {
			all.Queue(q, person)
		}
		return tx.SendBatch(ctx, &all).Close()
	})
	if err != nil {
		return 0, fmt.Errorf("erase notices of person %s: %w", person, err)
	}
	return notices, nil
}

// CountOf returns how much is kept of what a person was told, where to, and what
// others were told of them.
func (n *Notices) CountOf(ctx context.Context, person uuid.UUID) (count int64, err error) {
	const q = `
select (select count(*) from notices where account_id = $1 or about = $1)
    + (select count(*) from push_subscriptions where account_id = $1)`
	if err := n.Pool.QueryRow(ctx, q, person).Scan(&count); err != nil {
		return 0, fmt.Errorf("count notices of person %s: %w", person, err)
	}
	return count, nil
}

// Forget deletes the letters to invitees, sent or not, in the transaction that erases
// them: what a mail server answered names whom it refused.
func (q *Queue) Forget(ctx context.Context, tx pgx.Tx, invitees []uuid.UUID) error {
	const forget = `delete from river_job where kind = 'letter' and args->>'invitee' = any($1::uuid[]::text[])`
	if _, err := tx.Exec(ctx, forget, invitees); err != nil {
		return fmt.Errorf("forget letters: %w", err)
	}
	return nil
}
