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
	minHold = 2 * time.Second
	maxHold = 40 * time.Second
	forgive = 30 * time.Second

	// Growth in a second: fast up to what was once carried, slow beyond.
	regain  = 0.5
	explore = 0.15

	// A loss is judged over this many packets, or fewer after a while.
	lossPackets  = 100
	lossFew      = 20
	lossInterval = 3 * time.Second
	lossOwn      = 0.10 // more is never taken as the link's own at once
	lossMuch     = 0.10 // beyond the link's own: too much is sent
)

// Budget follows one receiver.
type Budget struct {
	bits     int
	carried  int // before the last cut
	remb     int // the last estimate
	hold     time.Duration
	cutAt    time.Duration
	cut      bool
	raisedAt time.Duration

	lost, expected int // since judgedAt
	judgedAt       time.Duration
	inherent, last float64
	lossKnown      bool
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
		b.lower(max(remb, sent/2), now)
	}
}

// Loss takes what the receiver reports: so many packets lost of so many
// expected. A steady loss is the link's own and not a sign of too much; only more
// than that is, when it lasts.
func (b *Budget) Loss(lost, expected, sent int, now time.Duration) {
	b.lost, b.expected = b.lost+lost, b.expected+expected
	if b.expected < lossPackets && (b.expected < lossFew || now-b.judgedAt < lossInterval) {
		return
	}
	loss := min(max(float64(b.lost)/float64(b.expected), 0), 1)
	b.lost, b.expected, b.judgedAt = 0, 0, now
	if !b.lossKnown {
		b.inherent, b.lossKnown = min(loss, lossOwn), true
	}
	b.inherent += (min(loss, 2*lossOwn) - b.inherent) / 20
	if loss > b.inherent+lossMuch && b.last > b.inherent+lossMuch/2 {
		b.lower(int(float64(sent)*(1-loss/2)), now)
	}
	b.last = loss
}

func (b *Budget) lower(to int, now time.Duration) {
	to = max(to, Floor)
	if to >= b.Bits() {
		return
	}
	switch {
	case !b.cut || now-b.cutAt > forgive:
		b.hold, b.carried = minHold, b.Bits()
	case now-b.cutAt > time.Second:
		b.hold, b.carried = min(b.hold*2, maxHold), b.Bits()
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
	rate := explore
	if b.cut && b.Bits() < b.carried {
		rate = regain
	}
	b.bits = min(b.Bits()+int(float64(b.Bits())*rate*step.Seconds()), Ceiling)
}
