package bus_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/bus/redistest"
)

func TestMain(m *testing.M) {
	bus.Prepare(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// All buses pass the same tests.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		b := bus.NewLocal()
		conforms(t, b, b)
	})
	for name, start := range map[string]func(t *testing.T) bus.RedisOptions{
		"standalone": func(t *testing.T) bus.RedisOptions { t.Helper(); return bus.RedisOptions{URL: redistest.Start(t).URL} },
		"tls":        func(t *testing.T) bus.RedisOptions { t.Helper(); return redistest.TLS(t) },
		"cluster":    func(t *testing.T) bus.RedisOptions { t.Helper(); return redistest.Cluster(t) },
		"sentinel":   func(t *testing.T) bus.RedisOptions { t.Helper(); return redistest.Sentinel(t).Options },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, prefix := start(t), uuid.NewString()+":"
			publisher, subscriber := node(t, options, prefix), node(t, options, prefix)
			conforms(t, publisher, subscriber)
			conforms(t, subscriber, subscriber) // a node hears itself, once
		})
	}
}

func conforms(t *testing.T, publisher, subscriber bus.Bus) {
	t.Helper()
	deliversInOrder(t, publisher, subscriber)
	deliversToAllAndNoOther(t, publisher, subscriber)
	stopsWhenAsked(t, publisher, subscriber)
}

// node is one node's bus on a shared Redis.
func node(t *testing.T, options bus.RedisOptions, prefix string) *bus.Redis {
	t.Helper()
	r, err := bus.NewRedis(options, prefix, slog.New(slog.DiscardHandler))
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

// A Redis that hangs, dies and comes back holds nobody up: the node hears
// itself at once, and the others again as soon as Redis is back.
func TestRedisOutagesHoldNobodyUpAndHeal(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	options := bus.RedisOptions{URL: server.URL}
	a, b := node(t, options, "x:"), node(t, options, "x:")
	ready(t, a, b, "room:1")
	for name, outage := range map[string]struct{ begin, end func() }{
		"paused": {server.Pause, server.Resume},
		"killed": {server.Kill, server.Start},
	} {
		outage.begin()
		heard := make(chan string, 2*maxBurst)
		leave := a.Subscribe("room:1", func(m []byte) { heard <- string(m) })
		for i := range maxBurst { // more than waits for Redis
			a.Publish("room:1", fmt.Append(nil, i))
		}
		if len(heard) < maxBurst {
			t.Errorf("%s: the node heard %d of its own %d", name, len(heard), maxBurst)
		}
		leave()
		outage.end()
		ready(t, a, b, "room:1")     // an old subscription
		ready(t, b, a, "room:"+name) // a new one
	}
}

const maxBurst = 10_000

// When the master dies, the bus goes on with the replica that takes over.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	watched := redistest.Sentinel(t)
	a, b := node(t, watched.Options, "x:"), node(t, watched.Options, "x:")
	ready(t, a, b, "room:1")
	watched.Master.Kill()
	ready(t, a, b, "room:1")
	ready(t, b, a, "room:2")
}

func TestWrongOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bus.RedisOptions{
		"no URL":               {URL: "redis://%"},
		"sentinel and cluster": {URL: "redis://h:1", MasterName: "m", Cluster: true},
		"cluster on a socket":  {URL: "unix:///x", Cluster: true},
		"half a certificate":   {URL: "rediss://h:1", Cert: "c.pem"},
		"no such authority":    {URL: "rediss://h:1", CA: "/nowhere.pem"},
		"authority for nobody": {URL: "redis://h:1", CA: "/nowhere.pem"},
	} {
		if err := o.Check(); err == nil {
			t.Errorf("%s passed", name)
		}
	}
	if err := (bus.RedisOptions{}).Check(); err != nil {
		t.Error(err)
	}
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
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		p.Publish(topic, []byte("ready?")) // lost until the server is up
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
		p.Publish("room:1", fmt.Append(nil, i))
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
	p.Publish("room:2", []byte("to all"))
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
	p.Publish("room:3", []byte("after"))
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
