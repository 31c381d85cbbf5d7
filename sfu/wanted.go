package sfu

import (
	"math/bits"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

const (
	// A layer nobody uses is still sent for a while: whoever left it may come back.
	wantedLinger = 3 * time.Second
	// A layer asked for again counts as there until it had time to come.
	wantedGrace = 2 * time.Second
	allLayers   = 1<<layer.Max - 1
)

// demand is who uses which layers of a picture, as bits from the lowest up.
// Guarded by the meeting's mu.
type demand struct {
	now  uint8                    // gathered in this round
	off  uint8                    // what the publisher has been told not to send
	seen [layer.Max]time.Duration // when each was last wanted
	on   [layer.Max]time.Duration // when each was last asked for again
}

// demanded is the layers a tile has use for, given what is sent to it.
func demanded(w *layer.Want, choice layer.Choice) uint8 {
	if w.Height <= 0 {
		return 0
	}
	best := layer.Best(w.Layers, w.Height)
	switch {
	case best == layer.None:
		return allLayers // nothing of it is known yet
	case choice.Layer == layer.None:
		return 1 << lowest(w.Layers) // what it would resume with
	case choice.Layer < best:
		return 1 << choice.Layer
	case w.Layers[best].Height*4 >= w.Height*3:
		return 1 << best
	}
	return allLayers &^ (1<<best - 1) // a higher one would be better, and may come yet
}

func lowest(layers [layer.Max]layer.Layer) int {
	for i, l := range layers {
		if l.Live {
			return i
		}
	}
	return 0
}

// rests reports whether a layer that sends nothing can be had: it was switched
// off for want of viewers, or asked for a moment ago.
func (d *demand) rests(i int, now time.Duration) bool {
	return d.off&(1<<i) != 0 || d.on[i] != 0 && now-d.on[i] < wantedGrace
}

// settle draws the conclusion of a round, and reports whether the publisher has
// to be told. Layers come back at once and go after a while.
func (d *demand) settle(live bool, now time.Duration) (changed bool, resumed uint8) {
	off := d.off
	for i := range d.seen {
		bit := uint8(1 << i)
		switch {
		case !live:
			d.seen[i] = now // what is not sent anyway is not judged
		case d.now&bit != 0:
			d.seen[i] = now
			if off&bit != 0 {
				off &^= bit
				resumed |= bit
				d.on[i] = now
			}
		case now-d.seen[i] >= wantedLinger:
			off |= bit
		}
	}
	changed = off != d.off
	d.off, d.now = off, 0
	return changed, resumed
}

// demandLocked ends a round of choosing: the publishers are told what nobody
// uses any more, and what somebody uses again.
func (m *Meeting) demandLocked(now time.Duration) {
	for _, p := range m.order {
		for _, t := range p.tracks {
			if !t.source.Video() {
				continue
			}
			if t.spatial.Load() > 1 { // each leans on those below it
				t.demand.now = 1<<bits.Len8(t.demand.now) - 1
			}
			changed, resumed := t.demand.settle(t.live, now)
			for i := range layer.Max {
				if resumed&(1<<i) != 0 {
					t.layers[t.streamOf(i)].wantKey.Store(true)
				}
			}
			if changed {
				m.queueLocked(event{kind: eventWanted, peer: p.id, source: t.source})
			}
		}
	}
}

// wanted is what a peer was last told of a source.
func (m *Meeting) wanted(id PeerID, source Source) (layers uint8, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.peers[id]
	if p == nil {
		return 0, false
	}
	return allLayers &^ p.tracks[source].demand.off, true
}
