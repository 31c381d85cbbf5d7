// Package bitread reads bytes bit by bit, the most significant first. Past the
// end it reads zeros and remembers that it did. Pure.
package bitread

import "math/bits"

// Reader reads from B. The zero value reads nothing.
type Reader struct {
	B   []byte
	At  int // bits read so far
	bad bool
}

// Bits reads an unsigned number of n bits, 32 at most.
func (r *Reader) Bits(n int) uint32 {
	if n > len(r.B)*8-r.At {
		r.At, r.bad = len(r.B)*8, true
		return 0
	}
	var v uint32
	for n > 0 {
		free := 8 - r.At%8
		take := min(free, n)
		part := r.B[r.At/8] >> (free - take) & (1<<take - 1)
		v = v<<take | uint32(part)
		r.At += take
		n -= take
	}
	return v
}

// Bit reads a flag.
func (r *Reader) Bit() bool { return r.Bits(1) == 1 }

// Skip passes n bits.
func (r *Reader) Skip(n int) {
	if n < 0 || n > len(r.B)*8-r.At {
		r.At, r.bad = len(r.B)*8, true
		return
	}
	r.At += n
}

// Below reads a number smaller than n, the "ns(n)" of AV1's specifications.
func (r *Reader) Below(n uint32) uint32 {
	w := bits.Len32(n)
	if w == 0 {
		return 0
	}
	m := uint32(1)<<w - n
	v := r.Bits(w - 1)
	if v < m {
		return v
	}
	return v<<1 - m + r.Bits(1)
}

// Golomb reads an Exp-Golomb coded number, "ue(v)" and "uvlc()".
func (r *Reader) Golomb() uint32 {
	zeros := 0
	for !r.Bit() {
		if zeros++; zeros > 31 || r.bad {
			r.bad = true
			return 0
		}
	}
	return uint32(uint64(1)<<zeros-1) + r.Bits(zeros)
}

// OK reports whether everything read was there.
func (r *Reader) OK() bool { return !r.bad }
