package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// Unstorable says whether Postgres refused a value for what it is: a zero
// character, a number or a time out of range. The caller sent it, so it is the
// caller's to mend and no fault of the server.
func Unstorable(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch refused.Code { // class 22, data exception
	case "22021", "22P05", "22P02", "22003", "22007", "22008", "22001":
		return true
	}
	return false
}
