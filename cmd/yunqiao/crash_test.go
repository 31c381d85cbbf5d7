package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// process is the program itself, in a process of its own, on its private
// Postgres with everything that makes it durable.
type process struct {
	cmd     *exec.Cmd
	dataDir string
	url     string
	// link is the first administrator's, at the first start.
	link string
}

var (
	addressLine = regexp.MustCompile(`Address:\s+(\S+)`)
	welcomeLine = regexp.MustCompile(`/welcome#(\S+)`)
)

func startProcess(t *testing.T, dataDir, addr string, env ...string) *process {
	t.Helper()
	p := &process{dataDir: dataDir, cmd: exec.Command(os.Args[0], "serve", "--data-dir", dataDir, "--http-addr", addr,
		"--http-admin-addr", "127.0.0.1:0", "--media-udp-addr", "127.0.0.1:0", "--media-tcp-addr", "127.0.0.1:0")}
	p.cmd.Env = append(os.Environ(), "YUNQIAO_TEST_RUN_MAIN=1", "DATABASE_URL=", "REDIS_URL=")
	p.cmd.Env = append(p.cmd.Env, env...)
	var errs bytes.Buffer
	p.cmd.Stderr = &errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill(syscall.SIGINT) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := addressLine.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
		}
		if m := welcomeLine.FindStringSubmatch(lines.Text()); m != nil {
			p.link = m[1]
		}
		if strings.Contains(lines.Text(), "Ctrl-C") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p
		}
	}
	p.kill(syscall.SIGKILL)
	t.Fatalf("the program did not start: %s", errs.String())
	return nil
}

// startFirst starts the program on an empty folder, and signs its first
// administrator in.
func startFirst(t *testing.T) (*process, []*http.Cookie) {
	t.Helper()
	dir := t.TempDir()
	openPath(t, dir)
	p := startProcess(t, filepath.Join(dir, "data"), freeAddr(t, "127.0.0.1:0"))
	return p, p.post(t, nil, "/api/invitation", map[string]any{
		"token": p.link, "name": "管理员", "user_name": "admin", "email": "", "password": testPassword,
		"language": "zh-CN", "time_zone": "Asia/Shanghai",
	}, nil)
}

// startAgain starts the program anew in the same place.
func (p *process) startAgain(t *testing.T) *process {
	t.Helper()
	return startProcess(t, p.dataDir, strings.TrimPrefix(p.url, "http://"))
}

func (p *process) kill(signal syscall.Signal) {
	_ = p.cmd.Process.Signal(signal)
	_ = p.cmd.Wait()
}

func (p *process) post(t *testing.T, cookies []*http.Cookie, path string, body, into any) []*http.Cookie {
	t.Helper()
	h := &house{url: p.url}
	return h.request(t, cookies, http.MethodPost, path, body, http.StatusOK, into).Cookies()
}

// writer posts until its socket dies, and remembers what was acknowledged.
type writer struct {
	mu    sync.Mutex
	acked map[string]int64 // client id to sequence number
	next  int
}

func (w *writer) run(ctx context.Context, c *signalingtest.Client, room, name string) {
	for {
		w.mu.Lock()
		id := fmt.Sprintf("%s-%d", name, w.next)
		w.mu.Unlock()
		answer, err := c.Ask(ctx, &wire.Post{Room: room, ClientID: id, Text: "第" + id, Mentions: []string{}})
		posted, ok := answer.(*wire.Posted)
		if err != nil || !ok {
			return
		}
		w.mu.Lock()
		w.acked[id] = posted.Event.Seq
		w.next++
		w.mu.Unlock()
	}
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

func TestKillLosesAndDoublesNoAcknowledgedMessage(t *testing.T) {
	t.Parallel()
	p, cookies := startFirst(t)
	var room struct {
		ID uuid.UUID `json:"id"`
	}
	p.post(t, cookies, "/api/rooms", map[string]any{"title": "大使群", "members": []string{}}, &room)

	writers := []*writer{{acked: map[string]int64{}}, {acked: map[string]int64{}}, {acked: map[string]int64{}}}
	for round := range 3 {
		var all sync.WaitGroup
		before := total(writers)
		for i, w := range writers {
			c := signalingtest.Dial(t, p.url, cookies, wire.Hello{As: wire.AsAccount})
			all.Go(func() { w.run(context.WithoutCancel(t.Context()), c, room.ID.String(), fmt.Sprint("w", i)) })
		}
		waitUntil(t, "the writers have posted", func() bool { return total(writers) > before+150 })
		p.kill(syscall.SIGKILL)
		all.Wait()
		p = p.startAgain(t)
		checkHistory(t, p, cookies, room.ID.String(), writers)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

func total(writers []*writer) int {
	n := 0
	for _, w := range writers {
		n += w.count()
	}
	return n
}

// checkHistory reads the room from its beginning: one gapless order, every
// acknowledged message once and where it was acknowledged.
func checkHistory(t *testing.T, p *process, cookies []*http.Cookie, room string, writers []*writer) {
	t.Helper()
	c := signalingtest.Dial(t, p.url, cookies, wire.Hello{As: wire.AsAccount})
	defer c.Close()
	seqs := map[string]int64{}
	for after := int64(0); ; {
		page := c.Call(&wire.CatchUp{Room: room, After: after, Limit: 200}).(*wire.EventsPage)
		for _, e := range page.Events {
			after++
			if e.Seq != after {
				t.Fatalf("event %d follows %d", e.Seq, after-1)
			}
			if first, twice := seqs[e.Message.ClientID]; twice {
				t.Errorf("%s is there twice: %d and %d", e.Message.ClientID, first, e.Seq)
			}
			seqs[e.Message.ClientID] = e.Seq
		}
		if !page.More {
			break
		}
	}
	for _, w := range writers {
		for id, seq := range w.acked {
			if seqs[id] != seq {
				t.Errorf("%s was acknowledged as %d and is %d", id, seq, seqs[id])
			}
		}
	}
}

// openPath lets the private database's user pass through the test's folders.
func openPath(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// freeAddr finds a port for a process that has to come back at the same one.
func freeAddr(t *testing.T, addr string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited too long until %s", what)
		}
	}
}
