package sfu

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v5/packetio"
)

const (
	rtpHeader    = 12   // bytes of a packet without anything
	mostStreams  = 1024 // SSRCs of one connection, ever
	mostHeld     = 64   // packets before the connection is known to be the client's
	mostAddrs    = 4    // a client sends from at a time
	showPionEach = time.Second
)

// intake is where the media of one client comes in. It decrypts by itself: on its
// way through pion every packet would wake four goroutines one after the other,
// which costs more than all the rest (DESIGN.md, Past pion). Whoever reads the
// packet, be it the reader of the UDP socket or that of one connection, decrypts and
// forwards it before reading another.
//
// Where no keys can be had, pion decrypts and writes to the buffers made here.
type intake struct {
	t    *transport
	door *door

	mu      sync.Mutex
	context *srtp.Context // guarded by mu; nil: pion decrypts
	open    bool          // guarded by mu: the client has proved whose keys these are
	shut    bool          // guarded by mu
	held    [][]byte      // guarded by mu: what came before that
	shown   time.Duration // guarded by mu: pion was shown a packet

	streams map[uint32]*inbound       // guarded by mu, by SSRC
	senders map[uint32]struct{}       // guarded by mu: SSRCs that sent RTCP
	from    [mostAddrs]netip.AddrPort // guarded by mu: known to the door
	next    int                       // guarded by mu: of them to be replaced

	// Guarded by mu: for one packet at a time.
	plain    [maxPacket]byte
	head     rtp.Header
	rtcpHead rtcp.Header
}

func newIntake(t *transport) *intake {
	return &intake{t: t, door: &t.sfu.door, streams: map[uint32]*inbound{}, senders: map[uint32]struct{}{}}
}

// agree takes the keys that the handshake has arrived at. Whose they are is known
// only when it is over.
func (in *intake) agree(context *srtp.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.context = context
}

// begin lets media in: the certificate is the one that was announced.
func (in *intake) begin() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.open || in.shut {
		return
	}
	in.open = true
	for _, datagram := range in.held {
		in.decryptLocked(datagram, in.t.sfu.now())
	}
	in.held = nil
}

// close ends it. Nothing is forwarded any more when it returns.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.shut, in.open, in.context, in.held = true, false, nil, nil
	in.door.forget(in)
}

// fate is what becomes of a datagram.
type fate int

const (
	taken   fate = iota // it is done with
	shown               // so it is, and pion is to be shown that something came
	refused             // it is not this client's
	passed              // pion is to have it
)

// take takes an encrypted datagram that came from an address; over TCP that is the
// zero value. Once a second pion is to be shown one: its ICE counts on hearing the
// client.
func (in *intake) take(datagram []byte, from netip.AddrPort) fate {
	now := in.t.sfu.now()
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.shut:
		return taken
	case in.context == nil:
		return passed
	case !in.open:
		if len(in.held) < mostHeld {
			in.held = append(in.held, bytes.Clone(datagram))
		}
		return taken
	case !in.decryptLocked(datagram, now):
		return refused
	}
	in.knowLocked(from)
	if now-in.shown < showPionEach {
		return taken
	}
	in.shown = now
	return shown
}

// knowLocked has the door bring what comes from an address here at once.
func (in *intake) knowLocked(from netip.AddrPort) {
	if !from.IsValid() {
		return
	}
	for _, known := range in.from {
		if known == from {
			return
		}
	}
	in.door.learn(from, in.from[in.next], in)
	in.from[in.next] = from
	in.next = (in.next + 1) % mostAddrs
}

func (in *intake) decryptLocked(datagram []byte, now time.Duration) bool {
	if len(datagram) > maxPacket {
		in.t.sfu.counters.drop(dropTooLarge)
		return true
	}
	if isRTCP(datagram) {
		return in.decryptRTCPLocked(datagram, now)
	}
	return in.decryptRTPLocked(datagram, now)
}

// isRTCP tells RTCP from RTP on the same port (RFC 5761 section 4).
func isRTCP(b []byte) bool { return b[1] >= 192 && b[1] <= 223 }

func (in *intake) decryptRTPLocked(datagram []byte, now time.Duration) bool {
	s := in.streams[binary.BigEndian.Uint32(datagram[8:])]
	if s == nil && len(in.streams) >= mostStreams {
		return false
	}
	raw, err := in.context.DecryptRTP(in.plain[:0], datagram, &in.head)
	if err != nil {
		return false
	}
	if s == nil {
		s = in.streamLocked(in.head.SSRC)
	}
	s.take(raw, now)
	return true
}

func (in *intake) streamLocked(ssrc uint32) *inbound {
	s := in.streams[ssrc]
	if s == nil {
		s = &inbound{up: in.t.up, ssrc: ssrc, all: in.streams}
		in.streams[ssrc] = s
	}
	return s
}

func (in *intake) decryptRTCPLocked(datagram []byte, now time.Duration) bool {
	sender := binary.BigEndian.Uint32(datagram[4:])
	_, known := in.senders[sender]
	if !known && len(in.senders) >= mostStreams {
		return false
	}
	raw, err := in.context.DecryptRTCP(in.plain[:0], datagram, &in.rtcpHead)
	if err != nil {
		return false
	}
	if !known {
		in.senders[sender] = struct{}{}
	}
	(&control{t: in.t}).take(raw, now)
	return true
}

// buffer is pion's hook: it gives every incoming SSRC what takes its packets where
// pion decrypts them.
func (in *intake) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	return &buffer{in: in, kind: kind, ssrc: ssrc}
}

// buffer takes packets that pion has decrypted. Nothing is ever read from it.
type buffer struct {
	in   *intake
	kind packetio.BufferPacketType
	ssrc uint32
}

// Read tells pion's own readers that there is nothing for them.
func (*buffer) Read([]byte) (int, error) { return 0, io.EOF }

// Close implements io.Closer.
func (*buffer) Close() error { return nil }

// Write takes one decrypted packet. It never fails: what cannot be used is
// dropped and counted. RTCP about several SSRCs comes to each of their buffers.
func (b *buffer) Write(raw []byte) (int, error) {
	now := b.in.t.sfu.now()
	b.in.mu.Lock()
	defer b.in.mu.Unlock()
	if b.in.shut {
		return len(raw), nil
	}
	if b.kind == packetio.RTPBufferPacket {
		b.in.streamLocked(b.ssrc).take(raw, now)
	} else {
		(&control{t: b.in.t, about: &b.ssrc}).take(raw, now)
	}
	return len(raw), nil
}
