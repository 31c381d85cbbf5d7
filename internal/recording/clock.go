package recording

import "time"

const (
	slewPerSecond = 25 * time.Millisecond // 1 ms for every 40
	maxStray      = time.Second           // further off, the clock jumps
	maxLate       = 3 * time.Second       // of arrival, while nothing better is known
)

// clock places one track's RTP timestamps on the recording's time. It starts
// from the first packet's arrival, and moves slowly towards the capture times
// that the sender's reports give, so that a participant's voice and picture stay
// together and no file drifts. Pure.
type clock struct {
	rate    uint32
	started bool
	last    uint32        // highest timestamp
	elapsed time.Duration // of media time, at last
	base    time.Duration // where media time 0 is, corrected as it goes
}

// at is the time of a packet; captured is only heeded when known.
func (c *clock) at(ts uint32, arrived, captured time.Duration, known bool) time.Duration {
	target := arrived
	if known {
		target = captured
	}
	if !c.started {
		c.started, c.last, c.base = true, ts, target
		return max(c.base, 0)
	}
	step := time.Duration(int32(ts-c.last)) * time.Second / time.Duration(c.rate)
	at := c.base + c.elapsed + step
	if step > 0 {
		c.last, c.elapsed = ts, c.elapsed+step
		c.correct(target-at, step, known)
		at = c.base + c.elapsed
	}
	return max(at, 0)
}

func (c *clock) correct(off, step time.Duration, known bool) {
	switch {
	case known && off.Abs() > maxStray, !known && (off > maxLate || off < -maxStray):
		c.base += off
	case known:
		most := time.Duration(step.Seconds() * float64(slewPerSecond))
		c.base += min(max(off, -most), most)
	}
}
