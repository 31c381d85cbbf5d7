package calls_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/calls"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// office is a room with people in it, and keeps what is told of its calls.
type office struct {
	*calls.Calls
	pool   *pgxpool.Pool
	room   uuid.UUID
	people []calls.Person

	mu        sync.Mutex
	attending map[uuid.UUID]uuid.UUID
	posted    map[uuid.UUID]int // entries by call, once for each try
	missed    []string          // names
	rung      []string          // names
	refuse    error             // what posting answers
}

func newOffice(t *testing.T, names ...string) *office {
	t.Helper()
	pool := pgtest.New(t)
	o := &office{pool: pool, room: uuid.New(), attending: map[uuid.UUID]uuid.UUID{}, posted: map[uuid.UUID]int{}}
	for _, name := range names {
		id := uuid.New()
		const q = `insert into accounts (id, name, user_name, role) values ($1, $2, $2, 'staff')`
		if _, err := pool.Exec(t.Context(), q, id, name); err != nil {
			t.Fatal(err)
		}
		o.people = append(o.people, calls.Person{ID: id, Name: name})
	}
	o.Calls = calls.New(calls.Deps{Pool: pool, Rooms: o, Meetings: o, Teller: o, Announcer: o})
	return o
}

// Members implements calls.Rooms: everybody is in every room but the empty one.
func (o *office) Members(_ context.Context, room uuid.UUID) ([]calls.Person, error) {
	if room == uuid.Nil {
		return nil, problem.NotFound("room")
	}
	return o.people, nil
}

// Post implements calls.Rooms.
func (o *office) Post(_ context.Context, c calls.Call) (uuid.UUID, int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != nil {
		return uuid.Nil, 0, o.refuse
	}
	o.posted[c.ID]++
	return c.ID, 1, nil
}

// Attending implements calls.Meetings.
func (o *office) Attending(context.Context, []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.attending, nil
}

// TellMissed implements calls.Teller.
func (o *office) TellMissed(_ context.Context, _ pgx.Tx, c calls.Call, _ calls.Entry) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range c.Missed() {
		o.missed = append(o.missed, p.Name)
	}
	return nil
}

// TellRinging implements calls.Teller.
func (o *office) TellRinging(ctx context.Context, c calls.Call) error {
	for _, p := range c.People {
		_, rings, err := o.Rings(ctx, c.ID, p.ID)
		if err != nil || rings != (p.State == calls.Ringing) {
			return fmt.Errorf("%s rings: %v, %w", p.Name, rings, err)
		}
		if rings {
			o.mu.Lock()
			o.rung = append(o.rung, p.Name)
			o.mu.Unlock()
		}
	}
	return nil
}

// CallChanged implements calls.Announcer.
func (o *office) CallChanged(context.Context, uuid.UUID) {}

func (o *office) ring(t *testing.T, by int, people ...int) calls.Call {
	t.Helper()
	c, err := o.Ring(t.Context(), o.people[by], o.room, o.ids(people))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o *office) ids(people []int) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(people))
	for _, i := range people {
		ids = append(ids, o.people[i].ID)
	}
	return ids
}

// later moves a call into the past, as if time had gone by.
func (o *office) later(t *testing.T, by string) {
	t.Helper()
	const q = `
update calls set rings_until = rings_until - $1::interval, started_at = started_at - $1::interval, ended_at = ended_at - $1::interval`
	if _, err := o.pool.Exec(t.Context(), q, by); err != nil {
		t.Fatal(err)
	}
}

func states(c calls.Call) map[string]calls.State {
	m := make(map[string]calls.State)
	for _, p := range c.People {
		m[p.Name] = p.State
	}
	return m
}

