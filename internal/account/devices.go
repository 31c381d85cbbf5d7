package account

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

const (
	// deviceLife is how long a device is known after its last sign-in.
	deviceLife = 365 * 24 * time.Hour
	// maxDevices are known of one account: those that were used last.
	maxDevices = 20
)

// knows says whether somebody has signed in to an account with this device's
// token before. It opens nothing: a known device has counters of its own.
func (s *Store) knows(ctx context.Context, account uuid.UUID, token string) (known bool, err error) {
	if token == "" || account == uuid.Nil {
		return false, nil
	}
	const q = `select exists (select from known_devices where token_hash = $1 and account_id = $2 and seen_at > now() - $3::interval)`
	if err := s.pool.QueryRow(ctx, q, hashToken(token), account, deviceLife).Scan(&known); err != nil {
		return false, fmt.Errorf("look for a known device: %w", err)
	}
	return known, nil
}

// Remember makes the device that has just signed in to an account a known one,
// and returns its token: the one it has, when that is one of ours, or a new one.
func (s *Store) Remember(ctx context.Context, account uuid.UUID, token string) (string, error) {
	var ours bool
	const look = `select exists (select from known_devices where token_hash = $1)`
	if err := s.pool.QueryRow(ctx, look, hashToken(token)).Scan(&ours); err != nil {
		return "", fmt.Errorf("look for a known device: %w", err)
	}
	if !ours {
		token, _ = newToken()
	}
	const note = `
insert into known_devices (token_hash, account_id) values ($1, $2)
on conflict (account_id, token_hash) do update set seen_at = now()`
	if _, err := s.pool.Exec(ctx, note, hashToken(token), account); err != nil {
		return "", fmt.Errorf("remember device: %w", err)
	}
	const forget = `
delete from known_devices where account_id = $1 and token_hash in (
    select token_hash from known_devices where account_id = $1 order by seen_at desc offset $2)`
	if _, err := s.pool.Exec(ctx, forget, account, maxDevices); err != nil {
		return "", fmt.Errorf("forget old devices: %w", err)
	}
	return token, nil
}
