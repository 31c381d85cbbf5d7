// Package location takes out of pictures and films what they say of where they
// were made, in place: nothing moves, and the pictures themselves and how the
// camera was held stay.
//
//	JPEG            all but colours (APP0, ICC, MPF, APP14), in every picture inside; what comes after
//	PNG             every chunk that is not known to be of the picture; what comes after
//	WebP            the same
//	GIF             comments and applications' blocks; what comes after
//	MP4, MOV, 3GP   user data and metadata, tracks of data with their samples
//	Matroska, WebM  tags and what is attached
//	HEIC, AVIF      found, not taken out
//	TIFF and what cameras make of it, AVI, JPEG XL, JPEG 2000   not looked into
package location

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// File is what a photograph lies in.
type File interface {
	io.ReaderAt
	io.WriterAt
}

// errBroken is for what does not have the form of its format, or has more parts
// than anything that was meant to be looked at.
var errBroken = errors.New("broken")

// maxSteps is how many reads and writes one file takes at most: some seconds.
// A GIF of a gigabyte has that many blocks.
const maxSteps = 1 << 22

// maxHead is how much of a file tells its format, in bytes.
const maxHead = 64

// Forget overwrites what a file says of where it was made. Doing so again
// changes nothing. It is not sure when the file may say so still: it is broken,
// or of a format that can hold a place and is not known here.
func Forget(f File, size int64) (sure bool, err error) {
	head := make([]byte, maxHead)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read head: %w", err)
	}
	clean := cleanerOf(head[:n])
	if clean == nil {
		return !foreign(head[:n]), nil
	}
	e := &eraser{f: f, size: size, sure: true}
	err = clean(e)
	if errors.Is(err, errBroken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take the place out of a file: %w", err)
	}
	return e.sure, nil
}

func cleanerOf(head []byte) func(*eraser) error {
	is := func(at int, text string) bool { return len(head) >= at && bytes.HasPrefix(head[at:], []byte(text)) }
	switch {
	case is(0, "\xff\xd8"):
		return (*eraser).jpeg
	case is(0, "\x89PNG\r\n\x1a\n"):
		return (*eraser).png
	case is(0, "RIFF") && is(8, "WEBP"):
		return (*eraser).webp
	case is(0, "GIF8"):
		return (*eraser).gif
	case is(4, "ftyp"), is(4, "moov"), is(4, "mdat"), is(4, "wide"), is(4, "free"), is(4, "skip"), is(4, "pnot"):
		return (*eraser).boxes
	case is(0, "\x1a\x45\xdf\xa3"):
		return (*eraser).matroska
	}
	return nil
}

// foreign says of a file that it can hold a place, and is not known here.
func foreign(head []byte) bool {
	for _, begins := range []string{
		"II*\x00", "MM\x00*", "II+\x00", "MM\x00+", "IIRO", "IIU\x00", "FUJIFILM", // TIFF, and what cameras write
		"\xff\x0a", "\x00\x00\x00\x0cJXL ", "\x00\x00\x00\x0cjP  ",
	} {
		if bytes.HasPrefix(head, []byte(begins)) {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 && string(head[8:12]) == "AVI "
}

// eraser works on one file.
type eraser struct {
	f              File
	size           int64
	sure           bool
	steps, written int64
	data           []box // of a film: where its samples are
}

// step counts reads and writes, and bytes written. What is written in one place
// again and again has parts that lie on each other.
func (e *eraser) step(bytes int) error {
	e.steps++
	e.written += int64(bytes)
	if e.steps > maxSteps || e.written > 2*e.size+maxHead {
		return errBroken
	}
	return nil
}

// read reads n bytes, which are all there or an error.
func (e *eraser) read(at int64, n int) ([]byte, error) {
	if at < 0 || at > e.size || int64(n) > e.size-at {
		return nil, io.ErrUnexpectedEOF
	}
	if err := e.step(0); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if read, err := e.f.ReadAt(b, at); read < n {
		return nil, err
	}
	return b, nil
}

func (e *eraser) write(b []byte, at int64) error {
	if err := e.step(len(b)); err != nil {
		return err
	}
	_, err := e.f.WriteAt(b, at)
	return err
}

// blank overwrites what lies between two places.
func (e *eraser) blank(from, to int64) error { return e.fill(from, to, 0) }

func (e *eraser) fill(from, to int64, with byte) error {
	block := bytes.Repeat([]byte{with}, int(min(1<<16, max(0, to-from))))
	for at := from; at < to; at += int64(len(block)) {
		if err := e.write(block[:min(int64(len(block)), to-at)], at); err != nil {
			return err
		}
	}
	return nil
}

// upTo is a place that is not after the end.
func (e *eraser) upTo(at int64) (int64, error) {
	if at < 0 || at > e.size {
		return 0, io.ErrUnexpectedEOF
	}
	return at, nil
}
