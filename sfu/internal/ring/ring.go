// Package ring keeps the recent packets of one layer: an index by sequence
// number over one slab of bytes. It holds no pointers per packet, so the garbage
// collector never looks inside, and it never allocates after New.
package ring

// Result says what became of a packet.
type Result uint8

// Outcomes of Put.
const (
	Stored Result = iota
	Duplicate
	TooOld
	TooLarge
)

type entry struct {
	sn  uint64
	pos uint64 // absolute position in the stream of bytes written
	len uint16
	set bool
}

// Ring is not safe for concurrent use; its layer's mutex guards it.
type Ring struct {
	index   []entry
	slab    []byte
	written uint64
	highest uint64
}

// New makes a ring of this many packets (a power of two) and bytes.
func New(packets, size int) *Ring {
	if packets <= 0 || packets&(packets-1) != 0 || size <= 0 {
		panic("ring: packets must be a power of two and size positive")
	}
	return &Ring{index: make([]entry, packets), slab: make([]byte, size)}
}

// Reset forgets every packet.
func (r *Ring) Reset() {
	clear(r.index)
	r.written, r.highest = 0, 0
}

// Put copies the packet in, overwriting the oldest.
func (r *Ring) Put(sn uint64, b []byte) Result {
	if len(b) > len(r.slab) || len(b) > 1<<16-1 {
		return TooLarge
	}
	e := &r.index[sn&uint64(len(r.index)-1)]
	switch {
	case e.set && e.sn == sn:
		return Duplicate
	case r.highest >= uint64(len(r.index)) && sn <= r.highest-uint64(len(r.index)):
		return TooOld
	}
	size := uint64(len(r.slab))
	if at := r.written % size; at+uint64(len(b)) > size {
		r.written += size - at // a packet lies in one piece
	}
	copy(r.slab[r.written%size:], b)
	*e = entry{sn: sn, pos: r.written, len: uint16(len(b)), set: true}
	r.written += uint64(len(b))
	r.highest = max(r.highest, sn)
	return Stored
}

// Has reports whether packet sn has been put and not been overwritten by a later
// one of the same place.
func (r *Ring) Has(sn uint64) bool {
	e := &r.index[sn&uint64(len(r.index)-1)]
	return e.set && e.sn == sn
}

// Get copies packet sn into dst and returns its bytes there, or nil when it is
// not kept any more or dst is too small.
func (r *Ring) Get(sn uint64, dst []byte) []byte {
	e := &r.index[sn&uint64(len(r.index)-1)]
	if !e.set || e.sn != sn || r.written-e.pos > uint64(len(r.slab)) || int(e.len) > len(dst) {
		return nil
	}
	at := e.pos % uint64(len(r.slab))
	return dst[:copy(dst, r.slab[at:at+uint64(e.len)])]
}