func TestACallIsAnsweredByEverybodyInTheirOwnWay(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周", "陈", "韦")
	c := o.ring(t, 0)
	if len(o.rung) != 3 {
		t.Errorf("closed pages of %v are rung", o.rung)
	}
	if len(c.People) != 3 || c.EndedAt != nil {
		t.Fatalf("ringing all: %+v", c)
	}
	if _, err := o.Answer(t.Context(), o.people[1].ID, c.ID, true); err != nil {
		t.Fatal(err)
	}
	c, err := o.Answer(t.Context(), o.people[2].ID, c.ID, false)
	if err != nil || c.EndedAt != nil || c.AnsweredAt == nil {
		t.Fatalf("one still rings: %+v, %v", c, err)
	}
	o.later(t, "46 seconds")
	if _, err := o.Answer(t.Context(), o.people[3].ID, c.ID, true); !errors.Is(err, calls.ErrAnswered) {
		t.Errorf("answering too late: %v", err)
	}
	if err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err = o.Read(t.Context(), c.ID)
	want := map[string]calls.State{"周": calls.Accepted, "陈": calls.Declined, "韦": calls.Missed}
	if err != nil || fmt.Sprint(states(c)) != fmt.Sprint(want) || c.EndedAt == nil {
		t.Errorf("in the end %v, %v", states(c), err)
	}
	if o.posted[c.ID] != 1 || !slices.Equal(o.missed, []string{"韦"}) {
		t.Errorf("%d entries, missed by %v", o.posted[c.ID], o.missed)
	}
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周", "陈")
	stranger := calls.Person{ID: uuid.New(), Name: "路人"}
	if _, err := o.Ring(t.Context(), stranger, o.room, nil); problem.Code(err) != "room_not_found" {
		t.Errorf("a stranger rings: %v", err)
	}
	if _, err := o.Ring(t.Context(), o.people[0], o.room, []uuid.UUID{stranger.ID}); problem.Code(err) != "invalid" {
		t.Errorf("a stranger is rung: %v", err)
	}
	if _, err := o.Ring(t.Context(), o.people[0], o.room, []uuid.UUID{o.people[0].ID}); !errors.Is(err, calls.ErrNobody) {
		t.Errorf("ringing oneself: %v", err)
	}
	c := o.ring(t, 0, 1)
	for name, do := range map[string]func() error{
		"a stranger answers": func() error { _, err := o.Answer(t.Context(), stranger.ID, c.ID, true); return err },
		"a member answers":   func() error { _, err := o.Answer(t.Context(), o.people[2].ID, c.ID, true); return err },
		"the caller answers": func() error { _, err := o.Answer(t.Context(), o.people[0].ID, c.ID, true); return err },
		"a stranger cancels": func() error { _, err := o.Cancel(t.Context(), stranger.ID, c.ID); return err },
		"no such call":       func() error { _, err := o.Cancel(t.Context(), o.people[0].ID, uuid.New()); return err },
	} {
		if err := do(); !errors.Is(err, calls.ErrNoCall) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.Cancel(t.Context(), o.people[1].ID, c.ID); problem.Code(err) != "forbidden" {
		t.Errorf("the callee cancels: %v", err)
	}
	many := newOffice(t, make([]string, 0)...)
	for i := range 52 {
		many.people = append(many.people, calls.Person{ID: uuid.New(), Name: fmt.Sprint(i)})
	}
	if _, err := many.Ring(t.Context(), many.people[0], many.room, nil); problem.Code(err) != "invalid" {
		t.Errorf("51 are rung at once: %v", err)
	}
}

func TestBusyIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周", "陈", "韦")
	o.attending[o.people[1].ID] = uuid.New() // in a meeting elsewhere
	o.attending[o.people[3].ID] = o.room     // in this room's meeting already
	c := o.ring(t, 0, 1, 3)
	if len(o.rung) != 0 {
		t.Errorf("%v are rung who are busy", o.rung)
	}
	if len(c.People) != 1 || states(c)["周"] != calls.Busy || c.EndedAt == nil || !slices.Equal(o.missed, []string{"周"}) {
		t.Errorf("a call of somebody busy: %+v, missed by %v", c, o.missed)
	}
	o.ring(t, 2, 0)
	elsewhere, err := o.Ring(t.Context(), o.people[1], uuid.New(), o.ids([]int{0}))
	if err != nil || states(elsewhere)["林"] != calls.Busy {
		t.Errorf("rung by two: %+v, %v", elsewhere, err)
	}
}

