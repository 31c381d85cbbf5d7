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

// Keep renews the rooms that this node has, with how many people meet in each.
// It returns those of them that another node took while this one was not heard
// of, and in which rooms of others how many meet. What it does not name any more
// runs out by itself: until then people are sent here, where they can meet just
// as well. The rows are locked in one order, so that nodes do not block each other.
func (l *Leases) Keep(ctx context.Context, rooms map[uuid.UUID]int) (lost []uuid.UUID, elsewhere map[uuid.UUID]int, err error) {
	const q = `
with forgotten as (
    delete from live_rooms where room_id in (
        select room_id from live_rooms
        where renewed_at < clock_timestamp() - 10 * @lease::interval and room_id <> all (@rooms) for update skip locked)
), over as (
    update live_rooms set people = 0 where node = @node and people > 0 and room_id <> all (@rooms)
        and renewed_at > clock_timestamp() - @lease::interval
), kept as (
    insert into live_rooms as held (room_id, node, people, renewed_at)
    select id, @node, people, clock_timestamp() from unnest(@rooms::uuid[], @people::int[]) as mine (id, people) order by id
    on conflict (room_id) do update set node = excluded.node, people = excluded.people, renewed_at = excluded.renewed_at
    where held.node = excluded.node or held.renewed_at < clock_timestamp() - @lease::interval
    returning room_id
)
select id, true as lost, 0 as people from unnest(@rooms::uuid[]) id where id not in (select room_id from kept)
union all
select room_id, false, people from live_rooms
where node <> @node and people > 0 and renewed_at > clock_timestamp() - @lease::interval`
	ids, people := make([]uuid.UUID, 0, len(rooms)), make([]int, 0, len(rooms))
	for id, n := range rooms {
		ids, people = append(ids, id), append(people, n)
	}
	rows, _ := l.pool.Query(ctx, q, pgx.NamedArgs{"rooms": ids, "people": people, "node": l.node, "lease": lease})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[keptRoom])
	if err != nil {
		return nil, nil, fmt.Errorf("keep live rooms: %w", err)
	}
	elsewhere = make(map[uuid.UUID]int)
	for _, r := range found {
		if r.Lost {
			lost = append(lost, r.ID)
		} else {
			elsewhere[r.ID] = r.People
		}
	}
	return lost, elsewhere, nil
}

// LiveElsewhere returns the rooms whose live side another node has.
func (l *Leases) LiveElsewhere(ctx context.Context) ([]uuid.UUID, error) {
	const q = `select room_id from live_rooms where node <> $1 and renewed_at > clock_timestamp() - $2::interval`
	rows, _ := l.pool.Query(ctx, q, l.node, lease)
	rooms, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read rooms of other nodes: %w", err)
	}
	return rooms, nil
}

// keptRoom is a room that was lost, or one of another node.
type keptRoom struct {
	ID     uuid.UUID
	Lost   bool
	People int
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
