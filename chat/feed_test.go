package chat

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/bus"
)

// ear collects what a listener hears.
type ear struct {
	events chan Event
	typing chan Person
	marks  chan Mark
}

func newEar() *ear {
	return &ear{make(chan Event, 1000), make(chan Person, 10), make(chan Mark, 100)}
}

func (e *ear) Happened(ev Event)            { e.events <- ev }
func (e *ear) Typing(_ uuid.UUID, p Person) { e.typing <- p }

func (e *ear) Marked(_ uuid.UUID, marks []Mark, _ int64) {
	for _, m := range marks {
		e.marks <- m
	}
}

// hears waits for n events and checks that they continue after a sequence number.
func (e *ear) hears(t *testing.T, after int64, n int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for i := range n {
		select {
		case got := <-e.events:
			if want := after + int64(i) + 1; got.Seq != want {
				t.Fatalf("heard event %d, want %d", got.Seq, want)
			}
		case <-deadline:
			t.Fatalf("heard %d of %d events", i, n)
		}
	}
}

// run runs a feed until the test ends.
func run(t *testing.T, f *Feed) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func TestFeedDeliversInOrderOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	h.post(t, 0, "before", "先前")
	run(t, h.feed)
	first, second := newEar(), newEar()
	for _, l := range []*ear{first, second} {
		if _, err := h.feed.Follow(t.Context(), []uuid.UUID{h.room}, l); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 30 {
		h.post(t, i%2, fmt.Sprint(i), "x")
	}
	first.hears(t, 1, 30)
	second.hears(t, 1, 30)
	if err := h.feed.SayTyping(t.Context(), h.people[0], h.room); err != nil {
		t.Fatal(err)
	}
	if p := <-first.typing; p.ID != h.people[0].ID {
		t.Errorf("%s types, want %s", p.Name, h.people[0].Name)
	}
	if err := h.store.MarkRead(t.Context(), h.people[1], h.room, 5); err != nil {
		t.Fatal(err)
	}
	if m := <-second.marks; m.Read != 5 || m.Person.ID != h.people[1].ID {
		t.Errorf("marked %+v, want 5", m)
	}
}

// deaf is a bus that loses everything.
type deaf struct{}

func (deaf) Publish(string, []byte)                {}
func (deaf) Subscribe(string, func([]byte)) func() { return func() {} }

var _ bus.Bus = deaf{}

func TestFeedHealsWithoutABus(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	lost := NewFeed(deaf{}, slog.New(slog.DiscardHandler))
	lost.Serve(h.store)
	run(t, lost)
	l := newEar()
	leave, err := lost.Follow(t.Context(), []uuid.UUID{h.room}, l)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		h.post(t, 0, fmt.Sprint(i), "x")
	}
	l.hears(t, 0, 3) // by the beacon alone
	leave[h.room]()
	if len(lost.rooms) != 0 {
		t.Error("a room that nobody follows is still kept")
	}
}
