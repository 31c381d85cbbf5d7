package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/bus/redistest"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// The history checker: people with real sockets at three processes, with a real
// Postgres that waits for the disk and a real Redis, while all of these break.
// Two environment variables steer it: YUNQIAO_CHECK_FOR how long things break,
// YUNQIAO_CHECK_SEED in which way.

// town is everything the checker runs on.
type town struct {
	t      *testing.T
	random *rand.Rand
	db     *fragile
	pool   *pgxpool.Pool
	redis  *redistest.Server
	nodes  []*process
	dirs   []string
	agents []*agent
	broke  map[string]int
}

func TestHistoryUnderFaults(t *testing.T) {
	seed, length := uint64(time.Now().UnixNano()), 25*time.Second
	if text := os.Getenv("YUNQIAO_CHECK_SEED"); text != "" {
		seed = must(strconv.ParseUint(text, 10, 64))(t)
	}
	if text := os.Getenv("YUNQIAO_CHECK_FOR"); text != "" {
		length = must(time.ParseDuration(text))(t)
	}
	t.Logf("YUNQIAO_CHECK_SEED=%d", seed)
	w := newTown(t, seed, 3)
	people := w.people("lin", "chen", "weiss", "gone", "out")
	staff := w.group(people["lin"], people["chen"], people["weiss"], people["gone"])
	second := w.group(people["out"], people["lin"], people["chen"])
	w.agent("lin", people["lin"], staff.String())
	w.agent("chen", people["chen"], staff.String())
	w.agent("weiss", people["weiss"], staff.String())
	w.agent("chen2", people["chen"], second.String())
	gone := w.agent("gone", people["gone"], "")
	gone.loyal = true // it goes on listening where it was let in
	out := w.agent("out", people["out"], second.String())

	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	for _, a := range w.agents {
		all.Go(func() { a.run(ctx) })
	}
	waitUntil(t, "everybody writes", func() bool { return w.acked() > 20*len(w.agents) })
	limit := w.dismiss(people["lin"], people["gone"], staff)
	w.breakFor(length)
	w.settle(gone, staff, second)
	cancel()
	all.Wait()

	w.checkRoom(staff)
	w.checkRoom(second)
	out.holdsOnly(t, second)
	gone.holdsOnly(t, staff)
	if r := gone.rooms[staff.String()]; r != nil && int64(len(r.events)) > limit {
		t.Errorf("who was taken out when the room stood at %d or before holds %d events", limit, len(r.events))
	}
	w.report()
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newTown(t *testing.T, seed uint64, nodes int) *town {
	t.Helper()
	w := &town{t: t, random: rand.New(rand.NewPCG(seed, 0)), broke: map[string]int{}, redis: redistest.Start(t)}
	w.db = newDurable(t)
	w.pool = must(postgres.Open(t.Context(), w.db.url(), 4))(t)
	t.Cleanup(w.pool.Close)
	if err := postgres.Migrate(t.Context(), w.pool); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range nodes {
		w.dirs = append(w.dirs, filepath.Join(dir, strconv.Itoa(i)))
		w.nodes = append(w.nodes, w.startNode(i, freeAddr(t, "127.0.0.1:0")))
	}
	return w
}

func (w *town) startNode(i int, addr string) *process {
	w.t.Helper()
	return startProcess(w.t, w.dirs[i], addr, "DATABASE_URL="+w.db.url(), "REDIS_URL="+w.redis.URL)
}

func (w *town) people(names ...string) map[string]person {
	w.t.Helper()
	accounts := account.NewStore(w.pool)
	accounts.SetCost(quick)
	people := map[string]person{}
	for _, name := range names {
		a := must(accounts.Create(w.t.Context(), account.New{Name: name, UserName: name, Role: account.Ambassador, Password: testPassword}))(w.t)
		_, token, err := accounts.SignIn(w.t.Context(), name, testPassword, account.Device{Name: "test", Address: name})
		if err != nil {
			w.t.Fatal(err)
		}
		people[name] = person{a, []*http.Cookie{{Name: account.AccountCookie, Value: token}}}
	}
	return people
}

func (w *town) group(owner person, members ...person) uuid.UUID {
	w.t.Helper()
	var ids []uuid.UUID
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	store := chat.NewStore(w.pool, chat.NewFeed(bus.NewLocal(), nil))
	return must(store.CreateGroup(w.t.Context(), owner.ID, "大使群", ids))(w.t)
}

func (w *town) agent(name string, p person, room string) *agent {
	var urls []string
	for _, n := range w.nodes {
		urls = append(urls, n.url)
	}
	a := newAgent(name, p.cookies, urls, room, w.random.Uint64())
	a.violate = w.t.Errorf
	w.agents = append(w.agents, a)
	return a
}

func (w *town) acked() (n int) {
	for _, a := range w.agents {
		a.mu.Lock()
		n += len(a.acked)
		a.mu.Unlock()
	}
	return n
}

// dismiss takes somebody out of a room while Redis is away, so that the nodes
// find out by themselves. It returns where the room stood when they must have.
func (w *town) dismiss(by, who person, room uuid.UUID) (limit int64) {
	w.t.Helper()
	w.redis.Kill()
	h := &house{url: w.nodes[0].url}
	h.request(w.t, by.cookies, http.MethodDelete, "/api/rooms/"+room.String()+"/members/"+who.ID.String(), nil, http.StatusNoContent, nil)
	<-time.After(8 * time.Second) // the sweep looks every five
	limit = w.head(room)
	w.redis.Start()
	w.broke["redis killed"]++
	return limit
}

func (w *town) head(room uuid.UUID) (seq int64) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), `select seq from rooms where id = $1`, room).Scan(&seq); err != nil {
		w.t.Fatal(err)
	}
	return seq
}

