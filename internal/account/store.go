package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Store keeps accounts, sessions and invitations.
type Store struct {
	pool   *pgxpool.Pool
	hasher *hasher
}

// NewStore makes a store. Two passwords are checked at a time.
func NewStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, hasher: newHasher(2)}
}

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
	return create(ctx, s.pool, s.hasher, n)
}

// queryer is what a pool and a transaction have in common.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func create(ctx context.Context, db queryer, h *hasher, n New) (Account, error) {
	n = n.normal()
	if err := n.check(); err != nil {
		return Account{}, err
	}
	hash := ""
	if n.Password != "" {
		var err error
		if hash, err = h.hash(ctx, n.Password); err != nil {
			return Account{}, err
		}
	}
	const q = `
insert into accounts (id, name, user_name, email, role, language, time_zone, station_id, password_hash)
values (@id, @name, @user_name, @email, @role, @language, @time_zone, @station, @hash)
returning ` + columns
	rows, _ := db.Query(ctx, q, pgx.NamedArgs{
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
	n.Name, n.UserName, n.Email = strings.TrimSpace(n.Name), strings.TrimSpace(n.UserName), strings.TrimSpace(n.Email)
	if n.Language == "" {
		n.Language = "zh-CN"
	}
	if n.TimeZone == "" {
		n.TimeZone = "Asia/Shanghai"
	}
	return n
}

var userNamePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{1,39}$`)

func (n New) check() error {
	if err := CheckName("name", n.Name); err != nil {
		return err
	}
	if !userNamePattern.MatchString(n.UserName) {
		return problem.Invalid("user_name", "2 to 40 letters, digits, dots, dashes or underscores, beginning with a letter or digit")
	}
	if err := checkEmail(n.Email); err != nil {
		return err
	}
	if err := checkRole(n.Role); err != nil {
		return err
	}
	if n.Password != "" {
		if err := checkPassword("password", n.Password); err != nil {
			return err
		}
	}
	return checkLocale(n.Language, n.TimeZone)
}

// CheckName checks a name that others will see: 1 to 80 characters, nothing
// that changes how the text around it is read.
func CheckName(field, name string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > 80 {
		return problem.Invalid(field, "1 to 80 characters")
	}
	return CheckPlain(field, name)
}

// CheckPlain checks one line of text that others will see among other text: no
// control characters, nothing that turns the direction of reading.
func CheckPlain(field, text string) error {
	if strings.ContainsFunc(text, isControl) {
		return problem.Invalid(field, "contains control characters")
	}
	return nil
}

// isControl finds control characters and those that turn the direction of text.
func isControl(r rune) bool {
	return r < 0x20 || (r >= 0x7f && r <= 0x9f) || r == utf8.RuneError || r == 0x061c ||
		(r >= 0x2028 && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0x200e || r == 0x200f
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
	if zone == "Local" || zone == "" {
		return problem.Invalid("time_zone", "an IANA time zone such as Asia/Shanghai")
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return problem.Invalid("time_zone", "an IANA time zone such as Asia/Shanghai")
	}
	return nil
}

// Change holds the parts of an account to change; nil leaves one as it is.
type Change struct {
	Name, Email, Language, TimeZone *string
	Role                            *Role
	StationID                       *uuid.UUID
	Disabled                        *bool
}

// Update changes an account. Disabling one, or changing its role, ends its sessions.
func (s *Store) Update(ctx context.Context, id uuid.UUID, c Change) (Account, error) {
	current, err := s.ByID(ctx, id)
	if err != nil {
		return Account{}, err
	}
	next := New{
		Name: or(c.Name, current.Name), UserName: current.UserName, Email: or(c.Email, current.Email),
		Role: or(c.Role, current.Role), Language: or(c.Language, current.Language), TimeZone: or(c.TimeZone, current.TimeZone),
	}.normal()
	if err := next.check(); err != nil {
		return Account{}, err
	}
	disabled := or(c.Disabled, current.Disabled)
	station := current.StationID
	if c.StationID != nil {
		station = c.StationID
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		const q = `
update accounts set name = @name, email = @email, role = @role, language = @language,
    time_zone = @time_zone, station_id = @station, disabled = @disabled
where id = @id`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "name": next.Name, "email": next.Email, "role": next.Role, "language": next.Language,
			"time_zone": next.TimeZone, "station": station, "disabled": disabled,
		}); err != nil {
			return taken(err)
		}
		if disabled || next.Role != current.Role {
			return endSessions(ctx, tx, id)
		}
		return nil
	})
	if err != nil {
		return Account{}, fmt.Errorf("update account: %w", err)
	}
	return s.ByID(ctx, id)
}

func or[T any](value *T, otherwise T) T {
	if value != nil {
		return *value
	}
	return otherwise
}
