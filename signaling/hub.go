// Package signaling holds the sockets of this node and the live meetings on
// them: who is here, who waits, who may do what. Its messages are those of
// package wire. DESIGN.md tells who owns which state and in which order locks
// are taken.
package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	// holdFor is how long a participant whose socket dropped keeps its place.
	holdFor = 60 * time.Second
	// sweepEvery is how often the rights of everybody here are read anew, so
	// that a revocation the bus lost, or one that crossed with a sign-in, is
	// found at the latest then.
	sweepEvery = 5 * time.Second
	// restFor is how long a meeting that nobody is in stays live.
	restFor = 60 * time.Second
)

// Live is the meeting that is held in a room now.
type Live struct {
	ID, Room, Host uuid.UUID
	Title          string
	MayBeRecorded  bool
	// VideoCodecs are those to send pictures with, in order; none leaves it to the
	// clients.
	VideoCodecs []string
}

// Meetings knows the meetings beyond their live part.
type Meetings interface {
	// Begin returns the meeting to be held now in a room, making a spontaneous
	// one when none is arranged.
	Begin(ctx context.Context, room, by uuid.UUID) (Live, error)
	// Now returns the meeting that is held in a room as it is arranged now; the zero
	// Live where none is.
	Now(ctx context.Context, room uuid.UUID) (Live, error)
	// Leads says whether an account leads a meeting, by what was arranged. Anybody
	// else who becomes its host stands in.
	Leads(ctx context.Context, meeting, account uuid.UUID) (bool, error)
	// RoomOf returns the room a meeting is held in.
	RoomOf(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error)
	// Joined and Left write the attendance.
	Joined(ctx context.Context, meeting uuid.UUID, p chat.Person, at time.Time) error
	Left(ctx context.Context, meeting uuid.UUID, p chat.Person, at time.Time) error
	// Waits is told that a guest waits for a meeting that nobody leads just now.
	Waits(ctx context.Context, meeting uuid.UUID, guest chat.Person) error
	// End ends a meeting for good.
	End(ctx context.Context, meeting uuid.UUID) error
	// Rest is told that everybody has left, or was sent away before the time.
	Rest(ctx context.Context, meeting uuid.UUID) error
}

// Recorder records live meetings.
type Recorder interface {
	Start(ctx context.Context, meeting uuid.UUID, by chat.Person, media *sfu.Meeting, name func(sfu.PeerID) string) (Running, error)
}

// Running is a recording that goes on until it is stopped, or fails.
type Running interface {
	Stop(ctx context.Context) error
	// Done is closed when it has ended.
	Done() <-chan struct{}
}

// Audit remembers what people did to others, by the caller in ctx.
type Audit interface {
	Record(ctx context.Context, action, object string, details map[string]any) error
}

// Accounts knows who is still signed in.
type Accounts interface {
	// StillOpen returns those of the sign-in sessions that are good now.
	StillOpen(ctx context.Context, sessions []uuid.UUID) ([]uuid.UUID, error)
}

// Guests remembers who was let in.
type Guests interface {
	// StillOpen is that of Accounts for guests' sessions, and says for each
	// whether it is let in.
	StillOpen(ctx context.Context, sessions []uuid.UUID) (admitted map[uuid.UUID]bool, err error)
	BySessionID(ctx context.Context, session uuid.UUID) (account.Guest, error)
	// Admit lets a device in, to read its room after an event.
	Admit(ctx context.Context, session uuid.UUID, since int64) error
	// Look returns whom a link's token is for; EnterAppliance opens, or finds again,
	// the session of an encoder or a player with that token.
	Look(ctx context.Context, token string) (account.Guest, error)
	EnterAppliance(ctx context.Context, token, kind string) (account.Guest, error)
	Dismiss(ctx context.Context, invitee uuid.UUID, block bool) error
}

