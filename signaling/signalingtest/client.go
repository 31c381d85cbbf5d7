// Package signalingtest is a client of the hub in Go, for tests: the real
// socket, and real offers of a pion connection.
package signalingtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/signaling/client"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// Client is one socket.
type Client struct {
	*client.Client
	t testing.TB
	// Welcome is what the node answered to hello.
	Welcome wire.Welcome

	mu      sync.Mutex
	changed chan struct{}        // Guarded by mu: closed and replaced at every message.
	heard   []wire.ServerMessage // Guarded by mu.
}

// Dial opens a socket with cookies and says hello.
func Dial(tb testing.TB, baseURL string, cookies []*http.Cookie, hello wire.Hello) *Client {
	tb.Helper()
	c, err := TryDial(tb, baseURL, cookies, hello)
	if err != nil {
		tb.Fatalf("dial: %v", err)
	}
	return c
}

// TryDial is Dial for those who may be refused.
func TryDial(tb testing.TB, baseURL string, cookies []*http.Cookie, hello wire.Hello) (*Client, error) {
	tb.Helper()
	return TryDialNode(tb, baseURL, "", cookies, hello)
}

// TryDialNode is TryDial for the socket of another node, by way of this one.
func TryDialNode(tb testing.TB, baseURL, node string, cookies []*http.Cookie, hello wire.Hello) (*Client, error) {
	tb.Helper()
	c := &Client{t: tb, changed: make(chan struct{})}
	var err error
	c.Client, err = client.Dial(tb.Context(), client.Options{URL: baseURL, Node: node, Cookies: cookies, Heard: c.hear})
	if err != nil {
		return nil, err
	}
	tb.Cleanup(c.Close)
	if hello.Version == 0 {
		hello.Version = wire.Version
	}
	m, failure := c.Try(&hello)
	if failure != nil {
		return nil, fmt.Errorf("%s: %s", failure.Code, failure.Message)
	}
	c.Welcome = *m.(*wire.Welcome)
	return c, nil
}

// Open opens a bare socket, for tests that speak badly on it.
func Open(tb testing.TB, baseURL string, cookies []*http.Cookie) (*websocket.Conn, error) {
	tb.Helper()
	return client.Open(tb.Context(), client.Options{URL: baseURL, Cookies: cookies})
}

func (c *Client) hear(m wire.ServerMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, m)
	close(c.changed)
	c.changed = make(chan struct{})
}

// until waits until look, which is called under the lock, is content.
func (c *Client) until(what string, look func() bool) error {
	deadline := time.After(patience)
	for {
		err := c.Err() // before looking: what came last was heard by then
		c.mu.Lock()
		ok, changed := look(), c.changed
		c.mu.Unlock()
		if ok {
			return nil
		}
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", what, err)
		}
		select {
		case <-changed:
		case <-c.Done():
		case <-deadline:
			return fmt.Errorf("%s did not come within %s", what, patience)
		}
	}
}

// Send sends without asking for an answer.
func (c *Client) Send(m wire.ClientMessage) {
	c.t.Helper()
	if err := c.Client.Send(c.t.Context(), m); err != nil {
		c.t.Fatalf("%v", err)
	}
}

// Ask sends a message and returns its answer, or why there is none in time.
func (c *Client) Ask(ctx context.Context, m wire.ClientMessage) (wire.ServerMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Client.Ask(ctx, m)
}

// Try sends a message and returns its answer, or the failure.
func (c *Client) Try(m wire.ClientMessage) (wire.ServerMessage, *wire.Failure) {
	c.t.Helper()
	return c.tried(c.Ask(c.t.Context(), m))
}

// TryRaw sends a body as it is, right or wrong, as a message of a type.
func (c *Client) TryRaw(kind string, body []byte) (wire.ServerMessage, *wire.Failure) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return c.tried(c.AskRaw(ctx, kind, body))
}

func (c *Client) tried(answer wire.ServerMessage, err error) (wire.ServerMessage, *wire.Failure) {
	c.t.Helper()
	if refusal, ok := errors.AsType[*client.Refusal](err); ok {
		return nil, &refusal.Failure
	}
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	return answer, nil
}

// Call sends a message that must succeed.
func (c *Client) Call(m wire.ClientMessage) wire.ServerMessage {
	c.t.Helper()
	answer, failure := c.Try(m)
	if failure != nil {
		c.t.Fatalf("%s was refused: %s: %s (%s)", wire.TypeOf(m), failure.Code, failure.Message, failure.Field)
	}
	return answer
}

