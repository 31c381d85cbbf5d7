package location

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// png makes a text of spaces of every chunk that is not of the picture (PNG, third
// edition, 11.3), so that readers find chunks that are whole. Exif keeps its
// orientation.
func (e *eraser) png() error {
	of := []string{
		"tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI", "bKGD", "hIST", "pHYs", "sPLT",
		"acTL", "fcTL", "fdAT", "iDOT",
	}
	for at := int64(8); ; {
		head, err := e.read(at, 8)
		if err != nil {
			return err
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		next, err := e.upTo(at + 12 + length)
		if err != nil {
			return err
		}
		switch {
		case kind == "IEND":
			return e.blank(next, e.size)
		case kind == "eXIf" && length <= 1<<20:
			err = e.pngExif(at, int(length))
		case kind[0]&0x20 != 0 && !slices.Contains(of, kind) && length > 1: // ancillary
			err = e.pngText(at, length)
		}
		if err != nil {
			return err
		}
		at = next
	}
}

func (e *eraser) pngExif(at int64, length int) error {
	payload, err := e.read(at+8, length)
	if err != nil {
		return err
	}
	chunk := append([]byte("eXIf"), exifWithout(payload)...)
	return e.write(binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk)), at+4)
}

// pngText makes a chunk a text: a keyword, a zero, and spaces.
func (e *eraser) pngText(at, length int64) error {
	const begins = "tEXtC\x00"
	if err := e.write([]byte(begins), at+4); err != nil {
		return err
	}
	if err := e.fill(at+4+int64(len(begins)), at+8+length, ' '); err != nil {
		return err
	}
	sum := crc32.ChecksumIEEE([]byte(begins))
	spaces := make([]byte, 1<<12)
	for i := range spaces {
		spaces[i] = ' '
	}
	for left := length - 2; left > 0; left -= int64(len(spaces)) {
		sum = crc32.Update(sum, crc32.IEEETable, spaces[:min(left, int64(len(spaces)))])
	}
	return e.write(binary.BigEndian.AppendUint32(nil, sum), at+8+length)
}

// webp blanks every chunk that is not of the picture (RFC 9649, 2.7).
func (e *eraser) webp() error {
	head, err := e.read(4, 4)
	if err != nil {
		return err
	}
	end, err := e.upTo(8 + int64(binary.LittleEndian.Uint32(head)))
	if err != nil {
		return err
	}
	if err := e.riff(12, end, "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"); err != nil {
		return err
	}
	return e.blank(end, e.size)
}

// riff blanks the chunks of other kinds. Exif keeps its orientation.
func (e *eraser) riff(at, end int64, of ...string) error {
	for at < end {
		head, err := e.read(at, 8)
		if err != nil {
			return err
		}
		kind, length := string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))
		from := at + 8
		if from+length > end {
			return errBroken
		}
		switch {
		case kind == "ANMF" && length >= 16 && slices.Contains(of, kind): // a frame has no frames
			err = e.riff(from+16, from+length, "VP8 ", "VP8L", "ALPH")
		case kind == "EXIF" && length <= 1<<20:
			var payload []byte
			if payload, err = e.read(from, int(length)); err == nil {
				err = e.write(exifWithout(payload), from)
			}
		case !slices.Contains(of, kind):
			err = e.blank(from, from+length)
		}
		if err != nil {
			return err
		}
		at = from + length + length%2
	}
	return nil
}

// gif blanks comments and what applications add but the loop and colours
// (GIF89a, 24 and 26). The lengths between stay.
func (e *eraser) gif() error {
	head, err := e.read(0, 13)
	if err != nil {
		return err
	}
	at := 13 + colours(head[10])
	for {
		kind, err := e.read(at, 1)
		if err != nil {
			return err
		}
		switch kind[0] {
		case 0x3b:
			return e.blank(at+1, e.size)
		case 0x2c:
			at, err = e.gifPicture(at)
		case 0x21:
			at, err = e.gifExtension(at)
		default:
			return errBroken
		}
		if err != nil {
			return err
		}
	}
}

// colours is the length of a table of colours, by the flags before it.
func colours(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func (e *eraser) gifPicture(at int64) (int64, error) {
	head, err := e.read(at, 10)
	if err != nil {
		return 0, err
	}
	return e.gifBlocks(at+11+colours(head[9]), false)
}

func (e *eraser) gifExtension(at int64) (int64, error) {
	head, err := e.read(at, 3)
	if err != nil {
		return 0, err
	}
	switch head[1] {
	case 0xf9:
		return e.gifBlocks(at+2, false)
	case 0xff:
		name, err := e.read(at+3, int(head[2]))
		if err != nil {
			return 0, err
		}
		keeps := slices.Contains([]string{"NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"}, string(name))
		return e.gifBlocks(at+3+int64(head[2]), !keeps)
	}
	return e.gifBlocks(at+2, true)
}

// gifBlocks goes over blocks, each with its length before it, to what follows.
func (e *eraser) gifBlocks(at int64, blank bool) (int64, error) {
	for {
		length, err := e.read(at, 1)
		if err != nil {
			return 0, err
		}
		from := at + 1
		if at = from + int64(length[0]); length[0] == 0 {
			return at, nil
		}
		if _, err := e.upTo(at); err != nil {
			return 0, err
		}
		if blank {
			if err := e.blank(from, at); err != nil {
				return 0, err
			}
		}
	}
}
