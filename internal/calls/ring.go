package calls

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Ring rings people of a room, or all of its other members when none are
// named. While a call rings in the room, ringing again adds to it; who is being
// rung by it accepts it so.
func (c *Calls) Ring(ctx context.Context, by Person, room uuid.UUID, people []uuid.UUID) (Call, error) {
	chosen, err := c.choose(ctx, by, room, people)
	if err != nil {
		return Call{}, err
	}
	if err := c.endOverdue(ctx); err != nil { // nobody is busy for a call that is over
		return Call{}, err
	}
	attending, err := c.Meetings.Attending(ctx, chosen)
	if err != nil {
		return Call{}, fmt.Errorf("ring: %w", err)
	}
	wish := ringing{by: by, room: room}
	for _, id := range chosen {
		switch at, in := attending[id]; {
		case !in:
			wish.ring = append(wish.ring, id)
		case at != room: // who is in this room's meeting need not be rung
			wish.busy = append(wish.busy, id)
		}
	}
	var id uuid.UUID
	err = postgres.InTx(ctx, c.Pool, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = wish.carryOut(ctx, tx)
		return err
	})
	if err != nil {
		return Call{}, fmt.Errorf("ring: %w", err)
	}
	call, err := c.changed(ctx, id)
	if err == nil && call.EndedAt == nil {
		_ = c.Teller.TellRinging(ctx, call) // it rings on open pages, told or not
	}
	return call, err
}

// Rings says whether a call is ringing an account now, and who rings.
func (c *Calls) Rings(ctx context.Context, call, account uuid.UUID) (by string, rings bool, err error) {
	const q = `
select c.by_name from call_people p join calls c on c.id = p.call_id
where c.id = $1 and p.account_id = $2 and p.state = 'ringing' and c.rings_until > clock_timestamp()`
	err = c.Pool.QueryRow(ctx, q, call, account).Scan(&by)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look whether a call rings: %w", err)
	}
	return by, true, nil
}

// choose checks who is to be rung, and returns them in order, so that two calls
// that ring the same people cannot wait for each other.
func (c *Calls) choose(ctx context.Context, by Person, room uuid.UUID, people []uuid.UUID) ([]uuid.UUID, error) {
	members, err := c.Rooms.Members(ctx, room)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(members))
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	if !slices.Contains(ids, by.ID) {
		return nil, problem.NotFound("room")
	}
	chosen := people
	if len(people) == 0 {
		chosen = ids
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(id uuid.UUID) bool { return id == by.ID })
	slices.SortFunc(chosen, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	chosen = slices.Compact(chosen)
	for _, id := range chosen {
		if !slices.Contains(ids, id) {
			return nil, problem.Invalid("people", "members of the room")
		}
	}
	if len(chosen) > maxPeople {
		return nil, problem.Invalid("people", "at most %d at once", maxPeople)
	}
	if len(chosen) == 0 {
		return nil, ErrNobody
	}
	return chosen, nil
}

// ringing is a call on its way into the database.
type ringing struct {
	by         Person
	room       uuid.UUID
	ring, busy []uuid.UUID
}

