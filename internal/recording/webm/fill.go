package webm

import (
	"errors"
	"fmt"
	"io"
)

// Fill copies a finished recording into a new file, with silence wherever its
// sound pauses: those written before pauses were filled. It closes the new file.
func Fill(in io.ReaderAt, size int64, out File) (Summary, error) {
	s, err := fillInto(in, size, out)
	if err != nil {
		return Summary{}, fmt.Errorf("fill pauses: %w", err)
	}
	return s, nil
}

func fillInto(in io.ReaderAt, size int64, out File) (Summary, error) {
	var c Contents
	err := c.readDoc(in)
	var picture Picture
	if err == nil {
		picture, err = readPicture(in, c.doc, size)
	}
	if err != nil {
		return Summary{}, joinClose(out, err)
	}
	w, err := NewWriter(out, c.doc)
	if err != nil {
		return Summary{}, joinClose(out, err)
	}
	_, err = Read(in, size, func(b Block) error {
		if b.Track == Video {
			if err := w.DeclareVideo(picture); err != nil {
				return err
			}
		}
		return w.Frame(b.Track, b.At, b.Key, b.Data)
	})
	if err != nil {
		return Summary{}, joinClose(out, err)
	}
	return w.Finish()
}

// readPicture reads how the track of pictures is described; it is empty where
// there is none.
func readPicture(r io.ReaderAt, doc Doc, size int64) (p Picture, err error) {
	_, _, _, at, _ := places(doc)
	e, err := readElement(r, at, size)
	if err != nil || e.id != idTracks {
		return p, errors.Join(ErrNotOurs, err)
	}
	err = children(r, e, func(entry element, data []byte) error {
		if entry.id != idTrackEntry {
			return nil
		}
		one, video := Picture{}, false
		read := func(child element, data []byte) {
			switch child.id {
			case idTrackNumber:
				video = readUint(data) == uint64(Video)
			case idCodecID:
				one.Codec = string(data)
			case idCodecPrivate:
				one.Private = string(data)
			case idPixelWidth:
				one.Width = int(readUint(data))
			case idPixelHeight:
				one.Height = int(readUint(data))
			}
		}
		err := children(r, entry.in(e), func(child element, data []byte) error {
			if child.id != idVideo {
				read(child, data)
				return nil
			}
			return children(r, child.in(entry.in(e)), func(child element, data []byte) error {
				read(child, data)
				return nil
			})
		})
		if video {
			p = one
		}
		return err
	})
	return p, err
}

// in is a child as an element of the file its parent is in: children counts from
// where the parent's content begins.
func (e element) in(parent element) element {
	e.start += parent.pos
	e.pos += parent.pos
	return e
}