func TestRingingEachOtherIsMeeting(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周")
	first := o.ring(t, 0)
	again := o.ring(t, 0) // a retry, or another device
	if again.ID != first.ID || len(again.People) != 1 {
		t.Errorf("a second ringing: %+v", again)
	}
	back := o.ring(t, 1)
	if back.ID != first.ID || states(back)["周"] != calls.Accepted || back.EndedAt == nil {
		t.Errorf("ringing back: %+v", back)
	}
}

func TestNobodyIsRungAgainAndAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周")
	c := o.ring(t, 0)
	if _, err := o.Cancel(t.Context(), o.people[0].ID, c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Ring(t.Context(), o.people[0], o.room, nil); !errors.Is(err, calls.ErrTooOften) {
		t.Errorf("ringing at once again: %v", err)
	}
	o.later(t, "11 seconds")
	o.ring(t, 0)
	if c, err := o.Read(t.Context(), c.ID); err != nil || states(c)["周"] != calls.Cancelled || !slices.Equal(o.missed, []string{"周"}) {
		t.Errorf("the first call: %+v, %v, missed by %v", c, err, o.missed)
	}
}

// What races is decided once: exactly one of the two has happened.
func TestRaces(t *testing.T) {
	t.Parallel()
	type step func(o *office, c calls.Call) error
	accept := func(o *office, c calls.Call) error {
		_, err := o.Answer(context.Background(), o.people[1].ID, c.ID, true)
		return err
	}
	cancel := func(o *office, c calls.Call) error {
		_, err := o.Cancel(context.Background(), o.people[0].ID, c.ID)
		return err
	}
	timeOut := func(o *office, c calls.Call) error {
		ctx := context.Background()
		if _, err := o.pool.Exec(ctx, `update calls set rings_until = clock_timestamp() where id = $1`, c.ID); err != nil {
			return err
		}
		if err := o.Sweep(ctx); err != nil {
			return err
		}
		if c, err := o.Read(ctx, c.ID); err != nil || states(c)["周"] != calls.Missed {
			return errors.Join(err, calls.ErrAnswered)
		}
		return nil
	}
	for name, race := range map[string][2]step{
		"two devices accept": {accept, accept}, "accept and cancel": {accept, cancel}, "accept and time-out": {accept, timeOut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, "林", "周")
			for range 10 {
				o.later(t, "1 hour")
				c := o.ring(t, 0)
				var results [2]error
				var both sync.WaitGroup
				for i, do := range race {
					both.Go(func() { results[i] = do(o, c) })
				}
				both.Wait()
				won := 0
				for _, err := range results {
					if err == nil {
						won++
					} else if !errors.Is(err, calls.ErrAnswered) {
						t.Fatal(err)
					}
				}
				if won != 1 {
					t.Errorf("%d of two were told that it was theirs: %v", won, results)
				}
				if n := o.posted[c.ID]; n == 0 {
					t.Error("no entry")
				}
			}
		})
	}
}

// The node that ended a call dies before it told: another one does.
func TestWhatWasNotToldIsToldLater(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周")
	o.refuse = errors.New("the node is gone")
	c := o.ring(t, 0)
	if c, err := o.Answer(t.Context(), o.people[1].ID, c.ID, false); err != nil || c.EndedAt == nil {
		t.Fatalf("declined: %+v, %v", c, err)
	}
	o.refuse = nil
	o.later(t, "4 seconds")
	for range 2 {
		if err := o.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if o.posted[c.ID] != 1 || len(o.missed) != 0 {
		t.Errorf("%d entries, missed by %v", o.posted[c.ID], o.missed)
	}
}

func TestRecentCallsAreFoundByThoseConcerned(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "林", "周", "陈")
	c := o.ring(t, 0, 1)
	for i, want := range []int{1, 1, 0} {
		found, err := o.Recent(t.Context(), o.ids([]int{i}))
		if err != nil || len(found) != want || want == 1 && found[0].ID != c.ID {
			t.Errorf("person %d finds %+v, %v", i, found, err)
		}
	}
}
