package signaling

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// room is the live side of a room: who waits to be let in, and its meeting.
type room struct {
	hub   *Hub
	id    uuid.UUID
	users int // Guarded by Hub.mu.
	// claimed: its live side is this node's, as the leases say. Guarded by Hub.mu.
	claimed bool

	// Read by those who join a meeting that is live, and held by whoever begins or
	// ends it, or its recording: all wait for the database. Taken before mu.
	joining sync.RWMutex

	mu           sync.Mutex
	waiting      map[uuid.UUID]*waiter      // Guarded by mu.
	meeting      *meeting                   // Guarded by mu; nil while none is live.
	participants map[uuid.UUID]*participant // Guarded by mu.
	blocked      map[uuid.UUID]bool         // Accounts put out for good; Guarded by mu.
	rest         *time.Timer                // Ends a meeting that nobody is in; Guarded by mu.
	roster       roster                     // Guarded by mu.
	live         bundle                     // Guarded by mu.
	lobby        bundle                     // Guarded by mu.
}

// waiter is somebody in the lobby.
type waiter struct {
	session *session
	since   time.Time
}

// meeting is the meeting that is live in a room.
type meeting struct {
	// Set when it begins.
	info  Live
	media *sfu.Meeting
	since time.Time

	// Guarded by room.mu.
	locked    bool
	speaking  []string
	recording *recording
}

// recording is what runs while a meeting is recorded.
type recording struct {
	Running
	since time.Time
	by    string
}

// participant is someone in the meeting, with or without a socket.
type participant struct {
	// Set when it joins.
	person chat.Person
	joined time.Time
	peer   *sfu.Peer

	// Held while an offer is answered, so that two devices are answered in the
	// order in which they took the place. Taken before room.mu.
	answering sync.Mutex

	// Guarded by room.mu.
	role    wire.Role
	leads   bool      // by what was arranged
	deputy  bool      // it was appointed by who leads
	session *session  // nil while its socket is away
	token   string    // what a returning socket shows
	signIn  uuid.UUID // the sign-in it came by, or
	device  uuid.UUID // the guest's session
	hold    *time.Timer
	hand    *time.Time
	quality wire.Quality
	live    map[wire.Source]bool
	untold  map[wire.Source]bool   // live, but the others have not heard of it: closed until then
	muted   map[wire.Source]string // the moderator who muted it
	seats   []wire.Seating
	wanted  map[sfu.Source]uint8 // layers of its sources that somebody uses
}

func newRoom(h *Hub, id uuid.UUID) *room {
	return &room{
		hub: h, id: id, waiting: make(map[uuid.UUID]*waiter),
		participants: make(map[uuid.UUID]*participant), blocked: make(map[uuid.UUID]bool),
		roster: roster{bundle: bundle{every: rosterEvery}, changed: make(map[uuid.UUID]bool)},
		live:   bundle{every: liveEvery},
		lobby:  bundle{every: lobbyEvery},
	}
}

// unused says whether the hub may forget the room.
func (r *room) unused() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meeting == nil && len(r.waiting) == 0
}

func (r *room) occupancy() (count int, live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.participants), r.meeting != nil
}

// sources in the order in which they are shown.
func allSources() []wire.Source {
	return []wire.Source{wire.Microphone, wire.Camera, wire.Screen, wire.ScreenAudio}
}

func (p *participant) stateLocked() wire.Participant {
	connection := wire.Connected
	if p.session == nil {
		connection = wire.Reconnecting
	}
	w := wire.Participant{
		Person: toPerson(p.person), Role: p.role, Connection: connection, Quality: p.quality,
		HandRaisedAt: p.hand, JoinedAt: p.joined, StandsIn: p.standsIn(), Sources: make([]wire.SourceState, 0, 4),
	}
	for _, source := range allSources() {
		w.Sources = append(w.Sources, wire.SourceState{Source: source, Live: p.live[source], Muted: p.muted[source] != ""})
	}
	return w
}

func (p *participant) moderates() bool { return p.role == wire.RoleHost || p.role == wire.RoleCohost }

// mayLead says whether it may do what whose meeting it is may.
func (p *participant) mayLead() bool { return p.leads || p.deputy }

