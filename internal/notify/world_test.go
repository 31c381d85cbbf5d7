package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// world is a room in memory, with its people in a real database.
type world struct {
	pool *pgxpool.Pool
	room uuid.UUID

	mu        sync.Mutex
	r         notify.Room
	events    []notify.Event
	marks     map[uuid.UUID]int64
	announced map[uuid.UUID]int
	answered  bool // the call rings no more
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{pool: pgtest.New(t), room: uuid.New(), marks: map[uuid.UUID]int64{}, announced: map[uuid.UUID]int{}}
	w.r = notify.Room{ID: w.room, Title: "柏林站", TitleEN: "Berlin"}
	return w
}

// person adds an account to the room.
func (w *world) person(t *testing.T, name, zone string, m notify.Member) uuid.UUID {
	t.Helper()
	m.Account = uuid.New()
	if m.Role == "" {
		m.Role = "staff"
	}
	if m.Level == "" {
		m.Level = notify.LevelAll
	}
	if m.Language == "" {
		m.Language = "zh-CN"
	}
	const q = `insert into accounts (id, name, user_name, email, role, language, time_zone) values ($1, $2, $2, $3, $4, $5, $6)`
	if _, err := w.pool.Exec(t.Context(), q, m.Account, name, name+"@example.org", m.Role, m.Language, zone); err != nil {
		t.Fatal(err)
	}
	w.r.Members = append(w.r.Members, m)
	w.marks[m.Account] = m.Read
	return m.Account
}

// say adds an event to the room's order.
func (w *world) say(e notify.Event) notify.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Seq = int64(len(w.events) + 1)
	if e.Kind == "" {
		e.Kind = notify.EventPosted
	}
	if e.Message == uuid.Nil {
		e.Message, e.MessageSeq = uuid.New(), e.Seq
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	w.events = append(w.events, e)
	return e
}

func (w *world) Heads(context.Context) (map[uuid.UUID]int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[uuid.UUID]int64{w.room: int64(len(w.events))}, nil
}

func (w *world) Events(_ context.Context, _ uuid.UUID, after int64, limit int) ([]notify.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	after = min(after, int64(len(w.events)))
	return w.events[after:min(after+int64(limit), int64(len(w.events)))], nil
}

func (w *world) Room(_ context.Context, id uuid.UUID) (notify.Room, error) {
	if id != w.room {
		return notify.Room{}, problem.NotFound("room")
	}
	return w.r, nil
}

func (w *world) Marks(context.Context, []uuid.UUID, []uuid.UUID) ([]notify.Mark, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var marks []notify.Mark
	for account, seq := range w.marks {
		marks = append(marks, notify.Mark{Account: account, Room: w.room, Seq: seq})
	}
	return marks, nil
}

func (w *world) Title(_ context.Context, account, room uuid.UUID) (string, uuid.UUID, error) {
	if _, in := w.marks[account]; !in || room != w.room {
		return "", uuid.Nil, problem.NotFound("room")
	}
	return w.r.Title, uuid.Nil, nil
}

func (w *world) Rings(context.Context, uuid.UUID, uuid.UUID) (string, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return "林悦", !w.answered, nil
}

func (w *world) NoticesChanged(_ context.Context, accounts []uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range accounts {
		w.announced[a]++
	}
}

// notices are those of one node.
func (w *world) notices(t *testing.T, mail notify.Config) *notify.Notices {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	n, err := notify.NewNotices(t.Context(), notify.Deps{
		Pool: w.pool, Rooms: w, Calls: w, Announcer: w, Audit: audit.New(w.pool), Queue: newQueue(t, mail), Outside: notify.NewOutsideForTests(),
		House: notify.House{NameZH: "测试侨联", NameEN: "Test Federation", URL: "https://hub.example.org"}, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// run does jobs for the time of the test.
func (w *world) run(t *testing.T, n *notify.Notices, mail notify.Config) {
	t.Helper()
	start(t, w.pool, notify.Work{Mail: mail, Letters: letters{}, Notices: n})
}

func (w *world) list(t *testing.T, n *notify.Notices, who uuid.UUID) []string {
	t.Helper()
	page, err := n.List(t.Context(), who, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range page.Items {
		mark := ""
		if e.Read {
			mark = " (read)"
		}
		list = append(list, fmt.Sprintf("%s %s: %s%s", e.Kind, e.Title, e.Text, mark))
	}
	return list
}

func (w *world) bring(t *testing.T, n *notify.Notices) {
	t.Helper()
	if err := n.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) tell(t *testing.T, n *notify.Notices, notices ...notify.Notice) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error { return n.Tell(t.Context(), tx, notices...) }); err != nil {
		t.Fatal(err)
	}
}

func (w *world) exec(t *testing.T, q string, args ...any) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), q, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) one(t *testing.T, into any, q string, args ...any) {
	t.Helper()
	if err := w.pool.QueryRow(t.Context(), q, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}

// until waits for the database to say yes.
func (w *world) until(t *testing.T, what, q string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		var yes bool
		w.one(t, &yes, q, args...)
		if yes {
			return
		}
	}
	t.Fatalf("%s did not come about", what)
}
