package postgres

import (
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// uniqueViolation is the SQLSTATE of a broken unique constraint or index.
const uniqueViolation = "23505"

// Problem words any error for a user: the problem that it is; that what was sent
// cannot be stored, or that the database has no room now; or, for the rest, that
// something went wrong. The cause of an error of the server's own is hidden, and
// for the log.
func Problem(err error) (p *problem.Error, hidden bool) {
	p, is := errors.AsType[*problem.Error](err)
	switch {
	case is:
		return p, false
	case Unstorable(err):
		return problem.New(http.StatusUnprocessableEntity, "invalid", "contains what cannot be stored"), false
	case Unavailable(err):
		return problem.Unavailable(), true
	}
	return problem.Internal(), true
}

// Duplicate says whether a statement failed because what it wrote is there
// already, and names the constraint that says so.
func Duplicate(err error) (constraint string, is bool) {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || pgErr.Code != uniqueViolation {
		return "", false
	}
	return pgErr.ConstraintName, true
}

// Unavailable says whether a statement failed because the server could not be
// reached, went away, or has no room for it now: another attempt may succeed.
// Whether a transaction that was being committed is in is not known then.
func Unavailable(err error) bool {
	if errors.Is(err, ErrBusy) {
		return true
	}
	if _, is := errors.AsType[*pgconn.ConnectError](err); is {
		return true
	}
	if refused, is := errors.AsType[*pgconn.PgError](err); is {
		switch refused.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, operator intervention, system error
			return refused.Code != "57014" // a statement that took too long
		}
		return false
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || pgconn.SafeToRetry(err)
}
