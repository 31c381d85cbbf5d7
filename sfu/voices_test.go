package sfu

import (
	"fmt"
	"testing"
	"time"
)

// hall is a meeting of open microphones without connections.
type hall struct {
	m     *Meeting
	mics  []*track
	level []uint8
	now   time.Duration
}

func newHall(t *testing.T, people int) *hall {
	t.Helper()
	h := &hall{m: (&SFU{started: time.Now(), meetings: map[*Meeting]struct{}{}}).NewMeeting(newWitness())}
	for i := range people {
		p, err := h.m.Join(PeerID(fmt.Sprint(i)))
		must(t, err)
		mic := p.tracks[Microphone]
		mic.open.Store(true)
		h.mics, h.level = append(h.mics, mic), append(h.level, 70)
	}
	return h
}

// pass lets everybody sound at their level for a while. It gives for each the
// longest time in which they talked unheard.
func (h *hall) pass(d time.Duration) []time.Duration {
	worst, since := make([]time.Duration, len(h.mics)), make([]time.Duration, len(h.mics))
	for i := range since {
		since[i] = h.now
	}
	for end := h.now + d; h.now < end; h.now += beat {
		if h.now%(2*beat) == 0 {
			h.sound()
		}
		for i, mic := range h.mics {
			if h.level[i] > 40 || !mic.unheard.Load() {
				since[i] = h.now
			}
			worst[i] = max(worst[i], h.now-since[i])
		}
		h.m.listen(h.now)
	}
	return worst
}

// sound is one packet of every microphone.
func (h *hall) sound() {
	for i, mic := range h.mics {
		mic.layers[0].meter.Level(h.level[i], h.now)
	}
}

func (h *hall) heard() (n int) {
	for _, mic := range h.mics {
		if !mic.unheard.Load() {
			n++
		}
	}
	return n
}

func TestWhoeverSpeaksIsHeard(t *testing.T) {
	t.Parallel()
	h := newHall(t, 20)
	h.now = time.Second
	h.pass(time.Second)
	if got := h.heard(); got != Voices {
		t.Fatalf("%d of 20 open microphones are heard, want %d", got, Voices)
	}
	for turn := range 40 {
		for i := range h.level {
			h.level[i] = 70
		}
		talking := 1 + turn%Voices
		for n := range talking {
			h.level[(turn*7+n*3)%20] = 25 + uint8(n)*4
		}
		for i, cut := range h.pass(1500 * time.Millisecond) {
			if cut > 300*time.Millisecond {
				t.Errorf("turn %d: %d talked unheard for %v", turn, i, cut)
			}
		}
		if got := h.heard(); got != Voices {
			t.Errorf("turn %d: %d microphones are heard", turn, got)
		}
	}
}

func TestFewMicrophonesAreAllHeard(t *testing.T) {
	t.Parallel()
	h := newHall(t, Voices)
	h.now = time.Second
	h.pass(time.Second)
	if got := h.heard(); got != Voices {
		t.Errorf("%d of %d are heard", got, Voices)
	}
}

func TestLeftOutSoundsLeaveNoGap(t *testing.T) {
	t.Parallel()
	s, in, e, out := voicePath(t, 0)
	e.outlet.selective = true
	for n := range uint16(30) {
		mic := e.outlet.track
		mic.unheard.Store(n >= 10 && n < 20)
		in.take(voice(t, n, opusPT, said(n)), in.up.sfu.now())
	}
	if len(out.packets) != 20 || s.counters.drops[dropUnheard].Load() != 10 {
		t.Fatalf("%d packets went out, %d were left out", len(out.packets), s.counters.drops[dropUnheard].Load())
	}
	for i, p := range out.packets[1:] {
		if p.SequenceNumber != out.packets[i].SequenceNumber+1 {
			t.Errorf("number %d follows %d", p.SequenceNumber, out.packets[i].SequenceNumber)
		}
	}
	if step := out.packets[10].Timestamp - out.packets[9].Timestamp; step != 11*960 {
		t.Errorf("the clock moves by %d over the silence", step)
	}
}
