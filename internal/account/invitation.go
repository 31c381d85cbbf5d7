package account

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
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
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const clear = `delete from invitations where account_id is not distinct from $1 or expires_at < now()`
		if _, err := tx.Exec(ctx, clear, account); err != nil {
			return err
		}
		const insert = `insert into invitations (token_hash, account_id, expires_at) values ($1, $2, now() + $3::interval)`
		if _, err := tx.Exec(ctx, insert, hash, account, invitationLife); err != nil || account == nil {
			return err
		}
		var used bool // an account that nobody has opened yet has nobody to tell
		if err := tx.QueryRow(ctx, `select password_hash <> '' from accounts where id = $1`, account).Scan(&used); err != nil {
			return err
		}
		if used && s.Told != nil {
			if err := s.Told(ctx, tx, *account, hex.EncodeToString(hash[:8])); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, "accounts.link", *account, nil)
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
	if inv.AccountID == nil {
		return inv, noneYet(ctx, s.pool)
	}
	inv.Account, err = s.ByID(ctx, *inv.AccountID)
	return inv, err
}

// noneYet refuses the first administrator's link when there are accounts: it
// may have lain about since the hub was set up.
func noneYet(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
},
) error {
	var others bool
	if err := db.QueryRow(ctx, `select exists (select from accounts)`).Scan(&others); err != nil {
		return fmt.Errorf("look for accounts: %w", err)
	}
	if others {
		return ErrLinkInvalid
	}
	return nil
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
	announce := nothing
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if id, announce, err = s.use(ctx, tx, token, n); err != nil {
			return err
		}
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
		if err := endSessions(ctx, tx, id); err != nil {
			return err
		}
		return s.recordOwn(ctx, tx, "accounts.link_used", id)
	})
	if err != nil {
		return Account{}, "", err
	}
	announce(ctx)
	return s.open(ctx, id, d)
}

// use uses a link up and returns whose password it sets: the first administrator is
// made by it.
func (s *Store) use(ctx context.Context, tx pgx.Tx, token string, n New) (id uuid.UUID, announce func(context.Context), err error) {
	var account *uuid.UUID
	const q = `delete from invitations where token_hash = $1 and expires_at > now() returning account_id`
	if err := tx.QueryRow(ctx, q, hashToken(token)).Scan(&account); errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nothing, ErrLinkInvalid
	} else if err != nil {
		return uuid.Nil, nothing, fmt.Errorf("use invitation: %w", err)
	}
	if account != nil {
		return *account, nothing, nil
	}
	if err := noneYet(ctx, tx); err != nil {
		return uuid.Nil, nothing, err
	}
	n.Role = Admin
	made, err := create(ctx, tx, n, "")
	if err != nil {
		return uuid.Nil, nothing, err
	}
	if err := s.recordOwn(ctx, tx, "accounts.create", made.ID); err != nil {
		return uuid.Nil, nothing, err
	}
	announce, err = s.follow(ctx, tx, made.ID)
	return made.ID, announce, err
}
