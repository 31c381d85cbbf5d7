package sfu

import (
	"slices"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/loudness"
)

const (
	// Voices is how many microphones are heard at once where more are open. The
	// others are left out until somebody talks into them.
	Voices = 4

	listenEvery = 50 * time.Millisecond
	// unstated is the level of a microphone that states none (RFC 6464 is not
	// negotiated): as loud as quiet speech.
	unstated = 40
)

// ears is what choosing the voices needs. Guarded by the meeting's mu.
type ears struct {
	last    time.Duration
	open    []*Peer
	voices  []loudness.Voice
	order   []int
	talkers []PeerID // heard and talking; the one who began first is first
}

// listen chooses whose microphones are heard.
func (m *Meeting) listen(now time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &m.ears
	if now-e.last < listenEvery {
		return
	}
	e.last = now
	e.open, e.voices = e.open[:0], e.voices[:0]
	for _, p := range m.order {
		if t := p.tracks[Microphone]; t.open.Load() {
			e.open = append(e.open, p)
			e.voices = append(e.voices, t.voice(now))
		}
	}
	e.order = loudness.Choose(e.voices, Voices, slices.Grow(e.order[:0], len(e.voices)))
	for i, p := range e.open {
		p.tracks[Microphone].unheard.Store(!e.voices[i].Heard)
	}
	if m.talkLocked() {
		m.reseatLocked()
	}
}

// voice is what a microphone sounds like now.
func (t *track) voice(now time.Duration) loudness.Voice {
	enc := t.layers[0]
	enc.mu.Lock()
	defer enc.mu.Unlock()
	v := loudness.Voice{Heard: !t.unheard.Load()}
	var states bool
	if v.Level, v.Talking, states = enc.meter.Now(now); !states && enc.lastAt != 0 && now-enc.lastAt < layerSilence {
		v.Level, v.Talking = unstated, true
	}
	return v
}

// talkLocked brings the list of talkers up to date and reports whether it has
// other people in it.
func (m *Meeting) talkLocked() bool {
	e := &m.ears
	talks := func(id PeerID) bool {
		for i, p := range e.open {
			if p.id == id {
				return e.voices[i].Heard && e.voices[i].Talking
			}
		}
		return false
	}
	before := len(e.talkers)
	e.talkers = slices.DeleteFunc(e.talkers, func(id PeerID) bool { return !talks(id) })
	changed := len(e.talkers) != before
	for _, i := range e.order {
		if id := e.open[i].id; e.voices[i].Talking && !slices.Contains(e.talkers, id) {
			e.talkers = append(e.talkers, id)
			changed = true
		}
	}
	return changed
}

// passOver leaves a sound out of a seat because others are louder. What follows
// later takes its number, so that nobody asks for it.
func (o *outlet) passOver(p *packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	piece, ok := o.currentLocked()
	if !ok || o.track != p.encoding.track || piece.Generation != p.generation {
		return
	}
	o.sfu.counters.drop(dropUnheard)
	o.munger.Drop(p.sn)
}
