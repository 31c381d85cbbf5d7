package bwe

import (
	"math"
	"time"
)

const (
	windowPackets = 40
	windowTime    = 250 * time.Millisecond
	longWindow    = 2 * time.Second        // for streams of few packets
	excess        = 0.04                   // above the link's own: may be a full queue
	trialSettle   = 600 * time.Millisecond // queues drain, old packets are told of
	trialTime     = 900 * time.Millisecond
	trialFloor    = 100_000 // bits per second that no trial goes below
	little        = 0.35
	trialRest     = 10 * time.Second
	ownMost       = 0.6
	spreadMost    = 0.15
	spreadLeast   = 0.03
)

// loss tells a link that loses packets from one that is full. A link's own loss
// is what stays when less is sent. So when more is lost than usual, less is sent
// for a while: if the loss stays it belongs to the link and the rate returns, if
// it falls the rate was too high.
type loss struct {
	lost, total int // of the open window
	since       time.Duration

	own    float64 // the link's
	recent float64 // of the last windows, smoothed
	slow   float64 // of more windows
	spread float64 // how far windows are from that, beyond spreadLeast
	excess int     // windows in a row

	trial   bool
	begun   time.Duration
	from    int // rate to return to
	before  float64
	rested  time.Duration
	inTrial counted
	cleared stretch // the last trial that ended innocent
}

type stretch struct{ begun, ended time.Duration }

type counted struct{ lost, total int }

func (c counted) share() float64 { return float64(c.lost) / float64(max(c.total, 1)) }

func (l *loss) add(r Result) {
	switch {
	case r.Late:
		l.lost = max(l.lost-1, 0)
		l.inTrial.lost = max(l.inTrial.lost-1, 0)
		return
	case r.Lost:
		l.lost++
		l.inTrial.lost++
	}
	l.total++
	l.inTrial.total++
}

// verdict says what follows from the loss.
type verdict uint8

const (
	nothing  verdict = iota
	tooMuch          // send less, as a trial
	crowded          // send less: a queue explains the loss
	innocent         // the trial showed nothing: send what was sent before
)

// judge closes the window when it is long enough. rate is the estimate and
// carried what arrives; full says that the delay shows a queue, which then has
// caused the loss.
func (l *loss) judge(rate, carried int, full bool, now time.Duration) verdict {
	if l.trial {
		return l.tried(full, now)
	}
	age := now - l.since
	if age < windowTime || l.total < windowPackets && age < longWindow || l.total < 10 {
		return nothing
	}
	share := counted{l.lost, l.total}.share()
	margin := excess + 1.5*max(math.Sqrt(max(l.own, 0.02)*(1-l.own)/float64(l.total)), l.spread, spreadLeast)
	l.lost, l.total, l.since = 0, 0, now
	l.recent += (share - l.recent) / 2
	l.spread += (min(math.Abs(share-l.slow), spreadMost) - l.spread) / 8
	l.slow += (share - l.slow) / 8
	if !full {
		l.own = min(l.own, l.slow)
	}
	if share <= l.own+margin {
		l.excess = 0
		return nothing
	}
	if l.excess++; l.excess < 2 || now < l.rested {
		return nothing
	}
	l.excess = 0
	if full {
		return crowded
	}
	if carried < trialFloor && l.recent < little {
		l.own, l.slow = l.recent, l.recent // so little is not too much
		return nothing
	}
	l.trial, l.begun, l.from, l.before, l.inTrial = true, now, rate, l.recent, counted{}
	return tooMuch
}

func (l *loss) tried(full bool, now time.Duration) verdict {
	age := now - l.begun - trialSettle
	if age <= 0 {
		l.inTrial = counted{}
	}
	if age < trialTime || l.inTrial.total < 20 && age < 3*trialTime {
		return nothing
	}
	l.trial = false
	l.lost, l.total, l.since = 0, 0, now
	share := l.inTrial.share()
	l.rested = now + trialTime
	if full || share < l.own+(l.before-l.own)*0.3 {
		return nothing
	}
	l.own = min(share, ownMost)
	l.slow = l.own
	l.rested = now + trialRest
	l.cleared = stretch{l.begun, now}
	return innocent
}
