package sfu

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
)

// kept is the end of the path that keeps what went out.
type kept struct{ packets []rtp.Packet }

func (k *kept) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	k.packets = append(k.packets, rtp.Packet{Header: h.Clone(), Payload: slices.Clone(payload)})
	return h.MarshalSize() + len(payload), nil
}

func (k *kept) Write(b []byte) (int, error) { return len(b), nil }

// of gives what went out on one SSRC.
func (k *kept) of(ssrc uint32) (list []rtp.Packet) {
	for _, p := range k.packets {
		if p.SSRC == ssrc {
			list = append(list, p)
		}
	}
	return list
}

const opusPT, redPT = 111, 63

// voicePath is a microphone and one listener without sockets.
func voicePath(tb testing.TB, copies int) (*SFU, *inbound, *seatEnd, *kept) {
	tb.Helper()
	s := &SFU{started: time.Now()}
	track := newTrack(s, "p", Microphone, 1)
	track.open.Store(true)
	t := &transport{sfu: s, ends: map[uint32]*seatEnd{}, up: &uplink{sfu: s, woken: func() {}}}
	b := &binding{opus: opusPT, nackAudio: true, media: []boundMedia{{mid: "0", track: track, ssrcs: []uint32{7}}}}
	b.kinds[opusPT], b.kinds[redPT] = codec.Opus, codec.RED
	t.up.bound.Store(b)
	e := t.newEnd("seat-0", 1)
	out := &kept{}
	w := &wire{writer: out, ssrc: 100, header: rtp.Header{Version: 2, SSRC: 100}}
	w.payload[codec.Opus], w.payload[codec.RED] = 109, 62
	e.wired.Store(w)
	e.outlet.copies.Store(int32(copies))
	e.outlet.attach(track)
	if copies > 0 {
		track.copies.Store(1 << (copies - 1))
	}
	return s, &inbound{up: t.up, ssrc: 7}, e, out
}

// voice is one packet of sound.
func voice(tb testing.TB, n uint16, pt uint8, payload []byte) []byte {
	tb.Helper()
	p := rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: n, Timestamp: uint32(n) * 960, SSRC: 7},
		Payload: payload,
	}
	raw, err := p.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func said(n uint16) []byte { return fmt.Appendf(nil, "said %d", n) }

func TestSoundCarriesWhatPrecededIt(t *testing.T) {
	t.Parallel()
	_, in, _, out := voicePath(t, 2)
	for n := range uint16(10) {
		in.take(voice(t, n, opusPT, said(n)), in.up.sfu.now())
	}
	if len(out.packets) != 10 {
		t.Fatalf("%d packets went out", len(out.packets))
	}
	for n, p := range out.packets {
		blocks, err := red.Split(p.Payload)
		if err != nil || p.PayloadType != 62 {
			t.Fatalf("packet %d of type %d: %v", n, p.PayloadType, err)
		}
		if got := len(blocks.Redundant()); got != min(n, 2) {
			t.Errorf("packet %d repeats %d", n, got)
		}
		own := blocks.Primary()
		if got := string(p.Payload[own.From:own.To]); got != string(said(uint16(n))) || own.PayloadType != 109 {
			t.Errorf("packet %d says %q as type %d", n, got, own.PayloadType)
		}
	}
}

func TestLostSoundIsTakenFromRedundancy(t *testing.T) {
	t.Parallel()
	s, in, _, out := voicePath(t, 0)
	var e red.Encoder
	for n := range uint16(30) {
		raw := voice(t, n, redPT, e.Build(make([]byte, 1500), 2, opusPT, uint64(n)+1, uint32(n)*960, said(n)))
		e.Add(uint64(n)+1, uint32(n)*960, said(n))
		if n%3 != 1 && n%10 != 5 {
			in.take(raw, in.up.sfu.now())
		}
	}
	if len(out.packets) != 30 {
		t.Fatalf("%d of 30 packets went out", len(out.packets))
	}
	for n, p := range out.packets {
		if string(p.Payload) != string(said(uint16(n))) || p.PayloadType != 109 || p.Timestamp != out.packets[0].Timestamp+uint32(n)*960 {
			t.Errorf("packet %d: type %d at %d says %q", n, p.PayloadType, p.Timestamp, p.Payload)
		}
	}
	if got := s.counters.recovered.Load(); got != 12 {
		t.Errorf("%d packets recovered", got)
	}
	in.take(voice(t, 40, redPT, []byte{0xff, 1}), in.up.sfu.now())
	if s.counters.drops[dropRedundancy].Load() != 1 {
		t.Error("a broken packet was not counted")
	}
}

