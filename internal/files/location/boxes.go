package location

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// box is one of the parts of a film (ISO/IEC 14496-12, 4.2).
type box struct {
	at, from, to int64 // where it begins, what it holds, and where it ends
	kind         string
}

// children calls do with every box between two places.
func (e *eraser) children(at, end int64, do func(box) error) error {
	for at < end {
		if end-at < 8 {
			if bytes.Count(e.rest(at, end), []byte{0}) == int(end-at) { // user data may end with zeros
				return nil
			}
			return errBroken
		}
		head, err := e.read(at, 8)
		if err != nil {
			return err
		}
		b := box{at: at, from: at + 8, to: at + int64(binary.BigEndian.Uint32(head)), kind: string(head[4:])}
		switch binary.BigEndian.Uint32(head) {
		case 0:
			b.to = end
		case 1:
			long, err := e.read(at+8, 8)
			if err != nil {
				return err
			}
			b.from, b.to = at+16, at+int64(binary.BigEndian.Uint64(long)&(1<<62-1)) //nolint:gosec // bounded
		}
		if b.to < b.from || b.to > end {
			return errBroken
		}
		if err := do(b); err != nil {
			return err
		}
		at = b.to
	}
	return nil
}

func (e *eraser) rest(at, end int64) []byte {
	b, _ := e.read(at, int(end-at)) // too short a rest has too few zeros
	return b
}

// free makes a box one that nobody reads. Nothing moves: what is elsewhere is
// found by its place in the file.
func (e *eraser) free(b box) error {
	if err := e.write([]byte("free"), b.at+4); err != nil {
		return err
	}
	return e.blank(b.from, b.to)
}

