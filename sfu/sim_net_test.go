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
	simServer  = "10.0.0.1"
	simPort    = 7000
	simOneWay  = 50 * time.Millisecond
	simWide    = 50_000_000 // bits per second
	simHold    = 300 * time.Millisecond
	simMinHold = 6000 // bytes
)

// world is a virtual network with an SFU on it. It lives inside a synctest
// bubble, so that its minutes pass in moments.
type world struct {
	t      *testing.T
	seed   uint64
	oneWay time.Duration
	router *vnet.Router
	sfu    *SFU
	m      *Meeting
	told   *witness
	stop   context.CancelFunc
	wg     sync.WaitGroup
	closes []func() error

	mu    sync.Mutex
	links map[string]*simLink // by the client's address
	lossy map[string]simLoss  // links that lose packets from the start
}

// simSocket is the SFU's socket on the virtual network.
type simSocket struct{ pion.UDPConn }

func (s simSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := s.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	return n, from.(*net.UDPAddr).AddrPort(), nil
}

func (s simSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return s.WriteTo(b, net.UDPAddrFromAddrPort(to))
}

// simLink is the way between one client and the rest. Guarded by the world's mu.
type simLink struct {
	random   *rand.Rand
	up, down simLoss
	dark     bool
	queue    *vnet.TBFQueue
}

// simLoss loses runs of packets (Gilbert's model); a run of one is loss at random.
type simLoss struct {
	share, run float64
	bad        bool
}

func (l *simLoss) loses(r *rand.Rand) bool {
	switch {
	case l.share == 0:
		return false
	case l.run <= 1:
		return r.Float64() < l.share
	case l.bad:
		l.bad = r.Float64() >= 1/l.run
	default:
		l.bad = r.Float64() < l.share/(1-l.share)/l.run
	}
	return l.bad
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
	w := &world{t: t, seed: seed, oneWay: oneWay, router: router, links: map[string]*simLink{}, lossy: map[string]simLoss{}, told: newWitness()}
	router.AddChunkFilter(w.passes)
	server := newSimNet(t, simServer)
	must(t, router.AddNet(server))
	must(t, router.Start())
	socket, err := server.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(simServer), Port: simPort})
	must(t, err)
	w.sfu, err = Listen(Config{socket: simSocket{socket}, Log: slog.New(slog.DiscardHandler)})
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
	l := &simLink{
		random: rand.New(rand.NewPCG(w.seed, uint64(len(w.links)))),
		queue:  vnet.NewTBFQueue(simWide, 1600, simWide/8*int64(simHold)/int64(time.Second)),
	}
	q, err := vnet.NewQueue(n, l.queue)
	must(w.t, err)
	must(w.t, w.router.AddNet(q))
	w.closes = append(w.closes, q.Close)
	w.mu.Lock()
	defer w.mu.Unlock()
	l.up, l.down = w.lossy[ip], w.lossy[ip]
	w.links[ip] = l
	return n, l
}

// passes decides what the links let through.
func (w *world) passes(c vnet.Chunk) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.links[hostIP(c.SourceAddr())]; l != nil && (l.dark || l.up.loses(l.random)) {
		return false
	}
	l := w.links[hostIP(c.DestinationAddr())]
	return l == nil || !l.dark && !l.down.loses(l.random)
}

func hostIP(a net.Addr) string { return a.(*net.UDPAddr).IP.String() }

// set changes a link while traffic flows.
func (w *world) set(l *simLink, change func(*simLink)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(l)
}

// narrow gives the way to a client this rate, and a queue of 300 ms.
func (l *simLink) narrow(bits int) {
	l.queue.SetRate(bits)
	l.queue.SetSize(max(int64(bits)/8*int64(simHold)/int64(time.Second), simMinHold))
}
