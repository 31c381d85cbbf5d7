package signaling

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	// renewEvery is how often a node renews its lease, well within its time.
	renewEvery = 3 * time.Second
	// renewPause is how close together two renewals may be: many who come within a
	// moment are written at once.
	renewPause = 250 * time.Millisecond
	// renewTimeout ends a renewal that a half-dead database does not answer.
	renewTimeout = 2 * time.Second
)

// Presence knows who is online at the other nodes.
type Presence interface {
	// Renew says which accounts are online here and returns those elsewhere.
	Renew(ctx context.Context, here []uuid.UUID) (elsewhere []uuid.UUID, err error)
	// End says that this node is stopping.
	End(ctx context.Context) error
}

// tellPresence tells this node's sockets that an account came or went. Guests
// are seen in their meeting alone.
func (h *Hub) tellPresence(account uuid.UUID, online bool) {
	m := &wire.Presence{Account: account.String(), Online: online}
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.AccountPerson {
			s.hint(m)
		}
	}
}

// presenceMoved makes the loop below look at once.
func (h *Hub) presenceMoved() {
	select {
	case h.moved <- struct{}{}:
	default:
	}
}

// keepPresence tells the other nodes who is here, and this one who is there.
// Postgres holds what is true; the bus says that it is worth looking.
func (h *Hub) keepPresence(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	told := 0 // the state of the sockets that was written last
	var toldRooms map[uuid.UUID]int
	for {
		now, err := h.renewPresence(ctx)
		var rooms map[uuid.UUID]int
		if err == nil {
			rooms, err = h.keepRooms(ctx)
		}
		switch {
		case ctx.Err() != nil:
			h.endPresence(ctx)
			return
		case err != nil:
			h.Log.WarnContext(ctx, "leases could not be renewed", "err", err)
		case now != told || !maps.Equal(rooms, toldRooms):
			told, toldRooms = now, rooms
			h.Bus.Publish(topicPresence, nil)
		}
		if !wait(ctx, renewPause) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-h.moved:
		case <-tick.C:
		}
	}
}

// wait says false when the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// renewPresence writes who is here and takes over who is elsewhere. It returns
// which state of the sockets it wrote.
func (h *Hub) renewPresence(ctx context.Context) (state int, err error) {
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	h.mu.Lock()
	state = h.comings
	here := h.accountsLocked()
	h.mu.Unlock()
	list := make([]uuid.UUID, 0, len(here))
	for id := range here {
		list = append(list, id)
	}
	elsewhere, err := h.Presence.Renew(ctx, list)
	if err != nil {
		return state, err
	}
	now := setOf(elsewhere)
	h.mu.Lock()
	here, before := h.accountsLocked(), h.elsewhere
	h.elsewhere = now
	h.mu.Unlock()
	for id := range now {
		if !before[id] && !here[id] {
			h.tellPresence(id, true)
		}
	}
	for id := range before {
		if !now[id] && !here[id] {
			h.tellPresence(id, false)
		}
	}
	return state, nil
}

func (h *Hub) endPresence(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTimeout)
	defer cancel()
	if err := h.Presence.End(ctx); err != nil { // it runs out by itself
		h.Log.WarnContext(ctx, "presence could not be ended", "err", err)
	}
	h.Bus.Publish(topicPresence, nil)
}

// accountsLocked are the accounts with a socket here.
func (h *Hub) accountsLocked() map[uuid.UUID]bool {
	here := make(map[uuid.UUID]bool, len(h.sessions))
	for s := range h.sessions {
		if s.me.Kind == chat.AccountPerson {
			here[s.me.ID] = true
		}
	}
	return here
}

// onlineLocked lists who is online at any node.
func (h *Hub) onlineLocked() []string {
	online := make([]string, 0, len(h.sessions)+len(h.elsewhere))
	here := h.accountsLocked()
	for id := range here {
		online = append(online, id.String())
	}
	for id := range h.elsewhere {
		if !here[id] {
			online = append(online, id.String())
		}
	}
	return online
}

// arrive registers a session and returns who is online; the first of an
// account is announced.
func (h *Hub) arrive(s *session) (online []string, err error) {
	h.mu.Lock()
	if h.closing {
		h.mu.Unlock()
		return nil, errRestart
	}
	first := s.me.Kind == chat.AccountPerson && !h.accountsLocked()[s.me.ID]
	h.sessions[s] = struct{}{}
	if first {
		h.comings++
	}
	known := h.elsewhere[s.me.ID]
	online = h.onlineLocked()
	h.mu.Unlock()
	if first {
		h.presenceMoved()
	}
	if first && !known {
		h.tellPresence(s.me.ID, true)
	}
	return online, nil
}

func (h *Hub) depart(s *session) {
	h.mu.Lock()
	_, arrived := h.sessions[s]
	delete(h.sessions, s)
	last := arrived && s.me.Kind == chat.AccountPerson && !h.accountsLocked()[s.me.ID]
	if last {
		h.comings++
	}
	known := h.elsewhere[s.me.ID]
	h.mu.Unlock()
	if last {
		h.presenceMoved()
	}
	if last && !known {
		h.tellPresence(s.me.ID, false)
	}
}
