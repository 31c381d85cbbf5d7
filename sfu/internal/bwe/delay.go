package bwe

import "time"

// signal is what the delay says of the queues on the way.
type signal uint8

const (
	normal signal = iota
	draining
	filling
)

const (
	burst      = 5 * time.Millisecond // sent or received this close: one group
	clockJump  = 3 * time.Second
	reordered  = 3 // groups, before starting again
	trendWidth = 20
	trendLeast = 8
)

// group is a run of packets that travelled together. Delays are compared
// between groups, by the packet that waited least: the others wait for each
// other, and which of them are lost is chance.
type group struct {
	firstSent, lastSent       time.Duration
	firstArrived, lastArrived time.Duration
	least                     time.Duration // on the way, between two clocks
}

func (g *group) has(sent, arrived time.Duration) bool {
	if sent-g.firstSent <= burst {
		return true
	}
	// What arrives at once after having waited together says nothing new.
	return arrived-g.lastArrived <= burst && arrived-g.lastArrived < sent-g.lastSent &&
		arrived-g.firstArrived < 100*time.Millisecond
}

// delay follows how one-way delay changes.
type delay struct {
	now, before group
	groups      int
	backwards   int
	base        base
	trend       trend
}

func (d *delay) add(sent, arrived time.Duration) {
	switch {
	case d.groups == 0:
		d.begin(sent, arrived)
		return
	case sent < d.now.firstSent:
		return // reordered
	case d.now.has(sent, arrived):
		d.now.lastSent = max(d.now.lastSent, sent)
		d.now.lastArrived = max(d.now.lastArrived, arrived)
		d.now.least = min(d.now.least, arrived-sent)
		return
	}
	if d.groups > 1 {
		d.compare()
	}
	d.before = d.now
	d.begin(sent, arrived)
}

func (d *delay) begin(sent, arrived time.Duration) {
	d.now = group{sent, sent, arrived, arrived, arrived - sent}
	d.groups++
}

func (d *delay) compare() {
	variation := d.now.least - d.before.least
	switch {
	case variation > clockJump, variation < -clockJump:
		d.restart()
	case d.now.lastArrived < d.before.lastArrived:
		if d.backwards++; d.backwards >= reordered {
			d.restart()
		}
	default:
		d.backwards = 0
		d.trend.add(variation, d.now.lastArrived, d.now.lastSent)
		d.base.add(d.trend.total, d.now.lastSent)
	}
}

func (d *delay) restart() {
	d.groups, d.backwards, d.base = 0, 0, base{}
	d.trend.forget()
}

// queue is how much longer packets take now than they did at best, lately.
func (d *delay) queue() time.Duration {
	return time.Duration(max(d.trend.smooth-d.base.least(), 0) * float64(time.Millisecond))
}

// base is the least delay of the last while, in milliseconds since the start:
// clocks drift and ways change, so it is forgotten after some time.
type base struct {
	now, before float64
	since       time.Duration
	known       bool
}

const baseTime = 20 * time.Second

func (b *base) add(delay float64, at time.Duration) {
	switch {
	case !b.known:
		*b = base{now: delay, before: delay, since: at, known: true}
	case at-b.since > baseTime:
		b.before, b.now, b.since = b.now, delay, at
	default:
		b.now = min(b.now, delay)
	}
}

func (b *base) least() float64 { return min(b.now, b.before) }

// trend fits a line through the smoothed delay of the last groups and tells a
// queue that fills from one that drains by its slope. The threshold follows the
// slopes seen, so that a jittery link or a competing TCP stream does not starve
// this one.
type trend struct {
	x, y   [trendWidth]float64 // seconds; smoothed delay in milliseconds
	n      int
	total  float64
	smooth float64
	since  time.Duration

	threshold float64
	last      float64 // slope, scaled
	over      time.Duration
	times     int
	updated   time.Duration
	signal    signal
}

const (
	smoothing    = 0.9
	trendGain    = 4.0
	gainGroups   = 60
	overuseTime  = 10 * time.Millisecond
	firstLimit   = 12.5
	limitUp      = 0.0087 // per millisecond
	limitDown    = 0.039
	lowestLimit  = 6.0
	highestLimit = 600.0
	outlier      = 15.0 // above the threshold: no reason to follow it
)

func (t *trend) forget() { *t = trend{threshold: t.threshold} }

func (t *trend) add(variation, arrived, sent time.Duration) {
	if t.threshold == 0 {
		t.threshold = firstLimit
	}
	if t.n == 0 {
		t.since = arrived
	}
	t.total += float64(variation) / float64(time.Millisecond)
	t.smooth = smoothing*t.smooth + (1-smoothing)*t.total
	at := t.n % trendWidth
	t.x[at], t.y[at] = float64(arrived-t.since)/float64(time.Millisecond), t.smooth
	t.n++
	if t.n >= trendLeast {
		t.judge(t.slope()*float64(min(t.n, gainGroups))*trendGain, sent)
	}
}

// slope is that of the line with the least squares.
func (t *trend) slope() float64 {
	n := min(t.n, trendWidth)
	var mx, my float64
	for i := range n {
		mx, my = mx+t.x[i]/float64(n), my+t.y[i]/float64(n)
	}
	var above, below float64
	for i := range n {
		above += (t.x[i] - mx) * (t.y[i] - my)
		below += (t.x[i] - mx) * (t.x[i] - mx)
	}
	if below == 0 {
		return 0
	}
	return above / below
}

func (t *trend) judge(slope float64, sent time.Duration) {
	step := min(max(sent-t.updated, 0), 100*time.Millisecond)
	t.updated = sent
	switch {
	case slope > t.threshold:
		t.over += step
		t.times++
		if t.over > overuseTime && t.times > 1 && slope >= t.last {
			t.over, t.times, t.signal = 0, 0, filling
		}
	case slope < -t.threshold:
		t.over, t.times, t.signal = 0, 0, draining
	default:
		t.over, t.times, t.signal = 0, 0, normal
	}
	t.last = slope
	size := max(slope, -slope)
	if size > t.threshold+outlier {
		return
	}
	k := limitUp
	if size < t.threshold {
		k = limitDown
	}
	t.threshold += k * (size - t.threshold) * float64(step) / float64(time.Millisecond)
	t.threshold = min(max(t.threshold, lowestLimit), highestLimit)
}
