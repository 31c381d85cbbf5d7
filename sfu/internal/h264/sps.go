package h264

import (
	"slices"

	"github.com/yunqiao/yunqiao/sfu/internal/bitread"
)

const maxSPS = 256 // bytes of a parameter set that are looked at

// size reads the picture's size from a sequence parameter set (ITU-T H.264
// section 7.3.2.1.1), without its first byte.
func size(body []byte) (width, height uint16, ok bool) {
	var plain [maxSPS]byte
	r := bitread.Reader{B: unescape(plain[:0], body)}
	profile := r.Bits(8)
	r.Skip(16)
	r.Golomb()
	chroma := uint32(1)
	if slices.Contains([]uint32{100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134}, profile) {
		chroma = r.Golomb()
		if chroma == 3 {
			r.Skip(1)
		}
		r.Golomb()
		r.Golomb()
		r.Skip(1)
		if r.Bit() { // scaling lists: not what cameras send
			return 0, 0, false
		}
	}
	r.Golomb()
	if !order(&r) {
		return 0, 0, false
	}
	r.Golomb()
	r.Skip(1)
	read := func() uint64 { return uint64(r.Golomb()) } // sums and products of these fit
	w, h := read()+1, read()+1
	frames := r.Bit() // else fields
	if !frames {
		h *= 2
		r.Skip(1)
	}
	r.Skip(1)
	w, h = w*16, h*16
	if w > largestInSPS || h > largestInSPS {
		return 0, 0, false
	}
	if r.Bit() {
		cropX, cropY := read()+read(), read()+read()
		unitX, unitY := uint64(2), uint64(2)
		if chroma == 0 || chroma == 3 {
			unitX, unitY = 1, 1
		}
		if chroma == 2 {
			unitY = 1
		}
		if !frames {
			unitY *= 2
		}
		if cropX >= w/unitX || cropY >= h/unitY {
			return 0, 0, false
		}
		w, h = w-cropX*unitX, h-cropY*unitY
	}
	return uint16(w), uint16(h), r.OK()
}

// order passes the fields of the picture order count.
func order(r *bitread.Reader) bool {
	switch r.Golomb() {
	case 0:
		r.Golomb()
	case 1:
		r.Skip(1)
		r.Golomb()
		r.Golomb()
		cycle := r.Golomb()
		if cycle > 255 {
			return false
		}
		for range cycle {
			r.Golomb()
		}
	case 2:
	default:
		return false
	}
	return r.OK()
}

// unescape appends body without its emulation prevention bytes, as far as there
// is room.
func unescape(dst, body []byte) []byte {
	zeros := 0
	for _, c := range body {
		if len(dst) == cap(dst) {
			break
		}
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		zeros++
		if c != 0 {
			zeros = 0
		}
		dst = append(dst, c)
	}
	return dst
}
