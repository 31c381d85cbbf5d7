// Package protect decides how the media to one receiver is protected against
// loss: what is repeated before anybody asks, and how long a receiver should wait
// for repairs. Pure: time is an argument.
package protect

import (
	"math"
	"time"
)

const (
	beginLoss = 0.02 // protection begins here
	endLoss   = 0.01 // and ends when it stayed below this
	calm      = 10 * time.Second
	heavy     = 0.10
	severe    = 0.20
	much      = 0.15

	// With a shorter round trip, asking again is cheaper than sending twice, unless
	// the repairs are lost as well.
	slowRTT = 150 * time.Millisecond

	minDelay = 200 * time.Millisecond
	maxDelay = 400 * time.Millisecond

	// Repairs of what a publisher's link lost come a round trip of that link later,
	// many of them two; and then they have to be asked for and sent.
	maxWait   = 500 * time.Millisecond
	waitSlack = 50 * time.Millisecond

	// A judgement weighs about this many packets.
	window = 200
)

// Plan is what is done for one receiver.
type Plan struct {
	// Copies is how often each sound is repeated: in the packets after it (RFC
	// 2198), or as it was where the receiver cannot read that.
	Copies int
	Repeat bool // key frames and base layers are sent twice
	FEC    FEC
	Delay  time.Duration // least playout delay of video; 0 leaves it to the receiver
}

// FEC says how parity packets cover the video.
type FEC struct {
	Group int // media packets under one parity packet; 0 is none
	Depth int // groups interleaved, against bursts
}

// Link follows the loss on the way to one receiver.
type Link struct {
	loss    float64
	active  bool
	calmFor time.Duration // since when the loss has been low
}

// Report takes what the receiver says: so many packets lost of so many expected,
// each of which went out so many times. Receivers tell what was lost every time.
func (l *Link) Report(lost, expected, times int, now time.Duration) {
	if expected <= 0 {
		return
	}
	sample := min(max(float64(lost)/float64(expected), 0), 1)
	if times > 1 {
		sample = math.Pow(sample, 1/float64(times))
	}
	weight := min(float64(expected)/window, 0.5)
	l.loss += (sample - l.loss) * weight
	switch {
	case l.loss >= beginLoss:
		l.active, l.calmFor = true, now
	case l.loss >= endLoss:
		l.calmFor = now
	case l.active && now-l.calmFor >= calm:
		l.active = false
	}
}

// Loss is the share of packets lost on this link at present, 0 to 1.
func (l *Link) Loss() float64 { return l.loss }

// Plan is what to do at this round trip time.
func (l *Link) Plan(rtt time.Duration) Plan {
	var p Plan
	if !l.active {
		return p
	}
	p.Copies = 1
	switch {
	case l.loss >= much:
		p.Copies = 3
	case l.loss >= heavy:
		p.Copies = 2
	}
	if rtt < slowRTT && l.loss < much {
		return p
	}
	p.Repeat = true
	p.FEC = parity(l.loss)
	delay := rtt + rtt/2
	if l.loss >= much { // many repairs are lost, too, and asked for again
		delay = 2*rtt + waitSlack
	}
	p.Delay = min(max(delay, minDelay), maxDelay)
	return p
}

// Wait is how long those who see what comes over this link, from its publisher,
// should wait for repairs; 0 leaves it to them.
func (l *Link) Wait(rtt time.Duration) time.Duration {
	switch {
	case !l.active:
		return 0
	case l.loss >= heavy/2:
		return min(2*rtt+waitSlack, maxWait)
	}
	return min(rtt+waitSlack, maxWait)
}

// parity spends from a tenth to half of the media's rate.
func parity(loss float64) FEC {
	switch {
	case loss >= severe:
		return FEC{Group: 2, Depth: 3}
	case loss >= heavy:
		return FEC{Group: 4, Depth: 3}
	case loss >= heavy/2:
		return FEC{Group: 5, Depth: 2}
	}
	return FEC{Group: 10, Depth: 1}
}
