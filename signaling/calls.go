package signaling

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// Calls rings people. What it returns is true for all nodes.
type Calls interface {
	Ring(ctx context.Context, by chat.Person, room uuid.UUID, people []uuid.UUID) (Call, error)
	Answer(ctx context.Context, by, call uuid.UUID, accept bool) (Call, error)
	Cancel(ctx context.Context, by, call uuid.UUID) (Call, error)
	Read(ctx context.Context, call uuid.UUID) (Call, error)
	// Recent lists the calls of accounts that ring, or have ended a moment ago.
	Recent(ctx context.Context, accounts []uuid.UUID) ([]Call, error)
}

// Call is one ringing, as everybody in it sees it.
type Call struct {
	ID, Room   uuid.UUID
	By         chat.Person
	Version    int
	StartedAt  time.Time
	RingsUntil time.Time
	AnsweredAt *time.Time
	EndedAt    *time.Time
	People     []CallPerson
}

// CallPerson is one who is rung, and how the call stands for them.
type CallPerson struct {
	Person chat.Person
	State  string
}

// concerns says whether an account rings or is rung.
func (c Call) concerns(account uuid.UUID) bool {
	return c.By.ID == account || slices.ContainsFunc(c.People, func(p CallPerson) bool { return p.Person.ID == account })
}

// rings says whether the call is ringing an account.
func (c Call) rings(account uuid.UUID) bool {
	return c.EndedAt == nil && slices.ContainsFunc(c.People, func(p CallPerson) bool {
		return p.Person.ID == account && p.State == string(wire.CallRinging)
	})
}

func toCall(c Call) wire.Call {
	w := wire.Call{
		ID: c.ID.String(), Room: c.Room.String(), By: toPerson(c.By), Version: c.Version, StartedAt: c.StartedAt.UTC(),
		RingsUntil: c.RingsUntil.UTC(), AnsweredAt: c.AnsweredAt, EndedAt: c.EndedAt, People: make([]wire.CallPerson, 0, len(c.People)),
	}
	for _, p := range c.People {
		w.People = append(w.People, wire.CallPerson{Person: toPerson(p.Person), State: wire.CallOutcome(p.State)})
	}
	return w
}

// toldCalls is which version of each call this node's sockets have been told.
// It makes the hint of the bus and the sweep that finds what the bus lost one
// telling.
type toldCalls struct {
	mu       sync.Mutex
	versions map[uuid.UUID]toldVersion // Guarded by mu.
}

type toldVersion struct {
	version int
	at      time.Time
}

// keepTold is how long a call is remembered: longer than it is found by Recent.
const keepTold = 15 * time.Minute

// news says whether this version has not been told yet, and remembers it.
func (t *toldCalls) news(c Call, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.versions == nil {
		t.versions = make(map[uuid.UUID]toldVersion)
	}
	for id, v := range t.versions {
		if now.Sub(v.at) > keepTold {
			delete(t.versions, id)
		}
	}
	if t.versions[c.ID].version >= c.Version {
		return false
	}
	t.versions[c.ID] = toldVersion{c.Version, now}
	return true
}

// CallChanged has every node tell its sockets of a call.
func (h *Hub) CallChanged(ctx context.Context, call uuid.UUID) { h.publish(ctx, topicCalls, call) }

func (h *Hub) hearCall(payload []byte) {
	var id uuid.UUID
	if err := json.Unmarshal(payload, &id); err != nil {
		h.Log.Warn("unreadable note on the bus", "err", err)
		return
	}
	h.later(func(ctx context.Context) error {
		c, err := h.Calls.Read(ctx, id)
		if err != nil {
			return err
		}
		h.tellCall(c)
		return nil
	})
}

// tellCall tells this node's sockets of a call, once for each of its versions.
func (h *Hub) tellCall(c Call) {
	if !h.told.news(c, time.Now()) {
		return
	}
	for _, s := range h.allSessions() {
		s.hearCall(c)
	}
}

// hearCall tells a socket of a call: whom it rings, and of how it goes on those
// who know of it.
func (s *session) hearCall(c Call) {
	switch {
	case s.me.Kind != chat.AccountPerson || !c.concerns(s.me.ID):
	case c.rings(s.me.ID):
		s.send(&wire.Rung{Call: toCall(c)})
	default:
		s.send(&wire.CallChanged{Call: toCall(c)})
	}
}

// sweepCalls finds the calls that this node was not told of.
func (h *Hub) sweepCalls(ctx context.Context) error {
	h.mu.Lock()
	here := h.accountsLocked()
	h.mu.Unlock()
	if len(here) == 0 {
		return nil
	}
	accounts := make([]uuid.UUID, 0, len(here))
	for id := range here {
		accounts = append(accounts, id)
	}
	found, err := h.Calls.Recent(ctx, accounts)
	if err != nil {
		return err
	}
	for _, c := range found {
		h.tellCall(c)
	}
	return nil
}

// pendingCalls tells a socket that has just come of what rings, or is rung by,
// its person. It is registered already: what changes meanwhile it hears, too.
func (s *session) pendingCalls(ctx context.Context) error {
	if s.me.Kind != chat.AccountPerson {
		return nil
	}
	found, err := s.hub.Calls.Recent(ctx, []uuid.UUID{s.me.ID})
	if err != nil {
		return err
	}
	for _, c := range found {
		if c.EndedAt == nil {
			s.hearCall(c)
		}
	}
	return nil
}

var errAccountsRing = failure(wire.CodeForbidden, "guests do not ring")

func (s *session) ring(ctx context.Context, m *wire.Ring) (wire.ServerMessage, error) {
	if s.me.Kind != chat.AccountPerson {
		return nil, errAccountsRing
	}
	room, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	people, err := parseIDs("people", m.People)
	if err != nil {
		return nil, err
	}
	c, err := s.hub.Calls.Ring(ctx, s.me, room, people)
	if err != nil {
		return nil, err
	}
	return &wire.Ringing{Call: toCall(c)}, nil
}

func (s *session) answerCall(ctx context.Context, m *wire.AnswerCall) error {
	if s.me.Kind != chat.AccountPerson {
		return errAccountsRing
	}
	call, err := parseID("call", m.Call)
	if err != nil {
		return err
	}
	_, err = s.hub.Calls.Answer(ctx, s.me.ID, call, m.Accept)
	return err
}

func (s *session) cancelCall(ctx context.Context, m *wire.CancelCall) error {
	if s.me.Kind != chat.AccountPerson {
		return errAccountsRing
	}
	call, err := parseID("call", m.Call)
	if err != nil {
		return err
	}
	_, err = s.hub.Calls.Cancel(ctx, s.me.ID, call)
	return err
}
