// Package running is what the payload descriptors of VP8 and VP9 have in common:
// a picture id and a count of base pictures that run on from packet to packet.
package running

// Places says where in a payload the running indices stand; 0 is nowhere.
type Places struct {
	Picture, TL0 uint8
	Wide         bool // a picture id of 15 bits in two bytes, not of 7 in one
}

// Patch overwrites the indices in b. They keep their size.
func (p Places) Patch(b []byte, picture uint16, tl0 uint8) {
	switch {
	case p.Picture == 0:
	case p.Wide:
		b[p.Picture], b[p.Picture+1] = 0x80|uint8(picture>>8)&0x7f, uint8(picture)
	default:
		b[p.Picture] = uint8(picture) & 0x7f
	}
	if p.TL0 != 0 {
		b[p.TL0] = tl0
	}
}

// Touched is how many bytes from the front Patch may write to.
func (p Places) Touched() uint8 {
	last := max(p.Picture, p.TL0)
	if p.Wide {
		last = max(p.Picture+1, p.TL0)
	}
	if last == 0 {
		return 0
	}
	return last + 1
}
