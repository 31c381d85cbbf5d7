package sfu

import "time"

// roundTrip is the time to a client and back, as its reports tell it (RFC 3550
// section 6.4.1). Falling it is smoothed. It rises as soon as two reports in a
// row say so: protection and repeats wait for it, and a way that has become
// longer stays so, while one late report is no longer way.
type roundTrip struct {
	smoothed, last time.Duration
	measured       bool // it is more than a guess
}

// see takes what one report says.
func (r *roundTrip) see(rtt time.Duration) {
	if !r.measured {
		*r = roundTrip{rtt, rtt, true}
		return
	}
	r.smoothed += (rtt - r.smoothed) / 8
	r.smoothed = max(r.smoothed, min(rtt, r.last))
	r.last = rtt
}
