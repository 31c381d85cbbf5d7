// Package client is the asking end of the hub's socket, in Go: requests with
// their answers, and what the node says by itself. The load generator and the
// tests speak through it.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"github.com/yunqiao/yunqiao/signaling/wire"
)

// readLimit bounds a frame; a page of history is the largest.
const readLimit = 16 << 20

// Options say where a socket leads and who opens it.
type Options struct {
	URL    string         // of the hub, such as http://127.0.0.1:8080
	Node   string         // the id of the node to be passed on to; "": the one that answers
	Origin string         // of the page it is opened from; "" for none
	Jar    http.CookieJar // who it is; nil when Cookies say so
	// Cookies are sent besides those of the jar.
	Cookies []*http.Cookie
	// Heard is told what the node says unasked, in order, by the goroutine that
	// reads: an answer is given out when everything before it was heard. It may be
	// nil.
	Heard func(wire.ServerMessage)
}

// Client is one open socket. It is for use by many goroutines.
type Client struct {
	// Set by Dial.
	conn  *websocket.Conn
	heard func(wire.ServerMessage)
	done  chan struct{}

	mu      sync.Mutex
	last    int                                // guarded by mu
	waiting map[string]chan wire.ServerMessage // guarded by mu: by the id of the request
	err     error                              // guarded by mu: why it is done
}

// Refusal is the failure that a node answered a request with.
type Refusal struct {
	wire.Failure
	Asked string // the type of the request
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s: %s", r.Asked, r.Code, r.Message) }

// ErrClosed says that the socket closed before the answer came.
var ErrClosed = errors.New("the socket is closed")

// Open opens a bare socket, for those who speak on it themselves.
func Open(ctx context.Context, o Options) (*websocket.Conn, error) {
	header := http.Header{}
	if o.Origin != "" {
		header.Set("Origin", o.Origin)
	}
	for _, c := range o.Cookies {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	address := strings.Replace(o.URL, "http", "ws", 1) + "/api/socket"
	if o.Node != "" {
		address += "?node=" + url.QueryEscape(o.Node)
	}
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: &http.Client{Jar: o.Jar}, HTTPHeader: header}) //nolint:bodyclose // the library closes it
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	conn.SetReadLimit(readLimit)
	return conn, nil
}

// Dial opens a socket and reads it until it closes. Close and Drop wait for that.
// The first thing to ask is a wire.Hello.
func Dial(ctx context.Context, o Options) (*Client, error) {
	conn, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, heard: o.Heard, done: make(chan struct{}), waiting: map[string]chan wire.ServerMessage{}}
	if c.heard == nil {
		c.heard = func(wire.ServerMessage) {}
	}
	go c.read()
	return c, nil
}

func (c *Client) read() {
	defer close(c.done)
	for {
		re, m, err := c.receive()
		c.mu.Lock()
		c.err = err
		answer := c.waiting[re]
		delete(c.waiting, re)
		c.mu.Unlock()
		switch {
		case err != nil:
			_ = c.conn.CloseNow() // it is of no more use, however it ended
			return
		case answer != nil:
			answer <- m
		case re == "":
			c.heard(m)
		}
	}
}

func (c *Client) receive() (re string, m wire.ServerMessage, err error) {
	_, data, err := c.conn.Read(context.Background())
	if err != nil {
		return "", nil, fmt.Errorf("read socket: %w", err)
	}
	return wire.DecodeServer(data)
}

// Send sends without asking for an answer.
func (c *Client) Send(ctx context.Context, m wire.ClientMessage) error {
	frame, err := wire.EncodeClient("", m)
	if err != nil {
		return err
	}
	return c.write(ctx, wire.TypeOf(m), frame)
}

// Ask sends a request and returns its answer. A failure is a Refusal.
func (c *Client) Ask(ctx context.Context, m wire.ClientMessage) (wire.ServerMessage, error) {
	return c.exchange(ctx, wire.TypeOf(m), func(id string) ([]byte, error) { return wire.EncodeClient(id, m) })
}

// AskRaw is Ask with a body as it is, right or wrong.
func (c *Client) AskRaw(ctx context.Context, kind string, body []byte) (wire.ServerMessage, error) {
	return c.exchange(ctx, kind, func(id string) ([]byte, error) {
		return json.Marshal(wire.Frame{Type: kind, ID: id, Body: body})
	})
}

func (c *Client) exchange(ctx context.Context, kind string, encode func(id string) ([]byte, error)) (wire.ServerMessage, error) {
	answer := make(chan wire.ServerMessage, 1)
	c.mu.Lock()
	c.last++
	id := strconv.Itoa(c.last)
	c.waiting[id] = answer
	c.mu.Unlock()
	defer c.forget(id)
	frame, err := encode(id)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	if err := c.write(ctx, kind, frame); err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		return accepted(kind, m)
	case <-c.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("answer to %s: %w", kind, context.Cause(ctx))
	}
	select { // the last thing that came
	case m := <-answer:
		return accepted(kind, m)
	default:
		return nil, fmt.Errorf("answer to %s: %w: %w", kind, ErrClosed, c.Err())
	}
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

func accepted(kind string, m wire.ServerMessage) (wire.ServerMessage, error) {
	if f, ok := m.(*wire.Failure); ok {
		return nil, &Refusal{Failure: *f, Asked: kind}
	}
	return m, nil
}

func (c *Client) write(ctx context.Context, kind string, frame []byte) error {
	if err := c.conn.Write(ctx, websocket.MessageText, frame); err != nil {
		return fmt.Errorf("send %s: %w", kind, err)
	}
	return nil
}

// Done is closed when nothing more comes.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the socket is done; nil while it is not.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close closes the socket in order.
func (c *Client) Close() {
	_ = c.conn.Close(websocket.StatusNormalClosure, "") // the node may have gone
	<-c.done
}

// Drop cuts the connection as a lost network does.
func (c *Client) Drop() {
	_ = c.conn.CloseNow() // whatever became of it
	<-c.done
}
