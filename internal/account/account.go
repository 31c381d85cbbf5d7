// Package account knows who may sign in: accounts and their roles, sign-in
// sessions, one-time invitations, and the guests of single meetings.
package account

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Role says what an account may do in the organisation.
type Role string

// The roles.
const (
	Admin      Role = "admin"
	Staff      Role = "staff"
	Station    Role = "station"
	Ambassador Role = "ambassador"
)

// Account is someone who can sign in.
type Account struct {
	ID        uuid.UUID
	Name      string
	UserName  string
	Email     string
	Role      Role
	Language  string
	TimeZone  string
	StationID *uuid.UUID
	Disabled  bool
	CreatedAt time.Time
}

// OfStation says whether the account is one of a station's own.
func (a Account) OfStation(station uuid.UUID) bool {
	return a.Role == Station && a.StationID != nil && *a.StationID == station
}

// IsStaff says whether the account works at the Federation itself.
func (a Account) IsStaff() bool { return a.Role == Admin || a.Role == Staff }

// Errors of this package, as users see them.
var (
	ErrSignedOut      = problem.New(http.StatusUnauthorized, "signed_out", "sign in first")
	ErrBadCredentials = problem.New(http.StatusUnauthorized, "bad_credentials", "name or password is wrong")
	ErrNotFound       = problem.NotFound("account")
	ErrLinkInvalid    = problem.New(http.StatusNotFound, "link_invalid", "this link is not valid, or no longer")
)

type ctxKey struct{}

// caller is who a request comes from.
type caller struct {
	account *Account
	session uuid.UUID
	guest   *Guest
	address string
}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(ctxKey{}).(caller)
	return c
}

// From returns the account a request comes from.
func From(ctx context.Context) (Account, bool) {
	if c := callerOf(ctx); c.account != nil {
		return *c.account, true
	}
	return Account{}, false
}

// Require returns the account a request comes from, or ErrSignedOut.
func Require(ctx context.Context) (Account, error) {
	if a, ok := From(ctx); ok {
		return a, nil
	}
	return Account{}, ErrSignedOut
}

// RequireStaff returns the caller when it works at the Federation.
func RequireStaff(ctx context.Context) (Account, error) {
	a, err := Require(ctx)
	if err == nil && !a.IsStaff() {
		return Account{}, problem.Forbidden("for staff only")
	}
	return a, err
}

// RequireAdmin returns the caller when it administers the hub.
func RequireAdmin(ctx context.Context) (Account, error) {
	a, err := Require(ctx)
	if err == nil && a.Role != Admin {
		return Account{}, problem.Forbidden("for administrators only")
	}
	return a, err
}

// GuestFrom returns the guest a request comes from.
func GuestFrom(ctx context.Context) (Guest, bool) {
	if c := callerOf(ctx); c.guest != nil {
		return *c.guest, true
	}
	return Guest{}, false
}

// Address returns the network address a request comes from.
func Address(ctx context.Context) string { return callerOf(ctx).address }

// WithAccount returns a context whose requests come from an account; for the
// socket, jobs on somebody's behalf, and tests.
func WithAccount(ctx context.Context, a Account) context.Context {
	c := callerOf(ctx)
	c.account = &a
	return context.WithValue(ctx, ctxKey{}, c)
}

// WithGuest returns a context whose requests come from a guest.
func WithGuest(ctx context.Context, g Guest) context.Context {
	c := callerOf(ctx)
	c.guest = &g
	return context.WithValue(ctx, ctxKey{}, c)
}
