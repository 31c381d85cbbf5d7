package signaling

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	// lobbyStay is how long an appliance waits in the lobby after its last try.
	lobbyStay = 60 * time.Second
	// playerWidth and playerHeight are the size a player is assumed to show.
	playerWidth, playerHeight = 1280, 720
)

// appliance is an encoder or a player: a participant that speaks HTTP instead of
// the socket. It is a session without a client: what is sent to it is read here.
type appliance struct {
	s    *session
	done chan struct{} // closed when it has ended
	news chan struct{} // for whoever waits to be let in: look again

	mu       sync.Mutex
	id       string      // of its resource, which changes with every offer; Guarded by mu.
	ufrag    string      // of its ICE session; Guarded by mu.
	seats    int         // pictures it shows; Guarded by mu.
	stay     *time.Timer // ends it while it waits; nil once it is in; Guarded by mu.
	followed string      // whom it showed last; Guarded by mu.
}

// appliances are those of one node.
type appliances struct {
	mu   sync.Mutex
	list map[uuid.UUID]*appliance // by guest session; Guarded by mu.
}

// applianceOf returns the appliance of a guest's session, registering it when it
// comes for the first time.
func (h *Hub) applianceOf(ctx context.Context, g account.Guest) (*appliance, error) {
	room, err := h.Meetings.RoomOf(ctx, g.MeetingID)
	if err != nil {
		return nil, err
	}
	h.appliances.mu.Lock()
	defer h.appliances.mu.Unlock()
	if a := h.appliances.list[g.SessionID]; a != nil && !a.s.over.Load() {
		return a, nil
	}
	if !h.start() {
		return nil, errRestart
	}
	s := newSession(h, nil)
	s.me = chat.Person{ID: g.ID, Kind: chat.GuestPerson, Name: g.Name}
	s.guest, s.guestHome, s.visits, s.invited = g.SessionID, room, g.MeetingID, g.Invited
	s.setGuest(g)
	s.ctx = context.WithoutCancel(ctx)
	if _, err := h.arrive(s); err != nil {
		h.finish()
		return nil, err
	}
	a := &appliance{s: s, done: make(chan struct{}), news: make(chan struct{}, 1)}
	a.stay = time.AfterFunc(lobbyStay, func() { s.kick(statusRevoked, "nobody let it in") })
	h.appliances.list[g.SessionID] = a
	go a.run()
	return a, nil
}

// run reads what is sent to the appliance until it is out.
func (a *appliance) run() {
	defer a.s.hub.finish()
	defer close(a.done)
	defer a.leave()
	for {
		select {
		case <-a.s.kicked: //nolint:errcheck // a reason to leave, whatever it says
			return
		case <-a.s.out.ready:
		}
		if a.isOut(a.s.out.take()) {
			return
		}
		select {
		case a.news <- struct{}{}:
		default: // one is enough
		}
		a.follow()
	}
}

// isOut reports whether one of the messages ends the appliance's part. The others
// need no answer: whoever waits, and what is shown, looks at the room itself.
func (a *appliance) isOut(frames [][]byte) bool {
	for _, frame := range frames {
		_, m, err := wire.DecodeServer(frame)
		if err != nil {
			continue
		}
		switch m.(type) {
		case *wire.Removed, *wire.Refused:
			return true
		}
	}
	return false
}

// leave takes the appliance out of whatever it is in. It is not held: an encoder
// that returns makes another offer.
func (a *appliance) leave() {
	s := a.s
	s.over.Store(true)
	a.mu.Lock()
	if a.stay != nil {
		a.stay.Stop()
	}
	a.mu.Unlock()
	if r := s.room(); r != nil {
		_ = r.leaveBy(s) // out already
	}
	s.gone()
	h := s.hub
	h.appliances.mu.Lock()
	defer h.appliances.mu.Unlock()
	if h.appliances.list[s.guest] == a {
		delete(h.appliances.list, s.guest)
	}
}

// isAppliance says whether nobody is at the other end of a socket.
func (s *session) isAppliance() bool { return s.conn == nil }

// enter brings the appliance into its meeting. When it has to be let in, it
// waits for that as long as ctx lasts; the lobby keeps it longer.
func (a *appliance) enter(ctx context.Context, offer sfu.Offer, live []wire.Source) (string, error) {
	r, done := a.s.hub.use(a.s.guestHome)
	defer done()
	for {
		err := r.mayEnter(ctx, a.s)
		if err == nil {
			break
		}
		if f, _ := toFailure(err); f.Code != wire.CodeMustKnock {
			return "", err
		}
		if err := a.knock(ctx); err != nil {
			return "", err
		}
	}
	m, err := r.admitPeer(ctx, a.s, offer, live)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	a.seats = len(offer.Seats)
	if a.stay != nil {
		a.stay.Stop()
		a.stay = nil
	}
	a.mu.Unlock()
	a.follow()
	return m.Answer, nil
}

// knock waits in the lobby until something happens.
func (a *appliance) knock(ctx context.Context) error {
	if _, err := a.s.knock(ctx, &wire.Knock{Room: a.s.guestHome.String()}); err != nil {
		return err
	}
	a.mu.Lock()
	if a.stay != nil {
		a.stay.Reset(lobbyStay)
	}
	a.mu.Unlock()
	select {
	case <-a.news:
		return nil
	case <-a.done:
		return errTakenOut
	case <-ctx.Done():
		return failure(wire.CodeMustKnock, "it waits to be let in")
	}
}

// follow has a player show what matters: shared screens, then whoever spoke
// last, then the others.
func (a *appliance) follow() {
	r := a.s.room()
	a.mu.Lock()
	defer a.mu.Unlock()
	if r == nil || a.seats == 0 {
		return
	}
	r.mu.Lock()
	p, err := r.ofLocked(a.s)
	if err != nil || r.meeting == nil {
		r.mu.Unlock()
		return
	}
	if speaking := r.meeting.speaking; len(speaking) > 0 {
		a.followed = speaking[0]
	}
	tiles := r.tilesLocked(p, a.followed)
	r.mu.Unlock()
	p.peer.View(tiles[:min(len(tiles), a.seats)])
}

// tilesLocked are all pictures of the meeting but p's own, the most important
// first.
func (r *room) tilesLocked(p *participant, speaker string) []sfu.Tile {
	others := make([]*participant, 0, len(r.participants))
	for _, o := range r.participants {
		if o != p {
			others = append(others, o)
		}
	}
	slices.SortFunc(others, func(a, b *participant) int {
		if aSpeaks := a.person.ID.String() == speaker; aSpeaks != (b.person.ID.String() == speaker) {
			if aSpeaks {
				return -1
			}
			return 1
		}
		return a.joined.Compare(b.joined)
	})
	var screens, people []sfu.Tile
	for _, o := range others {
		tile := sfu.Tile{Peer: peerOf(o.person.ID), Width: playerWidth, Height: playerHeight}
		if o.live[wire.Screen] {
			tile.Kind = sfu.ScreenShare
			screens = append(screens, tile)
		}
		if o.live[wire.Camera] {
			tile.Kind = sfu.Person
			people = append(people, tile)
		}
	}
	return append(screens, people...)
}
