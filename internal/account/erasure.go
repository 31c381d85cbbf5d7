package account

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Erase closes an account for good and takes everything personal out of it.
// The row stays, under another name: what the account did must not become
// nobody's.
func (s *Store) Erase(ctx context.Context, id uuid.UUID, called string) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		// What is counted of guesses has the login's name in it.
		const guesses = `
delete from sign_in_failures f using accounts a, lateral (values (a.user_name), (nullif(a.email, ''))) as as_login (login)
where a.id = $1 and right(f.key, length(left(login, 100)) + 1) = ':' || lower(left(login, 100))`
		if _, err := tx.Exec(ctx, guesses, id); err != nil {
			return fmt.Errorf("forget guesses at account %s: %w", id, err)
		}
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
		if _, err := tx.Exec(ctx, `delete from known_devices where account_id = $1`, id); err != nil {
			return fmt.Errorf("forget devices of account %s: %w", id, err)
		}
		return endSessions(ctx, tx, id)
	})
}

// Erase ends a guest's link for good and takes the name out of it.
func (g *Guests) Erase(ctx context.Context, invitee uuid.UUID, called string) error {
	return postgres.InTx(ctx, g.pool, func(ctx context.Context, tx pgx.Tx) error {
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

// Called returns what guests are called, by their links and on their devices.
func (g *Guests) Called(ctx context.Context, invitees []uuid.UUID) ([]string, error) {
	const q = `
select name from guest_links where invitee_id = any($1) union select name from guest_sessions where invitee_id = any($1)`
	rows, _ := g.pool.Query(ctx, q, invitees)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read names of guests: %w", err)
	}
	return names, nil
}
