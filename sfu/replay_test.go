package sfu

import (
	"testing"
	"time"
)

// arrive attaches one more subscriber to the path, late.
func (p *path) arrive(tb testing.TB, kind Codec) (*seatEnd, *discard) {
	tb.Helper()
	e := p.t.newEnd("late", 2)
	first := p.ends[0].wired.Load()
	w := &wire{writer: &discard{}, ssrc: 500, repair: 501, dependencyID: first.dependencyID}
	w.payload, w.rtx = first.payload, first.rtx
	w.header.Version, w.header.SSRC, w.rtxHead.Version, w.rtxHead.SSRC = 2, w.ssrc, 2, w.repair
	e.wired.Store(w)
	p.t.addEndLocked(w.ssrc, e)
	e.outlet.attach(p.in.encoding.track)
	p.in.encoding.wantKey.Store(false)
	if got := p.in.encoding.track.codec(); got != kind {
		tb.Fatalf("the track is %v", got)
	}
	return e, w.writer.(*discard)
}

func TestNewViewerGetsTheStoredKeyFrame(t *testing.T) {
	t.Parallel()
	for _, kind := range videoKinds {
		p, enc := kindPath(t, kind, 1)
		for n := range 25 {
			p.send(t, enc, n%10 == 0)
		}
		e, out := p.arrive(t, kind)
		e.outlet.aim(0, 7)
		if out.packets != 5 || p.in.encoding.wantKey.Load() {
			t.Errorf("%v: %d packets at once, want the key frame and four more; asked: %v", kind, out.packets, p.in.encoding.wantKey.Load())
		}
		sn, ts := out.last.SequenceNumber, out.last.Timestamp
		p.send(t, enc, false)
		if out.packets != 6 || out.last.SequenceNumber != sn+1 || out.last.Timestamp != ts+3000 {
			t.Errorf("%v: then number %d after %d, time %d after %d", kind, out.last.SequenceNumber, sn, out.last.Timestamp, ts)
		}
		before := p.sfu.counters.resent.Load()
		for back := range uint16(6) {
			e.resend(sn+1-back, 0, p.sfu.now()+time.Second, p.t.resendBuffer[:])
		}
		if got := p.sfu.counters.resent.Load() - before; got != 6 {
			t.Errorf("%v: %d of 6 packets could be asked for again", kind, got)
		}
	}
}

// TestStoredKeyFrameWithLoss loses packets on their way in; they reach the new
// viewer once, in their places, when they are repaired.
func TestStoredKeyFrameWithLoss(t *testing.T) {
	t.Parallel()
	p, enc := kindPath(t, VP9, 1)
	p.send(t, enc, true)
	var lost []uint16
	for n := range 12 {
		if n%4 == 1 {
			lost = append(lost, p.n)
			p.n++
			enc.picture++
			continue
		}
		p.send(t, enc, false)
	}
	e, out := p.arrive(t, VP9)
	e.outlet.aim(0, 7)
	if out.packets != 10 {
		t.Fatalf("%d packets at once", out.packets)
	}
	last := out.last.SequenceNumber
	next, picture := p.n, enc.picture
	for _, sn := range lost {
		for range 2 { // the second is a duplicate
			p.n, enc.picture = sn, picture-int(next-sn)
			p.send(t, enc, false)
		}
		if want := last - (next - 1 - sn); out.last.SequenceNumber != want {
			t.Errorf("the repaired packet went out as %d, want %d", out.last.SequenceNumber, want)
		}
	}
	if out.packets != 13 {
		t.Errorf("%d packets in all, want 13", out.packets)
	}
}

func TestStoredKeyFrameIsNotAlwaysCheaper(t *testing.T) {
	t.Parallel()
	p, enc := kindPath(t, AV1, 1)
	p.send(t, enc, true)
	for range replayMost {
		p.send(t, enc, false)
	}
	e, out := p.arrive(t, AV1)
	e.outlet.aim(0, 7)
	if out.packets != 0 || !p.in.encoding.wantKey.Load() {
		t.Errorf("%d packets of a long way from the key frame", out.packets)
	}
	p.send(t, enc, true)
	if out.packets != 1 {
		t.Error("the new key frame was not sent")
	}
	stream := p.in.encoding
	stream.mu.Lock()
	stream.lastKey -= replayAge
	stream.mu.Unlock()
	late, old := p.arrive(t, AV1)
	late.outlet.aim(0, 7)
	if old.packets != 0 || !stream.wantKey.Load() {
		t.Errorf("%d packets of an old key frame", old.packets)
	}
	stream.track.open.Store(false)
	p.send(t, enc, true)
	late.outlet.aim(0, 7)
	if old.packets != 0 {
		t.Error("a muted picture was sent from the ring")
	}
}

func TestPacketsOnTheirWayAreNotSentTwice(t *testing.T) {
	t.Parallel()
	p, enc := kindPath(t, VP8, 1)
	p.send(t, enc, true)
	e, out := p.arrive(t, VP8)
	scratch := p.t.up.scratch // as left by the packet just stored
	e.outlet.aim(0, 7)
	e.outlet.forward(&scratch)
	if out.packets != 1 {
		t.Errorf("the stored packet went out %d times", out.packets)
	}
}
