package batch

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

const (
	chunkSize = 1 << 16
	maxChunks = 32 // 2 MB of datagrams waiting
	tableSize = 4096
	maxPlaces = tableSize / 2 // keeps probe sequences short
	maxRun    = 16            // segments of one message
	maxUDP    = 65000         // bytes of one message; headers included it must stay below 64 KB
	none      = -1
)

// pile collects datagrams by destination until they are sent. Sending empties
// it, so that a destination costs nothing once its packets are out, and nothing
// has to be evicted.
type pile struct {
	seed   uint64
	chunks [][]byte // each of chunkSize; kept when the pile is emptied
	chunk  int      // being filled
	used   int      // bytes of it

	datagrams []datagram // as they came
	places    []place    // as they were first written to

	// Open addressing: entries of another epoch are free.
	table []entry
	epoch uint32
}

// datagram is one payload in the chunks. next is the one after it to the same
// destination.
type datagram struct {
	chunk  uint16
	offset uint16
	size   uint16
	next   int32
}

// place is a destination and its datagrams, linked in order.
type place struct {
	to          target
	first, last int32
	count       int32
}

// target is a destination as a plain value: IPv4 in its IPv6 form.
type target struct {
	hi, lo uint64
	port   uint16
}

type entry struct {
	epoch uint32
	place int32
}

func newPile(seed uint64) *pile {
	return &pile{seed: seed, table: make([]entry, tableSize), epoch: 1}
}

// targetOf says where addr is. An address with a zone has no plain form.
func targetOf(addr netip.AddrPort) (target, bool) {
	if !addr.IsValid() || addr.Addr().Zone() != "" {
		return target{}, false
	}
	b := addr.Addr().As16()
	return target{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]), addr.Port()}, true
}

func (t target) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], t.hi)
	binary.BigEndian.PutUint64(b[8:], t.lo)
	return b
}

func (t target) addrPort() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(t.bytes()).Unmap(), t.port)
}

// slot is where a target is looked for first. The seed keeps a stranger from
// choosing addresses that fall together.
func (p *pile) slot(t target) uint64 {
	hi, lo := bits.Mul64(t.lo^p.seed, t.hi^uint64(t.port)<<16^0x9e3779b97f4a7c15)
	return (hi ^ lo ^ uint64(t.port)) * 0x9e3779b97f4a7c15 >> 52
}

// add copies b behind what waits for the same destination. It reports how many
// datagrams wait there now; none when the pile is full.
func (p *pile) add(to target, b []byte) int {
	at := p.find(to)
	if at == none || len(b) > chunkSize-1 {
		return none
	}
	if p.used+len(b) > chunkSize || len(p.chunks) == 0 {
		if !p.grow() {
			return none
		}
	}
	d := datagram{chunk: uint16(p.chunk), offset: uint16(p.used), size: uint16(len(b)), next: none}
	p.used += copy(p.chunks[p.chunk][p.used:], b)
	index := int32(len(p.datagrams))
	p.datagrams = append(p.datagrams, d)
	pl := &p.places[at]
	if pl.count == 0 {
		pl.first = index
	} else {
		p.datagrams[pl.last].next = index
	}
	pl.last = index
	pl.count++
	return int(pl.count)
}

// find returns the place of a destination, a new one if need be.
func (p *pile) find(to target) int {
	for i := p.slot(to); ; i++ {
		e := &p.table[i&(tableSize-1)]
		if e.epoch != p.epoch {
			if len(p.places) == maxPlaces {
				return none
			}
			*e = entry{p.epoch, int32(len(p.places))}
			p.places = append(p.places, place{to: to, first: none, last: none})
			return int(e.place)
		}
		if p.places[e.place].to == to {
			return int(e.place)
		}
	}
}

// grow opens the next chunk.
func (p *pile) grow() bool {
	next := p.chunk + 1
	if len(p.chunks) == 0 {
		next = 0
	}
	if next == maxChunks {
		return false
	}
	if next == len(p.chunks) {
		p.chunks = append(p.chunks, make([]byte, chunkSize))
	}
	p.chunk, p.used = next, 0
	return true
}

func (p *pile) empty() bool { return len(p.datagrams) == 0 }

// reset empties the pile.
func (p *pile) reset() {
	p.datagrams, p.places = p.datagrams[:0], p.places[:0]
	p.chunk, p.used = 0, 0
	p.epoch++
	if p.epoch == 0 { // after 2^32 batches old entries would look new
		clear(p.table)
		p.epoch = 1
	}
}

func (p *pile) payload(d datagram) []byte {
	return p.chunks[d.chunk][d.offset:][:d.size]
}

// run is what one message can carry: datagrams to one destination of equal
// size, of which only the last may be smaller.
type run struct {
	first int32 // index of the first datagram
	count int32
	size  uint16 // of all but the last
	next  int32  // the datagram after the run, or none
}

// run finds the longest run that begins with a datagram. With single it is that
// datagram alone.
func (p *pile) run(first int32, single bool) run {
	d := p.datagrams[first]
	r := run{first: first, count: 1, size: d.size, next: d.next}
	if single || d.size == 0 {
		return r
	}
	for total := int(d.size); r.next != none && r.count < maxRun; r.count++ {
		n := p.datagrams[r.next]
		if total += int(n.size); n.size > r.size || n.size == 0 || total > maxUDP {
			break
		}
		r.next = n.next
		if n.size < r.size {
			r.count++
			break
		}
	}
	return r
}
