package munge

import "math/bits"

// gaps remembers which of the latest numbers of a stream were left out.
type gaps struct {
	bits    [window / 64]uint64
	highest uint64
}

const window = 1024

// reset makes first the number to come.
func (g *gaps) reset(first uint64) { *g = gaps{highest: first - 1} }

// advance makes n the highest number, with nothing left out since the last.
func (g *gaps) advance(n uint64) {
	if n-g.highest >= window {
		*g = gaps{highest: n}
		return
	}
	for at := g.highest + 1; at <= n; at++ {
		g.bits[at%window/64] &^= 1 << (at % 64)
	}
	g.highest = n
}

func (g *gaps) mark(n uint64) { g.bits[n%window/64] |= 1 << (n % 64) }

// has reports whether n, at most the highest, was left out.
func (g *gaps) has(n uint64) bool {
	return g.known(n) && g.bits[n%window/64]&(1<<(n%64)) != 0
}

func (g *gaps) known(n uint64) bool { return g.highest-n < window }

// after counts the numbers above n that were left out.
func (g *gaps) after(n uint64) uint64 {
	count := 0
	for n < g.highest {
		n++
		in := min(64-n%64, g.highest-n+1) // of this word
		word := g.bits[n%window/64] >> (n % 64)
		if in < 64 {
			word &= 1<<in - 1
		}
		count += bits.OnesCount64(word)
		n += in - 1
	}
	return uint64(count)
}
