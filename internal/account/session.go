package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// sessionLife is how long a sign-in lasts without being used.
const sessionLife = 30 * 24 * time.Hour

// Session is one device that is signed in.
type Session struct {
	ID        uuid.UUID
	Device    string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
}

// Device is where a sign-in comes from. Name and Address are for the list of
// sessions; Token is what Remember gave it, or empty.
type Device struct{ Name, Address, Token string }

// SignIn checks a user name or e-mail address with its password and opens a
// session. Errors: ErrBadCredentials; locked_out and sign_in_busy with
// retry_after in seconds.
func (s *Store) SignIn(ctx context.Context, login, password string, d Device) (Account, string, error) {
	login, ok := cleanLogin(login)
	if !ok {
		return Account{}, "", ErrBadCredentials
	}
	id, hash, err := s.credentials(ctx, login)
	if err != nil {
		return Account{}, "", err
	}
	known, err := s.knows(ctx, id, d.Token)
	if err != nil {
		return Account{}, "", err
	}
	set, lane := guardsOf(login, d, known), s.hasher.strangers
	if known {
		lane = s.hasher.known
	}
	if len(password) > 4*maxPassword {
		password = "" // longer than any password may be
	}
	if ok, err := s.attempt(ctx, set, lane, password, hash); err != nil {
		return Account{}, "", err
	} else if !ok {
		return Account{}, "", cmp.Or(s.recordFailure(ctx, id), error(ErrBadCredentials))
	}
	return s.open(ctx, id, d)
}

// cleanLogin brings what was typed into the form in which names are compared. It is
// not ok with a zero, which no name has and Postgres does not take.
func cleanLogin(login string) (clean string, ok bool) {
	login = strings.ToLower(strings.ToValidUTF8(strings.TrimSpace(login), ""))
	return login, !strings.ContainsRune(login, 0)
}

// recordFailure notes a wrong password: that of an account by its id, and nothing of
// what was typed otherwise, which may be a password.
func (s *Store) recordFailure(ctx context.Context, id uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, "accounts.sign_in_failed", id, nil)
	})
}

// attempt checks a password against a hash, within what the counters and the
// lane allow.
func (s *Store) attempt(ctx context.Context, set map[string]guard, lane lane, password, hash string) (bool, error) {
	if err := s.look(ctx, set); err != nil {
		return false, err
	}
	leave, err := lane.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if err := s.reserve(ctx, set); err != nil {
		return false, err
	}
	ok, err := s.hasher.verify(password, hash)
	if err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		return false, nil
	}
	return true, s.giveBack(ctx, set)
}

// credentials returns an enabled account's hash; nothing for an unknown one.
func (s *Store) credentials(ctx context.Context, login string) (id uuid.UUID, hash string, err error) {
	const q = `
select id, password_hash from accounts
where not disabled and (lower(user_name) = $1 or (email <> '' and lower(email) = $1))
order by lower(user_name) = $1 desc limit 1`
	err = s.pool.QueryRow(ctx, q, login).Scan(&id, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, "", fmt.Errorf("read credentials: %w", err)
	}
	return id, hash, nil
}

// open starts a session and returns its token, which is stored only hashed.
func (s *Store) open(ctx context.Context, id uuid.UUID, d Device) (Account, string, error) {
	token, hash := newToken()
	const q = `
insert into sessions (id, account_id, token_hash, device, address, expires_at)
values (@id, @account, @hash, @device, @address, now() + @life::interval)`
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": uuid.Must(uuid.NewV7()), "account": id, "hash": hash, "device": clip(d.Name, 200),
			"address": d.Address, "life": sessionLife,
		}); err != nil {
			return err
		}
		return s.recordOwn(ctx, tx, "accounts.sign_in", id)
	})
	if err != nil {
		return Account{}, "", fmt.Errorf("open session: %w", err)
	}
	a, err := s.ByID(ctx, id)
	return a, token, err
}

// clip makes text of a client's storable: of so many bytes at most, and UTF-8,
// which a header need not be.
func clip(text string, bytes int) string {
	return strings.ToValidUTF8(text[:min(len(text), bytes)], "")
}

