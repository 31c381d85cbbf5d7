package sfu

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v3"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

// sender is a client that seals what a path would send in the clear.
type sender struct {
	*path

	in   *intake
	keys *srtp.Context
	at   netip.AddrPort
}

func newSender(tb testing.TB, key byte, port uint16) *sender {
	tb.Helper()
	p := newPath(tb, 1, false)
	p.t.intake = newIntake(p.t)
	master, salt := make([]byte, 16), make([]byte, 12)
	master[0] = key
	opens, err := openingContext(master, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		tb.Fatal(err)
	}
	p.t.intake.agree(opens)
	seals, err := srtp.CreateContext(master, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		tb.Fatal(err)
	}
	return &sender{p, p.t.intake, seals, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 2}), port)}
}

// packet is the sender's next one, sealed.
func (s *sender) packet(tb testing.TB) []byte {
	tb.Helper()
	s.build(false)
	sealed, err := s.keys.EncryptRTP(nil, s.raw, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return sealed
}

func (s *sender) forwarded() int { return s.ends[0].wired.Load().writer.(*discard).packets }

func (s *sender) take(tb testing.TB, b []byte, want fate) {
	tb.Helper()
	got := s.in.take(b, s.at)
	if got == shown {
		got = taken
	}
	if got != want {
		tb.Errorf("fate %d, not %d", got, want)
	}
}

// TestMediaWaitsForTheProof: what comes before the handshake is over is held, and
// comes in its order afterwards; more than so much is lost.
func TestMediaWaitsForTheProof(t *testing.T) {
	t.Parallel()
	s := newSender(t, 1, 1000)
	before := s.forwarded()
	for range mostHeld + 3 {
		s.take(t, s.packet(t), taken)
	}
	if n := s.forwarded() - before; n != 0 {
		t.Errorf("%d packets of a stranger went out", n)
	}
	s.in.begin()
	if n := s.forwarded() - before; n != mostHeld {
		t.Errorf("%d packets went out, not the %d held", n, mostHeld)
	}
	if s.sfu.door.find(s.at) != nil {
		t.Error("what was held made an address known")
	}
	s.take(t, s.packet(t), taken)
	if s.sfu.door.find(s.at) != s.in {
		t.Error("the address is not known")
	}
	s.in.close()
	after := s.forwarded()
	s.take(t, s.packet(t), taken)
	if s.forwarded() != after || s.sfu.door.find(s.at) != nil {
		t.Error("something came in after the end")
	}
}

// TestForgedMediaIsRefused: packets of other keys, changed ones and those that came
// before are nobody's, and make no address known.
func TestForgedMediaIsRefused(t *testing.T) {
	t.Parallel()
	s, other := newSender(t, 1, 1000), newSender(t, 2, 2000)
	s.in.begin()
	before := s.forwarded()
	s.take(t, other.packet(t), refused)
	good := s.packet(t)
	for i := range good {
		if i == 1 && isRTCP([]byte{0, good[1] ^ 1}) {
			continue
		}
		bad := append([]byte{}, good...)
		bad[i] ^= 1
		s.take(t, bad, refused)
	}
	if s.sfu.door.find(s.at) != nil || s.forwarded() != before {
		t.Error("a forged packet was believed")
	}
	s.take(t, good, taken)
	s.take(t, good, refused)
	if n := s.forwarded() - before; n != 1 {
		t.Errorf("%d packets went out, not 1", n)
	}
	if n := s.in.admit(append([]byte{}, good...), s.at); n != 0 || s.sfu.counters.drops[dropUnproved].Load() != 1 {
		t.Error("a repeated packet went on to pion, or was not counted")
	}
}

// TestControlIsDecrypted: sealed RTCP is heeded, once.
func TestControlIsDecrypted(t *testing.T) {
	t.Parallel()
	s := newSender(t, 1, 1000)
	s.in.begin()
	raw, err := (&rtcp.PictureLossIndication{SenderSSRC: 7, MediaSSRC: 100}).Marshal()
	must(t, err)
	sealed, err := s.keys.EncryptRTCP(nil, raw, nil)
	must(t, err)
	s.take(t, sealed, taken)
	if !s.ends[0].outlet.track.layers[0].wantKey.Load() {
		t.Error("the wish for a key frame was not heard")
	}
	s.take(t, sealed, refused)
}

// TestStreamsAreBounded: a client that makes up SSRCs fills no memory, and is heard
// on those that it has.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSender(t, 1, 1000)
	s.in.begin()
	s.take(t, s.packet(t), taken)
	for ssrc := range uint32(mostStreams + 10) {
		raw := append([]byte{}, s.raw...)
		binary.BigEndian.PutUint32(raw[8:], 1000+ssrc)
		sealed, err := s.keys.EncryptRTP(nil, raw, nil)
		must(t, err)
		want := taken
		if ssrc >= mostStreams-1 {
			want = refused
		}
		s.take(t, sealed, want)
	}
	if n := len(s.in.streams); n != mostStreams {
		t.Errorf("%d streams", n)
	}
	s.take(t, s.packet(t), taken)
}

