package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// This file: how rights that end reach open sockets and live meetings. The bus
// tells of it at once; the sweep finds what the bus lost.

// revocation says whose rights ended: one of the members is set.
type revocation struct {
	Account uuid.UUID `json:"account"`
	Session uuid.UUID `json:"session"` // a sign-in
	Invitee uuid.UUID `json:"invitee"` // a guest on every device
	Device  uuid.UUID `json:"device"`  // a guest's session
	// Dismissed is a guest who has to knock again.
	Dismissed uuid.UUID `json:"dismissed"`
}

func (v revocation) hits(p chat.Person, signIn, device uuid.UUID) bool {
	switch {
	case p.Kind == chat.GuestPerson:
		return p.ID == v.Invitee || device != uuid.Nil && device == v.Device
	case signIn != uuid.Nil && signIn == v.Session:
		return true
	}
	return p.ID == v.Account
}

// AccountRevoked ends an account's sockets on all nodes.
func (h *Hub) AccountRevoked(id uuid.UUID) { h.revoke(revocation{Account: id}) }

// SessionRevoked ends the sockets of one sign-in on all nodes.
func (h *Hub) SessionRevoked(id uuid.UUID) { h.revoke(revocation{Session: id}) }

// GuestRevoked ends a guest's sockets on all nodes.
func (h *Hub) GuestRevoked(invitee uuid.UUID) { h.revoke(revocation{Invitee: invitee}) }

func (h *Hub) revoke(v revocation) { h.publish(context.Background(), topicRevoked, v) }

func (h *Hub) hearRevoked(payload []byte) {
	var v revocation
	if err := json.Unmarshal(payload, &v); err != nil {
		h.Log.Warn("unreadable note on the bus", "err", err)
		return
	}
	if v.Dismissed != uuid.Nil {
		h.dismiss(v.Dismissed)
		return
	}
	h.cutOff(v)
}

// cutOff ends sockets first: who has been kicked joins nothing more. Then
// everybody concerned leaves, with or without a socket: a participant whose
// socket is away still sends and hears.
func (h *Hub) cutOff(v revocation) {
	var cut []*session
	for _, s := range h.allSessions() {
		if v.hits(s.me, s.signIn, s.guest) {
			s.over.Store(true)
			cut = append(cut, s)
		}
	}
	for _, r := range h.allRooms() {
		r.removeAll(wire.RemovedRevoked, v.hits)
	}
	for _, s := range cut {
		s.kick(statusRevoked, "your access has ended")
	}
}

// dismiss takes a guest's admission back on every device.
func (h *Hub) dismiss(invitee uuid.UUID) {
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.GuestPerson && s.me.ID == invitee {
			s.admitted.Store(false) // at once; the rest follows
			h.later(func(ctx context.Context) error { return s.rereadGuest(ctx, nil) })
		}
	}
}

// rereadVisitors brings the rights of a meeting's guests up to date: it has begun,
// rests or is over.
func (h *Hub) rereadVisitors(meeting string) {
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.GuestPerson && s.visits.String() == meeting {
			h.later(func(ctx context.Context) error { return s.rereadGuest(ctx, nil) })
		}
	}
}

// rereadMeeting takes over what was changed of a meeting while it is held here.
func (h *Hub) rereadMeeting(meeting string) {
	for _, r := range h.allRooms() {
		if !r.meets(meeting) {
			continue
		}
		h.later(func(ctx context.Context) error {
			now, err := h.Meetings.Now(ctx, r.id)
			if err == nil {
				r.takeOver(now)
			}
			return err
		})
	}
}

// sweepUntil reads everybody's rights anew, again and again, until ctx ends.
func (h *Hub) sweepUntil(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			limited, cancel := context.WithTimeout(ctx, sweepEvery)
			if err := h.sweep(limited); err != nil && ctx.Err() == nil {
				h.Log.WarnContext(ctx, "rights could not be read anew", "err", err)
			}
			cancel()
		}
	}
}

