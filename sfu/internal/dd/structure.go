package dd

import "github.com/yunqiao/yunqiao/sfu/internal/bitread"

const (
	maxTemplates = 64
	maxTargets   = 32
	none         = 0xff
)

type layer struct{ sid, tid uint8 }

// template is what frames of one kind have in common.
type template struct {
	layer
	needs  uint64 // two bits for each decode target
	chains [maxTargets]uint8
}

func (t *template) need(target uint8) Need { return Need(t.needs >> (2 * target) & 3) }

// Structure gives the templates of a stream. It is not changed once made, so it
// may be shared.
type Structure struct {
	offset, targets, chains, count uint8

	templates [maxTemplates]template
	layers    [maxTargets]layer // what each decode target shows
	protector [maxTargets]uint8 // the chain of each decode target
	highest   [Spatial]uint8    // decode target that shows all of a spatial layer

	Width, Height [Spatial]uint16 // 0 when not told
}

// readStructure reads the structure at r (section A.8.4). One that equals the
// known one is that one, so that its repetition costs nothing.
func readStructure(r *bitread.Reader, known *Structure) (*Structure, error) {
	var s Structure
	s.offset = uint8(r.Bits(6))
	s.targets = uint8(r.Bits(5)) + 1
	if !s.readLayers(r) {
		return nil, ErrDescriptor
	}
	for i := range int(s.count) {
		for target := range int(s.targets) {
			s.templates[i].needs |= uint64(r.Bits(2)) << (2 * target)
		}
	}
	for range int(s.count) { // frame differences are of no use here
		for r.Bit() {
			r.Skip(4)
		}
		if !r.OK() {
			return nil, ErrDescriptor
		}
	}
	s.readChains(r)
	s.derive()
	if r.Bit() {
		s.readSizes(r)
	}
	if !r.OK() {
		return nil, ErrDescriptor
	}
	if known != nil && *known == s {
		return known, nil
	}
	kept := s
	return &kept, nil
}

func (s *Structure) readLayers(r *bitread.Reader) bool {
	const same, nextTemporal, nextSpatial, end = 0, 1, 2, 3
	var at layer
	for {
		if s.count == maxTemplates || !r.OK() {
			return false
		}
		s.templates[s.count].layer = at
		s.count++
		switch r.Bits(2) {
		case nextTemporal:
			at.tid++
		case nextSpatial:
			at.tid = 0
			at.sid++
		case end:
			return r.OK() && at.tid < 8 && at.sid < 4
		case same:
		}
	}
}

func (s *Structure) readChains(r *bitread.Reader) {
	s.chains = uint8(r.Below(uint32(s.targets) + 1))
	if s.chains == 0 {
		return
	}
	for i := range int(s.targets) {
		s.protector[i] = uint8(r.Below(uint32(s.chains)))
	}
	for i := range int(s.count) {
		for c := range int(s.chains) {
			s.templates[i].chains[c] = uint8(r.Bits(4))
		}
	}
}

// derive finds what each decode target shows (section A.8.5).
func (s *Structure) derive() {
	for i := range s.targets {
		for t := range int(s.count) {
			if s.templates[t].need(i) != NotPresent {
				s.layers[i].sid = max(s.layers[i].sid, s.templates[t].sid)
				s.layers[i].tid = max(s.layers[i].tid, s.templates[t].tid)
			}
		}
	}
	for sid := range s.highest {
		s.highest[sid] = none
		for i := range s.targets {
			if int(s.layers[i].sid) == sid && (s.highest[sid] == none || s.layers[i].tid > s.layers[s.highest[sid]].tid) {
				s.highest[sid] = i
			}
		}
	}
}

func (s *Structure) readSizes(r *bitread.Reader) {
	top := s.templates[s.count-1].sid
	for sid := range int(top) + 1 {
		w, h := r.Bits(16), r.Bits(16)
		if sid < Spatial && w < 1<<16-1 && h < 1<<16-1 {
			s.Width[sid], s.Height[sid] = uint16(w+1), uint16(h+1)
		}
	}
}
