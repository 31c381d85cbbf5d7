package bus_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/bus"
)

// Both buses pass the same tests.
func TestConformance(t *testing.T) {
	t.Parallel()
	redisURL := startRedis(t)
	for name, make := range map[string]func(t *testing.T) (publisher, subscriber bus.Bus){
		"local": func(*testing.T) (bus.Bus, bus.Bus) { b := bus.NewLocal(); return b, b },
		"redis": func(t *testing.T) (bus.Bus, bus.Bus) {
			t.Helper()
			prefix := uuid.NewString() + ":"
			return node(t, redisURL, prefix), node(t, redisURL, prefix)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			publisher, subscriber := make(t)
			deliversInOrder(t, publisher, subscriber)
			deliversToAllAndNoOther(t, publisher, subscriber)
			stopsWhenAsked(t, publisher, subscriber)
		})
	}
}

// node is one node's bus on a shared Redis.
func node(t *testing.T, url, prefix string) *bus.Redis {
	t.Helper()
	r, err := bus.NewRedis(url, prefix, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return r
}

// startRedis runs a server on a Unix socket of its own.
func startRedis(t *testing.T) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "redis.sock")
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no")
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return "unix://" + socket + "?db=0"
}

// ready waits until a subscription is in force, by publishing until it hears.
func ready(t *testing.T, p, s bus.Bus, topic string) {
	t.Helper()
	heard := make(chan struct{}, 1000)
	leave := s.Subscribe(topic, func(b []byte) {
		if string(b) == "ready?" {
			select {
			case heard <- struct{}{}:
			default:
			}
		}
	})
	defer leave()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_ = p.Publish(t.Context(), topic, []byte("ready?")) // fails until the server is up
		select {
		case <-heard:
			return
		case <-tick.C:
		case <-deadline:
			t.Fatal("the subscription never came into force")
		}
	}
}

func deliversInOrder(t *testing.T, p, s bus.Bus) {
	t.Helper()
	got := make(chan []byte, 2000)
	defer s.Subscribe("room:1", func(b []byte) { got <- bytes.Clone(b) })()
	ready(t, p, s, "room:1")
	for i := range 500 {
		if err := p.Publish(t.Context(), "room:1", []byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	for want := 0; want < 500; {
		select {
		case b := <-got:
			if string(b) == "ready?" {
				continue
			}
			if string(b) != fmt.Sprint(want) {
				t.Fatalf("got %s, want %d", b, want)
			}
			want++
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing after %d", want)
		}
	}
}

func deliversToAllAndNoOther(t *testing.T, p, s bus.Bus) {
	t.Helper()
	a, b, other := make(chan string, 2000), make(chan string, 2000), make(chan string, 2000)
	defer s.Subscribe("room:2", func(m []byte) { a <- string(m) })()
	defer s.Subscribe("room:2", func(m []byte) { b <- string(m) })()
	defer s.Subscribe("room:22", func(m []byte) { other <- string(m) })()
	ready(t, p, s, "room:2")
	if err := p.Publish(t.Context(), "room:2", []byte("to all")); err != nil {
		t.Fatal(err)
	}
	for _, ch := range []chan string{a, b} {
		waitFor(t, ch, "to all")
	}
	if len(other) != 0 {
		t.Errorf("another topic heard %q", <-other)
	}
}

func stopsWhenAsked(t *testing.T, p, s bus.Bus) {
	t.Helper()
	left, stays := make(chan string, 2000), make(chan string, 2000)
	leave := s.Subscribe("room:3", func(m []byte) { left <- string(m) })
	defer s.Subscribe("room:3", func(m []byte) { stays <- string(m) })()
	ready(t, p, s, "room:3")
	leave()
	leave() // twice does no harm
	if err := p.Publish(t.Context(), "room:3", []byte("after")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, stays, "after")
	for len(left) > 0 {
		if m := <-left; m == "after" {
			t.Error("heard something after leaving")
		}
	}
}

func waitFor(t *testing.T, ch chan string, want string) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case m := <-ch:
			if m == want {
				return
			}
		case <-deadline:
			t.Fatalf("never heard %q", want)
		}
	}
}
