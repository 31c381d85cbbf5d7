package sfu

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd/ddtest"
)

var videoKinds = []Codec{VP8, VP9, H264, AV1}

// encoder makes the packets of one source in one codec: pictures of one packet
// for each spatial layer.
type encoder struct {
	kind    Codec
	spatial int
	height  int // of the lowest layer
	picture int
	tid     int // of the next pictures
	stream  ddtest.Stream
}

func newEncoder(kind Codec, spatial, height int) *encoder {
	return &encoder{
		kind: kind, spatial: spatial, height: height,
		stream: ddtest.Stream{Spatial: spatial, Temporal: 1, Height: height},
	}
}

// frame gives the payload of one layer of a picture and, for AV1, its Dependency
// Descriptor; both begin a frame and end it.
func (e *encoder) frame(key bool, sid int) (payload, dependency []byte) {
	switch e.kind {
	case VP9:
		return e.vp9(key, sid), nil
	case H264:
		if key {
			// SPS of 640x360, PPS and a slice in an aggregate.
			sps := []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x17, 0xfc, 0xb0, 0x0f, 0x08, 0x84, 0x6a}
			b := append([]byte{24, 0, byte(len(sps))}, sps...)
			b = append(b, 0, 4, 0x68, 0xce, 0x3c, 0x80)
			return append(b, 0, 3, 0x65, 0x88, 0x84), nil
		}
		return []byte{0x41, 0x9a, 0x24, 0x6c}, nil
	case AV1:
		b := []byte{0x10, 6 << 3, 1, 2}
		if key && sid == 0 {
			b[0] |= 0x08
		}
		return b, e.stream.Next(ddtest.Frame{Key: key, SID: sid, TID: e.tid, Start: true, End: true})
	default:
		return append(picture(e.picture, 0, key, e.height), 0), nil
	}
}

func (e *encoder) vp9(key bool, sid int) []byte {
	const inter, layers, start, end, structure = 0x40, 0x20, 0x08, 0x04, 0x02
	b := []byte{0x80 | layers | start | end, 0x80 | byte(e.picture>>8)&0x7f, byte(e.picture), byte(sid << 1), byte(e.picture)}
	if !key {
		b[0] |= inter
	}
	if sid > 0 {
		b[3] |= 1
	}
	if key && sid == 0 {
		b[0] |= structure
		b = append(b, byte(e.spatial-1)<<5|0x10)
		for s := range e.spatial {
			b = binary.BigEndian.AppendUint16(b, uint16(e.height<<s*16/9))
			b = binary.BigEndian.AppendUint16(b, uint16(e.height<<s))
		}
	}
	return append(b, 0x86, 0)
}

// kindPath is a path whose publisher sends with this codec, and whose
// subscribers read dependencies.
func kindPath(tb testing.TB, kind Codec, subscribers int) (*path, *encoder) {
	tb.Helper()
	p := newPath(tb, subscribers, false)
	b := *p.t.up.bound.Load()
	b.kinds[98], b.ext.Dependency = kind, 5
	p.t.up.bound.Store(&b)
	for _, e := range p.ends {
		w := e.wired.Load()
		w.payload[kind], w.rtx[kind], w.dependencyID = 98, 97, 6
	}
	return p, newEncoder(kind, 1, 180)
}

// send gives the path one picture of the encoder; raw is its scratch.
func (p *path) send(tb testing.TB, e *encoder, key bool) {
	tb.Helper()
	for sid := range e.spatial {
		payload, dependency := e.frame(key, sid)
		h := rtp.Header{
			Version: 2, PayloadType: 98, SequenceNumber: p.n, Timestamp: uint32(e.picture+1) * 3000, SSRC: 7, Marker: sid == e.spatial-1,
		}
		if dependency != nil {
			h.Extension, h.ExtensionProfile = true, rtp.ExtensionProfileTwoByte
			if err := h.SetExtension(5, dependency); err != nil {
				tb.Fatal(err)
			}
		}
		n, err := h.MarshalTo(p.raw)
		if err != nil {
			tb.Fatal(err)
		}
		p.n++
		p.in.take(p.raw[:n+copy(p.raw[n:], payload)], p.sfu.now())
	}
	e.picture++
}

