package account

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Forgotten asks the administrators for a one-time link for an account whose owner
// has forgotten its password. The answer does not tell whether there is such an
// account. Errors: locked_out with retry_after in seconds for a network that asks
// too often.
func (s *Store) Forgotten(ctx context.Context, login string, d Device) error {
	set := map[string]guard{"asked:" + budget.Network(d.Address): {free: 10, longest: 15 * time.Minute}}
	if err := s.reserve(ctx, set); err != nil {
		return err
	}
	login, ok := cleanLogin(login)
	if !ok {
		return nil
	}
	id, _, err := s.credentials(ctx, login)
	if err != nil || id == uuid.Nil {
		return err
	}
	a, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `select id from accounts where role = 'admin' and not disabled and id <> $1`
		rows, _ := tx.Query(ctx, q, id)
		admins, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if s.Asked != nil {
			if err := s.Asked(ctx, tx, a, admins); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, "accounts.password_asked", id, nil)
	})
	if err != nil {
		return fmt.Errorf("ask for a new password: %w", err)
	}
	return nil
}
