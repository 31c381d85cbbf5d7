package chat

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What a client holds of a room's marks after the deliveries it heard, or after
// asking for those it missed, is where everybody stands.
func TestMarksReachAListenerWithoutABus(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 5)
	for i := range 20 {
		h.post(t, 0, fmt.Sprint(i), "x")
	}
	lost := NewFeed(deaf{}, slog.New(slog.DiscardHandler))
	lost.Serve(h.store)
	run(t, lost)
	l := newEar()
	if _, err := lost.Follow(t.Context(), []uuid.UUID{h.room}, l); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for who := range 4 {
		readers.Go(func() {
			for seq := range int64(20) {
				if err := h.store.MarkRead(t.Context(), h.people[who], h.room, seq+1); err != nil {
					t.Errorf("mark: %v", err)
				}
			}
		})
	}
	readers.Wait()
	heard := map[uuid.UUID]int64{}
	deadline := time.After(20 * time.Second)
	for len(heard) < 4 || slices.ContainsFunc(slices.Collect(maps.Values(heard)), func(n int64) bool { return n < 20 }) {
		select {
		case m := <-l.marks:
			if m.Read < heard[m.Person.ID] {
				t.Errorf("%s went back to %d", m.Person.Name, m.Read)
			}
			heard[m.Person.ID] = m.Read
		case <-deadline:
			t.Fatalf("by the beacon alone, %v was heard", heard)
		}
	}
}

// Marks have numbers of their own: none is doubled, the newest of each member
// counts, and those after any number complete what was known at that number.
func TestMarksAfterANumberCompleteWhatWasKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 5)
	ctx := t.Context()
	for i := range 10 {
		h.post(t, 0, fmt.Sprint(i), "x")
	}
	type known struct {
		newest int64
		read   map[uuid.UUID]int64
	}
	apply := func(k *known) {
		marks, newest, err := h.store.Marks(ctx, h.people[0], h.room, k.newest)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range marks {
			k.read[m.Person.ID] = m.Read
		}
		k.newest = newest
	}
	var snapshots []*known
	for seq := int64(1); seq <= 10; seq++ {
		k := &known{read: map[uuid.UUID]int64{}}
		apply(k)
		snapshots = append(snapshots, k)
		for who := range 4 {
			if (int(seq)+who)%2 == 0 {
				if err := h.store.MarkRead(ctx, h.people[who], h.room, seq); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = h.store.MarkRead(ctx, h.people[1], h.room, 1) // goes back: takes no number
	}
	fresh := &known{read: map[uuid.UUID]int64{}}
	apply(fresh)
	if fresh.newest != 20 || len(fresh.read) != 4 {
		t.Errorf("%d marks of %d people, want 20 of 4", fresh.newest, len(fresh.read))
	}
	for i, k := range snapshots {
		apply(k)
		if !maps.Equal(k.read, fresh.read) {
			t.Errorf("what was known at %d became %v, fresh is %v", i, k.read, fresh.read)
		}
	}
}

// Unread mentions count who is named, whose group is named, and nobody else.
func TestUnreadMentionsAreCounted(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx := t.Context()
	say := func(id string, n NewMessage) {
		t.Helper()
		n.Room, n.ClientID, n.Text = h.room, id, "x"
		if _, err := h.store.Post(ctx, h.people[0], n); err != nil {
			t.Fatal(err)
		}
	}
	say("plain", NewMessage{})
	say("named", NewMessage{Mentions: []uuid.UUID{h.people[2].ID}})
	say("all", NewMessage{MentionGroups: []MentionGroup{MentionEveryone}})
	say("managers", NewMessage{MentionGroups: []MentionGroup{MentionManagers}})
	say("ambassadors", NewMessage{MentionGroups: []MentionGroup{MentionAmbassadors}, Mentions: []uuid.UUID{h.people[2].ID}})
	say("staff", NewMessage{MentionGroups: []MentionGroup{MentionStaff}})
	for who, want := range map[int]Head{
		0: {Unread: 0, Mentions: 0, Manages: true}, 1: {Unread: 6, Mentions: 3, Manages: true},
		2: {Unread: 6, Mentions: 3}, 3: {Unread: 6, Mentions: 2},
	} {
		heads, err := h.store.Heads(ctx, h.people[who])
		if err != nil || len(heads) != 1 {
			t.Fatalf("%d heads, err %v", len(heads), err)
		}
		got := Head{Unread: heads[0].Unread, Mentions: heads[0].Mentions, Manages: heads[0].Manages}
		if got != want {
			t.Errorf("person %d: %+v, want %+v", who, got, want)
		}
		r, err := h.store.Room(ctx, h.people[who].ID, h.room)
		if err != nil || r.Mentions != want.Mentions || r.Manages != want.Manages {
			t.Errorf("person %d: the room says %d and %v, err %v", who, r.Mentions, r.Manages, err)
		}
	}
	if err := h.store.MarkRead(ctx, h.people[2], h.room, 2); err != nil {
		t.Fatal(err)
	}
	if heads, err := h.store.Heads(ctx, h.people[2]); err != nil || heads[0].Mentions != 2 {
		t.Errorf("after reading the first: %+v, err %v", heads, err)
	}
}
