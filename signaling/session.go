package signaling

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// session is one socket.
type session struct {
	// Set before the loops start.
	hub       *Hub
	conn      *websocket.Conn
	out       *queue
	token     string
	ctx       context.Context //nolint:containedctx // the socket's own lifetime, with who it is
	kicked    chan *farewell
	me        chat.Person
	signIn    uuid.UUID // sign-in session of an account
	guest     uuid.UUID // session of a guest
	guestHome uuid.UUID // the one room of a guest

	leavePlace func()    // gives back its place among its person's sockets; nil: it has none
	visits     uuid.UUID // the one meeting of a guest
	invited    string    // the name that a guest's link was made out to

	admitted atomic.Bool  // a guest was let in, and its meeting is live
	since    atomic.Int64 // the event from which on a guest reads
	over     atomic.Bool  // it was kicked or is gone: nothing new begins

	following sync.Mutex // Serialises changes of what it follows, which ask Postgres; taken before mu.

	mu       sync.Mutex
	followed map[uuid.UUID]func() // rooms whose events are delivered; Guarded by mu.
	greeted  bool                 // it has followed its rooms once; Guarded by mu.
	at       *room                // the room it meets or waits in; Guarded by mu.
}

func newSession(h *Hub, conn *websocket.Conn) *session {
	raw := make([]byte, 18)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return &session{
		hub: h, conn: conn, out: newQueue(), kicked: make(chan *farewell, 1), followed: make(map[uuid.UUID]func()),
		token: base64.RawURLEncoding.EncodeToString(raw),
	}
}

// caller is who the session is to the chat.
func (s *session) caller() chat.Caller {
	c := chat.Caller{Person: s.me}
	if s.me.Kind == chat.GuestPerson && s.admitted.Load() {
		c.GuestRoom, c.GuestSince = s.guestHome, s.since.Load()
	}
	return c
}

// setGuest takes what a guest's device may now.
func (s *session) setGuest(g account.Guest) {
	s.since.Store(g.Since) // before it is let in: nothing older is read in between
	s.admitted.Store(g.Admitted)
}

