package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// This file: pictures that browsers show and nothing here decodes. Of them the
// size is read, so that they are shown as they are.

var errAnimated = errors.New("animated")

// maxHead is how far into a file its size is looked for, in bytes.
const maxHead = 1 << 20

// headOnly returns the size of a picture that is not decoded here, by its head.
func headOnly(content io.Reader) (width, height int, ok bool) {
	head, err := io.ReadAll(io.LimitReader(content, maxHead))
	if err != nil || len(head) < 12 {
		return 0, 0, false
	}
	switch {
	case string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		width, height = animated(head[12:])
	case string(head[4:8]) == "ftyp":
		width, height = items(head)
	case head[0] == 0xff && head[1] == 0xd8:
		width, height = frame(head[2:])
	}
	return width, height, width > 0 && height > 0
}

// animated reads the canvas of an animated WebP (RFC 9649, 2.7.1).
func animated(chunks []byte) (width, height int) {
	const animation = 1 << 1
	if len(chunks) < 18 || string(chunks[:4]) != "VP8X" || chunks[8]&animation == 0 {
		return 0, 0
	}
	side := func(b []byte) int { return 1 + (int(b[0]) | int(b[1])<<8 | int(b[2])<<16) }
	return side(chunks[12:]), side(chunks[15:])
}

// stillWebP is the decoder's for a WebP that is not animated: of others it knows
// the size alone.
func stillWebP(r io.Reader) (image.Config, error) {
	head := make([]byte, 30)
	n, err := io.ReadFull(r, head)
	if err != nil {
		return image.Config{}, err
	}
	if width, _ := animated(head[12:]); width > 0 {
		return image.Config{}, errAnimated
	}
	return webp.DecodeConfig(io.MultiReader(bytes.NewReader(head[:n]), r))
}

// items reads the size of the largest item of an AVIF (ISO/IEC 23008-12, 6.5.3),
// turned as the picture is shown (6.5.10). The others are parts of it.
func items(file []byte) (width, height int) {
	properties := inside(inside(file, "meta", 4), "iprp", 0)
	turned := false
	eachBox(inside(properties, "ipco", 0), func(kind string, body []byte) {
		switch {
		case kind == "ispe" && len(body) >= 12:
			w, h := int(binary.BigEndian.Uint32(body[4:])), int(binary.BigEndian.Uint32(body[8:]))
			if w*h > width*height && w < 1<<24 && h < 1<<24 {
				width, height = w, h
			}
		case kind == "irot" && len(body) >= 1:
			turned = body[0]&1 == 1 // a quarter, or three
		}
	})
	if turned {
		return height, width
	}
	return width, height
}

// inside returns what the first box of a kind holds, after some bytes of its own.
func inside(boxes []byte, kind string, own int) (body []byte) {
	eachBox(boxes, func(k string, b []byte) {
		if k == kind && body == nil && len(b) >= own {
			body = b[own:]
		}
	})
	return body
}

// eachBox goes over boxes (ISO/IEC 14496-12, 4.2) until one is not whole.
func eachBox(boxes []byte, do func(kind string, body []byte)) {
	for len(boxes) >= 8 {
		length := int(binary.BigEndian.Uint32(boxes))
		if length < 8 || length > len(boxes) {
			return
		}
		do(string(boxes[4:8]), boxes[8:length])
		boxes = boxes[length:]
	}
}

// frame reads the size of a JPEG whose kind of coding is not known here
// (ITU T.81, B.2.2).
func frame(segments []byte) (width, height int) {
	for len(segments) >= 9 && segments[0] == 0xff {
		marker := segments[1]
		if marker == 0xff { // a fill byte
			segments = segments[1:]
			continue
		}
		if marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc {
			return int(binary.BigEndian.Uint16(segments[7:])), int(binary.BigEndian.Uint16(segments[5:]))
		}
		length := 2 + int(binary.BigEndian.Uint16(segments[2:]))
		if marker == 0xda || length > len(segments) {
			return 0, 0
		}
		segments = segments[length:]
	}
	return 0, 0
}

// unsupported says of a decoder's error that the picture is of a kind it does not
// know, rather than broken.
func unsupported(err error) bool {
	if _, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return true
	}
	_, ok := errors.AsType[png.UnsupportedError](err)
	return ok
}
