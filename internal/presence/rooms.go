package presence

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Self is this node, as others name it; uuid.Nil when they cannot reach it.
func (l *Leases) Self() uuid.UUID {
	if l.address == "" {
		return uuid.Nil
	}
	return l.node
}

// Claim takes the live side of a room for this node, unless another one that
// runs has it, and says whose it is now. Of several that claim a room at once
// one gets it: each sees the row as the one before it left it.
func (l *Leases) Claim(ctx context.Context, room uuid.UUID) (owner uuid.UUID, err error) {
	const q = `
insert into live_rooms as held (room_id, node, renewed_at) values (@room, @node, clock_timestamp())
on conflict (room_id) do update set (node, renewed_at) = (
    select case when free then excluded.node else held.node end,
        case when free then excluded.renewed_at else held.renewed_at end
    from (select held.node = excluded.node or held.renewed_at < clock_timestamp() - @lease::interval or not exists (
        select from presence p where p.node = held.node and p.renewed_at > clock_timestamp() - @lease::interval)) as f (free))
returning node`
	err = l.pool.QueryRow(ctx, q, pgx.NamedArgs{"room": room, "node": l.node, "lease": lease}).Scan(&owner)
	if err != nil {
		return uuid.Nil, fmt.Errorf("claim live room %s: %w", room, err)
	}
	return owner, nil
}

// Keep renews the rooms that this node has, and returns those of them that
// another node took while it was not heard of. What it does not name any more
// runs out by itself: until then people are sent here, where they can meet just
// as well. The rows are locked in one order, so that nodes do not block each other.
func (l *Leases) Keep(ctx context.Context, rooms []uuid.UUID) (lost []uuid.UUID, err error) {
	const q = `
with forgotten as (
    delete from live_rooms where room_id in (
        select room_id from live_rooms
        where renewed_at < clock_timestamp() - 10 * @lease::interval and room_id <> all (@rooms) for update skip locked)
), kept as (
    insert into live_rooms as held (room_id, node, renewed_at)
    select id, @node, clock_timestamp() from unnest(@rooms::uuid[]) id order by id
    on conflict (room_id) do update set node = excluded.node, renewed_at = excluded.renewed_at
    where held.node = excluded.node or held.renewed_at < clock_timestamp() - @lease::interval
    returning room_id
)
select id from unnest(@rooms::uuid[]) id where id not in (select room_id from kept)`
	if rooms == nil {
		rooms = []uuid.UUID{}
	}
	rows, _ := l.pool.Query(ctx, q, pgx.NamedArgs{"rooms": rooms, "node": l.node, "lease": lease})
	lost, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("keep live rooms: %w", err)
	}
	return lost, nil
}

// Address is how to reach another node that runs; empty when there is no way.
func (l *Leases) Address(ctx context.Context, node uuid.UUID) (address string, err error) {
	const q = `select address from presence where node = $1 and renewed_at > clock_timestamp() - $2::interval`
	err = l.pool.QueryRow(ctx, q, node, lease).Scan(&address)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read address of node %s: %w", node, err)
	}
	return address, nil
}
