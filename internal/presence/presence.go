// Package presence keeps who is online at which node, and which node has the live
// side of which room. Each node holds leases in Postgres, by the database's
// clock: what a node said is good until its lease runs out, so that those of a
// killed node are offline a little later, its rooms are free for another, and the
// nodes' own clocks do not matter.
package presence

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lease is how long a node that says nothing more counts as running.
const lease = 10 * time.Second

// Leases is the presence as one node writes and reads it.
type Leases struct {
	pool    *pgxpool.Pool
	node    uuid.UUID
	address string
}

// New makes the leases of a node that is starting. The address is how the other
// nodes reach it; without one it holds no rooms, since nobody could be sent there.
func New(pool *pgxpool.Pool, address string) *Leases {
	return &Leases{pool: pool, node: uuid.New(), address: address}
}

// Renew says which accounts are online at this node, and returns those that are
// online at others.
func (l *Leases) Renew(ctx context.Context, here []uuid.UUID) (elsewhere []uuid.UUID, err error) {
	const q = `
with mine as (
    insert into presence (node, accounts, address, renewed_at)
    values (@node, coalesce(@here::uuid[], '{}'), @address, clock_timestamp())
    on conflict (node) do update
    set accounts = excluded.accounts, address = excluded.address, renewed_at = excluded.renewed_at
), forgotten as (
    delete from presence where node <> @node and renewed_at < clock_timestamp() - 10 * @lease::interval
)
select distinct unnest(accounts) from presence where node <> @node and renewed_at > clock_timestamp() - @lease::interval`
	rows, _ := l.pool.Query(ctx, q, pgx.NamedArgs{"node": l.node, "address": l.address, "here": here, "lease": lease})
	elsewhere, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("renew presence: %w", err)
	}
	return elsewhere, nil
}

// End gives the leases up: the node is stopping.
func (l *Leases) End(ctx context.Context) error {
	const q = `with rooms as (delete from live_rooms where node = $1) delete from presence where node = $1`
	if _, err := l.pool.Exec(ctx, q, l.node); err != nil {
		return fmt.Errorf("end presence: %w", err)
	}
	return nil
}
