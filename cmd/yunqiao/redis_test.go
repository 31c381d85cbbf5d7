package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus/redistest"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// While Redis hangs or is gone, people sign in, post and meet as ever, at once;
// the other node hears of it by looking into Postgres, and through Redis again
// when it is back.
func TestRedisOutageIsNotNoticed(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	a, b := twoNodes(t, redis.URL)
	lin, weiss := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador)
	room := a.group(t, lin, weiss)
	cb := dialAt(t, b, weiss)
	for name, outage := range map[string]struct{ begin, end func() }{
		"paused": {redis.Pause, redis.Resume}, "killed": {redis.Kill, redis.Start},
	} {
		outage.begin()
		begin := time.Now()
		a.request(t, nil, http.MethodPost, "/api/session", map[string]any{"login": "linyue", "password": testPassword}, http.StatusOK, nil)
		a.request(t, nil, http.MethodGet, "/readyz", nil, http.StatusOK, nil)
		c := dialAt(t, a, lin)
		c.Join(room.String(), 1)
		c.Call(&wire.Post{Room: room.String(), ClientID: name, Text: "在吗", Mentions: []string{}})
		t.Logf("%s: signed in, met and posted within %s", name, time.Since(begin))
		signalingtest.Await(cb, name, func(m *wire.Happened) bool { return m.Event.Message.ClientID == name })
		t.Logf("%s: heard at the other node after %s", name, time.Since(begin))
		c.Call(&wire.Leave{})
		c.Close()
		outage.end()
	}
}

// A server whose database may lose what it acknowledged does not start.
func TestAForgetfulDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "serve", "--data-dir", t.TempDir(), "--http-addr", "127.0.0.1:0",
		"--http-admin-addr", "127.0.0.1:0", "--media-udp-addr", "127.0.0.1:0", "--media-tcp-addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "YUNQIAO_TEST_RUN_MAIN=1", "DATABASE_URL="+pgtest.URL(t), "REDIS_URL=", "YUNQIAO_UNSAFE_DATABASE=0")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err == nil || !strings.Contains(errs.String(), "fsync=off") {
		t.Errorf("it ended with %v, saying %q; want a refusal that names fsync", err, errs.String())
	}
}