// here lists the sign-ins and the guests' sessions of open sockets, and of
// participants whose socket is away.
func (h *Hub) here() (signIns, devices []uuid.UUID) {
	add := func(signIn, device uuid.UUID) {
		if signIn != uuid.Nil {
			signIns = append(signIns, signIn)
		}
		if device != uuid.Nil {
			devices = append(devices, device)
		}
	}
	for _, s := range h.allSessions() {
		add(s.signIn, s.guest)
	}
	for _, r := range h.allRooms() {
		r.eachParticipant(func(p *participant) { add(p.signIn, p.device) })
	}
	return signIns, devices
}

func (h *Hub) sweep(ctx context.Context) error {
	signIns, devices := h.here()
	if len(signIns) > 0 {
		open, err := h.Accounts.StillOpen(ctx, signIns)
		if err != nil {
			return err
		}
		good := setOf(open)
		for _, id := range signIns {
			if !good[id] {
				h.cutOff(revocation{Session: id})
			}
		}
	}
	if err := errors.Join(h.sweepMembers(ctx), h.sweepCalls(ctx)); err != nil || len(devices) == 0 {
		return err
	}
	admitted, err := h.Guests.StillOpen(ctx, devices)
	if err != nil {
		return err
	}
	for _, id := range devices {
		if _, open := admitted[id]; !open {
			h.cutOff(revocation{Device: id})
		}
	}
	var errs []error
	for _, s := range h.allSessions() {
		if let, known := admitted[s.guest]; known && let != s.admitted.Load() {
			errs = append(errs, s.rereadGuest(ctx, nil))
		}
	}
	return errors.Join(errs...)
}

// sweepMembers finds the accounts that came into a room, or were taken out of
// it, without this node hearing of it.
func (h *Hub) sweepMembers(ctx context.Context) error {
	h.mu.Lock()
	here := h.accountsLocked()
	h.mu.Unlock()
	accounts := make([]uuid.UUID, 0, len(here))
	for id := range here {
		accounts = append(accounts, id)
	}
	if len(accounts) == 0 {
		return nil
	}
	before := h.allSessions() // who comes later reads its rooms itself
	rooms, err := h.Chat.RoomsOf(ctx, accounts)
	if err != nil {
		return err
	}
	moved := make(map[uuid.UUID][]uuid.UUID) // accounts by room
	for _, s := range before {
		if s.me.Kind == chat.AccountPerson {
			for _, room := range s.misplaced(setOf(rooms[s.me.ID])) {
				moved[room] = append(moved[room], s.me.ID)
			}
		}
	}
	for room, accounts := range moved {
		h.hearMembers(room, accounts)
	}
	return nil
}

// misplaced lists the rooms that the session should follow and does not, or
// follows and should not.
func (s *session) misplaced(in map[uuid.UUID]bool) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rooms []uuid.UUID
	if s.followed == nil || !s.greeted {
		return nil
	}
	for room := range in {
		if s.followed[room] == nil {
			rooms = append(rooms, room)
		}
	}
	for room := range s.followed {
		if !in[room] {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

func setOf(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// hearMembers is told that a room appeared, disappeared or changed for
// accounts. Who was taken out hears no more of it and is out of its meeting.
func (h *Hub) hearMembers(room uuid.UUID, accounts []uuid.UUID) {
	h.later(func(ctx context.Context) error {
		h.membership.Lock()
		defer h.membership.Unlock()
		members, err := h.Chat.MemberIDs(ctx, room)
		if err != nil {
			return err
		}
		in := setOf(members)
		var errs []error
		for _, s := range h.allSessions() {
			if s.me.Kind == chat.AccountPerson && (s.follows(room) || slices.Contains(accounts, s.me.ID)) {
				errs = append(errs, s.setFollowing(ctx, room, in[s.me.ID]))
				s.send(&wire.RoomsChanged{Room: room.String()})
			}
		}
		h.mu.Lock()
		r := h.rooms[room]
		h.mu.Unlock()
		if r != nil {
			r.removeAll(wire.RemovedRevoked, func(p chat.Person, _, _ uuid.UUID) bool {
				return p.Kind == chat.AccountPerson && !in[p.ID]
			})
		}
		return errors.Join(errs...)
	})
}
