package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/bus"
)

// beacon is how often a node compares its rooms with Postgres, so that what
// the bus lost is found at the latest then.
const beacon = 5 * time.Second

// readTimeout ends a reading that a half-dead database does not answer.
const readTimeout = 10 * time.Second

// Listener hears of a room, in order. Its methods must not block.
type Listener interface {
	// Happened delivers each event once, without gaps.
	Happened(Event)
	// Marked delivers all marks, of each member the newest, and the number up
	// to which that is so.
	Marked(room uuid.UUID, marks []Mark, newest int64)
	// Typing may be lost.
	Typing(room uuid.UUID, person Person)
}

// Feed delivers rooms' events to the listeners of this node. The bus only says
// that a room advanced; what happened is read from Postgres, once per node.
type Feed struct {
	store *Store
	bus   bus.Bus
	log   *slog.Logger
	wake  chan struct{}

	mu    sync.Mutex
	rooms map[uuid.UUID]*followed // Guarded by mu.
}

// followed is a room that somebody on this node listens to.
type followed struct {
	last        int64 // newest event delivered; Guarded by Feed.mu.
	mark        int64 // newest mark delivered; Guarded by Feed.mu.
	dirty       bool  // events are to be read; Guarded by Feed.mu.
	marked      bool  // marks are to be read; Guarded by Feed.mu.
	listeners   map[Listener]struct{}
	unsubscribe func()
}

// note is what nodes tell each other about a room.
type note struct {
	Kind   string `json:"kind"` // advanced, marked, typing
	Seq    int64  `json:"seq,omitempty"`
	Person Person `json:"person"`
}

// NewFeed makes a feed. The store is set by Serve, since the store announces
// through the feed.
func NewFeed(b bus.Bus, log *slog.Logger) *Feed {
	return &Feed{bus: b, log: log, wake: make(chan struct{}, 1), rooms: make(map[uuid.UUID]*followed)}
}

// Serve names the store that events are read from. It is called before Run.
func (f *Feed) Serve(s *Store) { f.store = s }

func topic(room uuid.UUID) string { return "room:" + room.String() }

// topicMembers carries that rooms changed for accounts.
const topicMembers = "members"

type memberNote struct {
	Room     uuid.UUID   `json:"room"`
	Accounts []uuid.UUID `json:"accounts"`
}

// Advanced implements Announcer.
func (f *Feed) Advanced(ctx context.Context, room uuid.UUID, seq int64) {
	f.publish(ctx, topic(room), note{Kind: "advanced", Seq: seq})
}

// Marked implements Announcer.
func (f *Feed) Marked(ctx context.Context, room uuid.UUID, mark Mark) {
	f.publish(ctx, topic(room), note{Kind: "marked", Seq: mark.Number})
}

// MembersChanged implements Announcer.
func (f *Feed) MembersChanged(ctx context.Context, room uuid.UUID, accounts []uuid.UUID) {
	f.publish(ctx, topicMembers, memberNote{Room: room, Accounts: accounts})
}

// SayTyping tells a room that somebody is writing.
func (f *Feed) SayTyping(ctx context.Context, c Caller, room uuid.UUID) error {
	if err := f.store.may(ctx, c, room); err != nil {
		return err
	}
	f.publish(ctx, topic(room), note{Kind: "typing", Person: c.Person})
	return nil
}

// publish is a hint: what it loses is found by the beacon.
func (f *Feed) publish(ctx context.Context, topic string, n any) {
	payload, err := json.Marshal(n)
	if err != nil {
		f.log.ErrorContext(ctx, "note could not be encoded", "err", err)
		return
	}
	f.bus.Publish(topic, payload)
}

// FollowMembers calls changed whenever a room appears, disappears or changes
// for accounts. Who was taken out of it need not be among them.
func (f *Feed) FollowMembers(changed func(room uuid.UUID, accounts []uuid.UUID)) (leave func()) {
	return f.bus.Subscribe(topicMembers, func(payload []byte) {
		var n memberNote
		if err := json.Unmarshal(payload, &n); err != nil {
			f.log.Warn("unreadable note on the bus", "err", err)
			return
		}
		changed(n.Room, n.Accounts)
	})
}

// Follow delivers rooms' events to a listener from now on, until the function
// that it returns for each is called. The caller has checked that it may read
// the rooms.
func (f *Feed) Follow(ctx context.Context, rooms []uuid.UUID, l Listener) (leave map[uuid.UUID]func(), err error) {
	heads, err := f.store.heads(ctx, headsOf, rooms)
	if err != nil {
		return nil, fmt.Errorf("follow rooms: %w", err)
	}
	leave = make(map[uuid.UUID]func(), len(heads))
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range heads {
		room := h.Room
		f.followLocked(h).listeners[l] = struct{}{}
		leave[room] = sync.OnceFunc(func() { f.leave(room, l) })
	}
	return leave, nil
}

