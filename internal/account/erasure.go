package account

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Erase closes an account for good and takes everything personal out of it.
// The row stays, under another name: what the account did must not become
// nobody's.
func (s *Store) Erase(ctx context.Context, id uuid.UUID, called string) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		const q = `
update accounts set name = @called, user_name = 'erased-' || id, email = '', password_hash = '', station_id = null, disabled = true
where id = @id`
		tag, err := tx.Exec(ctx, q, pgx.NamedArgs{"id": id, "called": called})
		if err != nil {
			return fmt.Errorf("erase account %s: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		if _, err := tx.Exec(ctx, `delete from invitations where account_id = $1`, id); err != nil {
			return fmt.Errorf("erase invitations of account %s: %w", id, err)
		}
		return endSessions(ctx, tx, id)
	})
}

// Erase ends a guest's link for good and takes the name out of it.
func (g *Guests) Erase(ctx context.Context, invitee uuid.UUID, called string) error {
	return pgx.BeginFunc(ctx, g.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update guest_links set name = $2 where invitee_id = $1`, invitee, called)
		if err != nil {
			return fmt.Errorf("erase guest %s: %w", invitee, err)
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return g.Revoke(ctx, tx, invitee)
	})
}

// Known returns ErrNotFound when no guest was ever given that link.
func (g *Guests) Known(ctx context.Context, invitee uuid.UUID) error {
	var known bool
	const q = `select exists (select from guest_links where invitee_id = $1)`
	if err := g.pool.QueryRow(ctx, q, invitee).Scan(&known); err != nil {
		return fmt.Errorf("look for guest %s: %w", invitee, err)
	}
	if !known {
		return ErrNotFound
	}
	return nil
}
