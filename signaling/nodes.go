package signaling

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/signaling/wire"
)

// This file: how people who come in at different nodes meet. The live side of a
// room is at one node, which holds a lease of it; who asks another one is told
// which, opens a socket that names it, and is passed on there.

// Nodes knows which node has the live side of which room.
type Nodes interface {
	// Self is this node, or uuid.Nil when others do not reach it: then every room
	// is its own, and nobody is sent anywhere.
	Self() uuid.UUID
	// Claim takes a room for this node unless another one has it, and says whose
	// it is now.
	Claim(ctx context.Context, room uuid.UUID) (owner uuid.UUID, err error)
	// Keep says that this node still has rooms, and how many meet in each. It
	// returns those it has lost, and where at other nodes how many meet.
	Keep(ctx context.Context, rooms map[uuid.UUID]int) (lost []uuid.UUID, elsewhere map[uuid.UUID]int, err error)
	// Address is the URL of a node that runs; empty when there is no way there.
	Address(ctx context.Context, node uuid.UUID) (string, error)
}

const (
	// passedOn marks a request that came over another node: it is not passed on
	// again, so that a wrong address makes no circle.
	passedOn = "X-Yunqiao-Forwarded"
	// reachTimeout is how long another node may take to accept a connection, and
	// answerTimeout to answer.
	reachTimeout  = 3 * time.Second
	answerTimeout = 10 * time.Second
)

// mayMeet is mayEnter where the meeting may be at another node. Who may not come
// in at all is not told where it is, and takes no room for this node.
func (r *room) mayMeet(ctx context.Context, s *session) error {
	err := r.mayEnter(ctx, s)
	if f, _ := toFailure(err); err != nil && f.Code != wire.CodeMustKnock {
		return err
	}
	if elsewhere := r.claim(ctx); elsewhere != nil {
		return elsewhere
	}
	return err
}

// claim makes the room this node's, or says whose it is.
func (r *room) claim(ctx context.Context) error {
	h, self := r.hub, r.hub.Nodes.Self()
	h.mu.Lock()
	claimed := r.claimed
	h.mu.Unlock()
	if claimed || self == uuid.Nil {
		return nil
	}
	owner, err := h.Nodes.Claim(ctx, r.id)
	if err != nil {
		return err
	}
	if owner != self {
		f := failure(wire.CodeElsewhere, "the meeting is at another node")
		f.Node = owner.String()
		return f
	}
	h.mu.Lock()
	r.claimed = true
	h.mu.Unlock()
	return nil
}

// keepRooms renews the leases of the rooms that are used here, and takes over how
// many meet elsewhere. One that nobody uses any more runs out by itself. It
// returns how many meet where at this node, as the others can now see.
func (h *Hub) keepRooms(ctx context.Context) (here map[uuid.UUID]int, err error) {
	if h.Nodes.Self() == uuid.Nil {
		return nil, nil //nolint:nilnil // nobody is to see anything
	}
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	h.mu.Lock()
	claimed := make(map[uuid.UUID]*room)
	for id, r := range h.rooms {
		if r.claimed {
			claimed[id] = r
		}
	}
	h.mu.Unlock()
	here = make(map[uuid.UUID]int, len(claimed))
	for id, r := range claimed {
		here[id], _ = r.occupancy()
	}
	lost, elsewhere, err := h.Nodes.Keep(ctx, here)
	if err != nil {
		return nil, err
	}
	for _, id := range lost {
		h.lose(claimed[id])
	}
	h.meetElsewhere(elsewhere)
	return here, nil
}

// meetElsewhere tells this node's sockets what has changed in the meetings of
// other nodes. What is live here is told by its room.
func (h *Hub) meetElsewhere(now map[uuid.UUID]int) {
	h.mu.Lock()
	before := h.meeting
	h.meeting = now
	h.mu.Unlock()
	for id, people := range now {
		if before[id] != people {
			h.tellLive(id)
		}
	}
	for id := range before {
		if now[id] == 0 {
			h.tellLive(id)
		}
	}
}

// lose gives up a room that another node took while this one was not heard of.
// Its people come back, and are sent to where the others meet.
func (h *Hub) lose(r *room) {
	h.Log.Warn("another node has taken over a room", "room", r.id)
	h.mu.Lock()
	r.claimed = false
	h.mu.Unlock()
	h.later(func(ctx context.Context) error {
		r.joining.Lock()
		defer r.joining.Unlock()
		people := r.sessions()
		err := r.close(ctx, endedByStop)
		for _, s := range people {
			s.kick(statusRestart, "the meeting is at another node")
		}
		h.tidy(r)
		return err
	})
}

// sessions are those who meet or wait in the room.
func (r *room) sessions() (list []*session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.participants {
		if p.session != nil {
			list = append(list, p.session)
		}
	}
	for _, w := range r.waiting {
		list = append(list, w.session)
	}
	return list
}

// otherNode is where a socket wants to be served: nil when that is here, or when
// there is no way to the node it names. An address is never taken from a request.
func (h *Hub) otherNode(r *http.Request) *url.URL {
	node, err := uuid.Parse(r.URL.Query().Get("node"))
	if err != nil || node == uuid.Nil || node == h.Nodes.Self() || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), reachTimeout)
	defer cancel()
	address, err := h.Nodes.Address(ctx, node)
	if err != nil {
		h.Log.WarnContext(ctx, "no way to another node", "node", node, "err", err)
		return nil
	}
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return nil
	}
	return to
}

// passOn has another node serve a socket. The browser's origin and cookies are
// judged there: the host that it asked for is kept. It ends with either side.
func (h *Hub) passOn(w http.ResponseWriter, r *http.Request, to *url.URL) {
	if r.Header.Get(passedOn) != "" {
		http.Error(w, "this is not the node asked for, and it was passed on before", http.StatusLoopDetected)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(h.stopping, cancel)()
	proxy := &httputil.ReverseProxy{
		Transport: h.between,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Host = p.In.Host
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
			p.SetXForwarded()
			p.Out.Header.Set(passedOn, "1")
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				h.Log.WarnContext(r.Context(), "a socket could not be passed on", "to", to.Host, "err", err)
			}
			http.Error(w, "the node of the meeting does not answer, try again", http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(h.Log.Handler(), slog.LevelDebug),
	}
	proxy.ServeHTTP(w, r.WithContext(ctx))
}

// newBetween makes the way to other nodes. No proxy of the environment stands in
// between, and a connection is one socket's.
func newBetween() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: reachTimeout}).DialContext,
		TLSHandshakeTimeout: reachTimeout, ResponseHeaderTimeout: answerTimeout, DisableKeepAlives: true,
	}
}
