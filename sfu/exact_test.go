package sfu

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
)

// unforked is the end of the path that holds to the rule of all ciphers: one
// number, one packet.
type unforked struct {
	tb    testing.TB
	first map[uint64][]byte // by SSRC and number
	again int               // packets that came more than once
}

func newUnforked(tb testing.TB) *unforked {
	tb.Helper()
	return &unforked{tb: tb, first: map[uint64][]byte{}}
}

func (u *unforked) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	raw, err := h.Marshal()
	if err != nil {
		u.tb.Fatal(err)
	}
	raw = append(raw, payload...)
	key := uint64(h.SSRC)<<16 | uint64(h.SequenceNumber)
	if before, ok := u.first[key]; ok {
		u.again++
		if !slices.Equal(before, raw) {
			u.tb.Errorf("number %d of %d went out as %x and as %x", h.SequenceNumber, h.SSRC, before, raw)
		}
	}
	u.first[key] = raw
	return len(raw), nil
}

func (u *unforked) Write(b []byte) (int, error) { return len(b), nil }

// TestSoundsAskedForGoOutAsTheyWere: a key stream must never cover two packets, so
// a sound that is repeated is the same byte by byte, whatever its receiver is sent
// by then.
func TestSoundsAskedForGoOutAsTheyWere(t *testing.T) {
	t.Parallel()
	s, in, e, _ := voicePath(t, 0)
	out := newUnforked(t)
	w := e.wired.Load()
	w.writer, w.numbered = out, true
	must(t, w.extend(sdp.TransportCCURI, 3))
	ask := func(sn uint16) { e.resend(sn, 0, s.now()+time.Second, make([]byte, maxPacket)) }
	for n := range uint16(60) {
		copies := int32(n / 10 % (red.Copies + 1))
		e.outlet.copies.Store(copies)
		e.outlet.track.copies.Store(1 << copies >> 1)
		in.take(voice(t, n, opusPT, said(n)), in.up.sfu.now())
		high := e.outlet.munger.Highest()
		ask(high)
		ask(high - 9)
		ask(high - 9)
	}
	if out.again < 100 {
		t.Errorf("%d sounds were repeated", out.again)
	}
	before := out.again
	e.outlet.track.restart()
	ask(e.outlet.munger.Highest())
	e.outlet.track.open.Store(false)
	ask(e.outlet.munger.Highest())
	if out.again != before {
		t.Error("a sound from before a mute was repeated")
	}
}

// TestPicturesWithoutRepairStreamGoOutAsTheyWere: the same for a receiver that
// negotiated requests but no stream for what answers them.
func TestPicturesWithoutRepairStreamGoOutAsTheyWere(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	e, out := p.ends[0], newUnforked(t)
	w := e.wired.Load()
	w.writer, w.numbered, w.repair, w.rtx[codec.VP8] = out, true, 0, 0
	must(t, w.extend(sdp.TransportCCURI, 3))
	for range 40 {
		p.next(false)
		for back := range uint16(3) {
			e.resend(e.outlet.munger.Highest()-back, 0, p.sfu.now()+time.Second, p.t.resendBuffer[:])
		}
	}
	if out.again < 100 {
		t.Errorf("%d packets were repeated", out.again)
	}
}

// FuzzKeptPackets: whatever header and payload, a packet that is kept comes back
// as it was, or not at all.
func FuzzKeptPackets(f *testing.F) {
	f.Add(uint16(65535), uint32(1), true, []byte{1, 2}, []byte("said"))
	f.Add(uint16(0), uint32(0), false, []byte{}, []byte{})
	f.Add(uint16(7), uint32(9), false, []byte{0, 0, 0}, make([]byte, 1590))
	f.Fuzz(func(t *testing.T, sn uint16, ts uint32, marker bool, number, payload []byte) {
		x := newExact(false)
		h := rtp.Header{Version: 2, SequenceNumber: sn, Timestamp: ts, Marker: marker, PayloadType: 63, SSRC: 5}
		if len(number) > 0 && len(number) <= 16 {
			must(t, h.SetExtension(3, number))
		}
		want, err := h.Marshal()
		must(t, err)
		x.keep(&h, payload)
		head, body := x.get(sn)
		if head == nil {
			if len(want)+len(payload) <= maxPacket {
				t.Fatal("lost")
			}
			return
		}
		got, err := head.Marshal()
		must(t, err)
		if !slices.Equal(append(got, body...), append(want, payload...)) {
			t.Errorf("kept %x, got back %x", append(want, payload...), append(got, body...))
		}
		if other, _ := x.get(sn + 1); other != nil {
			t.Error("another packet is there")
		}
	})
}
