package files

import (
	"encoding/binary"
	"image"
	"io"
)

// orientation is how a camera was held (Exif 2.3, tag 0x0112): 1 is upright,
// 2 to 8 are turned or mirrored.
type orientation int

const upright orientation = 1

// swapsSides says whether width and height change places.
func (o orientation) swapsSides() bool { return o >= 5 && o <= 8 }

// apply turns a picture upright.
func (o orientation) apply(in *image.RGBA) image.Image {
	if o <= upright || o > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o.swapsSides() {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := o.place(x, y, w, h)
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}

// place says where a pixel of a picture of w by h goes.
func (o orientation) place(x, y, w, h int) (tx, ty int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	default:
		return x, y
	}
}

// orientationOf reads the orientation of a JPEG; everything else is upright.
func orientationOf(in io.Reader) orientation {
	for s := range segments(in) {
		if o := exifOrientation(s.payload); s.marker == appExif && o != 0 {
			return o
		}
	}
	return upright
}

const exifIntro = "Exif\x00\x00"

// exifOrientation finds the tag in the first directory of an Exif segment's
// payload; 0 when it is not there.
func exifOrientation(payload []byte) orientation {
	if len(payload) < len(exifIntro)+8 || string(payload[:len(exifIntro)]) != exifIntro {
		return 0
	}
	tiff := payload[len(exifIntro):]
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 {
			if o := order.Uint16(entries[8:]); o >= 1 && o <= 8 {
				return orientation(o)
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
