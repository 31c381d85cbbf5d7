package sfu

import (
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/munge"
)

const (
	replayMost = 40 // packets from a stored key frame on; more cost more than a new one
	replayAge  = time.Second
)

// replayed says which packets of the present piece were taken from the ring, so
// that none goes out twice when it comes along the path as well.
type replayed struct {
	from uint64
	bits uint64 // from the lowest
}

func (r *replayed) add(sn uint64) { r.bits |= 1 << (sn - r.from) }

func (r *replayed) has(sn uint64) bool {
	return sn-r.from < replayMost && r.bits&(1<<(sn-r.from)) != 0
}

// keyLocked notes where the newest key frame begins, which several packets may
// say of themselves.
func (e *encoding) keyLocked(p *packet) {
	if newer := int32(p.ts - e.keyTS); e.lastKey == 0 || newer != 0 && p.sn > e.keyFrom {
		e.keyFrom, e.keyTS, e.lastKey = p.sn, p.ts, p.at
	} else if newer == 0 {
		e.keyFrom = min(e.keyFrom, p.sn)
	}
}

// replayLocked gives a viewer who has nothing yet the newest key frame kept of the
// layer aimed at, or of a lower one, and what followed it: it sees a picture at
// once, and the publisher is not asked for another.
func (o *outlet) replayLocked(now time.Duration) {
	if !o.track.open.Load() {
		return
	}
	for i := o.track.streamOf(o.target); i >= 0; i-- {
		if o.replayFromLocked(o.track.layers[i], now) {
			return
		}
	}
}

func (o *outlet) replayFromLocked(e *encoding, now time.Duration) bool {
	e.mu.Lock()
	from, to := e.keyFrom, e.unwrap.Highest()
	piece := munge.Piece{Generation: e.generation}
	ok := e.ring != nil && e.lastKey != 0 && now-e.lastKey <= replayAge &&
		from >= e.floor && to-from < replayMost && e.ring.Has(from)
	spatial := e.spatial
	e.mu.Unlock()
	if !ok {
		return false
	}
	var scratch [maxPacket]byte
	p := &packet{encoding: e, generation: piece.Generation, spatial: spatial, at: now}
	sent := false
	for sn := from; sn <= to; sn++ {
		s := e.recall(piece, sn, scratch[:])
		if s.raw == nil {
			continue // lost on its way here; it may still come
		}
		v, d, err := s.read()
		if err != nil {
			continue
		}
		p.sn, p.ts, p.ends, p.payload, p.frame, p.dep = sn, v.Timestamp, v.Marker, v.Payload(s.raw), d, s.dep
		if !o.acceptLocked(p) {
			break
		}
		if !sent {
			o.replayed = replayed{from: from}
		}
		o.replayed.add(sn)
		o.passLocked(p)
		sent = true
	}
	if sent {
		o.sfu.counters.replays.Add(1)
	}
	return sent
}
