package location

import (
	"encoding/binary"
	"io"
)

// Orientation is how a camera was held (Exif 2.3, tag 0x0112): 1 is upright,
// 2 to 8 are turned or mirrored.
type Orientation int

// Upright is the orientation of what says nothing of it.
const Upright Orientation = 1

// SwapsSides says whether width and height change places.
func (o Orientation) SwapsSides() bool { return o >= 5 && o <= 8 }

// OrientationOf reads the orientation of a JPEG; everything else is upright.
func OrientationOf(in io.Reader) Orientation {
	w := newWalker(in, 0)
	var head [2]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil || head != [2]byte{0xff, startOfImage} {
		return Upright
	}
	for {
		marker, err := w.marker()
		if err != nil || marker == startOfScan || marker == endOfImage {
			return Upright
		}
		if marker == startOfImage {
			continue
		}
		payload, err := w.payload()
		if err != nil {
			return Upright
		}
		if o := exifOrientation(payload); marker == appExif && o != 0 {
			return o
		}
	}
}

const exifIntro = "Exif\x00\x00"

// exifOrientation finds the tag in the first directory of an Exif segment's
// payload; 0 when it is not there.
func exifOrientation(payload []byte) Orientation {
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
				return Orientation(o)
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
