package sfu

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	pion "github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
)

const (
	simServer = "10.0.0.1"
	simPort   = 7000
	simOneWay = 50 * time.Millisecond
)

// world is a virtual network with an SFU on it. It lives inside a synctest
// bubble, so that its minutes pass in moments.
type world struct {
	t      *testing.T
	seed   uint64
	oneWay time.Duration
	router *vnet.Router
	socket pion.UDPConn // the SFU's
	sfu    *SFU
	m      *Meeting
	told   *witness
	stop   context.CancelFunc
	wg     sync.WaitGroup
	closes []func() error

	mu    sync.Mutex
	links map[netip.Addr]*simLink // by the client's address
	lossy map[string]simLoss      // links that lose packets from the start
}

// making guards what vnet counts for the whole process.
var making sync.Mutex

func newSimNet(t *testing.T, ip string) *vnet.Net {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	must(t, err)
	return n
}

func newSimRouter(t *testing.T, oneWay time.Duration) *vnet.Router {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	logs := logging.NewDefaultLoggerFactory()
	logs.DefaultLogLevel = logging.LogLevelDisabled
	router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/8", MinDelay: oneWay, LoggerFactory: logs})
	must(t, err)
	return router
}

func newSimWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	return newFarSimWorld(t, seed, simOneWay)
}

// newFarSimWorld is one in which everybody is so far from the SFU.
func newFarSimWorld(t *testing.T, seed uint64, oneWay time.Duration) *world {
	t.Helper()
	router := newSimRouter(t, oneWay)
	w := &world{t: t, seed: seed, oneWay: oneWay, router: router, links: map[netip.Addr]*simLink{}, lossy: map[string]simLoss{}, told: newWitness()}
	router.AddChunkFilter(w.passes)
	server := newSimNet(t, simServer)
	must(t, router.AddNet(server))
	must(t, router.Start())
	var err error
	w.socket, err = server.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(simServer), Port: simPort})
	must(t, err)
	w.sfu, err = Listen(Config{socket: simSocket{w.socket, w}, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.wg.Go(func() {
		if err := w.sfu.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	w.m = w.sfu.NewMeeting(w.told)
	t.Logf("seed %d", seed)
	return w
}

// close ends everything, so that no goroutine is left in the bubble.
func (w *world) close() {
	for _, end := range slices.Backward(w.closes) {
		if err := end(); err != nil {
			w.t.Errorf("close: %v", err)
		}
	}
	w.stop()
	w.wg.Wait()
	if err := w.sfu.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
	if err := w.router.Stop(); err != nil {
		w.t.Errorf("close: %v", err)
	}
}

// attach puts a client on the network and returns its net and link.
func (w *world) attach(ip string) (*vnet.Net, *simLink) {
	w.t.Helper()
	n := newSimNet(w.t, ip)
	must(w.t, w.router.AddNet(n))
	w.mu.Lock()
	defer w.mu.Unlock()
	loss := w.lossy[ip]
	l := &simLink{
		random: rand.New(rand.NewPCG(w.seed, uint64(len(w.links)))),
		up:     loss, down: loss,
	}
	l.narrow(simWide)
	w.links[netip.MustParseAddr(ip)] = l
	return n, l
}

// passes decides what the links let through on the way to the SFU; on the way from
// it, send does.
func (w *world) passes(c vnet.Chunk) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.links[c.SourceAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()]
	if l == nil {
		return true
	}
	if l.up.loses(l.random) {
		l.lost[0]++
		return false
	}
	return !l.dark
}

// set changes a link while traffic flows.
func (w *world) set(l *simLink, change func(*simLink)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(l)
}
