package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Audit remembers who changed what, in the transaction that changes it.
type Audit interface {
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// Store keeps accounts, sessions and invitations.
type Store struct {
	// Audit is set before use; without it nothing is recorded.
	Audit Audit
	// Told is set before use; without it nobody is told. It tells an account that
	// somebody made a one-time link that sets its password.
	Told func(ctx context.Context, tx pgx.Tx, account uuid.UUID, link string) error
	// Asked is set before use; without it nobody is told. It tells administrators that
	// somebody has forgotten the password of an account; once a day for each account.
	Asked func(ctx context.Context, tx pgx.Tx, a Account, administrators []uuid.UUID) error
	// Follow is set before use; without it nothing follows. It brings up to date what
	// follows from an account's role and station, in the transaction that changes
	// them. Announce is called after the commit.
	Follow func(ctx context.Context, tx pgx.Tx, account uuid.UUID) (announce func(context.Context), err error)

	pool   *pgxpool.Pool
	hasher *hasher
	now    func() time.Time // of the counters of failed sign-ins
}

// NewStore makes a store. Two passwords of strangers are checked at a time, and
// one of those who are known.
func NewStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, hasher: newHasher(), now: time.Now}
}

// SetCost is called before use, by tests of other things: what they wait for is not
// hashing. The cost of NewStore is the one RFC 9106 recommends.
func (s *Store) SetCost(c Cost) { s.hasher.cost = c }

const columns = `id, name, user_name, email, role, language, time_zone, station_id, disabled, created_at`

// ByID returns an account.
func (s *Store) ByID(ctx context.Context, id uuid.UUID) (Account, error) {
	const q = `select ` + columns + ` from accounts where id = $1`
	return s.one(ctx, q, id)
}

// ByUserName returns the account with a user name, in any case.
func (s *Store) ByUserName(ctx context.Context, userName string) (Account, error) {
	const q = `select ` + columns + ` from accounts where lower(user_name) = lower($1)`
	return s.one(ctx, q, userName)
}

func (s *Store) one(ctx context.Context, q string, args ...any) (Account, error) {
	rows, _ := s.pool.Query(ctx, q, args...)
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// All returns every account, by name.
func (s *Store) All(ctx context.Context) ([]Account, error) {
	const q = `select ` + columns + ` from accounts order by name collate "zh-x-icu", id`
	rows, _ := s.pool.Query(ctx, q)
	accounts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Account])
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}

// Any says whether the hub has an account yet.
func (s *Store) Any(ctx context.Context) (bool, error) {
	var any bool
	const q = `select exists (select from accounts)`
	if err := s.pool.QueryRow(ctx, q).Scan(&any); err != nil {
		return false, fmt.Errorf("look for accounts: %w", err)
	}
	return any, nil
}

// New is what an account is made of.
type New struct {
	Name, UserName, Email string
	Role                  Role
	Language, TimeZone    string
	StationID             *uuid.UUID
	// Password may be empty: the account is then opened by an invitation.
	Password string
}

// Create makes an account.
func (s *Store) Create(ctx context.Context, n New) (Account, error) {
	hash, err := s.hashOf(ctx, n)
	if err != nil {
		return Account{}, err
	}
	var a Account
	announce := nothing
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if a, err = create(ctx, tx, n, hash); err != nil {
			return err
		}
		if announce, err = s.follow(ctx, tx, a.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, "accounts.create", a.ID, map[string]any{"role": a.Role, "station": a.StationID})
	})
	if err == nil {
		announce(ctx)
	}
	return a, err
}

// hashOf checks a new account and makes the hash of its password, if it has one,
// before a transaction is begun: that takes its time.
func (s *Store) hashOf(ctx context.Context, n New) (hash string, err error) {
	if _, err := n.clean(); err != nil || n.Password == "" {
		return "", err
	}
	return s.hasher.hash(ctx, n.Password)
}

// record notes what was done to an account, in the transaction that does it.
func (s *Store) record(ctx context.Context, tx pgx.Tx, action string, account uuid.UUID, details map[string]any) error {
	if s.Audit == nil {
		return nil
	}
	return s.Audit.RecordIn(ctx, tx, action, account.String(), details)
}

// recordOwn is record for what somebody does who comes by a password or a link:
// nobody else is there to name.
func (s *Store) recordOwn(ctx context.Context, tx pgx.Tx, action string, account uuid.UUID) error {
	if s.Audit == nil {
		return nil
	}
	rows, _ := tx.Query(ctx, `select `+columns+` from accounts where id = $1`, account)
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
	if err != nil {
		return fmt.Errorf("read account: %w", err)
	}
	return s.record(WithAccount(ctx, a), tx, action, account, nil)
}

func nothing(context.Context) {}

func (s *Store) follow(ctx context.Context, tx pgx.Tx, account uuid.UUID) (announce func(context.Context), err error) {
	if s.Follow == nil {
		return nothing, nil
	}
	return s.Follow(ctx, tx, account)
}