// carryOut begins a call, or adds to the one that rings in the room.
func (r ringing) carryOut(ctx context.Context, tx pgx.Tx) (uuid.UUID, error) {
	if len(r.ring)+len(r.busy) == 0 {
		return uuid.Nil, ErrNobody
	}
	call, isNew, err := r.open(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	if !isNew {
		const accept = `update call_people set state = 'accepted' where call_id = $1 and account_id = $2 and state = 'ringing'`
		tag, err := tx.Exec(ctx, accept, call, r.by.ID)
		if err != nil {
			return uuid.Nil, err
		}
		if tag.RowsAffected() == 1 {
			return call, settle(ctx, tx, call)
		}
	}
	if err := r.notTooOften(ctx, tx, call); err != nil {
		return uuid.Nil, err
	}
	if err := r.add(ctx, tx, call); err != nil {
		return uuid.Nil, err
	}
	return call, settle(ctx, tx, call)
}

// open makes the room's call, or locks the one that is ringing.
func (r ringing) open(ctx context.Context, tx pgx.Tx) (call uuid.UUID, isNew bool, err error) {
	const insert = `
insert into calls (id, room_id, by_id, by_name, rings_until) values (@id, @room, @by, @name, clock_timestamp() + @ring::interval)
on conflict (room_id) where ended_at is null do nothing returning id`
	err = tx.QueryRow(ctx, insert, pgx.NamedArgs{
		"id": uuid.Must(uuid.NewV7()), "room": r.room, "by": r.by.ID, "name": r.by.Name, "ring": ringFor,
	}).Scan(&call)
	if !errors.Is(err, pgx.ErrNoRows) {
		return call, true, err
	}
	const find = `select id from calls where room_id = $1 and ended_at is null for update`
	err = tx.QueryRow(ctx, find, r.room).Scan(&call)
	if errors.Is(err, pgx.ErrNoRows) { // it ended this moment
		err = ErrAnswered
	}
	return call, false, err
}

// notTooOften refuses a caller who rings the same people again and again.
func (r ringing) notTooOften(ctx context.Context, tx pgx.Tx, call uuid.UUID) error {
	const q = `
select exists (select from calls c join call_people p on p.call_id = c.id
        where c.by_id = @by and c.id <> @call and c.started_at > clock_timestamp() - @again::interval and p.account_id = any(@people))
    or (select count(*) from calls c where c.by_id = @by and c.started_at > clock_timestamp() - interval '1 minute') > @most`
	var often bool
	err := tx.QueryRow(ctx, q, pgx.NamedArgs{
		"by": r.by.ID, "call": call, "again": again, "people": append(slices.Clone(r.ring), r.busy...), "most": perMinute,
	}).Scan(&often)
	if err == nil && often {
		err = ErrTooOften
	}
	return err
}

// add puts people into the call. Who is being rung by another call is busy; the
// index decides that also between two calls that begin in the same moment.
func (r ringing) add(ctx context.Context, tx pgx.Tx, call uuid.UUID) error {
	const ring = `
insert into call_people (call_id, account_id, name, state)
select $1, a.id, a.name, 'ringing' from accounts a where a.id = any($2) and not a.disabled
    and not exists (select from call_people p where p.call_id = $1 and p.account_id = a.id)
order by a.id on conflict (account_id) where state = 'ringing' do nothing`
	if _, err := tx.Exec(ctx, ring, call, r.ring); err != nil {
		return err
	}
	const busy = `
insert into call_people (call_id, account_id, name, state)
select $1, a.id, a.name, 'busy' from accounts a where a.id = any($2) and not a.disabled
on conflict (call_id, account_id) do nothing`
	if _, err := tx.Exec(ctx, busy, call, append(slices.Clone(r.ring), r.busy...)); err != nil {
		return err
	}
	const anybody = `select exists (select from call_people where call_id = $1)`
	var found bool
	err := tx.QueryRow(ctx, anybody, call).Scan(&found)
	if err == nil && !found {
		err = ErrNobody
	}
	return err
}

// Answer accepts a call or declines it, for all devices of a person. Of two
// devices that answer at once, one has answered.
func (c *Calls) Answer(ctx context.Context, by, call uuid.UUID, accept bool) (Call, error) {
	state := Declined
	if accept {
		state = Accepted
	}
	return c.step(ctx, call, func(tx pgx.Tx) error {
		const known = `select exists (select from call_people where call_id = $1 and account_id = $2)`
		var is bool
		if err := tx.QueryRow(ctx, known, call, by).Scan(&is); err != nil {
			return err
		}
		if !is {
			return ErrNoCall
		}
		const q = `
update call_people p set state = $3 from calls c
where c.id = p.call_id and c.id = $1 and p.account_id = $2 and p.state = 'ringing' and c.rings_until > clock_timestamp()`
		tag, err := tx.Exec(ctx, q, call, by, state)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrAnswered
		}
		return err
	})
}

// Cancel stops the ringing; the caller may.
func (c *Calls) Cancel(ctx context.Context, by, call uuid.UUID) (Call, error) {
	return c.step(ctx, call, func(tx pgx.Tx) error {
		const mine = `select by_id = $2, ended_at is not null, exists (select from call_people where call_id = $1 and account_id = $2) from calls where id = $1`
		var caller, ended, callee bool
		if err := tx.QueryRow(ctx, mine, call, by).Scan(&caller, &ended, &callee); err != nil {
			return err
		}
		switch {
		case !caller && !callee:
			return ErrNoCall
		case !caller:
			return problem.Forbidden("only who rang cancels a call")
		case ended:
			return ErrAnswered
		}
		_, err := tx.Exec(ctx, `update call_people set state = 'cancelled' where call_id = $1 and state = 'ringing'`, call)
		return err
	})
}

// step carries out one change of a call, alone: its row is locked meanwhile.
func (c *Calls) step(ctx context.Context, call uuid.UUID, change func(tx pgx.Tx) error) (Call, error) {
	err := postgres.InTx(ctx, c.Pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `select from calls where id = $1 for update`, call)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNoCall
		}
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		return settle(ctx, tx, call)
	})
	if err != nil {
		return Call{}, fmt.Errorf("change call: %w", err)
	}
	return c.changed(ctx, call)
}

// settle follows a change: the call has another version, the moment it was
// answered, and its end once nobody is being rung.
func settle(ctx context.Context, tx pgx.Tx, call uuid.UUID) error {
	const q = `
update calls c set version = version + 1,
    answered_at = case when answered_at is null and p.accepted then clock_timestamp() else answered_at end,
    ended_at = case when p.ringing then null else clock_timestamp() end
from (select coalesce(bool_or(state = 'accepted'), false) as accepted, coalesce(bool_or(state = 'ringing'), false) as ringing
    from call_people where call_id = $1) p
where c.id = $1`
	_, err := tx.Exec(ctx, q, call)
	return err
}

// changed announces a call and, when it has ended, tells what became of it.
func (c *Calls) changed(ctx context.Context, id uuid.UUID) (Call, error) {
	c.Announcer.CallChanged(ctx, id)
	call, err := c.Read(ctx, id)
	if err != nil || call.EndedAt == nil {
		return call, err
	}
	// The call is what it is, told or not: the sweep tells it again.
	_ = c.tell(ctx, call)
	return call, nil
}
