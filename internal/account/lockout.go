package account

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// A guard counts failed sign-ins under one key and makes the next attempt wait.
//
// Guessing from one address is slowed to a quarter of an hour; guessing one
// name from many addresses only to a minute, so that nobody can keep somebody
// else out for long; a device that is known is not concerned by others' guesses.
type guard struct {
	free    int           // failures that cost nothing
	longest time.Duration // the longest wait
}

func guards(login, address string) map[string]guard {
	address = budget.Network(address)
	return map[string]guard{
		"both:" + address + ":" + clip(login, 100): {free: 5, longest: 15 * time.Minute},
		"name:" + clip(login, 100):                 {free: 30, longest: time.Minute},
		"from:" + address:                          {free: 50, longest: 15 * time.Minute},
	}
}

// wait returns how long to wait after so many failures: doubling from a second.
func (g guard) wait(failures int) time.Duration {
	over := failures - g.free
	if over < 0 {
		return 0
	}
	return min(time.Second<<min(over, 20), g.longest)
}

// guardsOf are those of an attempt: a device that has signed in to this account
// before has a counter of its own, so that nobody elsewhere keeps its owner out.
func guardsOf(login string, d Device, known bool) map[string]guard {
	if known {
		return map[string]guard{"device:" + hex.EncodeToString(hashToken(d.Token)) + ":" + clip(login, 100): {free: 5, longest: 15 * time.Minute}}
	}
	return guards(login, d.Address)
}

// attempts are what is counted under a key.
type attempts struct {
	Key      string
	Failures int
	LastAt   time.Time
}

// lockedOut is nil when no counter makes the next attempt wait.
func lockedOut(set map[string]guard, counted []attempts, now time.Time) error {
	var longest time.Duration
	for _, a := range counted {
		longest = max(longest, set[a.Key].wait(a.Failures)-now.Sub(a.LastAt))
	}
	if longest <= 0 {
		return nil
	}
	return problem.New(http.StatusTooManyRequests, "locked_out", "too many failed attempts").
		With("retry_after", int(longest.Seconds())+1)
}

// look refuses an attempt that would have to wait, before it costs anything.
func (s *Store) look(ctx context.Context, set map[string]guard) error {
	const q = `select key, failures, last_at from sign_in_failures where key = any($1)`
	rows, _ := s.pool.Query(ctx, q, keys(set))
	counted, err := pgx.CollectRows(rows, pgx.RowToStructByName[attempts])
	if err != nil {
		return fmt.Errorf("read failed sign-ins: %w", err)
	}
	return lockedOut(set, counted, s.now())
}

// reserve counts an attempt as failed before it is known to be: of many at the
// same moment no more are checked than of many one after the other. The counters
// are locked in the order of their keys, so that attempts that share some wait
// for one another and never for each other. An hour without any clears them.
func (s *Store) reserve(ctx context.Context, set map[string]guard) error {
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const lock = `
insert into sign_in_failures as f (key, failures, last_at)
select k, 0, $2::timestamptz from unnest($1::text[]) k order by k
on conflict (key) do update set failures = case when f.last_at < $2::timestamptz - interval '1 hour' then 0 else f.failures end
returning key, failures, last_at`
		rows, _ := tx.Query(ctx, lock, keys(set), s.now())
		counted, err := pgx.CollectRows(rows, pgx.RowToStructByName[attempts])
		if err != nil {
			return err
		}
		if err := lockedOut(set, counted, s.now()); err != nil {
			return err
		}
		const count = `update sign_in_failures set failures = failures + 1, last_at = $2 where key = any($1)`
		_, err = tx.Exec(ctx, count, keys(set), s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	return nil
}

// giveBack takes an attempt that was none back from its counters, and clears
// those that are the asker's own.
func (s *Store) giveBack(ctx context.Context, set map[string]guard) error {
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const lock = `select from sign_in_failures where key = any($1) order by key for update`
		if _, err := tx.Exec(ctx, lock, keys(set)); err != nil {
			return err
		}
		const back = `
update sign_in_failures set failures = case when key like 'name:%' or key like 'from:%' then greatest(failures - 1, 0) else 0 end
where key = any($1)`
		if _, err := tx.Exec(ctx, back, keys(set)); err != nil {
			return err
		}
		const old = `
delete from sign_in_failures where key in (
    select key from sign_in_failures where last_at < $1::timestamptz - interval '1 day' limit 1000 for update skip locked)`
		_, err := tx.Exec(ctx, old, s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("take back an attempt: %w", err)
	}
	return nil
}

// keys are in order: whoever locks the rows of several locks them in it.
func keys(set map[string]guard) []string { return slices.Sorted(maps.Keys(set)) }
