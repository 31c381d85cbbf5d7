package signaling

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// This file: how participants are held, leave and are put out, and how a
// meeting ends.

// dropped holds the place of a participant whose socket is gone; who waited
// in the lobby is forgotten and knocks again.
func (r *room) dropped(s *session) {
	r.mu.Lock()
	if w := r.waiting[s.me.ID]; w != nil && w.session == s {
		delete(r.waiting, s.me.ID)
		r.tellLobbyLocked()
	}
	p, err := r.ofLocked(s)
	if err == nil {
		p.session = nil
		var hold *time.Timer
		hold = time.AfterFunc(holdFor, func() { r.expire(p, &hold) })
		p.hold = hold
		r.tellStateLocked(p)
	}
	r.mu.Unlock()
	r.hub.tidy(r)
}

// expire takes out a participant whose socket did not return. A timer that
// fires late finds another one in its place.
func (r *room) expire(p *participant, hold **time.Timer) {
	r.removeIf(p.person.ID, wire.RemovedByHost, func(now *participant) bool {
		return now == p && p.session == nil && p.hold == *hold
	})
}

// Away says whether an account's place in a room's meeting at this node is only
// held: it has no socket there.
func (h *Hub) Away(account, id uuid.UUID) bool {
	h.mu.Lock()
	r := h.rooms[id]
	h.mu.Unlock()
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.participants[account]
	return p != nil && p.session == nil
}

// holds says whether a participant waits for the socket that shows this token.
func (r *room) holds(s *session, token string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.participants[s.me.ID]
	return p != nil && p.token == token && p.person.Kind == s.me.Kind
}

func (r *room) eachParticipant(do func(p *participant)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.participants {
		do(p)
	}
}

// reattach gives a held participant its new socket. Its media went on.
func (r *room) reattach(s *session, token string) *wire.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.participants[s.me.ID]
	if p == nil || r.meeting == nil || p.token != token || p.person.Kind != s.me.Kind || s.over.Load() {
		return nil
	}
	if p.session != nil { // the old socket has not noticed yet
		p.session.setRoom(nil)
		p.session.kick(statusRestart, "resumed elsewhere")
	}
	p.takeLocked(s)
	s.setRoom(r)
	r.tellStateLocked(p)
	return r.snapshotLocked(p)
}

func (p *participant) takeLocked(s *session) {
	if p.hold != nil {
		p.hold.Stop()
		p.hold = nil
	}
	p.session, p.token, p.signIn, p.device = s, s.token, s.signIn, s.guest
}

// remove takes somebody out of the meeting, or out of the lobby.
func (r *room) remove(id uuid.UUID, reason wire.RemovedReason) {
	r.mu.Lock()
	r.dropWaiterLocked(id, reason)
	r.mu.Unlock()
	r.removeIf(id, reason, func(*participant) bool { return true })
}

// removeAll takes out everybody who fits, of the meeting and of the lobby.
func (r *room) removeAll(reason wire.RemovedReason, fits func(p chat.Person, signIn, device uuid.UUID) bool) {
	r.mu.Lock()
	for id, w := range r.waiting {
		if s := w.session; fits(s.me, s.signIn, s.guest) {
			r.dropWaiterLocked(id, reason)
		}
	}
	var leaving []uuid.UUID
	for id, p := range r.participants {
		if fits(p.person, p.signIn, p.device) {
			leaving = append(leaving, id)
		}
	}
	r.mu.Unlock()
	for _, id := range leaving {
		r.removeIf(id, reason, func(p *participant) bool { return fits(p.person, p.signIn, p.device) })
	}
	r.hub.tidy(r)
}

func (r *room) dropWaiterLocked(id uuid.UUID, reason wire.RemovedReason) {
	w := r.waiting[id]
	if w == nil {
		return
	}
	delete(r.waiting, id)
	w.session.setRoom(nil)
	w.session.send(&wire.Removed{Room: r.id.String(), Reason: reason})
	r.tellLobbyLocked()
}

// removeIf takes a participant out when it still fits.
func (r *room) removeIf(id uuid.UUID, reason wire.RemovedReason, fits func(*participant) bool) {
	r.mu.Lock()
	p := r.participants[id]
	if p == nil || !fits(p) {
		r.mu.Unlock()
		return
	}
	r.takeOutLocked(p)
	if p.session != nil {
		p.session.setRoom(nil)
		p.session.send(&wire.Removed{Room: r.id.String(), Reason: reason})
	}
	r.mu.Unlock()
	r.afterLeaving(p)
}

// takeOutLocked removes a participant and tells the others. When the host leaves,
// who leads the meeting follows, or else the longest-serving cohost or account,
// which stands in.
func (r *room) takeOutLocked(p *participant) {
	delete(r.participants, p.person.ID)
	if p.hold != nil {
		p.hold.Stop()
	}
	r.tellLeftLocked(p)
	if p.role == wire.RoleHost {
		if next := r.successorLocked(); next != nil {
			next.role = wire.RoleHost
			r.tellStateLocked(next)
			r.tellLobbyLocked()
		}
	}
	r.restIfEmptyLocked()
}

func (r *room) restIfEmpty() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restIfEmptyLocked()
}

// restIfEmptyLocked lets a meeting that nobody is in come to its rest.
func (r *room) restIfEmptyLocked() {
	if len(r.participants) > 0 || r.meeting == nil {
		return
	}
	if r.rest != nil {
		r.rest.Stop()
	}
	current := r.meeting
	r.rest = time.AfterFunc(restFor, func() { r.emptied(current) })
}

