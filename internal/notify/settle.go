package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Settle takes back the reminders of a message that nobody has been told of
// yet: those of one account that has done what it was reminded of, or, for
// uuid.Nil, of all.
func (n *Notices) Settle(ctx context.Context, tx pgx.Tx, message, account uuid.UUID) error {
	const q = `
delete from notices where message_id = $1 and kind = 'chase' and told_at is null
    and ($2 = '00000000-0000-0000-0000-000000000000'::uuid or account_id = $2)`
	if _, err := tx.Exec(ctx, q, message, account); err != nil {
		return fmt.Errorf("take back reminders: %w", err)
	}
	return nil
}
