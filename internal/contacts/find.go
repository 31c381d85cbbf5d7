package contacts

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// Find returns the first contacts that the caller may see and that hold what
// was typed: characters, pinyin, initials, Latin words from their beginning, or
// the end of a telephone number. Who may see no contacts finds none.
func (c *Contacts) Find(ctx context.Context, query string, limit int) ([]ContactRow, error) {
	s, err := scopeOf(ctx)
	words := c.reader.Terms(query)
	candidates := textsearch.NamesQuery(words)
	if err != nil || candidates == "" {
		return nil, nil //nolint:nilerr // without a scope there is nothing to find, which is no fault
	}
	cond := &conditions{args: pgx.NamedArgs{}}
	cond.add("c.search @@ " + cond.arg(candidates) + "::text::tsquery")
	if s.station != nil {
		cond.add("c.station_id = " + cond.arg(*s.station))
	}
	cond.find(words)
	q := "select" + rowColumns + fromContacts + cond.where() + "\norder by c.sort_key, c.id limit " + cond.arg(limit)
	// Planned anew each time: whether a query is common or rare decides the way.
	rows, _ := c.pool.Query(ctx, q, pgx.QueryExecModeDescribeExec, cond.args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[ContactRow])
	if err != nil {
		return nil, fmt.Errorf("find contacts: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, c.audit.Record(ctx, "contacts.search", "contacts", map[string]any{"count": len(found), "query": c.reader.Fold(query)})
}

// Colleagues finds accounts and stations, as People does, without contacts.
func (c *Contacts) Colleagues(ctx context.Context, query string) ([]Pick, error) {
	caller, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	stations, err := c.Stations(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := c.accounts.All(ctx)
	if err != nil {
		return nil, err
	}
	return append(c.pickAccounts(caller, accounts, stations, query), c.pickStations(stations, query)...), nil
}

const (
	indexBatch = 200
	indexPause = 50 * time.Millisecond
	indexRetry = 30 * time.Second
)

// IndexOld makes the keys of contacts that were saved before keys knew
// traditional characters, and returns when all have them.
func (c *Contacts) IndexOld(ctx context.Context, log *slog.Logger) error {
	for {
		n, err := c.indexSome(ctx)
		pause := indexPause
		switch {
		case ctx.Err() != nil || err == nil && n == 0:
			return nil //nolint:nilerr // it goes on at the next start
		case err != nil:
			log.WarnContext(ctx, "old contacts could not be made searchable", "err", err)
			pause = indexRetry
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (c *Contacts) indexSome(ctx context.Context) (n int, err error) {
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `select id from contacts where search is null order by id limit $1 for update skip locked`
		rows, _ := tx.Query(ctx, q, indexBatch)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		n = len(ids)
		if err != nil {
			return fmt.Errorf("find contacts without keys: %w", err)
		}
		return c.rekey(ctx, tx, ids)
	})
	return n, err
}