// TestPackedSoundsAreTakenApart: a browser that knows no redundancy packs sounds
// itself, under their own payload type; whoever hears them gets plain ones. What
// it has not packed passes, too.
func TestPackedSoundsAreTakenApart(t *testing.T) {
	t.Parallel()
	s, in, e, out := voicePath(t, 0)
	b := in.up.bound.Load()
	b.media[0].packed = true
	b.ext.AudioLevel = 1
	heard := recorded{}
	tap := newOutlet(s, false, &heard, 0)
	tap.attach(e.outlet.track)
	var enc red.Encoder
	plain := func(n uint16) []byte { return append([]byte{0x78}, said(n)...) } // 20 ms of hybrid coding
	for n := range uint16(30) {
		payload := plain(n)
		if n != 20 {
			payload = enc.Build(make([]byte, 1500), 3, packedType, uint64(n)+1, uint32(n)*960, payload)
		}
		enc.Add(uint64(n)+1, uint32(n)*960, plain(n))
		if n%5 == 0 || n == 29 {
			in.take(voice(t, n, opusPT, payload), in.up.sfu.now())
		}
	}
	// Four in a row are lost and three of them repeated, but not by the plain one.
	lost := []uint16{1, 6, 11, 16, 17, 18, 19, 21}
	var want []uint16
	for n := range uint16(30) {
		if !slices.Contains(lost, n) {
			want = append(want, n)
		}
	}
	var got []uint16
	for _, p := range out.packets {
		got = append(got, p.SequenceNumber-out.packets[0].SequenceNumber)
		if n := got[len(got)-1]; string(p.Payload) != string(plain(n)) || p.PayloadType != 109 {
			t.Errorf("sound %d is %q of type %d", n, p.Payload, p.PayloadType)
		}
	}
	if !slices.Equal(got, want) || len(heard) != len(want) {
		t.Errorf("heard %d and %d, want %d", got, len(heard), want)
	}
	for _, broken := range [][]byte{{}, {0x80}, {0x80, 0, 0, 9, 0}, {0x80 | 5, 0, 0, 1, 0, 1}, {0}} {
		in.take(voice(t, 40, opusPT, broken), in.up.sfu.now())
	}
}

// recorded keeps the payloads a tap is given.
type recorded [][]byte

func (r *recorded) emit(_ *outlet, p *packet, _ munge.Out) bool {
	*r = append(*r, slices.Clone(p.payload))
	return true
}

func TestLostSoundIsAskedFor(t *testing.T) {
	t.Parallel()
	s, in, _, out := voicePath(t, 0)
	for n := range uint16(10) {
		if n != 4 {
			in.take(voice(t, n, opusPT, said(n)), in.up.sfu.now())
		}
	}
	asked := in.encoding.repairs(nil, ask{}, s.now()+time.Second/20)
	if len(asked) != 1 || len(asked[0].DestinationSSRC()) != 1 {
		t.Fatalf("asked for %v", asked)
	}
	if later := in.encoding.repairs(nil, ask{}, s.now()+time.Second); len(later) != 0 {
		t.Error("asks for a sound nobody could hear in time")
	}
	in.take(voice(t, 4, opusPT, said(4)), in.up.sfu.now())
	last := out.packets[len(out.packets)-1]
	if want := out.packets[3].SequenceNumber + 1; last.SequenceNumber != want {
		t.Errorf("the late sound is number %d, want %d", last.SequenceNumber, want)
	}
}

// shielded is a camera path whose receiver has all means of protection.
func shielded(tb testing.TB, plan protect.Plan) (*path, *seatEnd, *kept) {
	tb.Helper()
	p := newPath(tb, 1, false)
	e, out := p.ends[0], &kept{}
	w := e.wired.Load()
	w.writer, w.fec, w.playoutID = out, 9999, 5
	w.fecHead = rtp.Header{Version: 2, PayloadType: 49, SSRC: 9999}
	e.plan(plan)
	p.t.shield.plan.Store(&plan)
	return p, e, out
}

