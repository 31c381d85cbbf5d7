package codec

import (
	"bytes"
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/dd/ddtest"
)

func payloads() map[Kind][]byte {
	return map[Kind][]byte{
		Opus: {0xfc, 0xff, 0xfe},
		VP8:  {0x90, 0xf0, 0x81, 0x02, 7, 0x65, 0, 0, 0, 0x9d, 1, 0x2a, 0x00, 0x05, 0xd0, 0x02},
		VP9:  {0xaa, 0x81, 0x02, 0x10, 7, 0x50, 2, 128, 1, 104, 5, 0, 2, 208, 3, 192, 2, 28, 0x82, 0x49},
		H264: {0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x17, 0xfc, 0xb0, 0x0f, 0x08, 0x84, 0x6a},
		AV1:  {0x18, 1 << 3, 0, 0, 0, 0x42, 0xa7, 0xbf, 0xe4, 0x60, 0x0d, 0x00},
	}
}

func TestEveryKindBegins(t *testing.T) {
	t.Parallel()
	for k, b := range payloads() {
		d, err := Read(k, b)
		if err != nil || d.Kind != k || d.Keyframe != k.Video() || Parse(k.String()) != k {
			t.Errorf("%v: %+v %v", k, d, err)
		}
		if k.Video() && (d.Height == 0 || d.Width == 0) {
			t.Errorf("%v: %d by %d", k, d.Width, d.Height)
		}
		if empty, err := Read(k, nil); err != nil || empty.Keyframe || empty.HasPictureID {
			t.Errorf("%v without a payload: %+v %v", k, empty, err)
		}
	}
	if Parse("theora") != Unknown || Unknown.Video() || RED.Video() {
		t.Error("what is no codec of pictures")
	}
}

func TestLayersOfVP9(t *testing.T) {
	t.Parallel()
	b := payloads()[VP9]
	d, err := Read(VP9, b)
	if err != nil || d.Layers.Count != 3 || d.Layers.Height != [3]uint16{360, 720, 540} || d.Layers.Needs != [3]dd.Need{dd.Switch, dd.Required, dd.Required} {
		t.Errorf("base: %+v %v", d, err)
	}
	d, err = Read(VP9, []byte{0xe8, 0x81, 0x03, 1<<5 | 0x10 | 2<<1, 7, 1})
	if err != nil || d.Keyframe || d.SID != 2 || d.SwitchTo != 1<<1 || d.Reach(7) != 1 || d.Reach(0) != 0 || d.Layers.Needs != [3]dd.Need{dd.NotPresent, dd.NotPresent, dd.Required} {
		t.Errorf("top: %+v %v", d, err)
	}
}

func TestDependenciesOfAV1(t *testing.T) {
	t.Parallel()
	stream := ddtest.Stream{Spatial: 2, Temporal: 2, Height: 360}
	d, err := Read(AV1, payloads()[AV1])
	if err != nil {
		t.Fatal(err)
	}
	x, s, err := dd.Parse(stream.Next(ddtest.Frame{Key: true, Start: true}), nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Depend(&x, s)
	if !d.Keyframe || !d.FrameStart || d.FrameEnd || d.Layers.Count != 2 || d.Height != 720 || d.PictureBits != 16 || d.PictureID != 1 || !d.Layers.Chained || d.Reach(7) != 1 || d.Reach(0) != 0 {
		t.Errorf("%+v", d)
	}
}

// FuzzRead: what Patch does is undone by patching back, and touches no byte that
// Touched does not cover.
func FuzzRead(f *testing.F) {
	for k, b := range payloads() {
		f.Add(uint8(k), b, uint16(0x1234), uint8(5), uint8(6))
	}
	f.Fuzz(func(t *testing.T, kind uint8, b []byte, picture uint16, tl0, key uint8) {
		k := Kind(int(kind) % Kinds)
		d, err := Read(k, b)
		if err != nil {
			return
		}
		if int(d.Touched) > len(b) || d.Touched > MaxTouched {
			t.Fatalf("%v touches %d of %d bytes", k, d.Touched, len(b))
		}
		c := bytes.Clone(b)
		d.Patch(c, picture, tl0, key)
		if !bytes.Equal(c[d.Touched:], b[d.Touched:]) {
			t.Fatalf("%v: %x became %x", k, b, c)
		}
		again, err := Read(k, c)
		if err != nil || again.SID != d.SID || again.TID != d.TID || again.Keyframe != d.Keyframe {
			t.Fatalf("%v: %+v was read as %+v after patching: %v", k, d, again, err)
		}
		d.Patch(c, d.PictureID, d.TL0, d.KeyIndex)
		if !bytes.Equal(c, b) {
			t.Fatalf("%v: patching back %x gives %x", k, b, c)
		}
	})
}
