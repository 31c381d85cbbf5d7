package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// invitationLife is how long a one-time link can be used.
const invitationLife = 7 * 24 * time.Hour

// Invitation is a one-time link: to make the first administrator (no account
// yet), or to open an account and choose its password.
type Invitation struct {
	AccountID *uuid.UUID
	Account   Account
}

// InviteFirst makes the link for the first administrator; earlier ones end.
func (s *Store) InviteFirst(ctx context.Context) (token string, err error) {
	return s.invite(ctx, nil)
}

// Invite makes the link that opens an account; earlier ones end.
func (s *Store) Invite(ctx context.Context, account uuid.UUID) (token string, err error) {
	return s.invite(ctx, &account)
}

func (s *Store) invite(ctx context.Context, account *uuid.UUID) (string, error) {
	token, hash := newToken()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		const clear = `delete from invitations where account_id is not distinct from $1 or expires_at < now()`
		if _, err := tx.Exec(ctx, clear, account); err != nil {
			return err
		}
		const insert = `insert into invitations (token_hash, account_id, expires_at) values ($1, $2, now() + $3::interval)`
		_, err := tx.Exec(ctx, insert, hash, account, invitationLife)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make invitation: %w", err)
	}
	return token, nil
}

// LookAtInvitation returns what a link is for, without using it up.
func (s *Store) LookAtInvitation(ctx context.Context, token string) (Invitation, error) {
	var inv Invitation
	const q = `select account_id from invitations where token_hash = $1 and expires_at > now()`
	err := s.pool.QueryRow(ctx, q, hashToken(token)).Scan(&inv.AccountID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Invitation{}, ErrLinkInvalid
	}
	if err != nil {
		return Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	if inv.AccountID != nil {
		inv.Account, err = s.ByID(ctx, *inv.AccountID)
	}
	return inv, err
}

// AcceptInvitation uses a link up: it makes the first administrator, or sets
// the password of the account it was made for, and signs in.
func (s *Store) AcceptInvitation(ctx context.Context, token string, n New, d Device) (Account, string, error) {
	if err := checkPassword("password", n.Password); err != nil {
		return Account{}, "", err
	}
	// A hash is dear: nobody gets one made without a link.
	if _, err := s.LookAtInvitation(ctx, token); err != nil {
		return Account{}, "", err
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	if err != nil {
		return Account{}, "", err
	}
	var id uuid.UUID
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var account *uuid.UUID
		const use = `delete from invitations where token_hash = $1 and expires_at > now() returning account_id`
		if err := tx.QueryRow(ctx, use, hashToken(token)).Scan(&account); errors.Is(err, pgx.ErrNoRows) {
			return ErrLinkInvalid
		} else if err != nil {
			return fmt.Errorf("use invitation: %w", err)
		}
		if account == nil {
			n.Role, n.Password = Admin, ""
			made, err := create(ctx, tx, s.hasher, n)
			if err != nil {
				return err
			}
			account = &made.ID
		}
		id = *account
		const set = `
update accounts set password_hash = $2, language = $3, time_zone = $4 where id = $1 and not disabled`
		if err := checkLocale(n.normal().Language, n.normal().TimeZone); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, set, id, hash, n.normal().Language, n.normal().TimeZone)
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrLinkInvalid
		}
		return endSessions(ctx, tx, id)
	})
	if err != nil {
		return Account{}, "", err
	}
	return s.open(ctx, id, d)
}