// breakFor breaks one thing after the other, each kind at least once.
func (w *town) breakFor(length time.Duration) {
	end := time.Now().Add(length)
	kinds := []string{"node killed", "redis paused", "redis killed", "postgres restarted", "node killed"}
	for round := 0; round == 0 || time.Now().Before(end); round++ {
		w.random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		for _, kind := range kinds {
			w.breakOne(kind)
			w.broke[kind]++
			before := w.acked()
			waitUntil(w.t, "posts are acknowledged after: "+kind, func() bool { return w.acked() > before+10 })
		}
	}
}

func (w *town) breakOne(kind string) {
	w.t.Helper()
	outage := time.Duration(500+w.random.IntN(2500)) * time.Millisecond
	switch kind {
	case "node killed":
		i := w.random.IntN(len(w.nodes))
		w.nodes[i].kill(syscall.SIGKILL)
		w.nodes[i] = w.startNode(i, strings.TrimPrefix(w.nodes[i].url, "http://"))
	case "redis paused":
		w.redis.Pause()
		<-time.After(outage)
		w.redis.Resume()
	case "redis killed":
		w.redis.Kill()
		<-time.After(outage)
		w.redis.Start()
	case "postgres restarted":
		w.db.stop()
		<-time.After(outage / 2)
		w.db.start()
	}
}

// settle lets every post be acknowledged and every reader hear of it.
func (w *town) settle(gone *agent, rooms ...uuid.UUID) {
	w.t.Helper()
	for _, a := range w.agents {
		a.mu.Lock()
		a.stop = true
		a.mu.Unlock()
	}
	waitUntil(w.t, "everybody has heard of everything", func() bool {
		for _, room := range rooms {
			head := w.head(room)
			for _, a := range w.agents {
				if a != gone && a.behind(room.String(), head) {
					return false
				}
			}
		}
		return true
	})
}

func (a *agent) behind(room string, head int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.rooms[room]
	return r != nil && int64(len(r.events)) < head
}

// holdsOnly checks that an agent has never heard of another room.
func (a *agent) holdsOnly(t *testing.T, room uuid.UUID) {
	t.Helper()
	for id := range a.rooms {
		if id != room.String() {
			t.Errorf("%s holds events of room %s, which it is not in", a.name, id)
		}
	}
}

// checkRoom compares what is stored with what was acknowledged and with what
// everybody heard.
func (w *town) checkRoom(room uuid.UUID) {
	w.t.Helper()
	const q = `select e.seq, m.client_id from room_events e join messages m on m.id = e.message_id where e.room_id = $1 order by e.seq`
	rows, err := w.pool.Query(w.t.Context(), q, room)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var order []string
	at := map[string]int64{}
	for rows.Next() {
		var seq int64
		var id string
		if err := rows.Scan(&seq, &id); err != nil {
			w.t.Fatal(err)
		}
		order = append(order, id)
		if seq != int64(len(order)) {
			w.t.Errorf("event %d of %s is the %dth", seq, room, len(order))
		}
		if first, twice := at[id]; twice {
			w.t.Errorf("%s is there twice: %d and %d", id, first, seq)
		}
		at[id] = seq
	}
	for _, a := range w.agents {
		a.compare(w.t, room.String(), order, at)
	}
}

func (a *agent) compare(t *testing.T, room string, order []string, at map[string]int64) {
	t.Helper()
	if a.room == room {
		for id, seq := range a.acked {
			if at[id] != seq {
				t.Errorf("%s was acknowledged as %d and is %d", id, seq, at[id])
			}
		}
	}
	if a.rooms[room] == nil {
		return
	}
	for i, e := range a.rooms[room].events {
		if i >= len(order) || order[i] != e.Message.ClientID {
			t.Errorf("%s heard %s as event %d of %s", a.name, e.Message.ClientID, i+1, room)
		}
	}
}

func (w *town) report() {
	var sessions, lost int
	for _, a := range w.agents {
		sessions += a.sessions
		lost += a.lost
	}
	w.t.Logf("%d posts acknowledged, %d acknowledgements lost, %d sockets; broken: %v", w.acked(), lost, sessions, w.broke)
}
