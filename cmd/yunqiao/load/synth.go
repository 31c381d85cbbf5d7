package load

import (
	"encoding/binary"
	"time"
)

const (
	// A packet ends with this mark and the time it was sent, in nanoseconds of the
	// wall clock: sender and receiver have to be on one machine, or on machines
	// with well-set clocks, for latencies to mean something.
	mark      = "yqld"
	trailer   = len(mark) + 8
	soundSize = 80   // bytes of Opus in 20 ms at 32 kbit/s
	mtu       = 1150 // bytes of a picture's packet at most
)

// stamp writes the mark and the time at the end of b.
func stamp(b []byte, at time.Time) {
	copy(b[len(b)-trailer:], mark)
	binary.BigEndian.PutUint64(b[len(b)-8:], uint64(at.UnixNano()))
}

// sentAt reads what stamp wrote.
func sentAt(b []byte) (time.Time, bool) {
	if len(b) < trailer || string(b[len(b)-trailer:len(b)-8]) != mark {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b[len(b)-8:]))), true
}

// layer is one simulcast encoding of the synthetic camera.
type layer struct {
	rid     string
	width   int
	height  int
	bitrate int // bits per second
	divider int // of 30 pictures a second
}

// layers are those that the hub's own client sends.
func layers() []layer {
	return []layer{{"q", 320, 180, 150_000, 2}, {"h", 640, 360, 500_000, 1}, {"f", 1280, 720, 1_500_000, 1}}
}

// picture splits the n-th picture of a layer into VP8 payloads (RFC 7741), in
// three temporal layers as browsers send them. A key frame is four times as large.
func picture(l layer, n int, key bool, at time.Time) [][]byte {
	size := l.bitrate / 8 * l.divider / 30
	if key {
		size *= 4
	}
	parts := (size + mtu - 1) / mtu
	list := make([][]byte, parts)
	for i := range list {
		b := make([]byte, max(size/parts, 40))
		b[0], b[1] = 0x80, 0xe0 // extension; picture id, TL0PICIDX and TID follow
		binary.BigEndian.PutUint16(b[2:], 0x8000|uint16(n)&0x7fff)
		tid, tl0 := temporal(n)
		if key {
			tid = 0
		}
		b[4], b[5] = tl0, tid<<6|0x20
		if i == 0 {
			b[0] |= 0x10
			head(b[6:], l, key)
		}
		stamp(b, at)
		list[i] = b
	}
	return list
}

// temporal is the layer of the n-th picture in the pattern 0 2 1 2, and how many
// pictures of the base there have been.
func temporal(n int) (tid, tl0 uint8) {
	return [4]uint8{0, 2, 1, 2}[n%4], uint8(n / 4)
}

// head writes the beginning of a VP8 frame (RFC 6386 section 9.1).
func head(b []byte, l layer, key bool) {
	if !key {
		b[0] = 1
		return
	}
	copy(b, []byte{0, 0, 0, 0x9d, 0x01, 0x2a})
	binary.LittleEndian.PutUint16(b[6:], uint16(l.width))
	binary.LittleEndian.PutUint16(b[8:], uint16(l.height))
}

// sound is 20 ms of synthetic Opus.
func sound(at time.Time) []byte {
	b := make([]byte, soundSize)
	b[0] = 0x78 // CELT, 20 ms (RFC 6716 section 3.1)
	stamp(b, at)
	return b
}