// BySession returns the account a session token belongs to. A session's life
// is renewed when it is used, at most once in five minutes.
func (s *Store) BySession(ctx context.Context, token string) (Account, uuid.UUID, error) {
	const q = `
select s.id as session_id, s.seen_at < now() - interval '5 minutes' as stale,
    a.id, a.name, a.user_name, a.email, a.role, a.language, a.time_zone, a.station_id, a.disabled, a.created_at
from sessions s join accounts a on a.id = s.account_id
where s.token_hash = $1 and s.expires_at > now() and not a.disabled`
	type row struct {
		SessionID uuid.UUID
		Stale     bool
		Account
	}
	rows, _ := s.pool.Query(ctx, q, hashToken(token))
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, uuid.Nil, ErrSignedOut
	}
	if err != nil {
		return Account{}, uuid.Nil, fmt.Errorf("read session: %w", err)
	}
	if found.Stale {
		const renew = `update sessions set seen_at = now(), expires_at = now() + $2::interval where id = $1`
		if _, err := s.pool.Exec(ctx, renew, found.SessionID, sessionLife); err != nil {
			return Account{}, uuid.Nil, fmt.Errorf("renew session: %w", err)
		}
	}
	return found.Account, found.SessionID, nil
}

// Sessions lists an account's devices, the newest first.
func (s *Store) Sessions(ctx context.Context, id uuid.UUID) ([]Session, error) {
	const q = `
select id, device, address, created_at, seen_at from sessions
where account_id = $1 and expires_at > now() order by seen_at desc`
	rows, _ := s.pool.Query(ctx, q, id)
	sessions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Session])
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return sessions, nil
}

// Revoke ends one session of an account.
func (s *Store) Revoke(ctx context.Context, account, session uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `delete from sessions where id = $1 and account_id = $2`
		tag, err := tx.Exec(ctx, q, session, account)
		if err != nil {
			return fmt.Errorf("revoke session: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return problem.NotFound("session")
		}
		return s.record(ctx, tx, "accounts.sign_out", account, map[string]any{"session": session})
	})
}

func endSessions(ctx context.Context, db queryer, account uuid.UUID) error {
	const q = `delete from sessions where account_id = $1`
	if _, err := db.Exec(ctx, q, account); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// StillOpen returns those of the sessions that are good now.
func (s *Store) StillOpen(ctx context.Context, sessions []uuid.UUID) ([]uuid.UUID, error) {
	const q = `
select s.id from sessions s join accounts a on a.id = s.account_id
where s.id = any($1) and s.expires_at > now() and not a.disabled`
	rows, _ := s.pool.Query(ctx, q, sessions)
	open, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read open sessions: %w", err)
	}
	return open, nil
}

// ChangePassword sets a new password, ends all other sessions, which it
// returns, and the one-time links that could set another password.
func (s *Store) ChangePassword(ctx context.Context, account, keep uuid.UUID, current, next string) (ended []uuid.UUID, err error) {
	if err := checkPassword("new", next); err != nil {
		return nil, err
	}
	var stored string
	const read = `select password_hash from accounts where id = $1`
	if err := s.pool.QueryRow(ctx, read, account).Scan(&stored); err != nil {
		return nil, fmt.Errorf("read password: %w", err)
	}
	set := map[string]guard{"password:" + account.String(): {free: 5, longest: 15 * time.Minute}}
	ok, err := s.attempt(ctx, set, s.hasher.known, current, stored)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, problem.New(http.StatusUnprocessableEntity, "bad_credentials", "the current password is wrong").At("current")
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return nil, err
	}
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const set = `update accounts set password_hash = $2 where id = $1`
		if _, err := tx.Exec(ctx, set, account, hash); err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		const links = `delete from invitations where account_id = $1`
		if _, err := tx.Exec(ctx, links, account); err != nil {
			return fmt.Errorf("end one-time links: %w", err)
		}
		const end = `delete from sessions where account_id = $1 and id <> $2 returning id`
		rows, _ := tx.Query(ctx, end, account, keep)
		if ended, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return fmt.Errorf("end other sessions: %w", err)
		}
		return s.record(ctx, tx, "accounts.password", account, map[string]any{"ended": len(ended)})
	})
	return ended, err
}
