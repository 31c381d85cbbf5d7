package webm

import (
	"bytes"
	"slices"
	"time"
)

const (
	soundLength = 20 * time.Millisecond // of the shortest silence written
	mostSound   = 120 * time.Millisecond
)

// soundDuration is how long an Opus packet sounds (RFC 6716 section 3.1); false
// means that it is none.
func soundDuration(b []byte) (time.Duration, bool) {
	if len(b) == 0 {
		return 0, false
	}
	config, tenths := b[0]>>3, 0 // of a millisecond, each frame
	switch {
	case config < 12: // SILK
		tenths = []int{100, 200, 400, 600}[config&3]
	case config < 16: // hybrid
		tenths = []int{100, 200}[config&1]
	default: // CELT
		tenths = []int{25, 50, 100, 200}[config&3]
	}
	frames := 1
	switch b[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(b) < 2 {
			return 0, false
		}
		frames = int(b[1] & 0x3f)
	}
	d := time.Duration(tenths*frames) * 100 * time.Microsecond
	return d, d > 0 && d <= mostSound
}

// silence is a packet without sound that lasts at most this long, 20 ms at least,
// and how long that is. The frames are CELT's, full band, mono; each is the two
// bytes of its encoder's silence.
func silence(room time.Duration) ([]byte, time.Duration) {
	n := min(int(room/soundLength), int(mostSound/soundLength))
	if n <= 1 {
		return []byte{31 << 3, 0xff, 0xfe}, soundLength
	}
	return append([]byte{31<<3 | 3, byte(n)}, bytes.Repeat([]byte{0xff, 0xfe}, n)...), time.Duration(n) * soundLength
}

// isSilence reports whether a packet is one that silence made.
func isSilence(b []byte) bool {
	d, ok := soundDuration(b)
	if !ok {
		return false
	}
	made, _ := silence(d)
	return slices.Equal(b, made)
}
