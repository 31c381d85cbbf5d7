package sfu

import (
	"bytes"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

const (
	repeatFlight    = 200 * time.Millisecond
	openingRepeats  = 16 // until then the client has one of them, or is gone
	closingRepeats  = 8
	forgetHandshake = 30 * time.Second
	sameFlight      = 5 * time.Millisecond // pion writes the datagrams of a flight in one go
	flightDatagrams = 8
)

// handshakes is the media socket as pion sees it. It repeats what the DTLS server
// said last at a steady pace: pion and browsers double their timers instead, so
// that on a link that loses half of everything few people would get in. The
// datagrams are repeated as they are; whoever has one already drops it as a
// replay (RFC 6347 section 4.1.2.6).
type handshakes struct {
	*batch.Conn
	now func() time.Duration

	open atomic.Int32 // how many flights there are, read without mu

	mu      sync.Mutex
	flights map[netip.AddrPort]*flight // guarded by mu: by the client's address
}

// flight is what was said to one client. Guarded by the mu of its handshakes.
type flight struct {
	datagrams [][]byte
	closing   bool          // the server's last: whether it arrived is never said
	said      time.Duration // by pion, most recently
	next      time.Duration
	left      int
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (h *handshakes) WriteToAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	if len(b) > 0 && isDTLS(b[0]) {
		h.note(b, addr)
	}
	return h.Conn.WriteToAddrPort(b, addr)
}

// The first byte of a DTLS record (RFC 9443 section 6).
func isDTLS(first byte) bool { return first >= 20 && first <= 63 }

const (
	recordChangeCipher = 20
	recordHandshake    = 22
	recordHeader       = 13
)

// note remembers a datagram of the handshake, in place of what was said before.
func (h *handshakes) note(b []byte, addr netip.AddrPort) {
	encrypted := len(b) >= recordHeader && (b[3] != 0 || b[4] != 0) // epoch
	closing := b[0] == recordChangeCipher || encrypted
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.flights[addr]
	if b[0] != recordChangeCipher && b[0] != recordHandshake {
		h.forgetLocked(addr) // an alert: it is over
		return
	}
	switch {
	case f == nil || f.closing && !closing: // or another connection from there
		h.forgetLocked(addr)
		f = &flight{left: openingRepeats}
		h.flights[addr] = f
		h.open.Add(1)
	case closing != f.closing || now-f.said > sameFlight:
		f.datagrams = f.datagrams[:0]
	}
	if closing {
		f.left = closingRepeats // the client has proved that it reads us
	}
	if len(f.datagrams) < flightDatagrams {
		f.datagrams = append(f.datagrams, bytes.Clone(b))
	}
	f.closing, f.said, f.next = closing, now, now+repeatFlight
}

func (h *handshakes) forgetLocked(addr netip.AddrPort) {
	if _, ok := h.flights[addr]; ok {
		delete(h.flights, addr)
		h.open.Add(-1)
	}
}

// repeat says again what is due.
func (h *handshakes) repeat(now time.Duration) {
	if h.open.Load() == 0 {
		return
	}
	type saying struct {
		to        netip.AddrPort
		datagrams [][]byte
	}
	var due []saying
	h.mu.Lock()
	for addr, f := range h.flights {
		switch {
		case f.closing && f.left == 0, now-f.said > forgetHandshake:
			h.forgetLocked(addr)
		case f.left > 0 && now >= f.next:
			f.left--
			f.next = now + repeatFlight
			due = append(due, saying{addr, append([][]byte(nil), f.datagrams...)})
		}
	}
	h.mu.Unlock()
	for _, s := range due {
		for _, b := range s.datagrams {
			_, _ = h.Conn.WriteToAddrPort(b, s.to) // one more will follow
		}
	}
}