// Refused sends a message that must be refused with a code.
func (c *Client) Refused(code wire.ErrorCode, m wire.ClientMessage) {
	c.t.Helper()
	answer, failure := c.Try(m)
	if failure == nil {
		c.t.Errorf("%s was answered with %s, want refusal %q", wire.TypeOf(m), wire.TypeOfServer(answer), code)
	} else if failure.Code != code {
		c.t.Errorf("%s was refused with %q (%s), want %q", wire.TypeOf(m), failure.Code, failure.Message, code)
	}
}

// Await returns the first message of a type, heard since the last Await, that
// fits; what was heard before it is forgotten.
func Await[M wire.ServerMessage](c *Client, what string, fits func(M) bool) M {
	c.t.Helper()
	var found M
	err := c.until(what, func() bool {
		for i, m := range c.heard {
			if typed, ok := m.(M); ok && fits(typed) {
				found, c.heard = typed, c.heard[i+1:]
				return true
			}
		}
		return false
	})
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	return found
}

// Heard counts the messages of a type that fit since the last Await.
func Heard[M wire.ServerMessage](c *Client, fits func(M) bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, m := range c.heard {
		if typed, ok := m.(M); ok && fits(typed) {
			n++
		}
	}
	return n
}

// Closed waits until the node has closed the socket and returns the status.
func (c *Client) Closed() websocket.StatusCode {
	select {
	case <-c.Done():
	case <-time.After(patience):
		c.t.Fatal("the socket stays open")
	}
	return websocket.CloseStatus(c.Err())
}

// Join enters a room's meeting with a real offer of so many seats.
func (c *Client) Join(room string, seats int, live ...wire.Source) *wire.Joined {
	c.t.Helper()
	answer, failure := c.TryJoin(room, seats, live...)
	if failure != nil {
		c.t.Fatalf("join was refused: %s: %s", failure.Code, failure.Message)
	}
	return answer
}

// TryJoin is Join for those who may be refused.
func (c *Client) TryJoin(room string, seats int, live ...wire.Source) (*wire.Joined, *wire.Failure) {
	c.t.Helper()
	pc, offer := NewOffer(c.t, seats)
	if live == nil {
		live = []wire.Source{}
	}
	answer, failure := c.Try(&wire.Join{Room: room, Offer: offer, Live: live})
	if failure != nil {
		return nil, failure
	}
	joined := answer.(*wire.Joined)
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: joined.Answer}); err != nil {
		c.t.Fatalf("the answer is not good: %v", err)
	}
	return joined, nil
}

// NewOffer makes a connection with the four sources and so many seats, and its offer.
func NewOffer(tb testing.TB, seats int) (*webrtc.PeerConnection, wire.Offer) {
	tb.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = pc.Close() })
	add := func(kind webrtc.RTPCodecType, direction webrtc.RTPTransceiverDirection) *webrtc.RTPTransceiver {
		tr, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: direction})
		if err != nil {
			tb.Fatal(err)
		}
		return tr
	}
	const audio, video = webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo
	sources := []wire.Source{wire.Microphone, wire.Camera, wire.Screen, wire.ScreenAudio}
	kinds := []webrtc.RTPCodecType{audio, video, video, audio}
	var senders []*webrtc.RTPTransceiver
	for _, kind := range kinds {
		senders = append(senders, add(kind, webrtc.RTPTransceiverDirectionSendonly))
	}
	var pairs [][2]*webrtc.RTPTransceiver
	for range seats {
		pairs = append(pairs, [2]*webrtc.RTPTransceiver{
			add(audio, webrtc.RTPTransceiverDirectionRecvonly), add(video, webrtc.RTPTransceiverDirectionRecvonly),
		})
	}
	sdp, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(sdp)
	}
	if err != nil {
		tb.Fatal(err)
	}
	offer := wire.Offer{SDP: sdp.SDP, Sources: []wire.SourceOffer{}, Seats: []wire.SeatOffer{}}
	for i, s := range senders {
		offer.Sources = append(offer.Sources, wire.SourceOffer{Source: sources[i], MID: s.Mid()})
	}
	for _, p := range pairs {
		offer.Seats = append(offer.Seats, wire.SeatOffer{Audio: p[0].Mid(), Video: p[1].Mid()})
	}
	return pc, offer
}
