package audit

import (
	"context"
	"fmt"
	"strconv"
	"time"

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

// seenFor is how long the same reading of the same thing is one.
const seenFor = time.Hour

// RecordOnce is Record for what is read in many pieces, as a film is: the first
// access of a person counts, whatever it asks for, and the next one after an hour.
func (l *Log) RecordOnce(ctx context.Context, action, object string, details map[string]any) error {
	by := byOf(ctx)
	if details == nil {
		details = map[string]any{}
	}
	var noted bool
	const q = `
select exists (select from audit where object = @object and action = @action and account_id is not distinct from @by
    and details = @details::jsonb and at > now() - @for::interval)`
	if err := l.pool.QueryRow(ctx, q, pgx.NamedArgs{"object": object, "action": action, "by": by.id, "details": details, "for": seenFor}).Scan(&noted); err != nil {
		return fmt.Errorf("look for %s of %s in the audit: %w", action, object, err)
	}
	if noted {
		return nil
	}
	return record(ctx, l.pool, action, object, details)
}

type actor struct {
	id   *uuid.UUID
	name string
}

func byOf(ctx context.Context) actor {
	if a, ok := account.From(ctx); ok {
		return actor{&a.ID, a.Name}
	}
	if g, ok := account.GuestFrom(ctx); ok {
		return actor{&g.ID, g.Name}
	}
	return actor{name: "system"}
}

// RecordIn adds what the caller in ctx changes, in the transaction that
// changes it: neither is there without the other.
func (l *Log) RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error {
	return record(ctx, tx, action, object, details)
}

func record(ctx context.Context, db execer, action, object string, details map[string]any) error {
	by := byOf(ctx)
	if details == nil {
		details = map[string]any{}
	}
	const q = `
insert into audit (account_id, name, address, action, object, details)
values (@by, @name, @address, @action, @object, @details)`
	if _, err := db.Exec(ctx, q, pgx.NamedArgs{
		"by": by.id, "name": by.name, "address": account.Address(ctx), "action": action, "object": object, "details": details,
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
