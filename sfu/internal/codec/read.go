package codec

import (
	"github.com/yunqiao/yunqiao/sfu/internal/av1"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/h264"
	"github.com/yunqiao/yunqiao/sfu/internal/vp8"
	"github.com/yunqiao/yunqiao/sfu/internal/vp9"
)

func readVP8(b []byte) (Descriptor, error) {
	v, err := vp8.Parse(b)
	if err != nil {
		return Descriptor{}, err
	}
	d := Descriptor{
		Kind: VP8, FrameStart: v.FrameStart, Keyframe: v.Keyframe, Width: v.Width, Height: v.Height,
		TID: v.TID, SwitchTo: bit(v.TID, v.LayerSync), Touched: uint8(v.Size), vp8: v.Places,
		Running: Running{
			HasPictureID: v.HasPictureID, Compact: true, PictureBits: 7,
			PictureID: v.PictureID, TL0: v.TL0, KeyIndex: v.KeyIndex,
		},
	}
	if v.Wide {
		d.PictureBits = 15
	}
	return d, nil
}

func readVP9(b []byte) (Descriptor, error) {
	v, err := vp9.Parse(b)
	if err != nil {
		return Descriptor{}, err
	}
	d := Descriptor{
		Kind: VP9, FrameStart: v.Start, FrameEnd: v.End, Keyframe: v.Key(), TID: v.TID, SID: v.SID,
		SwitchTo: bit(v.TID, v.SwitchUp), Touched: v.Places.Touched(), vp9: v.Places,
		Running: Running{HasPictureID: v.HasPictureID, PictureBits: 7, PictureID: v.PictureID, TL0: v.TL0},
	}
	if v.Wide {
		d.PictureBits = 15
	}
	top := max(v.Spatial-1, 0)
	d.Width, d.Height = v.Width[top], v.Height[top]
	d.Layers.Count, d.Layers.Height = uint8(v.Spatial), v.Height
	for sid := range d.Layers.Needs {
		switch {
		case sid < int(v.SID):
		case sid == int(v.SID) && !v.Inter:
			d.Layers.Needs[sid] = dd.Switch
		default:
			d.Layers.Needs[sid] = dd.Required
		}
	}
	return d, nil
}

func bit(tid uint8, set bool) uint8 {
	if !set {
		return 0
	}
	return 1 << tid
}

func readH264(b []byte) (Descriptor, error) {
	p, err := h264.Parse(b)
	return Descriptor{
		Kind: H264, FrameStart: p.Start, Keyframe: p.SPS || p.IDR, Width: p.Width, Height: p.Height,
	}, err
}

func readAV1(b []byte) (Descriptor, error) {
	p, err := av1.Parse(b)
	return Descriptor{
		Kind: AV1, FrameStart: p.Sequence, Keyframe: p.Sequence, Width: p.Width, Height: p.Height, SID: p.SID, TID: p.TID,
	}, err
}

// Depend completes d with what its Dependency Descriptor says.
func (d *Descriptor) Depend(x *dd.Descriptor, s *dd.Structure) {
	d.FrameStart, d.FrameEnd, d.Keyframe = x.Start, x.End, x.Key
	d.SID, d.TID, d.SwitchTo = x.SID, x.TID, x.SwitchTo
	d.Running = Running{HasPictureID: true, PictureBits: 16, PictureID: x.Number}
	d.Layers = Layers{Needs: x.Needs, Chained: true, Number: x.Number, Chain: x.Chain}
	if x.Key {
		d.Layers.Count, d.Layers.Height = uint8(min(s.Layers(x.Active), dd.Spatial)), s.Height
		if top := max(int(d.Layers.Count)-1, 0); s.Height[top] > 0 {
			d.Width, d.Height = s.Width[top], s.Height[top]
		}
	}
}
