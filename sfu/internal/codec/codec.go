// Package codec describes one packet of any codec in the same words, so that the
// media path need not know which one it forwards. Values only: nothing here
// allocates or points into a packet.
package codec

import (
	"math/bits"

	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/running"
	"github.com/yunqiao/yunqiao/sfu/internal/vp8"
)

// Kind is what a payload type stands for.
type Kind uint8

// The kinds the media path knows.
const (
	Unknown Kind = iota
	Opus
	RED // redundant Opus (RFC 2198); taken apart before it is forwarded
	VP8
	VP9
	H264
	AV1

	Kinds = int(AV1) + 1
)

// String is the codec's name in session descriptions, in lower case.
func (k Kind) String() string {
	return [Kinds]string{"unknown", "opus", "red", "vp8", "vp9", "h264", "av1"}[k]
}

// Parse is the inverse of String; Unknown when there is no such codec.
func Parse(name string) Kind {
	for k := Opus; int(k) < Kinds; k++ {
		if k.String() == name {
			return k
		}
	}
	return Unknown
}

// Video reports whether the codec is one of pictures.
func (k Kind) Video() bool { return k >= VP8 }

// Descriptor is what a forwarder needs to know of one packet.
type Descriptor struct {
	Kind       Kind
	FrameStart bool // first packet of a frame
	FrameEnd   bool // last packet of a frame, where the codec says so
	Keyframe   bool // a stream can begin with this packet
	Width      uint16
	Height     uint16 // of a key frame, else 0 or unknown

	TID      uint8
	SwitchTo uint8 // temporal layers that a receiver of lower ones can take from here on, as bits
	SID      uint8
	Layers   Layers

	Running

	Touched uint8 // how many bytes from the front Patch may write to

	vp8 vp8.Places
	vp9 running.Places
}

// Layers says what a packet means to whoever is shown one of the spatial layers
// that share its stream.
type Layers struct {
	Count  uint8              // spatial layers of the stream; 0 where the packet does not tell
	Height [dd.Spatial]uint16 // of each, with Count
	Needs  [dd.Spatial]dd.Need
	// Chained: the frame's dependencies are known by Number and Chain, as of a
	// Dependency Descriptor. Otherwise every layer leans on all below it.
	Chained bool
	Number  uint16
	Chain   [dd.Spatial]uint8
}

// Running are the indices that count on from picture to picture, and so have to
// be rewritten where streams are joined.
type Running struct {
	HasPictureID bool
	Compact      bool  // receivers wait for picture ids that are missing
	PictureBits  uint8 // width of the picture id
	PictureID    uint16
	TL0          uint8
	KeyIndex     uint8
}

// Reach is the highest temporal layer up to most that a receiver of lower ones can
// take from this packet on; 0 when there is none.
func (d *Descriptor) Reach(most uint8) uint8 {
	return uint8(max(bits.Len8(d.SwitchTo&(2<<most-1))-1, 0))
}

// MaxTouched is the largest value of Touched.
const MaxTouched = 6

// Read describes a payload of this kind.
func Read(k Kind, b []byte) (Descriptor, error) {
	if len(b) == 0 { // padding
		return Descriptor{Kind: k}, nil
	}
	switch k {
	case VP8:
		return readVP8(b)
	case VP9:
		return readVP9(b)
	case H264:
		return readH264(b)
	case AV1:
		return readAV1(b)
	default:
		return Descriptor{Kind: k}, nil
	}
}

// Patch overwrites the running indices in b, which Read described as d. What is
// not patched stays, so a short picture id stays short.
func (d *Descriptor) Patch(b []byte, picture uint16, tl0, key uint8) {
	switch d.Kind {
	case VP8:
		d.vp8.Patch(b, picture, tl0, key)
	case VP9:
		d.vp9.Patch(b, picture, tl0)
	default: // the others count nothing, or in a header extension
	}
}