// standsIn says whether it moderates somebody else's meeting until they come.
func (p *participant) standsIn() bool { return p.moderates() && !p.mayLead() }

func (r *room) stateLocked() wire.MeetingState {
	m := r.meeting
	state := wire.MeetingState{
		ID: m.info.ID.String(), Room: r.id.String(), Title: m.info.Title, StartedAt: m.since, Locked: m.locked,
	}
	if m.recording != nil {
		state.Recording = wire.RecordingState{On: true, Since: &m.recording.since, StartedBy: m.recording.by}
	}
	return state
}

// meets says whether a meeting is held here.
func (r *room) meets(meeting string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meeting != nil && r.meeting.info.ID.String() == meeting
}

// takeOver makes the meeting what was arranged meanwhile, and tells everybody here
// of a new title.
func (r *room) takeOver(now Live) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meeting == nil || r.meeting.info.ID != now.ID {
		return
	}
	info := &r.meeting.info
	renamed := info.Title != now.Title
	info.Title, info.MayBeRecorded = now.Title, now.MayBeRecorded
	if renamed {
		r.tellLocked(&wire.MeetingChanged{Meeting: r.stateLocked()})
	}
}

// snapshotLocked is all that a client needs to build the meeting anew.
func (r *room) snapshotLocked(me *participant) *wire.Snapshot {
	s := &wire.Snapshot{
		Meeting: r.stateLocked(), Me: me.person.ID.String(), Waiting: []wire.Waiting{}, Wanted: []wire.Wanted{},
		Participants: make([]wire.Participant, 0, len(r.participants)),
		Seats:        append([]wire.Seating{}, me.seats...), Speaking: append([]string{}, r.meeting.speaking...),
	}
	for source, layers := range me.wanted {
		s.Wanted = append(s.Wanted, *toWanted(source, layers))
	}
	for _, p := range r.participants {
		s.Participants = append(s.Participants, p.stateLocked())
	}
	slices.SortFunc(s.Participants, func(a, b wire.Participant) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.ID, b.ID))
	})
	if me.moderates() {
		s.Waiting = r.lobbyLocked()
	}
	return s
}

func (r *room) lobbyLocked() []wire.Waiting {
	list := make([]wire.Waiting, 0, len(r.waiting))
	for _, w := range r.waiting {
		if !r.isOnLocked(w.session) {
			continue // it waits for another meeting in this room
		}
		list = append(list, wire.Waiting{Person: toPerson(w.session.me), Since: w.since, Link: w.session.invited})
	}
	slices.SortFunc(list, func(a, b wire.Waiting) int { return a.Since.Compare(b.Since) })
	return list
}

// tellLocked sends to every participant with a socket.
func (r *room) tellLocked(m wire.ServerMessage) { r.putLocked(r.hub.encode("", m), false) }

// putLocked queues one frame for every participant with a socket: what all hear
// is encoded once.
func (r *room) putLocked(frame []byte, mayBeLost bool) {
	if frame == nil {
		return
	}
	for _, p := range r.participants {
		if p.session != nil {
			p.session.put(frame, mayBeLost)
		}
	}
}

// tellLobbyLocked tells those who may let somebody in who waits.
func (r *room) tellLobbyLocked() {
	if r.lobby.due(r.tellLobby) {
		r.flushLobbyLocked()
	}
}

func (r *room) tellLobby() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lobby.done()
	r.flushLobbyLocked()
}

func (r *room) flushLobbyLocked() {
	m := &wire.Lobby{Waiting: r.lobbyLocked()}
	for _, p := range r.participants {
		if p.session != nil && p.moderates() {
			p.session.send(m)
		}
	}
}

// ofLocked returns the participant that a session is.
func (r *room) ofLocked(s *session) (*participant, error) {
	p := r.participants[s.me.ID]
	if p == nil || p.session != s {
		return nil, errNotInMeeting
	}
	return p, nil
}

func (r *room) namedLocked(id string) (*participant, error) {
	parsed, err := parseID("participant", id)
	if err != nil {
		return nil, err
	}
	p := r.participants[parsed]
	if p == nil {
		return nil, errNobody
	}
	return p, nil
}