// Parts are what a hub works with.
type Parts struct {
	Identify func(r *http.Request) (context.Context, error)
	// Address is where a request comes from.
	Address  func(r *http.Request) string
	Chat     *chat.Store
	Feed     *chat.Feed
	Accounts Accounts
	Guests   Guests
	Meetings Meetings
	Recorder Recorder
	Calls    Calls
	Audit    Audit
	Media    *sfu.SFU
	Presence Presence
	Nodes    Nodes
	Bus      bus.Bus
	Log      *slog.Logger
	// Relays are the TURN servers that a participant may use.
	Relays func(person uuid.UUID) []wire.ICEServer
	// Origins are the hosts, besides the hub's own, that pages may come from.
	Origins []string
}

// Hub holds the sockets and the live meetings of one node.
type Hub struct {
	Parts
	// Budgets bound what its sockets ask of it.
	Budgets  *Budgets
	counters counters

	appliances appliances

	latestEvent, latestMarks latest
	told                     toldCalls
	// stopping ends with Run; sockets that have not said hello end by it.
	stopping context.Context //nolint:containedctx // the hub's own lifetime
	stop     context.CancelFunc
	idle     chan struct{} // closed when Run has ended and nothing is at work

	between *http.Transport // to other nodes

	moved chan struct{} // who is online here or elsewhere may have changed

	membership sync.Mutex // Serialises the reading of who is in a room; taken first.

	mu       sync.Mutex
	sessions map[*session]struct{} // Guarded by mu.
	// elsewhere are the accounts online at other nodes; comings counts the accounts
	// that came to this one or left it. Guarded by mu.
	elsewhere map[uuid.UUID]bool
	comings   int
	rooms     map[uuid.UUID]*room // Guarded by mu.
	meeting   map[uuid.UUID]int   // how many meet in rooms of other nodes; Guarded by mu.
	closing   bool                // Guarded by mu.
	busy      int                 // Sockets and follow-up work; Guarded by mu.
}

// New makes a hub.
func New(p Parts) *Hub {
	stopping, stop := context.WithCancel(context.Background())
	return &Hub{
		Parts: p, Budgets: NewBudgets(), sessions: make(map[*session]struct{}), rooms: make(map[uuid.UUID]*room),
		stopping: stopping, stop: stop, idle: make(chan struct{}), moved: make(chan struct{}, 1), between: newBetween(),
		appliances: appliances{list: make(map[uuid.UUID]*appliance)},
	}
}

// Topics of the bus that concern all nodes.
const (
	topicPresence = "presence"
	topicChanged  = "changed"
	topicRevoked  = "revoked"
	topicCalls    = "calls"
)

// change says what is to be read again, and by the members of which room or by
// which accounts.
type change struct {
	Topic    wire.Topic  `json:"topic"`
	ID       string      `json:"id"`
	Room     uuid.UUID   `json:"room"`
	Accounts []uuid.UUID `json:"accounts,omitempty"`
}

// Run serves until the context ends, then closes every socket and waits for
// them; clients come back by themselves.
func (h *Hub) Run(ctx context.Context) error {
	leave := []func(){
		h.Bus.Subscribe(topicPresence, func([]byte) { h.presenceMoved() }),
		h.Bus.Subscribe(topicChanged, h.hearChanged),
		h.Bus.Subscribe(topicRevoked, h.hearRevoked),
		h.Bus.Subscribe(topicCalls, h.hearCall),
		h.Feed.FollowMembers(h.hearMembers),
	}
	var presence sync.WaitGroup
	presence.Go(func() { h.keepPresence(ctx) })
	h.sweepUntil(ctx)
	presence.Wait()
	for _, l := range leave {
		l()
	}
	h.start() // until everybody has been told
	h.mu.Lock()
	h.closing = true
	sessions := h.sessionsLocked()
	h.mu.Unlock()
	h.stop()
	for _, s := range sessions {
		s.kick(statusRestart, "the server is restarting")
	}
	// Who has been kicked joins nothing more: these are all the rooms.
	for _, r := range h.allRooms() {
		r.shutDown()
	}
	h.finish()
	<-h.idle
	return nil
}