// TestAddressesChange: a client is known by the addresses it uses now, and one that
// another client has by now is that one's.
func TestAddressesChange(t *testing.T) {
	t.Parallel()
	s, other := newSender(t, 1, 1000), newSender(t, 2, 1000)
	other.in.door = s.in.door
	s.in.begin()
	other.in.begin()
	door := s.in.door
	first := s.at
	for i := range uint16(mostAddrs + 1) {
		s.at = netip.AddrPortFrom(first.Addr(), first.Port()+i)
		s.take(t, s.packet(t), taken)
	}
	if door.find(first) != nil || door.find(s.at) != s.in || len(door.known) != mostAddrs {
		t.Errorf("known: %v", door.known)
	}
	other.at = s.at
	other.take(t, other.packet(t), taken)
	s.in.close()
	if door.find(other.at) != other.in || len(door.known) != 1 {
		t.Errorf("known after the end: %v", door.known)
	}
}

// TestTakingAllocatesNothing, from the sealed packet to the subscriber's.
func TestTakingAllocatesNothing(t *testing.T) {
	s := newSender(t, 1, 1000)
	s.in.begin()
	const runs = 1000
	var sealed [][]byte
	for range runs + 2 {
		sealed = append(sealed, s.packet(t))
	}
	before, next := s.forwarded(), 0
	n := testing.AllocsPerRun(runs, func() {
		s.take(t, sealed[next], taken)
		next++
	})
	if n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
	if got := s.forwarded() - before; got != next {
		t.Errorf("%d packets went out of %d", got, next)
	}
}

// scripted is a socket that has these datagrams to read.
type scripted struct {
	notedSocket

	datagrams [][]byte
	from      netip.AddrPort
	every     time.Duration
}

func (s *scripted) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	if len(s.datagrams) == 0 {
		return s.notedSocket.ReadFromUDPAddrPort(b)
	}
	time.Sleep(s.every)
	n := copy(b, s.datagrams[0])
	s.datagrams = s.datagrams[1:]
	return n, s.from, nil
}

// TestPionIsShownWhoIsThere: of media whose sender is known one bare header a second
// goes on to pion, whose agent else would think the client gone; and everything that
// is not the client's goes on as it is.
func TestPionIsShownWhoIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, other := newSender(t, 1, 1000), newSender(t, 2, 2000)
		s.in.begin()
		s.take(t, s.packet(t), taken)
		socket := &scripted{from: s.at, every: 20 * time.Millisecond}
		for range 5 * time.Second / socket.every {
			socket.datagrams = append(socket.datagrams, s.packet(t))
		}
		strange, check := other.packet(t), []byte{0, 1, 0, 0}
		socket.datagrams = append(socket.datagrams, strange, check)
		udp, err := batch.New(socket, batch.Settings{Plain: true})
		must(t, err)
		e := &entrance{&handshakes{Conn: udp, now: s.sfu.now}, &s.sfu.door}

		before, shown := s.forwarded(), 0
		var rest []string
		for buf := make([]byte, 1500); ; {
			n, from, err := e.ReadFromAddrPort(buf)
			if err != nil {
				break
			}
			if from != s.at {
				t.Errorf("from %v", from)
			}
			if n == rtpHeader {
				shown++
				continue
			}
			rest = append(rest, string(buf[:n]))
		}
		if n := s.forwarded() - before; n != 250 || shown != 5 {
			t.Errorf("%d packets forwarded and %d shown", n, shown)
		}
		if !slices.Equal(rest, []string{string(strange), string(check)}) {
			t.Errorf("the rest is %q", rest)
		}
	})
}

// FuzzSealed: whatever comes is refused and does no harm.
func FuzzSealed(f *testing.F) {
	s := newSender(f, 1, 1000)
	s.in.begin()
	f.Add(s.packet(f))
	f.Add([]byte{0x80, 200, 0, 1, 0, 0, 0, 7, 0x80, 0, 0, 1, 0})
	f.Add([]byte{0xbf, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0xc0, 0xde, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if !isSealed(b) {
			return
		}
		before := s.forwarded()
		if s.in.take(append([]byte{}, b...), s.at) == passed {
			t.Error("passed on")
		}
		s.take(t, s.packet(t), taken)
		if s.forwarded() == before {
			t.Error("nothing flows any more")
		}
	})
}
