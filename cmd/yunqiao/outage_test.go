package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// fragile is a database that can go away and come back at the same address.
type fragile struct {
	t       *testing.T
	private postgres.Private
	server  *postgres.Server
	link    string
}

func newFragile(t *testing.T) *fragile {
	t.Helper()
	return newBreakable(t, true)
}

// newDurable is one that waits for the disk, as it does in earnest.
func newDurable(t *testing.T) *fragile {
	t.Helper()
	return newBreakable(t, false)
}

func newBreakable(t *testing.T, unsafe bool) *fragile {
	t.Helper()
	dir := t.TempDir()
	openPath(t, dir)
	f := &fragile{
		t: t, link: filepath.Join(dir, "socket"),
		private: postgres.Private{Dir: filepath.Join(dir, "pg"), Log: slog.New(slog.DiscardHandler), Unsafe: unsafe},
	}
	f.start()
	t.Cleanup(f.stop)
	return f
}

func (f *fragile) start() {
	f.t.Helper()
	var err error
	if f.server, err = f.private.Start(context.WithoutCancel(f.t.Context())); err != nil {
		f.t.Fatal(err)
	}
	_ = os.Remove(f.link) // of the server before
	if err := os.Symlink(f.query().Get("host"), f.link); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fragile) stop() {
	if err := f.server.Stop(); err != nil {
		f.t.Error(err)
	}
}

func (f *fragile) query() url.Values {
	u, err := url.Parse(f.server.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	return u.Query()
}

func (f *fragile) url() string {
	q := f.query()
	q.Set("host", f.link)
	return "postgres:///yunqiao?" + q.Encode()
}

// While the database is away nothing is acknowledged, the node says that it is
// not ready, and sockets and meetings stay. After it, what was posted and not
// acknowledged can be posted again and is there once.
func TestNothingIsAcknowledgedWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	f := newFragile(t)
	h := newHouseOn(t, f.url())
	p, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, p, other).String()
	c, co := h.dial(t, p), h.dial(t, other)
	c.Join(room, 1)
	co.Join(room, 1)
	h.request(t, nil, http.MethodGet, "/readyz", nil, http.StatusOK, nil)
	message := &wire.Post{Room: room, ClientID: "1", Text: "在吗", Mentions: []string{}}

	f.stop()
	begin := time.Now()
	h.request(t, nil, http.MethodGet, "/readyz", nil, http.StatusServiceUnavailable, nil)
	h.request(t, nil, http.MethodGet, "/healthz", nil, http.StatusOK, nil)
	h.request(t, p.cookies, http.MethodGet, "/api/rooms", nil, http.StatusServiceUnavailable, nil)
	c.Refused(wire.CodeUnavailable, message)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the answers took %s", took)
	}
	co.Call(&wire.SetSource{Source: wire.Microphone, Live: true}) // the meeting goes on

	f.start()
	waitUntil(t, "the node is ready again", func() bool {
		answer, _ := h.send(t, nil, http.MethodGet, "/readyz", nil)
		return answer.StatusCode == http.StatusOK
	})
	c.Call(message)
	c.Call(message)
	page := co.Call(&wire.History{Room: room}).(*wire.HistoryPage)
	if len(page.Messages) != 1 {
		t.Errorf("the message is there %d times", len(page.Messages))
	}
	co.Call(&wire.Leave{})
	c.Call(&wire.Leave{})
}
