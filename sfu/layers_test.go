package sfu

import (
	"testing"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
)

// What one packet says of its layers must not stick to the next one of the same
// client: a sound has none.
func TestSoundPassesBesideLayersInOneStream(t *testing.T) {
	t.Parallel()
	p, _ := kindPath(t, VP9, 1)
	mic := newTrack(p.sfu, "p", Microphone, 1)
	mic.open.Store(true)
	b := *p.t.up.bound.Load()
	b.kinds[opusPT], b.opus = codec.Opus, opusPT
	b.media = append(b.media, boundMedia{mid: "0", track: mic, ssrcs: []uint32{70}})
	p.t.up.bound.Store(&b)
	end := p.t.newEnd("seat-9", 1)
	w := &wire{writer: &discard{}, ssrc: 900, header: rtp.Header{Version: 2, SSRC: 900}}
	w.payload[codec.Opus] = opusPT
	end.wired.Store(w)
	end.outlet.attach(mic)
	e := newEncoder(VP9, 3, 180)
	voices := &inbound{up: p.t.up, ssrc: 70}
	for n := range uint16(20) {
		p.send(t, e, n == 0)
		raw := voice(t, n, opusPT, said(n))
		raw[11] = 70
		voices.take(raw, voices.up.sfu.now())
	}
	if got := w.writer.(*discard).packets; got != 20 {
		t.Errorf("%d of 20 sounds went out", got)
	}
}
