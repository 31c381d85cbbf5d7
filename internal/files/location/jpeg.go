package location

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Markers of a JPEG (ITU T.81, table B.1).
const (
	startOfImage = 0xd8
	endOfImage   = 0xd9
	startOfScan  = 0xda
	appExif      = 0xe1 // Exif, and XMP
	comment      = 0xfe
)

// walker reads a JPEG from one marker to the next.
type walker struct {
	r       *bufio.Reader
	at      int64
	inScan  bool // what is between markers is the picture
	skipped bool // something else was between markers
}

func newWalker(in io.Reader, at int64) *walker {
	return &walker{r: bufio.NewReaderSize(in, 1<<16), at: at}
}

func (w *walker) byte() (byte, error) {
	b, err := w.r.ReadByte()
	if err == nil {
		w.at++
	}
	return b, err
}

// marker finds the next marker that is one. Before it may stand any number of
// fill bytes (ITU T.81, B.1.1.2), which are 0xff.
func (w *walker) marker() (byte, error) {
	for {
		b, err := w.byte()
		if err != nil {
			return 0, err
		}
		if b != 0xff {
			w.skipped = w.skipped || !w.inScan
			continue
		}
		for b == 0xff {
			if b, err = w.byte(); err != nil {
				return 0, err
			}
		}
		if b != 0 && b != 1 && (b < 0xd0 || b > 0xd7) { // stuffing, and markers of the scan
			return b, nil
		}
	}
}

// payload reads what follows a marker: a length that counts itself, and the rest
// (ITU T.81, B.1.1.4).
func (w *walker) payload() ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(head[:])) - 2
	if length < 0 {
		return nil, errBroken
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(w.r, payload); err != nil {
		return nil, err
	}
	w.at += int64(2 + length)
	return payload, nil
}

// maxPictures is how many pictures may follow the first; any more are blanked.
const maxPictures = 16

// jpeg cleans every picture in a file: cameras put a second one after the first
// (CIPA DC-007, multi-picture format). Anything else there is none of the picture.
func (e *eraser) jpeg() error {
	at, err := e.jpegPicture(0)
	if err != nil {
		return err
	}
	for range maxPictures {
		if at, err = e.afterZeros(at); err != nil || at == e.size {
			return err
		}
		head, err := e.read(at, int(min(3, e.size-at)))
		if err != nil {
			return err
		}
		if string(head) != "\xff\xd8\xff" {
			return e.blank(at, e.size)
		}
		before := e.sure
		end, err := e.jpegPicture(at)
		if err != nil || e.sure != before {
			e.sure = before
			return e.blank(at, e.size)
		}
		at = end
	}
	return e.blank(at, e.size)
}

// afterZeros finds the next byte that is none.
func (e *eraser) afterZeros(at int64) (int64, error) {
	r := bufio.NewReader(io.NewSectionReader(e.f, at, e.size-at))
	for ; at < e.size; at++ {
		b, err := r.ReadByte()
		if err != nil {
			return at, err
		}
		if b != 0 {
			break
		}
	}
	return at, nil
}

// jpegPicture cleans one picture and returns where it ends.
func (e *eraser) jpegPicture(from int64) (end int64, err error) {
	w := newWalker(io.NewSectionReader(e.f, from, e.size-from), from)
	for {
		marker, err := w.marker()
		if w.inScan && errors.Is(err, io.EOF) {
			return e.size, nil // cut off in the picture
		}
		if err != nil {
			return 0, err
		}
		if w.skipped {
			e.sure = false
		}
		switch marker {
		case startOfImage:
			continue
		case endOfImage:
			return w.at, nil
		}
		payload, err := w.payload()
		if err != nil {
			return 0, err
		}
		w.inScan = w.inScan || marker == startOfScan
		if err := e.jpegSegment(marker, payload, w.at-int64(len(payload))); err != nil {
			return 0, err
		}
	}
}

func (e *eraser) jpegSegment(marker byte, payload []byte, at int64) error {
	if marker != comment && marker&0xf0 != 0xe0 || ofThePicture(marker, payload) {
		return nil
	}
	blank := make([]byte, len(payload))
	if o := exifOrientation(payload); marker == appExif && o != 0 {
		copy(blank, exifOf(o))
	}
	if bytes.Equal(blank, payload) {
		return nil
	}
	return e.write(blank, at)
}

// ofThePicture says of an application's segment that pictures are shown by it.
func ofThePicture(marker byte, payload []byte) bool {
	begins := func(with string) bool { return bytes.HasPrefix(payload, []byte(with)) }
	switch marker {
	case 0xe0:
		return begins("JFIF\x00")
	case 0xe2:
		return begins("ICC_PROFILE\x00") || begins("MPF\x00") || begins("urn:iso:std:iso:ts:21496")
	case 0xee:
		return begins("Adobe")
	}
	return false
}

// exifOf is an Exif segment's payload that tells an orientation and nothing else:
// no segment that tells one is shorter by more than zeros.
func exifOf(o Orientation) []byte {
	b := []byte(exifIntro + "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(o))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// exifWithout keeps the orientation of Exif in another format, which may leave
// the introduction out.
func exifWithout(payload []byte) []byte {
	blank := make([]byte, len(payload))
	if o := exifOrientation(payload); o != 0 {
		copy(blank, exifOf(o))
	} else if o := exifOrientation(append([]byte(exifIntro), payload...)); o != 0 {
		copy(blank, exifOf(o)[len(exifIntro):])
	}
	return blank
}
