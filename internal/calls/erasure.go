package calls

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// EraseOf calls a person by another name wherever they rang or were rung.
func (c *Calls) EraseOf(ctx context.Context, account uuid.UUID, called string) (renamed int64, err error) {
	for _, q := range []string{
		`update calls set by_name = $2 where by_id = $1 and by_name <> $2`,
		`update call_people set name = $2 where account_id = $1 and name <> $2`,
	} {
		tag, err := c.Pool.Exec(ctx, q, account, called)
		if err != nil {
			return renamed, fmt.Errorf("erase account %s from calls: %w", account, err)
		}
		renamed += tag.RowsAffected()
	}
	return renamed, nil
}

// NamesOf counts where an account is called otherwise.
func (c *Calls) NamesOf(ctx context.Context, account uuid.UUID, called string) (n int64, err error) {
	const q = `
select (select count(*) from calls where by_id = $1 and by_name <> $2)
    + (select count(*) from call_people where account_id = $1 and name <> $2)`
	if err := c.Pool.QueryRow(ctx, q, account, called).Scan(&n); err != nil {
		return 0, fmt.Errorf("count names of account %s in calls: %w", account, err)
	}
	return n, nil
}