// queryer is what a pool and a transaction have in common.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func create(ctx context.Context, tx pgx.Tx, n New, hash string) (Account, error) {
	n, err := n.clean()
	if err != nil {
		return Account{}, err
	}
	const q = `
insert into accounts (id, name, user_name, email, role, language, time_zone, station_id, password_hash)
values (@id, @name, @user_name, @email, @role, @language, @time_zone, @station, @hash)
returning ` + columns
	rows, _ := tx.Query(ctx, q, pgx.NamedArgs{
		"id": uuid.Must(uuid.NewV7()), "name": n.Name, "user_name": n.UserName, "email": n.Email, "role": n.Role,
		"language": n.Language, "time_zone": n.TimeZone, "station": n.StationID, "hash": hash,
	})
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", taken(err))
	}
	return a, nil
}

// taken turns a broken unique index into a word for the user.
func taken(err error) error {
	constraint, is := postgres.Duplicate(err)
	if !is {
		return err
	}
	switch constraint {
	case "accounts_user_name":
		return problem.New(http.StatusConflict, "user_name_taken", "another account has this user name").At("user_name")
	case "accounts_email":
		return problem.New(http.StatusConflict, "email_taken", "another account has this e-mail address").At("email")
	}
	return err
}

func (n New) normal() New {
	n.UserName, n.Email = strings.TrimSpace(n.UserName), strings.TrimSpace(n.Email)
	if n.Language == "" {
		n.Language = "zh-CN"
	}
	if n.TimeZone == "" {
		n.TimeZone = "Asia/Shanghai"
	}
	n.TimeZone = clock.Canonical(n.TimeZone)
	if n.Role != Station {
		n.StationID = nil // nobody else is of a station
	}
	return n
}

var userNamePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{1,39}$`)

// clean completes an account and checks it.
func (n New) clean() (New, error) {
	n = n.normal()
	var err error
	if n.Name, err = label.Required("name", n.Name, label.MaxName); err != nil {
		return n, err
	}
	if !userNamePattern.MatchString(n.UserName) {
		return n, problem.Invalid("user_name", "2 to 40 letters, digits, dots, dashes or underscores, beginning with a letter or digit")
	}
	if err := checkEmail(n.Email); err != nil {
		return n, err
	}
	if err := checkRole(n.Role); err != nil {
		return n, err
	}
	if n.Password != "" {
		if err := checkPassword("password", n.Password); err != nil {
			return n, err
		}
	}
	return n, checkLocale(n.Language, n.TimeZone)
}

func checkEmail(email string) error {
	if email == "" {
		return nil
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return problem.Invalid("email", "not an e-mail address")
	}
	return nil
}

func checkRole(role Role) error {
	switch role {
	case Admin, Staff, Station, Ambassador:
		return nil
	default:
		return problem.Invalid("role", "admin, staff, station or ambassador")
	}
}

func checkLocale(language, zone string) error {
	if language != "zh-CN" && language != "en" {
		return problem.Invalid("language", "zh-CN or en")
	}
	_, err := clock.Zone("time_zone", zone)
	return err
}

// Change holds the parts of an account to change; nil leaves one as it is.
type Change struct {
	Name, Email, Language, TimeZone *string
	Role                            *Role
	StationID                       *uuid.UUID
	Disabled                        *bool
}

// details are what the audit keeps of a change: what was set, but not the words.
func (c Change) details() map[string]any {
	d := map[string]any{}
	for name, set := range map[string]bool{"name": c.Name != nil, "email": c.Email != nil, "language": c.Language != nil, "time_zone": c.TimeZone != nil} {
		if set {
			d[name] = "changed"
		}
	}
	if c.Role != nil {
		d["role"] = *c.Role
	}
	if c.StationID != nil {
		d["station"] = *c.StationID
	}
	if c.Disabled != nil {
		d["disabled"] = *c.Disabled
	}
	return d
}

// Update changes an account. Disabling one, or changing its role, ends its sessions.
func (s *Store) Update(ctx context.Context, id uuid.UUID, c Change) (Account, error) {
	current, err := s.ByID(ctx, id)
	if err != nil {
		return Account{}, err
	}
	next, err := New{
		Name: or(c.Name, current.Name), UserName: current.UserName, Email: or(c.Email, current.Email),
		Role: or(c.Role, current.Role), Language: or(c.Language, current.Language), TimeZone: or(c.TimeZone, current.TimeZone),
		StationID: cmp.Or(c.StationID, current.StationID),
	}.clean()
	if err != nil {
		return Account{}, err
	}
	disabled, announce := or(c.Disabled, current.Disabled), nothing
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
update accounts set name = @name, email = @email, role = @role, language = @language,
    time_zone = @time_zone, station_id = @station, disabled = @disabled
where id = @id`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "name": next.Name, "email": next.Email, "role": next.Role, "language": next.Language,
			"time_zone": next.TimeZone, "station": next.StationID, "disabled": disabled,
		}); err != nil {
			return taken(err)
		}
		if disabled || next.Role != current.Role {
			if err := endSessions(ctx, tx, id); err != nil {
				return err
			}
		}
		if announce, err = s.follow(ctx, tx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, "accounts.change", id, c.details())
	})
	if err != nil {
		return Account{}, fmt.Errorf("update account: %w", err)
	}
	announce(ctx)
	return s.ByID(ctx, id)
}

func or[T any](value *T, otherwise T) T {
	if value != nil {
		return *value
	}
	return otherwise
}
