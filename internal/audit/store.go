package audit

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Log is the audit.
type Log struct {
	pool *pgxpool.Pool
}

// New returns the audit kept in a database.
func New(pool *pgxpool.Pool) *Log {
	return &Log{pool: pool}
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Record adds what the caller in ctx has done; for reading and exporting.
func (l *Log) Record(ctx context.Context, action, object string, details map[string]any) error {
	return record(ctx, l.pool, action, object, details)
}

// RecordIn adds what the caller in ctx changes, in the transaction that
// changes it: neither is there without the other.
func (l *Log) RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error {
	return record(ctx, tx, action, object, details)
}

func record(ctx context.Context, db execer, action, object string, details map[string]any) error {
	var by *uuid.UUID
	name := "system"
	if a, ok := account.From(ctx); ok {
		by, name = &a.ID, a.Name
	} else if g, ok := account.GuestFrom(ctx); ok {
		by, name = &g.ID, g.Name
	}
	if details == nil {
		details = map[string]any{}
	}
	const q = `
insert into audit (account_id, name, address, action, object, details)
values (@by, @name, @address, @action, @object, @details)`
	if _, err := db.Exec(ctx, q, pgx.NamedArgs{
		"by": by, "name": name, "address": account.Address(ctx), "action": action, "object": object, "details": details,
	}); err != nil {
		return fmt.Errorf("audit %s of %s: %w", action, object, err)
	}
	return nil
}

// Query narrows a list of entries. Empty fields do not narrow.
type Query struct {
	Action, Object string
	By             *uuid.UUID
	Limit          int
	Cursor         string
}

// List returns a page of the audit, newest first; for administrators.
func (l *Log) List(ctx context.Context, q Query) (EntryPage, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return EntryPage{}, err
	}
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = 50
	}
	before := int64(0)
	if q.Cursor != "" {
		var err error
		if before, err = strconv.ParseInt(q.Cursor, 10, 64); err != nil {
			return EntryPage{}, problem.Invalid("cursor", "not a cursor of this list")
		}
	}
	const query = `
select id, at, account_id as by, name, address, action, object, details from audit
where (@before = 0 or id < @before) and (@action = '' or action = @action)
    and (@object = '' or object = @object) and (@by::uuid is null or account_id = @by)
order by id desc limit @limit`
	rows, _ := l.pool.Query(ctx, query, pgx.NamedArgs{
		"before": before, "action": q.Action, "object": q.Object, "by": q.By, "limit": q.Limit + 1,
	})
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return EntryPage{}, fmt.Errorf("read audit: %w", err)
	}
	page := EntryPage{Items: entries}
	if len(entries) > q.Limit {
		page.Items = entries[:q.Limit]
		next := strconv.FormatInt(page.Items[q.Limit-1].ID, 10)
		page.NextCursor = &next
	}
	return page, nil
}
