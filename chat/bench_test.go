package chat

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

// benchmarkRoom makes a room with one member, who posts.
func benchmarkRoom(b *testing.B, pool *pgxpool.Pool) (*Store, Caller, uuid.UUID) {
	b.Helper()
	feed := NewFeed(bus.NewLocal(), slog.New(slog.DiscardHandler))
	store := NewStore(pool, feed)
	feed.Serve(store)
	a, err := account.NewStore(pool).Create(b.Context(), account.New{Name: "林悦", UserName: "linyue", Role: account.Staff})
	if err != nil {
		b.Fatal(err)
	}
	room, err := store.CreateGroup(b.Context(), a.ID, "大使群", nil)
	if err != nil {
		b.Fatal(err)
	}
	caller := Caller{Person: Person{ID: a.ID, Kind: AccountPerson, Name: a.Name}}
	return store, caller, room
}

// BenchmarkPost posts one after the other into one room. The test server does
// not wait for the disk, so this is the work without the disk's part.
func BenchmarkPost(b *testing.B) {
	store, caller, room := benchmarkRoom(b, pgtest.New(b))
	i := 0
	for b.Loop() {
		i++
		if _, err := store.Post(b.Context(), caller, NewMessage{Room: room, ClientID: fmt.Sprint(i), Text: "各位下午好，会议三点开始。"}); err != nil {
			b.Fatal(err)
		}
	}
}

// counter is a listener that only counts, as a queue that takes a frame would.
type counter struct{ heard int }

func (c *counter) Happened(Event)                  { c.heard++ }
func (c *counter) Marked(uuid.UUID, []Mark, int64) {}
func (c *counter) Typing(uuid.UUID, Person)        {}

// BenchmarkDeliver hands one event on to 1,000 listeners.
func BenchmarkDeliver(b *testing.B) {
	feed := NewFeed(bus.NewLocal(), slog.New(slog.DiscardHandler))
	room := uuid.New()
	r := &followed{listeners: make(map[Listener]struct{}), unsubscribe: func() {}}
	for range 1000 {
		r.listeners[&counter{}] = struct{}{}
	}
	feed.rooms[room] = r
	events := []Event{{Room: room, Kind: Posted, Message: Message{Room: room, Text: "各位下午好"}}}
	for b.Loop() {
		events[0].Seq++
		feed.handOn(room, events)
	}
	for l := range r.listeners {
		if c, ok := l.(*counter); ok && int64(c.heard) != events[0].Seq {
			b.Fatalf("a listener heard %d of %d events", c.heard, events[0].Seq)
		}
	}
}
