// Package red reads and writes redundant audio (RFC 2198): each packet repeats
// the payloads of those before it, so that losing one costs nothing. Pure.
package red

import (
	"encoding/binary"
	"errors"
)

// Copies is the largest number of earlier payloads one packet repeats.
const Copies = 3

// MaxOverhead is how many bytes the headers of one packet take at most.
const MaxOverhead = Copies*blockHeader + 1

const (
	blockHeader = 4
	maxOffset   = 1<<14 - 1 // of the timestamp
	maxBlock    = 1<<10 - 1 // bytes
	maxPayload  = 400       // larger ones are not worth repeating
)

// ErrBlocks means that the headers do not fit the payload.
var ErrBlocks = errors.New("red_blocks")

// Block is one payload within a redundant packet.
type Block struct {
	PayloadType uint8
	Offset      uint32 // how far its timestamp lies before the packet's
	From, To    int    // its bytes
}

// Blocks is what a packet holds: redundant blocks, oldest first, then the primary.
type Blocks struct {
	list  [Copies + 1]Block
	count int
}

// Split locates the blocks of a payload. Of more redundant blocks than Copies
// only the newest are kept.
func Split(payload []byte) (Blocks, error) {
	var b Blocks
	var sizes [Copies + 1]int
	at, skipped := 0, 0
	for {
		if at >= len(payload) {
			return Blocks{}, ErrBlocks
		}
		block := Block{PayloadType: payload[at] & 0x7f}
		size := -1 // the primary takes the rest
		if payload[at]&0x80 != 0 {
			if at+blockHeader > len(payload) {
				return Blocks{}, ErrBlocks
			}
			word := binary.BigEndian.Uint32(payload[at:])
			block.Offset, size = word>>10&maxOffset, int(word&maxBlock)
			at += blockHeader
		} else {
			at++
		}
		if b.count == len(b.list) || (size >= 0 && b.count == Copies) {
			skipped += sizes[0]
			copy(b.list[:], b.list[1:b.count])
			copy(sizes[:], sizes[1:b.count])
			b.count--
		}
		b.list[b.count], sizes[b.count] = block, size
		b.count++
		if size < 0 {
			break
		}
	}
	return b, b.place(at+skipped, len(payload), sizes)
}

// place gives the blocks their bytes, which begin at at.
func (b *Blocks) place(at, end int, sizes [Copies + 1]int) error {
	for i := range b.list[:b.count] {
		size := sizes[i]
		if size < 0 {
			size = end - at
		}
		if size < 0 || at+size > end {
			return ErrBlocks
		}
		b.list[i].From, b.list[i].To = at, at+size
		at += size
	}
	return nil
}

// Primary is the packet's own payload.
func (b *Blocks) Primary() Block { return b.list[b.count-1] }

// Redundant are the payloads repeated, oldest first.
func (b *Blocks) Redundant() []Block { return b.list[:b.count-1] }

// Encoder remembers the last payloads of one stream and builds packets that
// repeat them. It belongs to the goroutine that reads the stream.
type Encoder struct {
	past  [Copies]past // newest first
	count int
}

type past struct {
	sn   uint64
	ts   uint32
	size int
	data [maxPayload]byte
}

// Reset forgets the stream.
func (e *Encoder) Reset() { e.count = 0 }

// Add remembers the payload of packet sn for those that follow. Numbers must
// rise; one that does not is not remembered.
func (e *Encoder) Add(sn uint64, ts uint32, payload []byte) {
	if e.count > 0 && sn <= e.past[0].sn {
		return
	}
	if len(payload) > maxPayload {
		e.count = 0
		return
	}
	for i := min(e.count, Copies-1); i > 0; i-- {
		e.past[i] = e.past[i-1]
	}
	p := &e.past[0]
	p.sn, p.ts, p.size = sn, ts, copy(p.data[:], payload)
	e.count = min(e.count+1, Copies)
}

// Build writes to dst packet sn with up to copies earlier payloads that directly
// precede it, all of payload type pt. It returns nil when dst is too small.
func (e *Encoder) Build(dst []byte, copies int, pt uint8, sn uint64, ts uint32, payload []byte) []byte {
	use := 0
	for use < min(copies, e.count) && e.repeats(use, sn, ts) {
		use++
	}
	need := use*blockHeader + 1 + len(payload)
	for i := range use {
		need += e.past[i].size
	}
	if need > len(dst) {
		return nil
	}
	at := 0
	for i := use - 1; i >= 0; i-- {
		p := &e.past[i]
		binary.BigEndian.PutUint32(dst[at:], 1<<31|uint32(pt&0x7f)<<24|(ts-p.ts)<<10|uint32(p.size))
		at += blockHeader
	}
	dst[at] = pt & 0x7f
	at++
	for i := use - 1; i >= 0; i-- {
		at += copy(dst[at:], e.past[i].data[:e.past[i].size])
	}
	return dst[:at+copy(dst[at:], payload)]
}

// Retype writes the payload type of all blocks, which differs between receivers.
// b is what Build returned.
func Retype(b []byte, pt uint8) {
	at := 0
	for b[at]&0x80 != 0 {
		b[at] = 0x80 | pt&0x7f
		at += blockHeader
	}
	b[at] = pt & 0x7f
}

// repeats reports whether the i-th newest payload belongs right before packet sn
// and can be described.
func (e *Encoder) repeats(i int, sn uint64, ts uint32) bool {
	p := &e.past[i]
	return p.sn+uint64(i)+1 == sn && ts-p.ts <= maxOffset && ts != p.ts
}
