package signaling

import (
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	// rosterEvery is how often the participants hear of each other at most. The
	// first change after a quiet moment is told at once, what follows together:
	// three hundred who arrive in a minute cost everybody some messages a second.
	rosterEvery = 100 * time.Millisecond
	// liveEvery is the same for the room's members outside the meeting.
	liveEvery = 500 * time.Millisecond
	// lobbyEvery is the same for those who let people in.
	lobbyEvery = 200 * time.Millisecond
)

// bundle gathers changes, so that what happens within a moment is told once.
type bundle struct {
	every time.Duration
	told  time.Time
	timer *time.Timer // runs while something waits to be told
}

// due reports whether to tell now. When it is too early, tell runs later.
func (b *bundle) due(tell func()) bool {
	if b.timer != nil {
		return false
	}
	if wait := b.every - time.Since(b.told); wait > 0 {
		b.timer = time.AfterFunc(wait, tell)
		return false
	}
	b.told = time.Now()
	return true
}

// done notes that everything has been told.
func (b *bundle) done() {
	b.timer = nil
	b.told = time.Now()
}

// roster is what the participants have not heard of each other yet.
type roster struct {
	bundle
	changed map[uuid.UUID]bool
	left    []string
}

// tellStateLocked announces a newcomer, or somebody's new state.
func (r *room) tellStateLocked(p *participant) {
	r.roster.changed[p.person.ID] = true
	r.tellRosterLocked()
}

// tellLeftLocked announces that somebody is gone.
func (r *room) tellLeftLocked(p *participant) {
	delete(r.roster.changed, p.person.ID)
	r.roster.left = append(r.roster.left, p.person.ID.String())
	r.tellRosterLocked()
}

func (r *room) tellRosterLocked() {
	if r.roster.due(r.tellRoster) {
		r.flushRosterLocked()
	}
}

func (r *room) tellRoster() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roster.done()
	r.flushRosterLocked()
}

func (r *room) flushRosterLocked() {
	m := &wire.Roster{Participants: make([]wire.Participant, 0, len(r.roster.changed)), Left: r.roster.left}
	if m.Left == nil {
		m.Left = []string{}
	}
	for id := range r.roster.changed {
		if p := r.participants[id]; p != nil {
			p.openLocked()
			m.Participants = append(m.Participants, p.stateLocked())
		}
	}
	clear(r.roster.changed)
	r.roster.left = nil
	if len(m.Participants)+len(m.Left) > 0 {
		r.tellLocked(m)
	}
}

// announceLive tells the room's members whether and by how many it is used.
func (r *room) announceLive() {
	r.mu.Lock()
	now := r.live.due(func() {
		r.mu.Lock()
		r.live.done()
		r.mu.Unlock()
		r.tellLive()
	})
	r.mu.Unlock()
	if now {
		r.tellLive()
	}
}

func (r *room) tellLive() {
	r.hub.tellLive(r.id)
	if r.hub.Nodes.Self() != uuid.Nil {
		r.hub.presenceMoved() // the other nodes are told, too
	}
}

// tellLive tells this node's sockets how many meet in a room, at whatever node.
func (h *Hub) tellLive(room uuid.UUID) {
	count, live := h.Participants(room)
	m := &wire.RoomLive{Room: room.String(), Live: live, Participants: count}
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.AccountPerson && s.follows(room) {
			s.send(m)
		}
	}
}