// welcome registers the session, follows its rooms and, where it resumes a
// held participant, attaches it. It is registered before its rights are read,
// so that none can end unnoticed in between.
func (s *session) welcome(ctx context.Context, hello *wire.Hello) (*wire.Welcome, error) {
	online, err := s.hub.arrive(s)
	if err != nil {
		return nil, err
	}
	if err := s.stillMay(ctx); err != nil {
		return nil, err
	}
	heads, err := s.followRooms(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.pendingCalls(ctx); err != nil {
		return nil, err
	}
	w := &wire.Welcome{
		Version: wire.Version, Session: s.token, Me: toPerson(s.me), Rooms: toHeads(heads),
		Online: online, Now: time.Now().UTC(),
	}
	if self := s.hub.Nodes.Self(); self != uuid.Nil {
		w.Node = self.String()
	}
	if s.me.Kind == chat.GuestPerson {
		w.Online = []string{}
	}
	if hello.Resume != "" {
		snapshot, err := s.resume(ctx, hello.Resume)
		if err != nil {
			return nil, err
		}
		w.Resumed, w.Snapshot = snapshot != nil, snapshot
	}
	return w, nil
}

// stillMay reads whether the sign-in, or the guest's session, is still good.
func (s *session) stillMay(ctx context.Context) error {
	if s.me.Kind == chat.GuestPerson {
		g, err := s.hub.Guests.BySessionID(ctx, s.guest)
		if err == nil {
			s.setGuest(g)
		}
		return err
	}
	open, err := s.hub.Accounts.StillOpen(ctx, []uuid.UUID{s.signIn})
	if err == nil && len(open) == 0 {
		err = account.ErrSignedOut
	}
	return err
}

// followRooms follows all the rooms the person is in, and returns where they
// stand. Events after that are delivered.
func (s *session) followRooms(ctx context.Context) ([]chat.Head, error) {
	s.following.Lock()
	defer s.following.Unlock()
	rooms, err := s.hub.Chat.RoomIDs(ctx, s.caller())
	if err != nil {
		return nil, err
	}
	if err := s.followLocked(ctx, rooms...); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.greeted = true
	s.mu.Unlock()
	return s.hub.Chat.Heads(ctx, s.caller())
}

// setFollowing begins or ends the delivery of a room's events.
func (s *session) setFollowing(ctx context.Context, room uuid.UUID, on bool) error {
	s.following.Lock()
	defer s.following.Unlock()
	if on {
		return s.followLocked(ctx, room)
	}
	s.mu.Lock()
	leave := s.followed[room]
	delete(s.followed, room)
	s.mu.Unlock()
	if leave != nil {
		leave()
	}
	return nil
}

// rereadGuest brings a guest's admission up to date, and with it what the
// guest hears. What before does happens under the same lock.
func (s *session) rereadGuest(ctx context.Context, before func(ctx context.Context) error) error {
	s.following.Lock()
	if before != nil {
		if err := before(ctx); err != nil {
			s.following.Unlock()
			return err
		}
	}
	g, err := s.hub.Guests.BySessionID(ctx, s.guest)
	if err != nil {
		g = account.Guest{}
	}
	s.setGuest(g)
	s.following.Unlock()
	if err != nil && !errors.Is(err, account.ErrSignedOut) {
		return err
	}
	return s.setFollowing(ctx, s.guestHome, s.admitted.Load())
}

// followLocked follows those of the rooms that are not followed yet.
func (s *session) followLocked(ctx context.Context, rooms ...uuid.UUID) error {
	rooms = slices.DeleteFunc(rooms, s.follows)
	if len(rooms) == 0 {
		return nil
	}
	leaves, err := s.hub.Feed.Follow(ctx, rooms, s)
	if err != nil {
		return err
	}
	s.mu.Lock()
	gone := s.followed == nil
	if !gone {
		maps.Copy(s.followed, leaves)
	}
	s.mu.Unlock()
	if gone {
		for _, leave := range leaves {
			leave()
		}
	}
	return nil
}

func (s *session) follows(room uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.followed[room] != nil
}

// gone cleans up after the socket; a participant is held for its return.
func (s *session) gone() {
	s.over.Store(true)
	if s.leavePlace != nil {
		s.leavePlace()
	}
	s.mu.Lock()
	followed, at := s.followed, s.at
	s.followed = nil // nothing is followed any more
	s.mu.Unlock()
	for _, leave := range followed {
		leave()
	}
	s.hub.depart(s)
	if at != nil {
		at.dropped(s)
	}
}

func (s *session) room() *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *session) setRoom(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = r
}

// resume attaches this socket to the participant that an earlier one held, if
// its person may still be there.
func (s *session) resume(ctx context.Context, token string) (*wire.Snapshot, error) {
	for _, r := range s.hub.allRooms() {
		if !r.holds(s, token) {
			continue
		}
		if err := r.mayEnter(ctx, s); err != nil {
			if _, hidden := toFailure(err); hidden {
				return nil, err
			}
			return nil, nil //nolint:nilnil // what was held is not for this person any more
		}
		if snapshot := r.reattach(s, token); snapshot != nil {
			return snapshot, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing was held
}

// send queues a message; a client too slow for it is cut off and comes back
// from where it was.
func (s *session) send(m wire.ServerMessage) { s.enqueue("", m, false) }

// hint queues a message that may be lost.
func (s *session) hint(m wire.ServerMessage) { s.enqueue("", m, true) }

func (s *session) reply(id string, m wire.ServerMessage) { s.enqueue(id, m, false) }

func (s *session) enqueue(re string, m wire.ServerMessage, mayBeLost bool) {
	if frame := s.hub.encode(re, m); frame != nil {
		s.put(frame, mayBeLost)
	}
}

func (s *session) put(frame []byte, mayBeLost bool) {
	if !s.out.put(frame, mayBeLost) {
		s.hub.counters.slow.Add(1)
		s.kick(statusSlow, "resync from cursor")
	}
}

func (h *Hub) encode(re string, m wire.ServerMessage) []byte {
	frame, err := wire.EncodeServer(re, m)
	if err != nil {
		h.Log.Error("message could not be encoded", "err", err)
		return nil
	}
	return frame
}
