package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// EraseOf deletes what a person was told, and where to. What others were told of
// them goes with the messages that it was about.
func (n *Notices) EraseOf(ctx context.Context, account uuid.UUID) (notices int64, err error) {
	err = pgx.BeginFunc(ctx, n.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from notices where account_id = $1`, account)
		if err != nil {
			return err
		}
		notices = tag.RowsAffected()
		var all pgx.Batch
		for _, q := range []string{
			`delete from digests where account_id = $1`, `delete from push_subscriptions where account_id = $1`,
			`delete from notice_settings where account_id = $1`,
		} {
			all.Queue(q, account)
		}
		return tx.SendBatch(ctx, &all).Close()
	})
	if err != nil {
		return 0, fmt.Errorf("erase notices of account %s: %w", account, err)
	}
	return notices, nil
}

// CountOf returns how many notices of an account are kept.
func (n *Notices) CountOf(ctx context.Context, account uuid.UUID) (count int64, err error) {
	if err := n.Pool.QueryRow(ctx, `select count(*) from notices where account_id = $1`, account).Scan(&count); err != nil {
		return 0, fmt.Errorf("count notices of account %s: %w", account, err)
	}
	return count, nil
}
