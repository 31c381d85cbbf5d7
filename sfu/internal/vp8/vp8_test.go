package vp8

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp/codecs"
)

func TestParse(t *testing.T) {
	t.Parallel()
	key := []byte{0x90, 0xf0, 0x81, 0x02, 7, 0x65, 0, 0, 0, 0x9d, 1, 0x2a, 0x00, 0x05, 0xd0, 0x02}
	d, err := Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Keyframe || d.Width != 1280 || d.Height != 720 || d.PictureID != 0x102 || d.TL0 != 7 || d.KeyIndex != 5 || d.TID != 1 || !d.LayerSync {
		t.Errorf("%+v", d)
	}
	d.Places.Patch(key, 0x3456, 9, 30)
	if want := []byte{0x90, 0xf0, 0xb4, 0x56, 9, 0x7e}; !bytes.Equal(key[:6], want) {
		t.Errorf("patched %x, want %x", key[:6], want)
	}
	for name, b := range map[string][]byte{
		"empty": {}, "no flags": {0x80}, "no picture": {0x80, 0x80}, "half picture": {0x80, 0x80, 0x80},
		"no tl0": {0x80, 0x40}, "no key": {0x80, 0x10},
	} {
		if _, err := Parse(b); !errors.Is(err, ErrDescriptor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"delta": {0x10, 1, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2}, "middle": {0x00, 0}, "short": {0x10, 0}, "no code": {0x10, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1},
	} {
		if d, err := Parse(b); err != nil || d.Keyframe {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x90, 0xf0, 0x81, 0x02, 7, 0x65, 0, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2}, uint16(1), uint8(2), uint8(3))
	f.Add([]byte{0x90, 0x80, 0x01, 1}, uint16(1), uint8(2), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, picture uint16, tl0, key uint8) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		if d.Size > len(b) || d.Size > MaxDescriptor {
			t.Fatalf("size %d of %d", d.Size, len(b))
		}
		var p codecs.VP8Packet
		if _, err := p.Unmarshal(b); err == nil && d.HasPictureID && p.PictureID != d.PictureID {
			t.Fatalf("picture %d, pion %d", d.PictureID, p.PictureID)
		}
		c := append([]byte{}, b...)
		d.Places.Patch(c, picture, tl0, key)
		again, err := Parse(c)
		if err != nil || again.Size != d.Size || !bytes.Equal(c[d.Size:], b[d.Size:]) {
			t.Fatalf("patch changed more than the indices: %v", err)
		}
		if d.HasTL0 && again.TL0 != tl0 || d.HasKeyIndex && again.KeyIndex != key&0x1f || d.Wide && again.PictureID != picture&0x7fff {
			t.Fatalf("patched to %+v", again)
		}
		d.Places.Patch(c, d.PictureID, d.TL0, d.KeyIndex)
		if !bytes.Equal(c, b) {
			t.Fatalf("patching back: %x, was %x", c, b)
		}
	})
}