func (f *Feed) followLocked(h Head) *followed {
	r := f.rooms[h.Room]
	if r == nil {
		r = &followed{last: h.Seq, mark: h.Mark, listeners: make(map[Listener]struct{})}
		r.unsubscribe = f.bus.Subscribe(topic(h.Room), func(payload []byte) { f.receive(h.Room, payload) })
		f.rooms[h.Room] = r
		r.marked = true
		f.markDirtyLocked(r) // what happened between reading and subscribing
	}
	return r
}

func (f *Feed) leave(room uuid.UUID, l Listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.rooms[room]
	if r == nil {
		return
	}
	delete(r.listeners, l)
	if len(r.listeners) == 0 {
		r.unsubscribe()
		delete(f.rooms, room)
	}
}

func (f *Feed) markDirtyLocked(r *followed) {
	r.dirty = true
	f.wakeUp()
}

func (f *Feed) wakeUp() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *Feed) receive(room uuid.UUID, payload []byte) {
	var n note
	if err := json.Unmarshal(payload, &n); err != nil {
		f.log.Warn("unreadable note on the bus", "room", room, "err", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.rooms[room]
	if r == nil {
		return
	}
	switch n.Kind {
	case "advanced":
		if n.Seq > r.last {
			f.markDirtyLocked(r)
		}
	case "marked":
		if n.Seq > r.mark {
			r.marked = true
			f.wakeUp()
		}
	case "typing":
		for l := range r.listeners {
			l.Typing(room, n.Person)
		}
	}
}

// Run delivers until the context ends.
func (f *Feed) Run(ctx context.Context) error {
	tick := time.NewTicker(beacon)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
			f.deliverDirty(ctx)
		case <-tick.C:
			if err := f.compareHeads(ctx); err != nil && ctx.Err() == nil {
				f.log.WarnContext(ctx, "rooms could not be compared with the database", "err", err)
			}
			f.deliverDirty(ctx)
		}
	}
}

// compareHeads marks the rooms that advanced without our hearing of it.
func (f *Feed) compareHeads(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	f.mu.Lock()
	ids := make([]uuid.UUID, 0, len(f.rooms))
	for id := range f.rooms {
		ids = append(ids, id)
	}
	f.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	heads, err := f.store.heads(ctx, headsOf, ids)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range heads {
		if r := f.rooms[h.Room]; r != nil {
			r.dirty = r.dirty || h.Seq > r.last
			r.marked = r.marked || h.Mark > r.mark
		}
	}
	return nil
}

func (f *Feed) deliverDirty(ctx context.Context) {
	f.mu.Lock()
	var dirty, marked []uuid.UUID
	for id, r := range f.rooms {
		if r.dirty {
			dirty = append(dirty, id)
		}
		if r.marked {
			marked = append(marked, id)
		}
		r.dirty, r.marked = false, false
	}
	f.mu.Unlock()
	each := func(rooms []uuid.UUID, deliver func(context.Context, uuid.UUID) error) {
		for _, id := range rooms {
			if err := deliver(ctx, id); err != nil && !errors.Is(err, context.Canceled) {
				f.log.WarnContext(ctx, "a room could not be read, the beacon will try again", "room", id, "err", err)
			}
		}
	}
	each(dirty, f.deliver)
	each(marked, f.deliverMarks)
}

// deliver reads what is new in a room and hands it on. Only Run calls it, so
// that no two deliveries of a room overlap.
func (f *Feed) deliver(ctx context.Context, room uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	for {
		f.mu.Lock()
		r := f.rooms[room]
		if r == nil {
			f.mu.Unlock()
			return nil
		}
		after := r.last
		f.mu.Unlock()
		events, err := f.store.eventsAfter(ctx, room, after, maxPage)
		if err != nil || len(events) == 0 {
			return err
		}
		f.handOn(room, events)
		if len(events) < maxPage {
			return nil
		}
	}
}

func (f *Feed) handOn(room uuid.UUID, events []Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.rooms[room]
	if r == nil {
		return
	}
	for _, e := range events {
		if e.Seq <= r.last {
			continue // the room was left and followed again meanwhile
		}
		r.last = e.Seq
		for l := range r.listeners {
			l.Happened(e)
		}
	}
}

// deliverMarks reads which marks are new in a room and hands them on together:
// many that read at the same time are one delivery.
func (f *Feed) deliverMarks(ctx context.Context, room uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	f.mu.Lock()
	r := f.rooms[room]
	if r == nil {
		f.mu.Unlock()
		return nil
	}
	after := r.mark
	f.mu.Unlock()
	marks, newest, err := f.store.marksAfter(ctx, room, after)
	if err != nil || newest <= after {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.rooms[room]; r != nil && newest > r.mark {
		r.mark = newest
		for l := range r.listeners {
			l.Marked(room, marks, newest)
		}
	}
	return nil
}
