// Package sfu forwards media between the participants of meetings. It knows
// peers, sources, seats and packets; nothing of HTTP, JSON, SQL or accounts.
// DESIGN.md beside this file says who owns which state.
package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
	"golang.org/x/sync/errgroup"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

// Config is what an SFU needs to know at its start.
type Config struct {
	UDPAddr   string       // such as "0.0.0.0:7882"; port 0 in tests
	TCPAddr   string       // for ICE-TCP; "" turns it off
	PublicIPs []netip.Addr // announced besides the host's own, when behind NAT
	Relay     *RelayConfig // for clients on closed networks; nil for none
	Log       *slog.Logger

	socket  batch.Socket // of a simulated network; nil for the system's
	readers int          // in tests; 0 goes by the processors
	keyless bool         // in tests: as where the keys of clients are not to be had
}

// SFU is the media side of one node: its sockets and its meetings.
type SFU struct {
	// Set by Listen.
	cfg     Config
	log     *slog.Logger
	started time.Time
	udp     *batch.Conn
	udpMux  *ice.UDPMuxDefault

	handshakes *handshakes // pion's side of udp
	door       door

	tcp      net.Listener
	tcpIn    *tcpListener // nil: media goes over UDP alone
	tcpMux   *ice.TCPMuxDefault
	cert     webrtc.Certificate
	relay    *relay // nil: there is none
	pionLog  logging.LoggerFactory
	wake     chan struct{} // events are waiting
	counters counters

	scratch  [maxPacket]byte // owned by tick
	queued   queued
	draining []*transport // owned by tick

	mu       sync.Mutex
	meetings map[*Meeting]struct{} // guarded by mu
	closed   bool                  // guarded by mu
}

// Listen checks the configuration and opens the sockets.
func Listen(cfg Config) (*SFU, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	for _, ip := range cfg.PublicIPs {
		if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
			return nil, fmt.Errorf("public address %v cannot be announced", ip)
		}
	}
	s := &SFU{
		cfg: cfg, log: cfg.Log, started: time.Now(),
		wake: make(chan struct{}, 1), meetings: map[*Meeting]struct{}{},
		pionLog: pionLogs{cfg.Log},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make media key: %w", err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make media certificate: %w", err)
	}
	s.cert = *cert
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Run keeps time for all meetings and delivers their events until ctx ends.
func (s *SFU) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.tick(ctx) })
	g.Go(func() error { return s.dispatch(ctx) })
	g.Go(func() error { return s.sendRest(ctx) })
	for _, r := range s.udp.More() {
		g.Go(func() error { return s.readMore(ctx, r) })
	}
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Close ends every meeting and closes the sockets.
func (s *SFU) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for _, m := range s.snapshot() {
		m.Close()
	}
	var errs []error
	if s.relay != nil {
		errs = append(errs, s.relay.close())
	}
	if s.tcpMux != nil {
		errs = append(errs, ignoreClosed(s.tcpMux.Close()))
	}
	if s.udpMux != nil {
		errs = append(errs, ignoreClosed(s.udpMux.Close()))
	} else if s.udp != nil {
		errs = append(errs, ignoreClosed(s.udp.Close()))
	}
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// UDPAddr is the address media arrives at.
func (s *SFU) UDPAddr() netip.AddrPort {
	return s.udp.LocalAddr().(*net.UDPAddr).AddrPort()
}

// TCPAddr is the address of ICE-TCP; the zero value when it is off.
func (s *SFU) TCPAddr() netip.AddrPort {
	if s.tcp == nil {
		return netip.AddrPort{}
	}
	return s.tcp.Addr().(*net.TCPAddr).AddrPort()
}

// NewMeeting opens a meeting whose changes are told to events. After Close it
// gives one that is closed already.
func (s *SFU) NewMeeting(events Events) *Meeting {
	m := &Meeting{sfu: s, events: events, peers: map[PeerID]*Peer{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		m.closed = true
		return m
	}
	s.meetings[m] = struct{}{}
	s.counters.meetings.Add(1)
	return m
}

func (s *SFU) snapshot() []*Meeting {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*Meeting, 0, len(s.meetings))
	for m := range s.meetings {
		list = append(list, m)
	}
	return list
}

// now is the media clock: monotonic time since Listen.
func (s *SFU) now() time.Duration { return time.Since(s.started) }

// wall is the wall clock's time of a moment of the media clock.
func (s *SFU) wall(at time.Duration) time.Time { return s.started.Add(at) }
