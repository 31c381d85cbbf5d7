// Package flexfec builds parity packets over one outgoing video stream, in the
// form browsers know as flexfec-03
// (draft-ietf-payload-flexible-fec-scheme-03 section 4.2). Pure.
package flexfec

import (
	"crypto/subtle"
	"encoding/binary"
)

// Sizes of the format.
const (
	HeaderSize = 20 // with one protected stream and the short mask
	span       = 15 // sequence numbers the short mask covers
	rtpHeader  = 12
	maxPacket  = 1600
	maxDepth   = 3
)

// parity is the exclusive or of the packets of one group.
type parity struct {
	base   uint16
	mask   uint16 // bit 14 is base
	count  int
	head   [2]byte // flags, marker and payload type
	length uint16  // of what follows the fixed header
	ts     uint32
	size   int
	body   [maxPacket]byte
}

// Encoder protects one stream. It belongs to its outlet, whose mutex guards it.
type Encoder struct {
	groups [maxDepth]parity
	next   int // the group the next packet goes to
	// Packets under one parity packet and groups filled in turn.
	size, depth int
}

// Plan sets how many packets one parity packet covers (2 to 15/depth) and how
// many groups are interleaved (1 to 3).
func (e *Encoder) Plan(size, depth int) {
	depth = min(max(depth, 1), maxDepth)
	e.size, e.depth = min(max(size, 2), span/depth), depth
}

// Add takes a packet as it goes out, before encryption. When that fills its
// group, the payload of a parity packet is written to dst and returned.
func (e *Encoder) Add(packet []byte, ssrc uint32, dst []byte) []byte {
	if e.size == 0 || len(packet) < rtpHeader || len(packet) > maxPacket {
		return nil
	}
	if e.next >= e.depth {
		e.next = 0
	}
	g := &e.groups[e.next]
	e.next++
	sn := binary.BigEndian.Uint16(packet[2:])
	if at := sn - g.base; g.count > 0 && at >= span {
		g.reset() // a jump: what was gathered belongs to nothing
	}
	g.add(sn, packet)
	if g.count < e.size {
		return nil
	}
	out := g.write(ssrc, dst)
	g.reset()
	return out
}

// Reset forgets what was gathered, such as at a pause.
func (e *Encoder) Reset() {
	for i := range e.groups {
		e.groups[i].reset()
	}
	e.next = 0
}

func (g *parity) reset() {
	clear(g.body[:g.size])
	g.mask, g.count, g.head, g.length, g.ts, g.size = 0, 0, [2]byte{}, 0, 0, 0
}

func (g *parity) add(sn uint16, packet []byte) {
	if g.count == 0 {
		g.base = sn
	}
	g.mask |= 1 << (span - 1 - (sn - g.base))
	g.count++
	g.head[0] ^= packet[0]
	g.head[1] ^= packet[1]
	g.ts ^= binary.BigEndian.Uint32(packet[4:])
	body := packet[rtpHeader:]
	g.length ^= uint16(len(body))
	g.size = max(g.size, len(body))
	subtle.XORBytes(g.body[:], g.body[:len(body)], body)
}

// write gives the parity packet's payload: the header of section 4.2.2.1, with R
// and F zero, then the repair data.
func (g *parity) write(ssrc uint32, dst []byte) []byte {
	if HeaderSize+g.size > len(dst) {
		return nil
	}
	dst[0], dst[1] = g.head[0]&0x3f, g.head[1]
	binary.BigEndian.PutUint16(dst[2:], g.length)
	binary.BigEndian.PutUint32(dst[4:], g.ts)
	binary.BigEndian.PutUint32(dst[8:], 1<<24) // one stream
	binary.BigEndian.PutUint32(dst[12:], ssrc)
	binary.BigEndian.PutUint16(dst[16:], g.base)
	binary.BigEndian.PutUint16(dst[18:], 1<<15|g.mask)
	return dst[:HeaderSize+copy(dst[HeaderSize:], g.body[:g.size])]
}
