package contacts

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// Errors of this package, as users see them.
var (
	ErrNotFound        = problem.NotFound("contact")
	ErrStationNotFound = problem.NotFound("station")
	ErrChanged         = problem.New(http.StatusConflict, "contact_changed", "somebody else has changed this contact")
)

// Accounts lists who can sign in; account.Store does.
type Accounts interface {
	All(ctx context.Context) ([]account.Account, error)
}

// Rooms makes and renames the rooms of stations.
type Rooms interface {
	CreateStationRoom(ctx context.Context, tx pgx.Tx, station uuid.UUID, title, titleEN string) (uuid.UUID, error)
	RenameRoom(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error
}

// Auditor remembers readings and changes; audit.Log does.
type Auditor interface {
	Record(ctx context.Context, action, object string, details map[string]any) error
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// Contacts is the address book.
type Contacts struct {
	pool     *pgxpool.Pool
	accounts Accounts
	rooms    Rooms
	audit    Auditor
	reader   *textsearch.Reader
}

// New returns the address book kept in a database.
func New(pool *pgxpool.Pool, accounts Accounts, rooms Rooms, audit Auditor) *Contacts {
	return &Contacts{pool: pool, accounts: accounts, rooms: rooms, audit: audit, reader: textsearch.NewReader()}
}

// scope is what a caller sees: everything, or the contacts of one station.
type scope struct {
	caller  account.Account
	station *uuid.UUID
}

// scopeOf returns the caller's scope, or why there is none.
func scopeOf(ctx context.Context) (scope, error) {
	a, err := account.Require(ctx)
	switch {
	case err != nil:
		return scope{}, err
	case a.IsStaff():
		return scope{caller: a}, nil
	case a.Role == account.Station && a.StationID != nil:
		return scope{caller: a, station: a.StationID}, nil
	default:
		return scope{}, problem.Forbidden("contacts are for staff, and for stations their own")
	}
}

// sees says whether a record belonging to a station, or to none, is in scope.
func (s scope) sees(station *uuid.UUID) bool {
	return s.station == nil || station != nil && *station == *s.station
}