// boxes cleans a film: only boxes by which it is played stay.
func (e *eraser) boxes() error {
	err := e.children(0, e.size, func(b box) error {
		if b.kind == "mdat" {
			e.data = append(e.data, b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.children(0, e.size, func(b box) error {
		switch b.kind {
		case "ftyp", "mdat", "mfra", "sidx", "ssix", "styp", "prft":
			return nil
		case "moov":
			return e.keeping(b, e.inMovie, "mvhd", "iods", "mvex", "trak", "rmra", "cmov")
		case "moof":
			return e.keeping(b, e.inFragment, "mfhd", "traf")
		case "meta":
			return e.items(b)
		}
		return e.free(b)
	})
}

// keeping frees all but some of the boxes inside another, and does something with
// those that stay.
func (e *eraser) keeping(in box, with func(box) error, kinds ...string) error {
	return e.children(in.from, in.to, func(b box) error {
		if !slices.Contains(kinds, b.kind) {
			return e.free(b)
		}
		return with(b)
	})
}

// whole leaves a box as it is.
func whole(box) error { return nil }

func (e *eraser) inMovie(b box) error {
	switch b.kind {
	case "cmov", "rmra": // packed, or elsewhere
		e.sure = false
	case "trak":
		return e.track(b)
	}
	return nil
}

func (e *eraser) inFragment(b box) error {
	if b.kind != "traf" {
		return nil
	}
	return e.keeping(b, whole, "tfhd", "trun", "tfdt", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio", "senc")
}

func (e *eraser) inTrack(b box) error {
	if b.kind != "mdia" {
		return nil
	}
	return e.keeping(b, whole, "mdhd", "hdlr", "minf", "elng")
}

// maxItems is how long a list of items may be, in bytes.
const maxItems = 4 << 20

// items looks at a picture made of items (HEIF). Exif and XMP are such. Of a film
// it is what is said about it.
func (e *eraser) items(b box) error {
	if b.to-b.from > maxItems {
		e.sure = false
		return nil
	}
	list, err := e.read(b.from, int(b.to-b.from))
	if err != nil {
		return err
	}
	if _, handler, ok := bytes.Cut(list, []byte("hdlr")); !ok || len(handler) < 12 || string(handler[8:12]) != "pict" {
		return e.free(b)
	}
	for _, kind := range []string{"Exif", "mime", "uri "} {
		if bytes.Contains(list, []byte(kind)) {
			e.sure = false
		}
	}
	return nil
}

// track cleans a track. One that is neither seen nor heard is data of the
// camera, which may tell the place many times a second.
func (e *eraser) track(b box) error {
	kind, err := e.handler(b)
	if err != nil {
		return err
	}
	switch kind {
	case "text", "sbtl", "subt": // words to be read; some cameras write the place into them
		e.sure = false
	case "vide", "soun", "tmcd", "clcp", "pict", "auxv":
	default:
		if err := e.samples(b); err != nil {
			return err
		}
		return e.free(b)
	}
	return e.keeping(b, e.inTrack, "tkhd", "edts", "mdia", "tref", "tapt", "clip", "matt", "load", "imap", "trgr")
}

// find returns the first box on a way down.
func (e *eraser) find(in box, way ...string) (found box, err error) {
	for _, kind := range way {
		found = box{}
		err := e.children(in.from, in.to, func(b box) error {
			if b.kind == kind && found.kind == "" {
				found = b
			}
			return nil
		})
		if err != nil {
			return box{}, err
		}
		if found.kind == "" {
			return box{}, errBroken
		}
		in = found
	}
	return found, nil
}

func (e *eraser) handler(track box) (string, error) {
	b, err := e.find(track, "mdia", "hdlr")
	if err != nil {
		return "", err
	}
	payload, err := e.read(b.from, 12)
	if err != nil {
		return "", err
	}
	return string(payload[8:]), nil
}

// maxTable is how long a table of a track of data may be, in bytes.
const maxTable = 8 << 20

// samples blanks what a track of data holds, by its tables (ISO/IEC 14496-12,
// 8.7): how large samples are, how many are in a chunk, where chunks begin.
func (e *eraser) samples(track box) error {
	tables, err := e.find(track, "mdia", "minf", "stbl")
	if err != nil {
		return err
	}
	t := map[string][]byte{}
	err = e.children(tables.from, tables.to, func(b box) (err error) {
		if !slices.Contains([]string{"stsz", "stsc", "stco", "co64"}, b.kind) {
			return nil
		}
		if b.to-b.from > maxTable || b.to-b.from < 8 {
			return errBroken
		}
		t[b.kind], err = e.read(b.from+4, int(b.to-b.from-4))
		return err
	})
	if err != nil {
		return err
	}
	return e.chunks(t)
}

func (e *eraser) chunks(t map[string][]byte) error {
	places, width := t["stco"], 4
	if places == nil {
		places, width = t["co64"], 8
	}
	if len(places) < 4 || len(t["stsc"]) < 4 || len(t["stsz"]) < 8 {
		e.sure = false // of another kind, or in fragments
		return nil
	}
	each, sizes := int64(binary.BigEndian.Uint32(t["stsz"])), t["stsz"][8:]
	count := binary.BigEndian.Uint32(places)
	if places = places[4:]; count == 0 || int64(count)*int64(width) > int64(len(places)) {
		e.sure = false
		return nil
	}
	groups, in := t["stsc"][4:], int64(0)
	for i := range count {
		for len(groups) >= 12 && binary.BigEndian.Uint32(groups) <= i+1 {
			in, groups = int64(binary.BigEndian.Uint32(groups[4:])), groups[12:]
		}
		length := in * each
		if each == 0 {
			n := int(min(in, int64(len(sizes)/4)))
			for s := range n {
				length += int64(binary.BigEndian.Uint32(sizes[4*s:]))
			}
			sizes = sizes[4*n:]
		}
		at := int64(binary.BigEndian.Uint32(places))
		if width == 8 {
			at = int64(binary.BigEndian.Uint64(places) & (1<<62 - 1)) //nolint:gosec // bounded
		}
		places = places[width:]
		if err := e.sample(at, length); err != nil {
			return err
		}
	}
	return nil
}

// sample blanks samples, which lie in a box of data, or the file is broken.
func (e *eraser) sample(at, length int64) error {
	i, _ := slices.BinarySearchFunc(e.data, at, func(b box, at int64) int { return cmp.Compare(b.to, at) })
	if length < 0 || i == len(e.data) || at < e.data[i].from || length > e.data[i].to-at {
		return errBroken
	}
	return e.blank(at, at+length)
}
