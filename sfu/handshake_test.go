package sfu

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

// notedSocket remembers what is written to it.
type notedSocket struct {
	net.PacketConn
	written []string
}

func (*notedSocket) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, net.ErrClosed
}

func (s *notedSocket) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	s.written = append(s.written, string(b))
	return len(b), nil
}

// TestHandshakeIsRepeated: what the server said last goes out at a steady pace,
// so many times; and nothing of it once it is over.
func TestHandshakeIsRepeated(t *testing.T) {
	t.Parallel()
	record := func(kind, epoch byte, text string) string {
		return string([]byte{kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, 0, 1}) + text
	}
	hello, done := record(recordHandshake, 0, "hello"), record(recordHandshake, 0, "done")
	cipher, finished := record(recordChangeCipher, 0, "cipher"), record(recordHandshake, 1, "finished")
	alert := record(21, 1, "closed")
	var now time.Duration
	wire := &notedSocket{}
	udp, err := batch.New(wire, batch.Settings{Plain: true})
	must(t, err)
	h := &handshakes{Conn: udp, now: func() time.Duration { return now }, flights: map[netip.AddrPort]*flight{}}
	client := netip.MustParseAddrPort("10.0.0.2:1000")
	say := func(texts ...string) {
		for _, text := range texts {
			_, err := h.WriteToAddrPort([]byte(text), client)
			must(t, err)
		}
		wire.written = nil
	}
	heard := func(in time.Duration) []string {
		for end := now + in; now < end; now += beat {
			h.repeat(now)
		}
		return wire.written
	}
	expect := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: repeated %q, not %q", what, got, want)
		}
	}

	say(hello, done)
	expect("at once", heard(repeatFlight))
	expect("opening", heard(repeatFlight), hello, done)
	if n := len(heard(2 * openingRepeats * repeatFlight)); n != 2*openingRepeats {
		t.Errorf("said %d times in all, not %d", n/2, openingRepeats)
	}
	say(hello, done) // by pion's own timer: the count does not begin anew
	expect("spent", heard(time.Second))

	say(cipher, finished)
	expect("closing", heard(2*repeatFlight), cipher, finished)
	if n := len(heard(2 * closingRepeats * repeatFlight)); n != 2*closingRepeats {
		t.Errorf("the end was said %d times, not %d", n/2, closingRepeats)
	}
	say(hello) // of another connection from there
	expect("another connection", heard(2*repeatFlight), hello)
	say(alert)
	expect("closed", heard(time.Second))
	say(hello)
	say("\x80 media", "\x00 stun")
	expect("media and checks", heard(2*repeatFlight), hello)
	heard(forgetHandshake)
	if n := h.open.Load(); n != 0 || len(h.flights) != 0 {
		t.Errorf("%d handshakes are remembered for ever", n)
	}
}
