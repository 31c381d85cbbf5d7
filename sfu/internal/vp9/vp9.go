// Package vp9 reads and patches the VP9 payload descriptor (RFC 9628 section
// 4.2) in place.
package vp9

import (
	"encoding/binary"
	"errors"

	"github.com/yunqiao/yunqiao/sfu/internal/bitread"
	"github.com/yunqiao/yunqiao/sfu/internal/running"
)

// ErrDescriptor means that the payload ends inside its descriptor.
var ErrDescriptor = errors.New("vp9_descriptor")

// Layers is how many spatial layers are told apart; RFC 9628 knows eight, but
// browsers send three at most.
const Layers = 3

// Descriptor is what a forwarder needs to know of one VP9 payload.
type Descriptor struct {
	Size       int  // bytes before the VP9 data
	Start, End bool // of a layer's frame
	Inter      bool // predicted from an earlier picture
	InterLayer bool // predicted from the layer below
	Unused     bool // no layer above is predicted from this frame
	SwitchUp   bool // higher temporal layers can be taken from here

	HasLayers bool
	SID, TID  uint8

	HasPictureID, Wide, HasTL0 bool

	PictureID uint16
	TL0       uint8
	Places    running.Places

	// Of the scalability structure, or of a key frame's own header.
	Spatial int // layers; 0 when there is no structure
	Width   [Layers]uint16
	Height  [Layers]uint16
}

// Key reports whether the packet begins a picture that needs no other.
func (d *Descriptor) Key() bool { return d.Start && !d.Inter && d.SID == 0 }

// Parse reads the descriptor and, at the start of a key frame, the frame header.
func Parse(b []byte) (Descriptor, error) {
	if len(b) == 0 {
		return Descriptor{}, ErrDescriptor
	}
	const pictureFlag, layersFlag, flexible, structure = 0x80, 0x20, 0x10, 0x02
	d := Descriptor{
		Size: 1, Inter: b[0]&0x40 != 0, Start: b[0]&0x08 != 0, End: b[0]&0x04 != 0, Unused: b[0]&0x01 != 0,
	}
	ok := true
	if b[0]&pictureFlag != 0 {
		ok = d.picture(b)
	}
	if ok && b[0]&layersFlag != 0 {
		ok = d.layers(b, b[0]&flexible != 0)
	}
	if ok && b[0]&flexible != 0 && d.Inter {
		ok = d.references(b)
	}
	if ok && b[0]&structure != 0 {
		ok = d.structure(b)
	}
	if !ok || d.Size > len(b) {
		return Descriptor{}, ErrDescriptor
	}
	if d.Key() && d.Spatial == 0 {
		d.frame(b[d.Size:])
	}
	return d, nil
}

// take gives the next n bytes, or nil when there are fewer.
func (d *Descriptor) take(b []byte, n int) []byte {
	if d.Size+n > len(b) {
		return nil
	}
	d.Size += n
	return b[d.Size-n : d.Size]
}

func (d *Descriptor) picture(b []byte) bool {
	at := d.Size
	first := d.take(b, 1)
	if first == nil {
		return false
	}
	d.HasPictureID, d.Places.Picture = true, uint8(at)
	d.PictureID = uint16(first[0] & 0x7f)
	if first[0]&0x80 == 0 {
		return true
	}
	d.Wide, d.Places.Wide = true, true
	second := d.take(b, 1)
	if second == nil {
		return false
	}
	d.PictureID = d.PictureID<<8 | uint16(second[0])
	return true
}

func (d *Descriptor) layers(b []byte, flexible bool) bool {
	v := d.take(b, 1)
	if v == nil {
		return false
	}
	d.HasLayers = true
	d.TID, d.SwitchUp = v[0]>>5, v[0]&0x10 != 0
	d.SID, d.InterLayer = v[0]>>1&0x07, v[0]&0x01 != 0
	if flexible {
		return true
	}
	at := d.Size
	if v = d.take(b, 1); v == nil {
		return false
	}
	d.HasTL0, d.Places.TL0, d.TL0 = true, uint8(at), v[0]
	return true
}

// references passes the picture differences of flexible mode: three at most.
func (d *Descriptor) references(b []byte) bool {
	for range 3 {
		v := d.take(b, 1)
		if v == nil {
			return false
		}
		if v[0]&0x01 == 0 {
			return true
		}
	}
	return true
}

func (d *Descriptor) structure(b []byte) bool {
	v := d.take(b, 1)
	if v == nil {
		return false
	}
	const sizes, group = 0x10, 0x08
	head := v[0]
	count := int(head>>5) + 1
	d.Spatial = min(count, Layers)
	if head&sizes != 0 {
		for i := range count {
			if v = d.take(b, 4); v == nil {
				return false
			}
			if i < Layers {
				d.Width[i], d.Height[i] = binary.BigEndian.Uint16(v), binary.BigEndian.Uint16(v[2:])
			}
		}
	}
	if head&group == 0 {
		return true
	}
	if v = d.take(b, 1); v == nil {
		return false
	}
	for range int(v[0]) {
		if v = d.take(b, 1); v == nil {
			return false
		}
		if d.take(b, int(v[0]>>2&0x03)) == nil {
			return false
		}
	}
	return true
}

// frame reads the size from the uncompressed header of a key frame (VP9
// bitstream specification section 6.2), of profile 0.
func (d *Descriptor) frame(data []byte) {
	r := bitread.Reader{B: data}
	marker, profile := r.Bits(2), r.Bits(2)
	existing, inter := r.Bit(), r.Bit()
	r.Skip(2)
	if marker != 2 || profile != 0 || existing || inter || r.Bits(24) != 0x498342 {
		return
	}
	const rgb = 7
	if r.Bits(3) == rgb {
		return // not allowed in profile 0
	}
	r.Skip(1)
	width, height := r.Bits(16), r.Bits(16)
	if r.OK() && width < 1<<16-1 && height < 1<<16-1 {
		d.Width[0], d.Height[0] = uint16(width+1), uint16(height+1)
	}
}