func TestParityCoversWhatWasSent(t *testing.T) {
	t.Parallel()
	p, _, out := shielded(t, protect.Plan{FEC: protect.FEC{Group: 4, Depth: 1}})
	for range 8 {
		p.next(false)
	}
	media, parity := out.of(100), out.of(9999)
	if len(media) != 8 || len(parity) != 2 {
		t.Fatalf("%d media and %d parity packets", len(media), len(parity))
	}
	// With three packets of the group known, the rest is the fourth.
	fec := slices.Clone(parity[0].Payload)
	for _, m := range media[1:4] {
		raw, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range raw[12:] {
			fec[20+i] ^= b
		}
	}
	raw, err := media[0].Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if got := fec[20 : 20+len(raw)-12]; string(got) != string(raw[12:]) {
		t.Error("the first packet does not come back")
	}
	if base := binary.BigEndian.Uint16(fec[16:]); base != media[0].SequenceNumber {
		t.Errorf("the group begins at %d, want %d", base, media[0].SequenceNumber)
	}
}

// TestBasesAreSentTwice: in a bubble, where no time passes between two lines.
func TestBasesAreSentTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, e, out := shielded(t, protect.Plan{Repeat: true})
		p.t.addEndLocked(100, e)
		p.tid = 2
		for range 5 {
			p.next(false)
		}
		p.tid = 0
		p.next(false)
		p.t.repeatBases(p.sfu.now(), make([]byte, maxPacket))
		if n := len(out.of(10000)); n != 0 {
			t.Errorf("%d packets repeated at once", n)
		}
		later := p.sfu.now() + time.Second
		p.t.repeatBases(later, make([]byte, maxPacket))
		p.t.repeatBases(later, make([]byte, maxPacket))
		// The first packet, a key frame, went out before the kept end was there.
		if n := len(out.of(10000)); n != 2 {
			t.Errorf("%d packets repeated, want the key frame and the base", n)
		}
		e.outlet.track.open.Store(false)
		p.next(false)
		p.t.repeatBases(later+time.Second, make([]byte, maxPacket))
		if n := len(out.of(10000)); n != 2 {
			t.Error("something muted was repeated")
		}
	})
}

// TestPlayoutDelayIsStated: what repairs need, on the receiver's way or on the
// publisher's, whichever takes longer.
func TestPlayoutDelayIsStated(t *testing.T) {
	t.Parallel()
	p, e, out := shielded(t, protect.Plan{})
	p.next(false)
	e.wait(300 * time.Millisecond)
	p.next(false)
	e.outlet.track.repairs.Store(int64(400 * time.Millisecond))
	e.wait(300 * time.Millisecond)
	p.next(false)
	e.outlet.track.repairs.Store(0)
	e.wait(0)
	p.next(false)
	var got []string
	for _, m := range out.of(100) {
		got = append(got, fmt.Sprintf("%x", m.GetExtension(5)))
	}
	if want := []string{"", "01e3e8", "0283e8", "0003e8"}; !slices.Equal(got, want) {
		t.Errorf("stated %q, want %q", got, want)
	}
}

func TestProtectionAllocatesNothing(t *testing.T) { //nolint:paralleltest // counts allocations
	p := newPath(t, 3, false)
	for _, e := range p.ends {
		w := e.wired.Load()
		w.fec, w.fecHead = 9999, rtp.Header{Version: 2, SSRC: 9999}
		e.plan(protect.Plan{Repeat: true, FEC: protect.FEC{Group: 2, Depth: 3}, Delay: time.Second / 5})
	}
	if n := testing.AllocsPerRun(1000, func() { p.next(false) }); n != 0 {
		t.Errorf("%v allocations for a picture's packet", n)
	}
	_, in, end, _ := voicePath(t, 2)
	n, raw, quiet := uint16(0), voice(t, 0, opusPT, said(0)), &discard{}
	end.wired.Load().writer = quiet
	if got := testing.AllocsPerRun(1000, func() {
		n++
		binary.BigEndian.PutUint16(raw[2:], n)
		binary.BigEndian.PutUint32(raw[4:], uint32(n)*960)
		in.take(raw, in.up.sfu.now())
	}); got != 0 || quiet.packets == 0 {
		t.Errorf("%v allocations for a sound, %d sent", got, quiet.packets)
	}
}
