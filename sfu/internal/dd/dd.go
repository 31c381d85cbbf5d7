// Package dd reads and rewrites the Dependency Descriptor, the header extension
// that says how a stream's frames depend on one another (RTP payload format for
// AV1, appendix A). A Structure is sent with key frames and gives the templates
// that later frames refer to. Pure.
package dd

import (
	"errors"
	"math/bits"

	"github.com/yunqiao/yunqiao/sfu/internal/bitread"
)

// Reasons for which a descriptor cannot be used.
var (
	ErrDescriptor = errors.New("dd_descriptor")
	ErrUnknown    = errors.New("dd_unknown") // its structure has not been seen
)

// Spatial is how many spatial layers are told apart.
const Spatial = 3

// Unprotected is the Chain of a target that no chain protects, and one too far
// back to tell.
const Unprotected = 0xff

// MaxSize is the largest descriptor that is read or written.
const MaxSize = 255

// Need says how much a target needs a frame (section A.4, DTI).
type Need uint8

// The indications. Switch: when this frame can be decoded, so can the target
// from here on.
const (
	NotPresent Need = iota
	Discardable
	Switch
	Required
)

// Descriptor is what one packet's extension says, seen by spatial layer: the
// target of a layer shows it with all its temporal layers.
type Descriptor struct {
	Start, End bool // of the frame
	Number     uint16
	SID, TID   uint8
	Key        bool  // carries a structure: the stream can begin here
	SwitchTo   uint8 // temporal layers that a receiver of lower ones can take from here on, as bits
	Needs      [Spatial]Need
	// How many frames ago the one was that must have arrived, so that the target
	// of a layer is whole; 0 when none.
	Chain [Spatial]uint8

	Active    uint32 // decode targets, as bits
	HasActive bool

	maskAt int // bit at which the mask of active targets stands or would stand
	used   int // bits without padding
}

// header is the part before the structure (section A.8.3).
const (
	mandatoryBits = 24
	flagBits      = 5
	activeFlag    = mandatoryBits + 1
)

// Parse reads a descriptor. It returns the structure that applies from here on:
// the one given, or a new one when the descriptor carries it.
func Parse(b []byte, s *Structure) (Descriptor, *Structure, error) {
	if len(b) < 3 || len(b) > MaxSize {
		return Descriptor{}, s, ErrDescriptor
	}
	r := bitread.Reader{B: b}
	d := Descriptor{Start: r.Bit(), End: r.Bit()}
	template := uint8(r.Bits(6))
	d.Number = uint16(r.Bits(16))
	var attached, active, dtis, fdiffs, chains bool
	if len(b) > 3 {
		attached, active, dtis, fdiffs, chains = r.Bit(), r.Bit(), r.Bit(), r.Bit(), r.Bit()
	}
	if attached {
		next, err := readStructure(&r, s)
		if err != nil {
			return Descriptor{}, s, err
		}
		s, d.Key = next, true
	}
	if s == nil {
		return d, nil, ErrUnknown
	}
	d.Active, d.maskAt = s.all(), r.At
	if len(b) == 3 {
		d.maskAt = mandatoryBits + flagBits
	}
	if active {
		d.Active, d.HasActive = r.Bits(int(s.targets)), true
	}
	at := (template - s.offset) & 63
	if at >= s.count {
		return d, s, ErrUnknown
	}
	t := s.templates[at]
	if t.amend(&r, s, dtis, fdiffs, chains); !r.OK() {
		return Descriptor{}, s, ErrDescriptor
	}
	d.used = r.At
	if len(b) == 3 {
		d.used = d.maskAt
	}
	d.judge(s, &t)
	return d, s, nil
}

// amend reads what a frame has in other ways than its template (section A.8.6).
func (t *template) amend(r *bitread.Reader, s *Structure, dtis, fdiffs, chains bool) {
	if dtis {
		t.needs = 0
		for i := range int(s.targets) {
			t.needs |= uint64(r.Bits(2)) << (2 * i)
		}
	}
	if fdiffs { // of no use here
		for size := r.Bits(2); size > 0 && r.OK(); size = r.Bits(2) {
			r.Skip(4 * int(size))
		}
	}
	if chains {
		for i := range int(s.chains) {
			t.chains[i] = uint8(r.Bits(8))
		}
	}
}

// judge looks at the frame from every spatial layer's target.
func (d *Descriptor) judge(s *Structure, t *template) {
	d.SID, d.TID = t.sid, t.tid
	for sid := range Spatial {
		target := s.highest[sid]
		if target == none || d.Active&(1<<target) == 0 {
			continue
		}
		d.Needs[sid] = t.need(target)
		d.Chain[sid] = Unprotected
		if s.chains > 0 {
			d.Chain[sid] = t.chains[s.protector[target]]
		}
	}
	for target := range s.targets {
		if l := s.layers[target]; l.sid == t.sid && t.need(target) == Switch {
			d.SwitchTo |= 1 << l.tid
		}
	}
}

// Rewrite writes the descriptor b, which Parse described as d, with another frame
// number and, when only is not zero, with only these decode targets active. It
// returns the bytes in dst, or nil when they do not fit.
func (d *Descriptor) Rewrite(dst, b []byte, s *Structure, number uint16, only uint32) []byte {
	if only == 0 || s == nil {
		if len(dst) < len(b) {
			return nil
		}
		dst = dst[:copy(dst, b)]
		dst[1], dst[2] = byte(number>>8), byte(number)
		return dst
	}
	targets := int(s.targets)
	size := d.used
	if !d.HasActive {
		size += targets
	}
	bytes := (size + 7) / 8
	if bytes > min(len(dst), MaxSize) {
		return nil
	}
	dst = dst[:bytes]
	clear(dst)
	w := writer{b: dst}
	w.copy(b, 0, min(d.maskAt, len(b)*8))
	w.at = d.maskAt // the flags are zero where b had none
	w.bits(d.Active&only, targets)
	from := d.maskAt
	if d.HasActive {
		from += targets
	}
	w.copy(b, from, min(d.used, len(b)*8))
	dst[activeFlag/8] |= 0x80 >> (activeFlag % 8)
	dst[1], dst[2] = byte(number>>8), byte(number)
	return dst
}

type writer struct {
	b  []byte
	at int
}

func (w *writer) bits(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		w.b[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

func (w *writer) copy(b []byte, from, to int) {
	for ; from < to; from++ {
		w.bits(uint32(b[from/8]>>(7-from%8)&1), 1)
	}
}

// Mask is the decode targets of at most this spatial layer, as bits.
func (s *Structure) Mask(sid uint8) uint32 {
	var m uint32
	for i := range s.targets {
		if s.layers[i].sid <= sid {
			m |= 1 << i
		}
	}
	return m
}

func (s *Structure) all() uint32 { return uint32(uint64(1)<<s.targets - 1) }

// Layers is how many spatial layers the active decode targets show.
func (s *Structure) Layers(active uint32) int {
	n := 0
	for active &= s.all(); active != 0; active &= active - 1 {
		n = max(n, int(s.layers[bits.TrailingZeros32(active)].sid)+1)
	}
	return n
}
