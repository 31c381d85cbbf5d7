// Package nack tracks which packets of one stream are missing and when to ask
// for them again. Pure: time is an argument.
package nack

import "time"

// Limits of asking, after which a packet is given up.
const (
	maxMissing = 1000
	maxTries   = 10
	grace      = 10 * time.Millisecond
	horizon    = 1500 * time.Millisecond
	minRetry   = 20 * time.Millisecond
	echo       = 20 * time.Millisecond
)

type missing struct {
	sn    uint64
	since time.Duration
	next  time.Duration
	tries uint8
	again bool // the request is to be repeated
}

// Tracker belongs to one layer; its mutex guards it.
type Tracker struct {
	// Horizon is how long a packet is asked for; 0 is the default for video.
	Horizon time.Duration
	// Twice has every request go out once more, since many are lost on the way.
	Twice bool

	highest uint64
	list    []missing // ascending
}

// Received notes packet sn at now. It reports whether the packet had been
// missing.
func (t *Tracker) Received(sn uint64, now time.Duration) bool {
	if t.highest == 0 {
		t.highest = sn
		return false
	}
	if sn <= t.highest {
		return t.remove(sn)
	}
	if sn-t.highest > maxMissing {
		t.list = t.list[:0] // a jump, not a loss
	} else {
		for lost := t.highest + 1; lost < sn; lost++ {
			t.add(missing{sn: lost, since: now, next: now + grace})
		}
	}
	t.highest = sn
	return false
}

func (t *Tracker) add(m missing) {
	if t.list == nil {
		t.list = make([]missing, 0, maxMissing)
	}
	if len(t.list) == maxMissing {
		copy(t.list, t.list[1:])
		t.list = t.list[:maxMissing-1]
	}
	t.list = append(t.list, m)
}

func (t *Tracker) remove(sn uint64) bool {
	for i := range t.list {
		if t.list[i].sn == sn {
			t.list = append(t.list[:i], t.list[i+1:]...)
			return true
		}
	}
	return false
}

// Due appends to dst the numbers to ask for at now, at most room of them, and
// forgets those given up.
func (t *Tracker) Due(now, rtt time.Duration, dst []uint16, room int) []uint16 {
	kept := t.list[:0]
	retry := max(minRetry, rtt+rtt/10)
	until := t.Horizon
	if until == 0 {
		until = horizon
	}
	for _, m := range t.list {
		if m.tries >= maxTries || now-m.since > until {
			continue
		}
		if now >= m.next && room > 0 {
			dst = append(dst, uint16(m.sn))
			room--
			if m.again = t.Twice && !m.again; m.again {
				m.next = now + echo
			} else {
				m.tries++
				m.next = now + retry
			}
		}
		kept = append(kept, m)
	}
	t.list = kept
	return dst
}

// Missing is how many packets are being asked for.
func (t *Tracker) Missing() int { return len(t.list) }

// Forget gives up everything before sn: a keyframe has made it useless.
func (t *Tracker) Forget(sn uint64) {
	kept := t.list[:0]
	for _, m := range t.list {
		if m.sn >= sn {
			kept = append(kept, m)
		}
	}
	t.list = kept
}

// Reset starts over with a new stream.
func (t *Tracker) Reset() { t.highest, t.list = 0, t.list[:0] }
