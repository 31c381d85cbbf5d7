package signaling

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
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

	admitted atomic.Bool // a guest was let in

	mu       sync.Mutex
	followed map[uuid.UUID]func() // rooms whose events are delivered; Guarded by mu.
	leave    func()               // stops hearing of changed rooms; Guarded by mu.
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

func (s *session) setAdmitted(in bool) { s.admitted.Store(in) }

// caller is who the session is to the chat.
func (s *session) caller() chat.Caller {
	c := chat.Caller{Person: s.me}
	if s.me.Kind == chat.GuestPerson && s.admitted.Load() {
		c.GuestRoom = s.guestHome
	}
	return c
}

// welcome registers the session, follows its rooms and, where it resumes a
// held participant, attaches it.
func (s *session) welcome(ctx context.Context, hello *wire.Hello) (*wire.Welcome, error) {
	if err := s.followRooms(ctx); err != nil {
		return nil, err
	}
	heads, err := s.hub.Chat.Heads(ctx, s.caller())
	if err != nil {
		return nil, err
	}
	w := &wire.Welcome{
		Version: wire.Version, Session: s.token, Me: toPerson(s.me), Rooms: toHeads(heads),
		Online: s.hub.arrive(s), Now: time.Now().UTC(),
	}
	if s.me.Kind == chat.GuestPerson {
		w.Online = []string{}
	}
	if hello.Resume != "" {
		if snapshot := s.resume(hello.Resume); snapshot != nil {
			w.Resumed, w.Snapshot = true, snapshot
		}
	}
	return w, nil
}

// followRooms makes the followed rooms those the person is in now.
func (s *session) followRooms(ctx context.Context) error {
	heads, err := s.hub.Chat.Heads(ctx, s.caller())
	if err != nil {
		return err
	}
	want := make(map[uuid.UUID]bool, len(heads))
	for _, h := range heads {
		want[h.Room] = true
		if err := s.follow(ctx, h.Room); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for room, leave := range s.followed {
		if !want[room] {
			leave()
			delete(s.followed, room)
		}
	}
	if s.leave == nil && s.me.Kind == chat.AccountPerson {
		s.leave = s.hub.Feed.FollowAccount(s.me.ID, s.roomsChanged)
	}
	return nil
}

func (s *session) follow(ctx context.Context, room uuid.UUID) error {
	s.mu.Lock()
	_, already := s.followed[room]
	s.mu.Unlock()
	if already {
		return nil
	}
	leave, err := s.hub.Feed.Follow(ctx, room, s)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.followed[room] = leave
	return nil
}

func (s *session) follows(room uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.followed[room] != nil
}

// roomsChanged hears that the person's rooms are other ones now. Who was taken
// out of a room is out of its meeting, too.
func (s *session) roomsChanged(room uuid.UUID) {
	s.hub.later(func(ctx context.Context) error {
		if err := s.followRooms(ctx); err != nil {
			return err
		}
		s.send(&wire.RoomsChanged{Room: room.String()})
		if at := s.room(); at != nil && at.id == room && !s.follows(room) {
			s.leaveMeeting(wire.RemovedRevoked)
		}
		return nil
	})
}

// gone cleans up after the socket; a participant is held for its return.
func (s *session) gone() {
	s.mu.Lock()
	leaves := make([]func(), 0, len(s.followed)+1)
	for _, leave := range s.followed {
		leaves = append(leaves, leave)
	}
	if s.leave != nil {
		leaves = append(leaves, s.leave)
	}
	s.followed, s.leave = map[uuid.UUID]func(){}, nil
	at := s.at
	s.mu.Unlock()
	for _, leave := range leaves {
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

// leaveMeeting takes the person out of its meeting and says why.
func (s *session) leaveMeeting(reason wire.RemovedReason) {
	if r := s.room(); r != nil {
		r.remove(s.me.ID, reason)
	}
}

// resume attaches this socket to the participant that an earlier one held.
func (s *session) resume(token string) *wire.Snapshot {
	s.hub.mu.Lock()
	rooms := make([]*room, 0, len(s.hub.rooms))
	for _, r := range s.hub.rooms {
		rooms = append(rooms, r)
	}
	s.hub.mu.Unlock()
	for _, r := range rooms {
		if snapshot := r.reattach(s, token); snapshot != nil {
			return snapshot
		}
	}
	return nil
}

// send queues a message; a client too slow for it is cut off and comes back
// from where it was.
func (s *session) send(m wire.ServerMessage) { s.enqueue("", m, false) }

// hint queues a message that may be lost.
func (s *session) hint(m wire.ServerMessage) { s.enqueue("", m, true) }

func (s *session) reply(id string, m wire.ServerMessage) { s.enqueue(id, m, false) }

func (s *session) enqueue(re string, m wire.ServerMessage, mayBeLost bool) {
	frame, err := wire.EncodeServer(re, m)
	if err != nil {
		s.hub.Log.Error("message could not be encoded", "err", err)
		return
	}
	if !s.out.put(frame, mayBeLost) {
		s.hub.counters.slow.Add(1)
		s.kick(statusSlow, "resync from cursor")
	}
}

// arrive registers a session and returns who is online; the first of an
// account is announced.
func (h *Hub) arrive(s *session) (online []string) {
	h.mu.Lock()
	if h.closing {
		defer s.kick(statusRestart, "the server is restarting")
	}
	first := !h.onlineLocked(s.me)
	h.sessions[s] = struct{}{}
	for other := range h.sessions {
		if other.me.Kind == chat.AccountPerson {
			online = append(online, other.me.ID.String())
		}
	}
	h.mu.Unlock()
	if first {
		h.announcePresence(s.me, true)
	}
	slices.Sort(online)
	return append([]string{}, slices.Compact(online)...)
}

func (h *Hub) depart(s *session) {
	h.mu.Lock()
	delete(h.sessions, s)
	last := !h.onlineLocked(s.me)
	h.mu.Unlock()
	if last {
		h.announcePresence(s.me, false)
	}
}

func (h *Hub) onlineLocked(p chat.Person) bool {
	for s := range h.sessions {
		if s.me.ID == p.ID && s.me.Kind == p.Kind {
			return true
		}
	}
	return false
}