func TestEveryCodecIsForwardedWithoutAllocation(t *testing.T) {
	for _, kind := range videoKinds {
		p, enc := kindPath(t, kind, 5)
		p.send(t, enc, true)
		p.send(t, enc, false)
		out := p.ends[4].wired.Load().writer.(*discard)
		if out.last.PayloadType != 98 || out.last.SequenceNumber != p.ends[4].outlet.munger.Highest() {
			t.Fatalf("%v: went out as %+v", kind, out.last)
		}
		// The same picture again and again, with the number patched in.
		payload, dependency := enc.frame(false, 0)
		h := rtp.Header{Version: 2, PayloadType: 98, SequenceNumber: p.n, SSRC: 7, Marker: true}
		if dependency != nil {
			must(t, h.SetExtension(5, dependency))
		}
		n, err := h.MarshalTo(p.raw)
		must(t, err)
		raw := p.raw[:n+copy(p.raw[n:], payload)]
		before := out.packets
		if got := testing.AllocsPerRun(1000, func() {
			binary.BigEndian.PutUint16(raw[2:], p.n)
			p.n++
			p.in.take(raw, p.sfu.now())
		}); got != 0 {
			t.Errorf("%v: %v allocations for a packet", kind, got)
		}
		if out.packets != before+1001 {
			t.Errorf("%v: %d packets went out", kind, out.packets-before)
		}
		end := p.ends[1]
		sn, now := end.outlet.munger.Highest(), p.sfu.now()
		if got := testing.AllocsPerRun(200, func() {
			now += time.Second
			end.resend(sn, 0, now, p.t.resendBuffer[:])
			sn--
		}); got != 0 {
			t.Errorf("%v: %v allocations for an answered NACK", kind, got)
		}
		if got := p.sfu.counters.resent.Load(); got != 201 {
			t.Errorf("%v: %d packets resent", kind, got)
		}
	}
}

func TestSpatialLayersWithinAStream(t *testing.T) {
	t.Parallel()
	for _, kind := range []Codec{VP9, AV1} {
		p, _ := kindPath(t, kind, 1)
		enc := newEncoder(kind, 3, 180)
		o := p.ends[0].outlet
		out := p.ends[0].wired.Load().writer.(*discard)
		for i, step := range []struct {
			key             bool
			target, packets int
			asked           bool
		}{
			{true, 0, 1, false},
			{false, 0, 1, false},
			{false, 2, 1, true},
			{true, 2, 3, true},
			{false, 2, 3, false},
			{false, 1, 2, false},
			{false, 1, 2, false},
			{false, 0, 1, false},
			{true, 1, 2, true},
		} {
			stream := o.track.layers[0]
			stream.wantKey.Store(false)
			o.aim(step.target, 7)
			if asked := stream.wantKey.Load(); i > 0 && asked != step.asked {
				t.Errorf("%v step %d: a key frame was asked for: %v", kind, i, asked)
			}
			packets, sn := out.packets, out.last.SequenceNumber
			p.send(t, enc, step.key)
			if got := out.packets - packets; got != step.packets {
				t.Errorf("%v step %d: %d layers went out, want %d", kind, i, got, step.packets)
			}
			if i > 0 && out.last.SequenceNumber != sn+uint16(step.packets) {
				t.Errorf("%v step %d: number %d after %d and %d packets", kind, i, out.last.SequenceNumber, sn, step.packets)
			}
			if !out.last.Marker {
				t.Errorf("%v step %d: the picture does not end", kind, i)
			}
		}
		known := o.track.known(p.sfu.now())
		for sid, l := range known {
			if !l.Live || l.Height != 180<<sid {
				t.Errorf("%v: layer %d is known as %+v", kind, sid, l)
			}
		}
	}
}

// TestReceiverWithoutTheCodecGetsNothing: the others do.
func TestReceiverWithoutTheCodecGetsNothing(t *testing.T) {
	t.Parallel()
	p, enc := kindPath(t, AV1, 2)
	p.ends[0].wired.Load().payload[AV1] = 0
	before := [2]int{}
	for i, e := range p.ends {
		before[i] = e.wired.Load().writer.(*discard).packets
	}
	p.send(t, enc, true)
	p.send(t, enc, false)
	for i, e := range p.ends {
		if got := e.wired.Load().writer.(*discard).packets - before[i]; got != 2*i {
			t.Errorf("receiver %d got %d packets", i, got)
		}
	}
}

func FuzzIncomingCodecs(f *testing.F) {
	for i, kind := range videoKinds {
		for _, spatial := range []int{1, 3} {
			enc := newEncoder(kind, spatial, 180)
			payload, dependency := enc.frame(true, 0)
			f.Add(uint8(i), payload, dependency)
			payload, dependency = enc.frame(false, spatial-1)
			f.Add(uint8(i), payload, dependency)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, payload, dependency []byte) {
		kind := videoKinds[int(which)%len(videoKinds)]
		p, enc := kindPath(t, kind, 2)
		p.send(t, enc, true)
		p.ends[1].outlet.aim(2, 7)
		h := rtp.Header{Version: 2, PayloadType: 98, SequenceNumber: p.n, Timestamp: 9000, SSRC: 7}
		if n := len(dependency); n > 0 && n < 256 {
			h.Extension, h.ExtensionProfile = true, rtp.ExtensionProfileTwoByte
			if err := h.SetExtension(5, dependency); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
		if err != nil || len(raw) > maxPacket {
			return
		}
		p.in.take(raw, p.sfu.now())
		p.n++
		sn := p.ends[1].outlet.munger.Highest()
		p.ends[1].resend(sn, 0, p.sfu.now()+time.Second, p.t.resendBuffer[:])
		p.send(t, enc, true)
	})
}

func TestKindsHaveNames(t *testing.T) {
	t.Parallel()
	for _, k := range videoKinds {
		if got := codec.Parse(fmt.Sprint(k)); got != k {
			t.Errorf("%v is read as %v", k, got)
		}
	}
}
