package recording

import (
	"time"

	"github.com/yunqiao/yunqiao/sfu"
)

const (
	reorderWindow = 800 * time.Millisecond // within it a repaired packet still finds its place
	reorderMost   = 4096
)

// rtpPacket is one packet of a track on its way to the file.
type rtpPacket struct {
	sequence uint16
	ts       uint32
	marker   bool
	codec    sfu.Codec
	key      bool // begins a key frame
	width    int  // with key
	height   int
	payload  []byte
	arrived  time.Duration // since the recording's start, like captured
	captured time.Duration
	known    bool // captured is
	lost     bool // packets before it were dropped for want of room
}

// reorder gives one track's packets back in order. Pure.
type reorder struct {
	started bool
	next    uint64
	highest uint64
	held    map[uint64]rtpPacket
}

func (r *reorder) push(p rtpPacket) {
	if !r.started {
		r.started, r.held = true, map[uint64]rtpPacket{}
		r.next = 1<<16 + uint64(p.sequence)
		r.highest = r.next
	}
	sn := uint64(int64(r.highest) + int64(int16(p.sequence-uint16(r.highest))))
	if sn < r.next || len(r.held) >= reorderMost {
		return
	}
	r.highest = max(r.highest, sn)
	r.held[sn] = p
}

// pop gives the next packet that is due at now; gap says that some before it
// will not come any more.
func (r *reorder) pop(now time.Duration) (p rtpPacket, gap, ok bool) {
	if len(r.held) == 0 {
		return rtpPacket{}, false, false
	}
	at := r.next
	for ; at <= r.highest; at++ {
		if p, ok = r.held[at]; ok {
			break
		}
	}
	if !ok || at > r.next && now-p.arrived < reorderWindow {
		return rtpPacket{}, false, false
	}
	delete(r.held, at)
	gap = at > r.next || p.lost
	r.next = at + 1
	return p, gap, true
}