// stopped is what busy is when the hub has ended for good.
const stopped = -1

// start counts a socket or a piece of follow-up work, which Run waits for. It
// says false when the hub has ended.
func (h *Hub) start() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy == stopped {
		return false
	}
	h.busy++
	return true
}

func (h *Hub) finish() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	if h.busy == 0 && h.closing {
		close(h.idle)
		h.busy = stopped
	}
}

func (h *Hub) allRooms() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		list = append(list, r)
	}
	return list
}

func (h *Hub) sessionsLocked() []*session {
	list := make([]*session, 0, len(h.sessions))
	for s := range h.sessions {
		list = append(list, s)
	}
	return list
}

func (h *Hub) allSessions() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sessionsLocked()
}

// use returns the live side of a room, making it when needed. It is kept until
// done is called, so that two callers never meet in different ones.
func (h *Hub) use(id uuid.UUID) (r *room, done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r = h.rooms[id]
	if r == nil {
		r = newRoom(h, id)
		h.rooms[id] = r
	}
	r.users++
	return r, func() {
		h.mu.Lock()
		r.users--
		h.mu.Unlock()
		h.tidy(r)
	}
}

// tidy drops a room that nobody uses, waits at or meets in.
func (h *Hub) tidy(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[r.id] == r && r.users == 0 && r.unused() {
		delete(h.rooms, r.id)
	}
}

// Participants implements chat.Live.
func (h *Hub) Participants(id uuid.UUID) (count int, live bool) {
	h.mu.Lock()
	r, elsewhere := h.rooms[id], h.meeting[id]
	h.mu.Unlock()
	if r != nil {
		if count, live = r.occupancy(); live {
			return count, true
		}
	}
	return elsewhere, elsewhere > 0
}

// Changed tells the members of a room on all nodes to read something again.
func (h *Hub) Changed(ctx context.Context, topic, id string, room uuid.UUID) {
	h.publish(ctx, topicChanged, change{Topic: wire.Topic(topic), ID: id, Room: room})
}

// ChangedFor tells accounts on all nodes to read something of their own again.
func (h *Hub) ChangedFor(ctx context.Context, topic string, accounts []uuid.UUID) {
	h.publish(ctx, topicChanged, change{Topic: wire.Topic(topic), Accounts: accounts})
}

func (h *Hub) publish(ctx context.Context, topic string, v any) {
	payload, err := json.Marshal(v)
	if err != nil {
		h.Log.ErrorContext(ctx, "note could not be encoded", "topic", topic, "err", err)
		return
	}
	h.Bus.Publish(topic, payload)
}

func (h *Hub) hearChanged(payload []byte) {
	var c change
	if err := json.Unmarshal(payload, &c); err != nil {
		h.Log.Warn("unreadable note on the bus", "err", err)
		return
	}
	if c.Topic == wire.TopicMeeting {
		h.rereadVisitors(c.ID)
		h.rereadMeeting(c.ID)
	}
	own := setOf(c.Accounts)
	for _, s := range h.allSessions() {
		if s.follows(c.Room) || s.me.Kind == chat.AccountPerson && own[s.me.ID] {
			s.send(&wire.Changed{Topic: c.Topic, ID: c.ID})
		}
	}
}

// later runs work that nobody waits for but the shutdown.
func (h *Hub) later(work func(ctx context.Context) error) {
	if !h.start() {
		h.Log.Warn("follow-up work came after the end")
		return
	}
	go func() {
		defer h.finish()
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		if err := work(ctx); err != nil {
			h.Log.Error("follow-up work failed", "err", err)
		}
	}()
}

// peerOf is the name of a participant in the media engine: its person.
func peerOf(id uuid.UUID) sfu.PeerID { return sfu.PeerID(id.String()) }

func parseID(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, fmt.Errorf("%w", failure(wire.CodeInvalid, "not an id").at(field))
	}
	return id, nil
}
