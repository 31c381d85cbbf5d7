package signaling

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// Close codes of the application (RFC 6455 section 7.4.2).
const (
	statusVersion websocket.StatusCode = 4000
	statusSlow    websocket.StatusCode = 4001
	statusRevoked websocket.StatusCode = 4003
	statusFlood   websocket.StatusCode = 4008
	statusRestart                      = websocket.StatusServiceRestart
)

const (
	helloTimeout = 10 * time.Second
	writeTimeout = 10 * time.Second
	pingEvery    = 20 * time.Second
	// pingTimeout is longer than any message takes to be handled, since the
	// answer is read by the loop that handles them.
	pingTimeout   = 20 * time.Second
	handleTimeout = 10 * time.Second
	// A client may send this many messages a second, and this many at once.
	messageRate  = 30
	messageBurst = 120
	// After so many bad messages in a minute a socket is closed.
	maxBadFrames = 20
)

// ServeHTTP opens a socket. Only pages of the hub itself may: the cookie alone
// would let any page in (cross-site hijacking).
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.start() {
		http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
		return
	}
	defer h.finish()
	if to := h.otherNode(r); to != nil {
		h.passOn(w, r, to)
		return
	}
	if p, refused := errors.AsType[*problem.Error](h.Budgets.Accept.Ask(time.Now(), budget.Network(h.Address(r)), 1)); refused {
		problem.Write(w, p)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		OriginPatterns: h.Origins, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		h.counters.refused.Add(1)
		h.Log.DebugContext(r.Context(), "socket refused", "err", err)
		return // Accept has answered
	}
	conn.SetReadLimit(wire.MaxFrame)
	s := newSession(h, conn)
	if err := s.run(r); err != nil {
		h.Log.DebugContext(r.Context(), "socket ended", "person", s.me.ID, "err", err)
	}
}

// run serves one socket until either side ends it.
func (s *session) run(r *http.Request) error {
	defer s.conn.CloseNow() //nolint:errcheck // closed already in the ordinary case
	// The request's context ends with its connection, which is the socket's now.
	base, err := s.hub.Identify(r)
	if err != nil {
		_ = s.conn.Close(websocket.StatusInternalError, "try again")
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(base))
	defer cancel()
	s.ctx = ctx
	defer s.gone()
	if err := s.greet(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.readLoop(ctx) })
	g.Go(func() error { return s.writeLoop(ctx) })
	g.Go(func() error { return s.pingLoop(ctx) })
	return g.Wait()
}

// greet reads the hello and answers it.
func (s *session) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	defer context.AfterFunc(s.hub.stopping, cancel)()
	id, m, err := s.read(ctx)
	if err != nil {
		return s.refuse(ctx, id, websocket.StatusPolicyViolation, err)
	}
	hello, ok := m.(*wire.Hello)
	switch {
	case !ok:
		return s.refuse(ctx, id, websocket.StatusPolicyViolation, failure(wire.CodeUnauthorized, "say hello first"))
	case hello.Version != wire.Version:
		return s.refuse(ctx, id, statusVersion, failure(wire.CodeVersion, "reload the page: the server speaks another version"))
	}
	if err := s.identify(ctx, hello.As); err != nil {
		return s.refuse(ctx, id, statusRevoked, err)
	}
	if s.leavePlace, err = s.takePlace(); err != nil {
		return s.refuse(ctx, id, statusFlood, err)
	}
	welcome, err := s.welcome(ctx, hello)
	switch {
	case errors.Is(err, account.ErrSignedOut):
		return s.refuse(ctx, id, statusRevoked, err)
	case errors.Is(err, errRestart):
		return s.refuse(ctx, id, statusRestart, err)
	case err != nil:
		s.hub.Log.ErrorContext(ctx, "socket could not be welcomed", "person", s.me.ID, "err", err)
		return s.refuse(ctx, id, websocket.StatusInternalError, err)
	}
	// What happened meanwhile is queued already, and comes after the welcome.
	s.out.putFirst(s.hub.encode(id, welcome))
	return nil
}

// refuse answers a bad hello and closes the socket.
func (s *session) refuse(ctx context.Context, id string, status websocket.StatusCode, err error) error {
	if websocket.CloseStatus(err) != -1 || ctx.Err() != nil {
		return err
	}
	f, _ := toFailure(decodeFailure(err))
	if frame, encodeErr := wire.EncodeServer(id, &f); encodeErr == nil {
		_ = s.conn.Write(ctx, websocket.MessageText, frame) // it may be gone
	}
	_ = s.conn.Close(status, string(f.Code))
	return err
}

// identify takes who the cookies say the socket is.
func (s *session) identify(ctx context.Context, as wire.As) error {
	switch as {
	case wire.AsAccount:
		a, ok := account.From(ctx)
		if !ok {
			return account.ErrSignedOut
		}
		s.me = chat.CallerOf(a).Person
		s.signIn = account.SessionFrom(ctx)
		return nil
	case wire.AsGuest:
		g, ok := account.GuestFrom(ctx)
		if !ok {
			return account.ErrSignedOut
		}
		s.me = chat.Person{ID: g.ID, Kind: chat.GuestPerson, Name: g.Name}
		s.guest, s.visits, s.invited = g.SessionID, g.MeetingID, g.Invited
		room, err := s.hub.Meetings.RoomOf(ctx, g.MeetingID)
		if err != nil {
			return err
		}
		s.guestHome = room
		s.setGuest(g)
		return nil
	}
	return failure(wire.CodeInvalid, "account or guest").at("as")
}

