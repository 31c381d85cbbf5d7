// Package picturetest draws pictures for tests.
package picturetest

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// TwoColours is red on the left and blue on the right.
func TwoColours(width, height int) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 200, A: 255}
			if x >= width/2 {
				c = color.RGBA{B: 200, A: 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

// JPEG is TwoColours as a JPEG.
func JPEG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, TwoColours(width, height), nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// PNG is TwoColours as a PNG.
func PNG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, TwoColours(width, height)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// GIF is TwoColours as a GIF.
func GIF(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, TwoColours(width, height), nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// Exif tells an orientation, 1 to 8, and a place, whose words are "GPS-34.2N-117.2E".
func Exif(orientation byte) []byte {
	return []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00" +
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26GPS-34.2N-117.2E")
}

// WithExif puts Exif into a JPEG.
func WithExif(photo []byte, orientation byte) []byte {
	return Segment(photo, 0xe1, Exif(orientation))
}

// Segment puts a segment into a JPEG, before all others.
func Segment(photo []byte, marker byte, payload []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2)) //nolint:gosec // tests know
	return bytes.Join([][]byte{photo[:2], head, payload, photo[2:]}, nil)
}

// AnimatedWebP is a film of one frame of one pixel, on a canvas (RFC 9649, 2.7).
func AnimatedWebP(width, height int) []byte {
	const pixel = "/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
	chunk := func(kind, data string) string {
		return kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data //nolint:gosec // short
	}
	side := func(n int) string { return string([]byte{byte(n - 1), byte((n - 1) >> 8), byte((n - 1) >> 16)}) }
	body := "WEBP" + chunk("VP8X", "\x02\x00\x00\x00"+side(width)+side(height)) + chunk("ANIM", "\xff\xff\xff\xff\x00\x00") +
		chunk("ANMF", string(make([]byte, 12))+"\x64\x00\x00\x00"+chunk("VP8L", pixel))
	return []byte(chunk("RIFF", body))
}

// AVIF is the head of one, turned by quarters (ISO/IEC 23008-12).
func AVIF(width, height uint32, quarters byte) []byte {
	box := func(kind, data string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(data)))) + kind + data //nolint:gosec // short
	}
	size := func(w, h uint32) string {
		return box("ispe", string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), w), h)))
	}
	properties := box("ipco", size(width/2, height/2)+size(width, height)+box("irot", string([]byte{quarters})))
	handler := box("hdlr", string(make([]byte, 8))+"pict"+string(make([]byte, 13)))
	return []byte(box("ftyp", "avif\x00\x00\x00\x00avifmif1miaf") + box("meta", string(make([]byte, 4))+handler+box("iprp", properties)))
}

// UnusualJPEG is the head of one that is coded arithmetically (ITU T.81, table B.1),
// as few decoders read.
func UnusualJPEG(width, height uint16) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc9, 0, 11, 8}, height)
	return append(binary.BigEndian.AppendUint16(frame, width), 1, 1, 0x11, 0)
}
