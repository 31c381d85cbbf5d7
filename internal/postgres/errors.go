package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// uniqueViolation is the SQLSTATE of a broken unique constraint or index.
const uniqueViolation = "23505"

// Duplicate says whether a statement failed because what it wrote is there
// already, and names the constraint that says so.
func Duplicate(err error) (constraint string, is bool) {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || pgErr.Code != uniqueViolation {
		return "", false
	}
	return pgErr.ConstraintName, true
}
