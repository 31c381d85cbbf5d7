package sfu

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

// discard is the end of the path: what pion's writer would take.
type discard struct {
	packets int
	last    rtp.Header
	payload int
}

func (d *discard) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	d.packets++
	d.last, d.payload = *h, len(payload)
	return h.MarshalSize() + len(payload), nil
}

func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// sealed encrypts as a subscriber's connection does, and sends nothing.
type sealed struct {
	ctx      *srtp.Context
	raw, out []byte
}

func (s *sealed) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	n, err := h.MarshalTo(s.raw)
	if err != nil {
		return 0, err
	}
	n += copy(s.raw[n:], payload)
	s.out, err = s.ctx.EncryptRTP(s.out[:0], s.raw[:n], h)
	return len(s.out), err
}

func (s *sealed) Write(b []byte) (int, error) { return len(b), nil }

// path is one publisher's camera and its subscribers without sockets.
type path struct {
	sfu  *SFU
	t    *transport
	in   *inbound
	ends []*seatEnd
	raw  []byte
	n    uint16
	tid  uint8 // temporal layer of the next packet
	sync bool
}

func newPath(tb testing.TB, subscribers int, encrypt bool) *path {
	tb.Helper()
	s := &SFU{started: time.Now()}
	track := newTrack(s, "p", Camera, 1)
	track.open.Store(true)
	t := &transport{sfu: s, ends: map[uint32]*seatEnd{}, up: &uplink{sfu: s, woken: func() {}}}
	b := &binding{media: []boundMedia{{mid: "1", track: track, ssrcs: []uint32{7}, rtx: map[uint32]uint32{8: 7}}}}
	b.kinds[96], b.apt[97] = codec.VP8, 96
	b.ext.TransportCC, b.ext.MID = 3, 4
	t.up.bound.Store(b)
	p := &path{sfu: s, t: t, in: &inbound{up: t.up, ssrc: 7}, raw: make([]byte, 1200)}
	for i := range subscribers {
		e := t.newEnd(fmt.Sprintf("seat-%d", i), 2)
		w := &wire{writer: &discard{}, ssrc: uint32(100 + i), repair: uint32(10000 + i)}
		w.payload[codec.VP8], w.rtx[codec.VP8] = 96, 97
		if encrypt {
			ctx, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
			if err != nil {
				tb.Fatal(err)
			}
			w.writer = &sealed{ctx: ctx, raw: make([]byte, 1500), out: make([]byte, 0, 1600)}
		}
		w.header = rtp.Header{Version: 2, PayloadType: 96, SSRC: w.ssrc}
		w.rtxHead = rtp.Header{Version: 2, PayloadType: 97, SSRC: w.repair}
		for _, h := range []*rtp.Header{&w.header, &w.rtxHead} {
			h.Extension, h.ExtensionProfile = true, profileOneByte
			if err := h.SetExtension(2, w.ext.sendTime[:]); err != nil {
				tb.Fatal(err)
			}
		}
		e.wired.Store(w)
		t.addEndLocked(w.ssrc, e)
		e.outlet.attach(track)
		e.outlet.aim(0, 7)
		p.ends = append(p.ends, e)
	}
	p.next(true)
	return p
}

// next sends one packet: a frame of its own.
func (p *path) next(key bool) {
	p.build(key)
	p.in.take(p.raw, p.sfu.now())
}

// build makes it.
func (p *path) build(key bool) {
	b := p.raw
	clear(b)
	b[0], b[1] = 0x90, 0x80|96
	binary.BigEndian.PutUint16(b[2:], p.n)
	binary.BigEndian.PutUint32(b[4:], uint32(p.n)*3000)
	binary.BigEndian.PutUint32(b[8:], 7)
	binary.BigEndian.PutUint16(b[12:], 0xBEDE)
	binary.BigEndian.PutUint16(b[14:], 1)
	b[16] = 3<<4 | 1
	binary.BigEndian.PutUint16(b[17:], p.n)
	payload := b[20:]
	copy(payload, []byte{0x90, 0xe0, 0x80 | byte(p.n>>8)&0x7f, byte(p.n), byte(p.n), 0x20, 1})
	if key {
		copy(payload[6:], []byte{0, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2})
	}
	payload[5] = p.tid << 6
	if p.sync {
		payload[5] |= 0x20
	}
	p.n++
}

func TestOnePacketAllocatesNothing(t *testing.T) {
	p := newPath(t, 10, false)
	sent := func() int { return p.ends[9].wired.Load().writer.(*discard).packets }
	before := sent()
	if n := testing.AllocsPerRun(2000, func() { p.next(false) }); n != 0 {
		t.Errorf("%v allocations for a packet", n)
	}
	if got := sent() - before; got != 2001 {
		t.Errorf("%d packets went out", got)
	}
	e := p.ends[3]
	sn := e.outlet.munger.Highest()
	now := p.sfu.now()
	if n := testing.AllocsPerRun(200, func() {
		now += time.Second
		e.resend(sn, 0, now, p.t.resendBuffer[:])
		sn--
	}); n != 0 {
		t.Errorf("%v allocations for an answered NACK", n)
	}
	if got := p.sfu.counters.resent.Load(); got != 201 {
		t.Errorf("%d packets resent", got)
	}
}

func TestReceiverGetsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	for range 50 {
		p.next(false)
	}
	e := p.ends[0]
	last := e.outlet.munger.Highest()
	ask := func(sns ...uint16) uint64 {
		before := p.sfu.counters.resent.Load()
		raw, err := (&rtcp.TransportLayerNack{MediaSSRC: 100, Nacks: rtcp.NackPairsFromSequenceNumbers(sns)}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		(&control{t: p.t}).take(raw, p.sfu.now())
		return p.sfu.counters.resent.Load() - before
	}
	if got := ask(last-3, last-7, last+1); got != 2 {
		t.Errorf("%d packets resent, want the two that were sent", got)
	}
	// After a pause the picture begins anew: nothing from before helps.
	e.outlet.aim(layer.None, 0)
	e.outlet.aim(0, layer.AllTemporal)
	p.next(true)
	if begun := e.outlet.munger.Highest(); begun == last || ask(begun, begun-9) != 1 {
		t.Error("not only what was sent since the pause was resent")
	}
	last = e.outlet.munger.Highest()
	p.ends[0].outlet.track.open.Store(false)
	if got := ask(last); got != 0 {
		t.Error("a muted packet was resent")
	}
}

// TestRepairsOfAPausedPictureAreForgotten: what they took of the last one says
// nothing of the next, unless the link still loses packets.
func TestRepairsOfAPausedPictureAreForgotten(t *testing.T) {
	t.Parallel()
	for _, loss := range []float64{0, 0.2} {
		var s spending
		var octets [classes]uint64
		now := time.Duration(0)
		for range 30 {
			now += time.Second
			octets[classVideo], octets[classExtra] = octets[classVideo]+12_500, octets[classExtra]+12_500
			s.learn(octets, loss, now)
		}
		if s.share < 0.45 {
			t.Errorf("repairs take half, %.2f was learned", s.share)
		}
		for range 30 {
			now += time.Second
			s.learn(octets, loss, now)
		}
		if s.share < loss-0.05 || s.share > loss+0.05 {
			t.Errorf("at %.2f loss %.2f is kept for repairs", loss, s.share)
		}
	}
}

func TestUplinkRepairIsUnwrapped(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	p.next(false)
	p.n++ // one is lost
	p.next(false)
	out := p.ends[0].wired.Load().writer.(*discard)
	before := out.packets
	repair := &inbound{up: p.t.up, ssrc: 8}
	h := rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: 97, SequenceNumber: 1, Timestamp: 6000, SSRC: 8, Marker: true},
		Payload: []byte{0, 2, 0x90, 0xe0, 0x80, 2, 2, 0x20, 1},
	}
	raw, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		repair.take(raw, repair.up.sfu.now())
	}
	if got := out.packets - before; got != 1 {
		t.Errorf("%d packets forwarded for a repaired one", got)
	}
	if got := p.sfu.counters.drops[dropDuplicate].Load(); got != 1 {
		t.Errorf("%d duplicates", got)
	}
}

func FuzzIncomingRTP(f *testing.F) {
	p := newPath(f, 2, false)
	f.Add(append([]byte{}, p.raw...))
	f.Add([]byte{0x80, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 5})
	f.Add([]byte{0xbf, 96})
	f.Fuzz(func(_ *testing.T, b []byte) {
		fuzzed := &inbound{up: p.t.up, ssrc: 9}
		fuzzed.take(append([]byte{}, b...), fuzzed.up.sfu.now())
		p.in.take(append([]byte{}, b...), p.sfu.now())
		p.next(true)
	})
}

func FuzzIncomingRTCP(f *testing.F) {
	p := newPath(f, 1, false)
	for _, packet := range []rtcp.Packet{
		&rtcp.TransportLayerNack{MediaSSRC: 100, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}},
		&rtcp.PictureLossIndication{MediaSSRC: 100},
		&rtcp.FullIntraRequest{MediaSSRC: 100, FIR: []rtcp.FIREntry{{SSRC: 100}}},
		&rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, Reports: []rtcp.ReceptionReport{{SSRC: 100, LastSenderReport: 5}}},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e6, SSRCs: []uint32{100}},
	} {
		raw, err := packet.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		(&control{t: p.t}).take(b, p.sfu.now())
	})
}

// BenchmarkForward is one packet of 1200 bytes to its subscribers, without and
// with encryption; no sockets.
func BenchmarkForward(b *testing.B) {
	for _, encrypt := range []bool{false, true} {
		for _, n := range []int{1, 10, 50} {
			b.Run(fmt.Sprintf("subscribers=%d/encrypt=%v", n, encrypt), func(b *testing.B) {
				p := newPath(b, n, encrypt)
				b.ReportAllocs()
				for b.Loop() {
					p.next(false)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sent")
			})
		}
	}
}
