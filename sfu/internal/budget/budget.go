// Package budget guesses how much one receiver can take, from its own estimate
// (REMB) and its loss reports. A browser's estimate starts near the first rate it
// measures and climbs slowly, whatever the link could carry, so its height says
// little; its fall says that the link is full. Pure: time is an argument.
package budget

import "time"

// Bounds of the budget in bits per second.
const (
	Start   = 4_000_000
	Floor   = 150_000
	Ceiling = 30_000_000
)

const (
	minHold = 4 * time.Second
	maxHold = 40 * time.Second
	forgive = 30 * time.Second
)

// Budget follows one receiver.
type Budget struct {
	bits      int
	hold      time.Duration
	cutAt     time.Duration
	cut       bool
	raisedAt  time.Duration
	remb      int // the last estimate
	lastLoss  float64
	inherent  float64
	lossKnown bool
}

// Bits is what may be sent at present.
func (b *Budget) Bits() int {
	if b.bits == 0 {
		return Start
	}
	return b.bits
}

// Estimate takes the receiver's own estimate while sent bits per second go out.
func (b *Budget) Estimate(remb, sent int, now time.Duration) {
	fell := remb < b.remb*95/100
	b.remb = remb
	if fell && remb < sent {
		b.lower(remb, now)
	}
}

// Loss takes a loss report (0 to 1). A steady loss is the link's own and not a
// sign of too much; only more than that is.
func (b *Budget) Loss(loss float64, sent int, now time.Duration) {
	if !b.lossKnown {
		b.inherent, b.lossKnown = min(loss, 0.05), true
	}
	b.inherent += (min(loss, 0.2) - b.inherent) / 50
	if loss > b.inherent+0.10 && b.lastLoss > b.inherent+0.05 {
		b.lower(int(float64(sent)*(1-loss/2)), now)
	}
	b.lastLoss = loss
}

func (b *Budget) lower(to int, now time.Duration) {
	to = max(to, Floor)
	if to >= b.Bits() {
		return
	}
	switch {
	case !b.cut || now-b.cutAt > forgive:
		b.hold = minHold
	case now-b.cutAt > time.Second:
		b.hold = min(b.hold*2, maxHold)
	}
	b.bits, b.cutAt, b.cut = to, now, true
}

// Grow raises the budget a little when nothing has spoken against it for long
// enough; call it about every 200 ms.
func (b *Budget) Grow(now time.Duration) {
	if b.cut && now-b.cutAt < b.hold {
		b.raisedAt = now
		return
	}
	step := now - b.raisedAt
	b.raisedAt = now
	if step <= 0 || step > time.Second {
		return
	}
	b.bits = min(b.Bits()+int(float64(b.Bits())*0.15*step.Seconds()), Ceiling)
}
