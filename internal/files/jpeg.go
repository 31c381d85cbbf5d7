package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
)

// Markers of a JPEG (ITU T.81, table B.1) that tell of the picture and its maker.
const (
	startOfScan = 0xda
	appExif     = 0xe1 // Exif, and XMP
	appIPTC     = 0xed // Photoshop's, with IPTC
)

// segment is one of the parts that come before a JPEG's picture.
type segment struct {
	marker  byte
	at      int64 // where its payload begins
	payload []byte
}

// segments walks the segments before the picture. It yields nothing for what is
// no JPEG, and ends where something is wrong.
func segments(in io.Reader) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		r := bufio.NewReader(in)
		var head [4]byte
		if _, err := io.ReadFull(r, head[:2]); err != nil || head[0] != 0xff || head[1] != 0xd8 {
			return
		}
		at := int64(2)
		for { // a marker, a length that counts itself, and the rest (ITU T.81, B.1.1.4)
			if _, err := io.ReadFull(r, head[:]); err != nil || head[0] != 0xff || head[1] == startOfScan {
				return
			}
			length := int(binary.BigEndian.Uint16(head[2:])) - 2
			if length < 0 {
				return
			}
			payload := make([]byte, length)
			if _, err := io.ReadFull(r, payload); err != nil {
				return
			}
			if at += 4; !yield(segment{head[1], at, payload}) {
				return
			}
			at += int64(length)
		}
	}
}

// file is what a photograph lies in.
type file interface {
	io.ReaderAt
	io.WriterAt
}

// forgetPlace overwrites what a photograph (a JPEG) says of where, when and with
// what it was taken. How the camera was held stays. Doing so again changes
// nothing.
func forgetPlace(f file, size int64) error {
	for s := range segments(io.NewSectionReader(f, 0, size)) {
		if s.marker != appExif && s.marker != appIPTC {
			continue
		}
		blank := make([]byte, len(s.payload))
		if o := exifOrientation(s.payload); s.marker == appExif && o != 0 {
			copy(blank, exifOf(o))
		}
		if bytes.Equal(blank, s.payload) {
			continue
		}
		if _, err := f.WriteAt(blank, s.at); err != nil {
			return fmt.Errorf("take the place out of a photograph: %w", err)
		}
	}
	return nil
}

// exifOf is an Exif segment's payload that tells an orientation and nothing else:
// no segment that tells one is shorter.
func exifOf(o orientation) []byte {
	b := []byte(exifIntro + "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(o))
	return append(b, 0, 0)
}
