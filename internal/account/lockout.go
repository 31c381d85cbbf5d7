package account

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
)

// A guard counts failed sign-ins under one key and makes the next attempt wait.
//
// Guessing from one address is slowed to a quarter of an hour; guessing one
// name from many addresses only to a minute, so that nobody can keep somebody
// else out for long.
type guard struct {
	free    int           // failures that cost nothing
	longest time.Duration // the longest wait
}

func guards(login, address string) map[string]guard {
	address = network(address)
	return map[string]guard{
		"both:" + address + ":" + clip(login, 100): {free: 5, longest: 15 * time.Minute},
		"name:" + clip(login, 100):                 {free: 30, longest: time.Minute},
		"from:" + address:                          {free: 50, longest: 15 * time.Minute},
	}
}

// network is what one customer of a provider has: an IPv4 address, or the /64
// of an IPv6 address, all of whose addresses are theirs.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// wait returns how long to wait after so many failures: doubling from a second.
func (g guard) wait(failures int) time.Duration {
	over := failures - g.free
	if over < 0 {
		return 0
	}
	return min(time.Second<<min(over, 20), g.longest)
}

// blockedFor returns how long this name must wait at this address.
func (s *Store) blockedFor(ctx context.Context, login, address string) (time.Duration, error) {
	set := guards(login, address)
	const q = `select key, failures, extract(epoch from now() - last_at)::float8 as ago from sign_in_failures where key = any($1)`
	type row struct {
		Key      string
		Failures int
		Ago      float64
	}
	rows, _ := s.pool.Query(ctx, q, keys(set))
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, fmt.Errorf("read failed sign-ins: %w", err)
	}
	var longest time.Duration
	for _, f := range found {
		left := set[f.Key].wait(f.Failures) - time.Duration(f.Ago*float64(time.Second))
		longest = max(longest, left)
	}
	return longest, nil
}

// countFailure adds one failure to each counter; an hour without any clears it.
func (s *Store) countFailure(ctx context.Context, login, address string) error {
	const q = `
insert into sign_in_failures as f (key, failures, last_at)
select unnest($1::text[]), 1, now()
on conflict (key) do update set last_at = now(),
    failures = case when f.last_at < now() - interval '1 hour' then 1 else f.failures + 1 end`
	if _, err := s.pool.Exec(ctx, q, keys(guards(login, address))); err != nil {
		return fmt.Errorf("count failed sign-in: %w", err)
	}
	return nil
}

// forgetFailures clears the counter of a name at the address that knew the
// password, and takes the attempt that was none back from the others.
func (s *Store) forgetFailures(ctx context.Context, login, address string) error {
	const q = `delete from sign_in_failures where key = any($1) or last_at < now() - interval '1 day'`
	both := "both:" + network(address) + ":" + clip(login, 100)
	if _, err := s.pool.Exec(ctx, q, []string{both}); err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	const back = `update sign_in_failures set failures = greatest(failures - 1, 0) where key = any($1)`
	if _, err := s.pool.Exec(ctx, back, keys(guards(login, address))); err != nil {
		return fmt.Errorf("take back an attempt: %w", err)
	}
	return nil
}

func keys(set map[string]guard) []string {
	list := make([]string, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	return list
}