func (r *room) successorLocked() *participant {
	var next *participant
	better := func(a, b *participant) bool {
		if a.mayLead() != b.mayLead() {
			return a.mayLead()
		}
		if a.moderates() != b.moderates() {
			return a.moderates()
		}
		return a.joined.Before(b.joined)
	}
	for _, p := range r.participants {
		if p.role == wire.RoleHost {
			return nil
		}
		if p.person.Kind == chat.AccountPerson && (next == nil || better(p, next)) {
			next = p
		}
	}
	return next
}

// afterLeaving does what needs no lock: the media, and the attendance.
func (r *room) afterLeaving(p *participant) {
	p.peer.Close()
	at := time.Now()
	r.mu.Lock()
	current := r.meeting
	r.mu.Unlock()
	if current != nil {
		r.hub.later(func(ctx context.Context) error {
			return r.hub.Meetings.Left(ctx, current.info.ID, p.person, at)
		})
	}
	r.announceLive()
}

func (r *room) leaveBy(s *session) error {
	r.mu.Lock()
	p, err := r.ofLocked(s)
	if err == nil {
		r.takeOutLocked(p)
		s.setRoom(nil)
	} else if w := r.waiting[s.me.ID]; w != nil && w.session == s {
		delete(r.waiting, s.me.ID)
		s.setRoom(nil)
		r.tellLobbyLocked()
		err = nil
	}
	r.mu.Unlock()
	if p != nil {
		r.afterLeaving(p)
	}
	r.hub.tidy(r)
	return err
}

// emptied closes a meeting that nobody came back to.
func (r *room) emptied(m *meeting) {
	r.joining.Lock()
	defer r.joining.Unlock()
	r.mu.Lock()
	still := r.meeting == m && len(r.participants) == 0
	r.mu.Unlock()
	if still {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		if err := r.close(ctx, endedEmpty); err != nil {
			r.hub.Log.Error("empty meeting could not be closed", "room", r.id, "err", err)
		}
	}
}

// ending says how a live meeting comes to its end.
type ending int

const (
	endedByHost    ending = iota // over for good
	endedByStandIn               // everybody is sent away; before its time is over it can go on
	endedEmpty                   // nobody is in it
	endedByStop                  // the node stops: it goes on when people come back
)

// reason is what those are told who are in it.
func (how ending) reason() wire.RemovedReason {
	if how == endedByStandIn {
		return wire.RemovedRest
	}
	return wire.RemovedEnded
}

// close ends the live meeting: everybody is told, the recording and the media
// stop. When the node stops, nobody is told: clients come back and join again.
func (r *room) close(ctx context.Context, how ending) error {
	r.mu.Lock()
	m := r.meeting
	if m == nil {
		r.mu.Unlock()
		return nil
	}
	if r.rest != nil {
		r.rest.Stop()
	}
	people := make([]*participant, 0, len(r.participants))
	for _, p := range r.participants {
		people = append(people, p)
		if p.hold != nil {
			p.hold.Stop()
		}
		if p.session != nil && how != endedByStop {
			p.session.setRoom(nil)
			p.session.send(&wire.Removed{Room: r.id.String(), Reason: how.reason()})
		}
	}
	r.tellWaitersLocked(m, how)
	rec := m.recording
	m.recording = nil
	r.meeting, r.participants = nil, make(map[uuid.UUID]*participant)
	r.blocked = make(map[uuid.UUID]bool)
	r.mu.Unlock()
	if how != endedByStop {
		r.hub.visitorsOut(m.info.ID)
	}
	var errs []error
	if rec != nil {
		errs = append(errs, rec.Stop(ctx))
	}
	m.media.Close()
	if how != endedByHost { // its end closes the attendance at once
		for _, p := range people {
			errs = append(errs, r.hub.Meetings.Left(ctx, m.info.ID, p.person, time.Now()))
		}
	}
	switch how {
	case endedByHost:
		errs = append(errs, r.hub.Meetings.End(ctx, m.info.ID))
	case endedEmpty, endedByStandIn:
		errs = append(errs, r.hub.Meetings.Rest(ctx, m.info.ID))
	case endedByStop:
		return errors.Join(errs...)
	}
	r.hub.Changed(ctx, string(wire.TopicMeeting), m.info.ID.String(), r.id)
	r.announceLive()
	r.hub.tidy(r)
	return errors.Join(errs...)
}

// tellWaitersLocked tells the guests who wait for the meeting. For one that is over
// nobody waits any longer.
func (r *room) tellWaitersLocked(m *meeting, how ending) {
	for id, w := range r.waiting {
		switch {
		case w.session.visits != m.info.ID:
		case how == endedByHost:
			r.dropWaiterLocked(id, wire.RemovedEnded)
		default:
			w.session.send(&wire.RoomLive{Room: r.id.String(), Live: false})
		}
	}
}

// visitorsOut ends at once what a meeting's guests hear; their rights end with the
// meeting itself.
func (h *Hub) visitorsOut(meeting uuid.UUID) {
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.GuestPerson && s.visits == meeting {
			s.admitted.Store(false)
		}
	}
}

// shutDown closes the media and finishes the recording when the node stops.
func (r *room) shutDown() {
	r.hub.later(func(ctx context.Context) error {
		r.joining.Lock()
		defer r.joining.Unlock()
		return r.close(ctx, endedByStop)
	})
}
