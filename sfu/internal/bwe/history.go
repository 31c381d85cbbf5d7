// Package bwe estimates from transport-wide feedback how much may be sent to one
// receiver: by the delay that grows, by the loss that is more than the link's
// own, and by probes. Pure: times are arguments, of one monotonic clock.
package bwe

import "time"

// A History remembers what was sent under which transport-wide number.
const remembered = 2048

type fate uint8

const (
	flying fate = iota + 1
	missed
	landed
	untold
)

type entry struct {
	tick  uint32 // when sent, in units that wrap after days
	sn    uint32
	size  uint16
	probe uint8
	fate  fate
	again bool // sent more than once under this number
}

const tickShift = 16 // 65.5 µs

// History is not safe for concurrent use.
type History struct {
	next    uint32
	started bool
	list    [remembered]entry

	reference int64 // last reference time of a feedback, without wrapping
	known     bool
	told      uint32 // the first number after those that feedback has spoken of
}

// Sent notes a packet of this size and returns its number. probe is its cluster,
// 0 for none.
func (h *History) Sent(size int, probe uint8, now time.Duration) uint16 {
	sn := h.next
	h.next++
	h.started = true
	h.list[sn%remembered] = entry{
		tick: uint32(now >> tickShift), sn: sn, size: uint16(min(size, 1<<16-1)), probe: probe, fate: flying,
	}
	return uint16(sn)
}

// Again notes that the packet with this number was sent once more, so that when
// it arrives says nothing of the way's delay.
func (h *History) Again(sn uint16, size int) {
	if e := h.find(sn); e != nil {
		e.again, e.size = true, uint16(min(int(e.size)+size, 1<<16-1))
	}
}

// find is the entry of a number, nil when it is not known any more.
func (h *History) find(sn uint16) *entry {
	if !h.started {
		return nil
	}
	back := uint16(h.next-1) - sn
	full := h.next - 1 - uint32(back)
	e := &h.list[full%remembered]
	if e.sn != full || e.fate == 0 || back >= remembered {
		return nil
	}
	return e
}

// Result is the fate of one packet.
type Result struct {
	Sent    time.Duration
	Arrived time.Duration // by the receiver's clock
	Size    int
	Probe   uint8
	Lost    bool
	// Late is set for a packet that arrived after it had been told lost.
	Late bool
	// Again is set for a packet that went out more than once under its number.
	Again bool
	// Untold is set for a run of packets, of Size bytes together, that a feedback
	// spoke of which was itself lost: nothing is known of them.
	Untold bool
	// Counted is set for a packet that belonged to such a run before.
	Counted bool
}

// skipped is what lies between the last feedback and one that begins with number
// sn: receivers tell of every number once, so a feedback between them was lost.
func (h *History) skipped(sn uint16) Result {
	r := Result{Untold: true}
	full := h.next - 1 - uint32(uint16(h.next-1)-sn)
	if gap := int32(full - h.told); !h.started || gap <= 0 || gap >= remembered {
		return r
	}
	for ; h.told < full; h.told++ {
		if e := h.find(uint16(h.told)); e != nil && e.fate == flying {
			e.fate = untold
			r.Size += int(e.size)
		}
	}
	return r
}

// settle notes the fate of packet sn; false when it is not known, or was known
// before.
func (h *History) settle(sn uint16, received bool, now time.Duration) (Result, bool) {
	e := h.find(sn)
	if e == nil {
		return Result{}, false
	}
	r := Result{
		Sent: now - time.Duration(uint32(now>>tickShift)-e.tick)<<tickShift, Size: int(e.size), Probe: e.probe,
		Lost: !received, Late: received && e.fate == missed, Again: e.again,
		Counted: e.fate == untold,
	}
	if past := e.sn + 1; int32(past-h.told) > 0 {
		h.told = past
	}
	switch {
	case e.fate == landed, !received && e.fate == missed:
		return Result{}, false
	case received:
		e.fate = landed
	default:
		e.fate = missed
	}
	return r, true
}
