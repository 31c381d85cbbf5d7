package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// One post that cannot be stored, one of a stranger and one that was posted
// before do no harm to those that travel with them.
func TestABatchIsJudgedPostByPost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3) // the last of them is no member
	first := h.post(t, 0, "old", "先前")
	post := func(by Caller, id, text string) *posting {
		return &posting{by: by, NewMessage: NewMessage{Room: h.room, ClientID: id, Text: text}, id: uuid.Must(uuid.NewV7()), err: errNotStored}
	}
	a, stranger := h.people[0], h.people[2]
	good, again, alien, twice := post(a, "1", "好"), post(a, "old", "又来"), post(stranger, "2", "让我进来"), post(a, "1", "又是好")
	h.store.store(t.Context(), h.room, []*posting{good, again, alien, twice})
	if good.err != nil || good.event.Seq != first.Seq+1 || good.event.Message.Text != "好" {
		t.Errorf("the good one: %+v, err %v", good.event, good.err)
	}
	if again.err != nil || again.event.Message.ID != first.Message.ID {
		t.Errorf("the one posted before: %+v, err %v", again.event, again.err)
	}
	if twice.err != nil || twice.event.Message.ID != good.event.Message.ID {
		t.Errorf("the same one twice in the batch: %+v, err %v", twice.event, twice.err)
	}
	if !errors.Is(alien.err, ErrNoRoom) {
		t.Errorf("the stranger's: err %v", alien.err)
	}
	before, bad, after := post(a, "3", "前"), post(a, "4", "a\x00b"), post(a, "5", "后")
	h.store.store(t.Context(), h.room, []*posting{before, bad, after})
	if before.err != nil || after.err != nil || bad.err == nil || after.event.Seq != before.event.Seq+1 {
		t.Errorf("around one that cannot be stored: %d (%v), %v, %d (%v)", before.event.Seq, before.err, bad.err, after.event.Seq, after.err)
	}
}

// A poster who loses patience takes nobody's post with it, and nobody is left
// waiting in line.
func TestALeaderWithoutPatienceStillCarriesItsBatch(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%2 == 0 {
				cancel() // it has lost it already
			}
			defer cancel()
			if _, err := h.store.Post(ctx, h.people[i%2], NewMessage{Room: h.room, ClientID: fmt.Sprint(i), Text: "x"}); err != nil {
				t.Errorf("post %d: %v", i, err)
			}
		})
	}
	all.Wait()
	h.store.line.mu.Lock()
	defer h.store.line.mu.Unlock()
	if len(h.store.line.waiting) != 0 {
		t.Errorf("%d rooms still have a line", len(h.store.line.waiting))
	}
}

func TestPagesOfManyRoomsAreInOrderAndForMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx, a := t.Context(), h.people[0]
	rooms := []uuid.UUID{h.room}
	for i := range 3 {
		room, err := h.store.CreateGroup(ctx, a.ID, fmt.Sprint("群", i), nil)
		if err != nil {
			t.Fatal(err)
		}
		rooms = append(rooms, room)
	}
	foreign, err := h.store.CreateGroup(ctx, h.people[2].ID, "别人的群", nil)
	if err != nil {
		t.Fatal(err)
	}
	say := func(by Caller, room uuid.UUID, id string) {
		t.Helper()
		if _, err := h.store.Post(ctx, by, NewMessage{Room: room, ClientID: id, Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 7 {
		for _, room := range rooms {
			say(a, room, fmt.Sprint(i))
		}
		say(h.people[2], foreign, fmt.Sprint(i))
	}
	known := map[uuid.UUID]int64{rooms[1]: 7, rooms[2]: 3}
	asked := append(slices.Clone(rooms), foreign, uuid.New())
	for more, pages := true, 0; more; pages++ {
		var cursors []Cursor
		for _, room := range asked {
			cursors = append(cursors, Cursor{Room: room, After: known[room]})
		}
		var events []Event
		if events, more, err = h.store.EventsOfRooms(ctx, a, cursors, 5); err != nil || pages > 10 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, e := range events {
			if e.Seq != known[e.Room]+1 {
				t.Fatalf("event %d of room %s came after %d", e.Seq, e.Room, known[e.Room])
			}
			known[e.Room] = e.Seq
		}
	}
	for _, room := range rooms {
		if known[room] != 7 {
			t.Errorf("room %s is known up to %d", room, known[room])
		}
	}
	if known[foreign] != 0 {
		t.Error("a room of others was read")
	}
	guest := Caller{Person: Person{ID: uuid.New(), Kind: GuestPerson}, GuestRoom: rooms[0]}
	events, _, err := h.store.EventsOfRooms(ctx, guest, []Cursor{{Room: rooms[0]}, {Room: rooms[1]}}, 50)
	if err != nil || len(events) != 7 || events[0].Room != rooms[0] {
		t.Errorf("a guest got %d events, err %v; want the 7 of its room", len(events), err)
	}
}
