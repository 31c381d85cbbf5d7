package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/yunqiao/yunqiao/signaling/client"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// agent is one person of the history checker: it comes in at any node, follows
// its rooms, and perhaps writes. It keeps to what a client promises itself: it
// applies events by number, catches up after a loss, and sends a post again,
// under the same id, until it has heard an acknowledgement.
type agent struct {
	name    string
	cookies []*http.Cookie
	nodes   []string
	room    string // where it writes; "": it only reads
	violate func(format string, args ...any)
	// loyal stays at its node as long as that lives.
	loyal bool

	random *rand.Rand // Owned by run.
	next   int        // the post on its way; Owned by run.

	mu       sync.Mutex
	rooms    map[string]*replica // Guarded by mu, as what follows.
	acked    map[string]int64    // client id to sequence number
	lost     int                 // acknowledgements that were lost on the way
	sessions int
	stop     bool // write no more
}

// replica is what an agent holds of a room.
type replica struct {
	events   []wire.Event         // from the first, without gaps
	early    map[int64]wire.Event // of what is still being caught up
	catching bool
}

func newAgent(name string, cookies []*http.Cookie, nodes []string, room string, seed uint64) *agent {
	return &agent{
		name: name, cookies: cookies, nodes: nodes, room: room, random: rand.New(rand.NewPCG(seed, 1)),
		rooms: map[string]*replica{}, acked: map[string]int64{},
	}
}

// run comes in again and again until the context ends.
func (a *agent) run(ctx context.Context) {
	for ctx.Err() == nil {
		if s := a.come(ctx); s != nil {
			a.stay(ctx, s)
			s.Drop()
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(50+a.random.IntN(250)) * time.Millisecond):
		}
	}
}

// attempt bounds what an agent waits for at a node that may be dead.
const attempt = 4 * time.Second

// come opens a socket at some node; nil: not this time.
func (a *agent) come(ctx context.Context) *client.Client {
	s, err := a.open(ctx, a.nodes[a.random.IntN(len(a.nodes))])
	if err != nil {
		return nil
	}
	answer, err := ask(ctx, s, &wire.Hello{Version: wire.Version, As: wire.AsAccount})
	welcome, ok := answer.(*wire.Welcome)
	if err != nil || !ok {
		s.Drop()
		return nil
	}
	if !a.catchUpAll(ctx, s, welcome.Rooms) {
		s.Drop()
		return nil
	}
	a.mu.Lock()
	a.sessions++
	a.mu.Unlock()
	return s
}

// catchUpAll asks for what was missed, room by room or in common pages.
func (a *agent) catchUpAll(ctx context.Context, s *client.Client, heads []wire.RoomHead) bool {
	if a.random.IntN(2) == 0 && len(heads) < 10 {
		for _, head := range heads {
			if !a.catchUp(ctx, s, head) {
				return false
			}
		}
		return true
	}
	for {
		behind := a.behindOf(heads)
		if len(behind) == 0 {
			return true
		}
		answer, err := ask(ctx, s, &wire.CatchUpRooms{Rooms: behind, Limit: 200})
		page, ok := answer.(*wire.RoomsEvents)
		if err != nil || !ok || len(page.Events) == 0 { // none: it was taken out of them meanwhile
			return false
		}
		for _, e := range page.Events {
			a.apply(e)
		}
	}
}

// behindOf returns the cursors of the rooms that are not caught up with.
func (a *agent) behindOf(heads []wire.RoomHead) []wire.Cursor {
	a.mu.Lock()
	defer a.mu.Unlock()
	var behind []wire.Cursor
	for _, head := range heads {
		r := a.replicaLocked(head.Room)
		known := int64(len(r.events))
		if r.catching = known < head.Seq; r.catching {
			behind = append(behind, wire.Cursor{Room: head.Room, After: known})
		}
	}
	return behind
}

// catchUp asks for what was missed in a room, while new events come in.
func (a *agent) catchUp(ctx context.Context, s *client.Client, head wire.RoomHead) bool {
	for {
		a.mu.Lock()
		r := a.replicaLocked(head.Room)
		after := int64(len(r.events))
		if after >= head.Seq {
			r.catching = false
			a.mu.Unlock()
			return true
		}
		a.mu.Unlock()
		answer, err := ask(ctx, s, &wire.CatchUp{Room: head.Room, After: after, Limit: 100})
		page, ok := answer.(*wire.EventsPage)
		if err != nil || !ok {
			return false
		}
		for _, e := range page.Events {
			a.apply(e)
		}
	}
}

func (a *agent) replicaLocked(room string) *replica {
	r := a.rooms[room]
	if r == nil {
		r = &replica{early: map[int64]wire.Event{}, catching: true}
		a.rooms[room] = r
	}
	return r
}

// apply takes an event at its number.
func (a *agent) apply(e wire.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.replicaLocked(e.Room)
	known := int64(len(r.events))
	switch {
	case e.Seq <= known:
		if had := r.events[e.Seq-1]; had.Message.ID != e.Message.ID {
			a.violate("%s: event %d of %s was %s and is %s", a.name, e.Seq, e.Room, had.Message.ClientID, e.Message.ClientID)
		}
	case e.Seq > known+1:
		if !r.catching {
			a.violate("%s: event %d of %s came after %d", a.name, e.Seq, e.Room, known)
		}
		r.early[e.Seq] = e
	default:
		r.events = append(r.events, e)
		for next, ok := r.early[e.Seq+1]; ok; next, ok = r.early[next.Seq+1] {
			delete(r.early, next.Seq)
			r.events = append(r.events, next)
		}
	}
}

// stay writes until something breaks; who does not write listens.
func (a *agent) stay(ctx context.Context, s *client.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Done():
			return
		case <-time.After(time.Duration(35+a.random.IntN(40)) * time.Millisecond):
		}
		a.mu.Lock()
		quiet := a.stop || a.room == ""
		a.mu.Unlock()
		if a.random.IntN(100) == 0 && !a.loyal {
			return // to another node
		}
		if !quiet && !a.post(ctx, s) {
			return
		}
	}
}

// post sends the present post. One acknowledgement in five is lost: the post is
// then sent again, here or, when the socket is lost with it, at another node.
func (a *agent) post(ctx context.Context, s *client.Client) (goOn bool) {
	id := fmt.Sprint(a.name, "-", a.next)
	answer, err := ask(ctx, s, &wire.Post{Room: a.room, ClientID: id, Text: "第" + id, Mentions: []string{}})
	posted, ok := answer.(*wire.Posted)
	if !ok {
		_, refused := errors.AsType[*client.Refusal](err)
		return refused // while the database is away: again
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if before, twice := a.acked[id]; twice && before != posted.Event.Seq {
		a.violate("%s: %s was acknowledged as %d and as %d", a.name, id, before, posted.Event.Seq)
	}
	a.acked[id] = posted.Event.Seq
	if a.random.IntN(5) == 0 {
		a.lost++
		return a.random.IntN(2) == 0
	}
	a.next++
	return true
}

func (a *agent) open(ctx context.Context, node string) (*client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	a.mu.Lock()
	for _, r := range a.rooms {
		r.catching, r.early = true, map[int64]wire.Event{}
	}
	a.mu.Unlock()
	return client.Dial(ctx, client.Options{URL: node, Cookies: a.cookies, Heard: func(m wire.ServerMessage) {
		if e, ok := m.(*wire.Happened); ok {
			a.apply(e.Event)
		}
	}})
}

func ask(ctx context.Context, s *client.Client, m wire.ClientMessage) (wire.ServerMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	return s.Ask(ctx, m)
}