func (s *session) read(ctx context.Context) (id string, m wire.ClientMessage, err error) {
	kind, data, err := s.conn.Read(ctx)
	if err != nil {
		return "", nil, err
	}
	if kind != websocket.MessageText {
		return "", nil, wire.ErrMalformed
	}
	return wire.DecodeClient(data)
}

// decodeFailure gives decoding errors their code.
func decodeFailure(err error) error {
	switch {
	case errors.Is(err, wire.ErrUnknownType):
		return failure(wire.CodeUnknownType, err.Error())
	case errors.Is(err, wire.ErrMalformed):
		return failure(wire.CodeMalformed, "the frame is not a message of this protocol")
	}
	return err
}

// readLoop handles messages one after the other, so that each client's
// messages take effect in its order.
func (s *session) readLoop(ctx context.Context) error {
	limit := rate.NewLimiter(messageRate, messageBurst)
	bad := rate.NewLimiter(rate.Every(time.Minute/maxBadFrames), maxBadFrames)
	for {
		id, m, err := s.read(ctx)
		isFrame := errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrUnknownType)
		if err != nil && !isFrame {
			return err
		}
		if s.over.Load() {
			continue // until the closing handshake is through, nothing is carried out
		}
		if !limit.Allow() {
			s.hub.counters.flooded.Add(1)
			s.kick(statusFlood, "too many messages")
			continue
		}
		if err != nil {
			s.hub.counters.bad.Add(1)
			s.fail(ctx, id, decodeFailure(err))
			if !bad.Allow() {
				s.kick(websocket.StatusPolicyViolation, "too many bad frames")
			}
			continue
		}
		s.handle(ctx, id, m)
	}
}

// handle carries one message out and answers it. What was received is carried
// out to its end, even when the socket drops meanwhile: nobody ends half a
// meeting. A panic ends this socket and no other.
func (s *session) handle(ctx context.Context, id string, m wire.ClientMessage) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTimeout)
	defer cancel()
	defer func() {
		if caught := recover(); caught != nil {
			s.hub.counters.panics.Add(1)
			s.hub.Log.ErrorContext(ctx, "message handler panicked", "type", wire.TypeOf(m), "panic", caught, "stack", string(debug.Stack()))
			s.kick(websocket.StatusInternalError, "something went wrong on the server")
		}
	}()
	var answer wire.ServerMessage
	err := s.afford(m)
	if err == nil {
		answer, err = s.dispatch(ctx, m)
	}
	switch {
	case err != nil:
		s.fail(ctx, id, err)
	case id == "":
	case answer == nil:
		s.reply(id, &wire.Done{})
	default:
		s.reply(id, answer)
	}
}

func (s *session) fail(ctx context.Context, id string, err error) {
	f, hidden := toFailure(err)
	if hidden {
		s.hub.Log.ErrorContext(ctx, "message could not be carried out", "person", s.me.ID, "err", err)
	}
	s.reply(id, &f)
}

// pingLoop finds out when the client is gone. It is a loop of its own, since a
// ping waits for its answer, and messages must not.
func (s *session) pingLoop(ctx context.Context) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.within(s.ctx, pingTimeout, s.conn.Ping); err != nil {
				return err
			}
		}
	}
}

// writeLoop sends what is queued. It writes on the session's own
// context: a write that is cut short would close the socket without a reason.
func (s *session) writeLoop(ctx context.Context) error {
	for {
		select {
		case f := <-s.kicked:
			return s.sayGoodbye(f)
		case <-ctx.Done():
			select {
			case f := <-s.kicked:
				return s.sayGoodbye(f)
			default:
				return context.Cause(ctx)
			}
		case <-s.out.ready:
			if err := s.flush(s.ctx); err != nil {
				return err
			}
		}
	}
}

func (s *session) flush(ctx context.Context) error {
	for _, frame := range s.out.take() {
		err := s.within(ctx, writeTimeout, func(ctx context.Context) error { return s.conn.Write(ctx, websocket.MessageText, frame) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *session) within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// farewell is why the hub ends a socket.
type farewell struct {
	status websocket.StatusCode
	reason string
}

func (f *farewell) Error() string { return f.reason }

// kick ends the socket after what is queued already. The first reason counts,
// and no message that comes after it.
func (s *session) kick(status websocket.StatusCode, reason string) {
	s.over.Store(true)
	select {
	case s.kicked <- &farewell{status, reason}:
	default:
	}
}

// sayGoodbye sends what is queued and closes; the read loop ends by that.
func (s *session) sayGoodbye(f *farewell) error {
	last, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	if f.status != statusSlow { // a slow client would not take it anyway
		_ = s.flush(last) // it may be gone
	}
	_ = s.conn.Close(f.status, f.reason)
	return f
}

var _ http.Handler = (*Hub)(nil)
