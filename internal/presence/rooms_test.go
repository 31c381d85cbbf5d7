package presence

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

// running makes a node that has said that it runs.
func running(t *testing.T, pool *pgxpool.Pool, address string) *Leases {
	t.Helper()
	l := New(pool, address)
	if _, err := l.Renew(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// claim claims a room for a node and returns whose it is.
func claim(t *testing.T, l *Leases, room uuid.UUID) uuid.UUID {
	t.Helper()
	owner, err := l.Claim(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	return owner
}

func keep(t *testing.T, l *Leases, rooms ...uuid.UUID) (lost []uuid.UUID) {
	t.Helper()
	people := make(map[uuid.UUID]int)
	for _, id := range rooms {
		people[id] = 1
	}
	lost, _, err := l.Keep(t.Context(), people)
	if err != nil {
		t.Fatal(err)
	}
	return lost
}

// age moves the clock of a row, as if nothing had been heard for so long.
func age(t *testing.T, pool *pgxpool.Pool, table string, node uuid.UUID, by string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), `update `+table+` set renewed_at = renewed_at - $2::interval where node = $1`, node, by); err != nil {
		t.Fatal(err)
	}
}

func TestOneOfManyGetsARoom(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	room := uuid.New()
	var nodes []*Leases
	for range 8 {
		nodes = append(nodes, running(t, pool, "http://node"))
	}
	owners := make([]uuid.UUID, len(nodes))
	var all sync.WaitGroup
	for i, l := range nodes {
		all.Go(func() {
			owner, err := l.Claim(t.Context(), room)
			if err != nil {
				t.Errorf("claim: %v", err)
			}
			owners[i] = owner
		})
	}
	all.Wait()
	for _, owner := range owners {
		if owner != owners[0] || owner == uuid.Nil {
			t.Fatalf("the nodes were told different owners: %v", owners)
		}
	}
	if i := slices.IndexFunc(nodes, func(l *Leases) bool { return l.node == owners[0] }); i < 0 || claim(t, nodes[i], room) != owners[0] {
		t.Errorf("the owner %s is none of the nodes, or lost the room by claiming it again", owners[0])
	}
}

func TestARoomIsFreeWhenItsNodeIsNotHeardOf(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := running(t, pool, "http://a"), running(t, pool, "http://b")
	room, other := uuid.New(), uuid.New()
	if claim(t, a, room) != a.node || claim(t, a, other) != a.node {
		t.Fatal("a cannot take free rooms")
	}
	for _, step := range []struct {
		name   string
		change func()
		want   uuid.UUID
	}{
		{"a has just renewed", func() {}, a.node},
		{"a is late", func() { age(t, pool, "live_rooms", a.node, "9 seconds") }, a.node},
		{"a renews in time", func() { keep(t, a, room); age(t, pool, "live_rooms", a.node, "9 seconds") }, a.node},
		{"a is too late", func() { age(t, pool, "live_rooms", a.node, "2 seconds") }, b.node},
	} {
		step.change()
		if got := claim(t, b, room); got != step.want {
			t.Fatalf("%s: the room is %s's, want %s's", step.name, got, step.want)
		}
	}
	if lost := keep(t, a, other, room); !slices.Equal(lost, []uuid.UUID{room}) {
		t.Errorf("a lost %v, want the room that b took", lost)
	}
	if claim(t, b, other) != a.node {
		t.Error("the room that nobody else took is not a's any more")
	}
	age(t, pool, "presence", a.node, "11 seconds") // a as a whole is gone
	if claim(t, b, other) != b.node {
		t.Error("the room of a node that is gone is not free")
	}
	if lost := keep(t, a, other); !slices.Equal(lost, []uuid.UUID{other}) {
		t.Errorf("a lost %v, want the other room, too", lost)
	}
}

func TestANodeThatStopsGivesItsRoomsUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := running(t, pool, "http://a"), running(t, pool, "http://b")
	room := uuid.New()
	claim(t, a, room)
	if err := a.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if claim(t, b, room) != b.node {
		t.Error("the room of a node that has stopped is not free")
	}
}

func TestRoomsNobodyRenewsAreForgotten(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a := running(t, pool, "http://a")
	old, kept := uuid.New(), uuid.New()
	claim(t, a, old)
	claim(t, a, kept)
	age(t, pool, "live_rooms", a.node, "101 seconds")
	if lost := keep(t, a, kept); len(lost) != 0 {
		t.Errorf("lost %v", lost)
	}
	var left []uuid.UUID
	if err := pool.QueryRow(t.Context(), `select array_agg(room_id) from live_rooms`).Scan(&left); err != nil || !slices.Equal(left, []uuid.UUID{kept}) {
		t.Errorf("rooms %v are left, want %s (err %v)", left, kept, err)
	}
	keep(t, a) // none at all
}

func TestNodesKnowHowManyMeetAtOthers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := running(t, pool, "http://a"), running(t, pool, "http://b")
	two, waiting := uuid.New(), uuid.New()
	claim(t, a, two)
	claim(t, a, waiting)
	elsewhere := func(l *Leases, here map[uuid.UUID]int) map[uuid.UUID]int {
		t.Helper()
		_, others, err := l.Keep(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		return others
	}
	elsewhere(a, map[uuid.UUID]int{two: 2, waiting: 0})
	if got := elsewhere(b, nil); len(got) != 1 || got[two] != 2 {
		t.Errorf("b hears of %v, want 2 in %s", got, two)
	}
	if got := elsewhere(a, map[uuid.UUID]int{waiting: 0}); len(got) != 0 {
		t.Errorf("a hears of its own rooms: %v", got)
	}
	if got := elsewhere(b, nil); len(got) != 0 {
		t.Errorf("the meeting is over, and b hears of %v", got)
	}
	elsewhere(a, map[uuid.UUID]int{two: 2})
	age(t, pool, "live_rooms", a.node, "11 seconds")
	if got := elsewhere(b, nil); len(got) != 0 {
		t.Errorf("a is gone, and b hears of %v", got)
	}
}

func TestAddressesAreThoseOfNodesThatRun(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, silent := running(t, pool, "http://a:8080"), running(t, pool, "")
	reach := func(node uuid.UUID) string {
		t.Helper()
		address, err := a.Address(t.Context(), node)
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	if got := reach(a.node); got != "http://a:8080" {
		t.Errorf("a is at %q", got)
	}
	if a.Self() != a.node || silent.Self() != uuid.Nil {
		t.Error("a node that others reach has a name, one that they do not reach has none")
	}
	if reach(silent.node) != "" || reach(uuid.New()) != "" {
		t.Error("nodes without an address, or that never were, have one")
	}
	age(t, pool, "presence", a.node, "11 seconds")
	if got := reach(a.node); got != "" {
		t.Errorf("a is gone and still at %q", got)
	}
}
