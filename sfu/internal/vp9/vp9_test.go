package vp9

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp/codecs"
)

// A key picture's base layer as Chromium sends it: structure with three sizes.
func keyLayer() []byte {
	return []byte{
		0x80 | 0x20 | 0x10 | 0x08 | 0x04 | 0x02, 0x92, 0x34, 0x10, // flexible, picture 0x1234, T0 S0 switching up
		2<<5 | 0x10, 1, 64, 0, 180, 2, 128, 1, 104, 5, 0, 2, 208,
		0x82, 0x49, 0x83, 0x42,
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	b := keyLayer()
	d, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Key() || d.PictureID != 0x1234 || !d.Wide || d.Spatial != 3 || d.Height != [3]uint16{180, 360, 720} || d.Width[2] != 1280 {
		t.Errorf("%+v", d)
	}
	if d.Size != len(b)-4 || d.TID != 0 || d.SID != 0 || !d.SwitchUp || !d.Start || !d.End || d.HasTL0 {
		t.Errorf("%+v", d)
	}
	d, err = Parse([]byte{0x80 | 0x40 | 0x20 | 0x08 | 0x01, 0x05, 1<<5 | 0x10 | 1<<1 | 1, 0x77, 0xff})
	if err != nil || d.Key() || d.TID != 1 || d.SID != 1 || !d.InterLayer || !d.SwitchUp || d.TL0 != 0x77 || d.PictureID != 5 || d.Wide || !d.Unused {
		t.Errorf("%+v %v", d, err)
	}
	if d.Places.Touched() != 4 {
		t.Errorf("touches %d bytes", d.Places.Touched())
	}
	// A lone key frame of 640x360 without a structure.
	d, err = Parse([]byte{0x8c, 0x81, 0x02, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x16, 0x70, 0})
	if err != nil || !d.Key() || d.Width[0] != 640 || d.Height[0] != 360 {
		t.Errorf("%+v %v", d, err)
	}
	for name, b := range map[string][]byte{
		"empty": {}, "no picture": {0x80}, "half picture": {0x80, 0x80}, "no layers": {0x20}, "no tl0": {0x20, 0},
		"no reference": {0x50}, "endless references": {0x50, 1, 1}, "no structure": {0x02}, "no sizes": {0x02, 0x10},
		"no group": {0x02, 0x08}, "short group": {0x02, 0x08, 2, 0x04, 1},
	} {
		if _, err := Parse(b); !errors.Is(err, ErrDescriptor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(keyLayer(), uint16(1), uint8(2))
	f.Add([]byte{0xe9, 0x05, 0x33, 0x77, 0xff}, uint16(0x7fff), uint8(255))
	f.Add([]byte{0x8c, 0x81, 0x02, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x16, 0x70, 0}, uint16(9), uint8(9))
	f.Fuzz(func(t *testing.T, b []byte, picture uint16, tl0 uint8) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		if d.Size > len(b) || d.Places.Touched() > 5 || int(d.Places.Touched()) > d.Size {
			t.Fatalf("size %d of %d, touches %d", d.Size, len(b), d.Places.Touched())
		}
		var p codecs.VP9Packet
		if _, err := p.Unmarshal(b); err == nil && (d.PictureID != p.PictureID || d.SID != p.SID || d.TID != p.TID || d.TL0 != p.TL0PICIDX) {
			t.Fatalf("%+v, pion %+v", d, p)
		}
		c := bytes.Clone(b)
		d.Places.Patch(c, picture, tl0)
		again, err := Parse(c)
		if err != nil || again.Size != d.Size || !bytes.Equal(c[d.Places.Touched():], b[d.Places.Touched():]) {
			t.Fatalf("patch changed more than the indices: %v", err)
		}
		if d.HasTL0 && again.TL0 != tl0 || d.Wide && again.PictureID != picture&0x7fff {
			t.Fatalf("patched to %+v", again)
		}
		d.Places.Patch(c, d.PictureID, d.TL0)
		if !bytes.Equal(c, b) {
			t.Fatalf("patching back: %x, was %x", c, b)
		}
	})
}
