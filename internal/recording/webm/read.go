package webm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// ErrNotOurs means that a file does not begin as this package begins files.
var ErrNotOurs = errors.New("not a recording")

// Block is one frame found in a file.
type Block struct {
	Track   Kind
	At      time.Duration
	Key     bool
	Cluster int64 // where its cluster begins
	Data    []byte
}

// Contents is what reading a file through found.
type Contents struct {
	Finished           bool // has a duration and, unless empty, cues
	Duration           time.Duration
	Cues               []time.Duration
	Whole              int64 // up to here everything is whole
	Last               time.Duration
	HasAudio, HasVideo bool

	doc  Doc
	cues []cue
}

// Read goes through the file, handing every block to each (which may be nil);
// block data is only read when each is given. A torn tail is no error: it is
// what Whole leaves out.
func Read(r io.ReaderAt, size int64, each func(Block) error) (Contents, error) {
	var c Contents
	if err := c.readDoc(r); err != nil {
		return c, err
	}
	_, _, infoAt, _, clusters := places(c.doc)
	if size < clusters {
		return c, ErrNotOurs
	}
	if err := c.readInfo(r, infoAt, size); err != nil {
		return c, err
	}
	c.Whole = clusters
	for pos := clusters; pos < size; {
		e, err := readElement(r, pos, size)
		if errors.Is(err, errTorn) || (err == nil && e.size == unknownSize) {
			break
		}
		if err != nil {
			return c, fmt.Errorf("read at %d: %w", pos, err)
		}
		if err := c.readTop(r, e, each); err != nil {
			return c, err
		}
		pos = e.end()
	}
	c.Finished = c.Duration > 0 && (len(c.Cues) > 0 || len(c.cues) == 0)
	return c, nil
}

// readDoc finds out which type of file begins like this.
func (c *Contents) readDoc(r io.ReaderAt) error {
	for _, doc := range []Doc{WebM, Matroska} {
		segmentData, _, _, _, _ := places(doc)
		begin := make([]byte, segmentData-8)
		if _, err := r.ReadAt(begin, 0); err != nil {
			return fmt.Errorf("read header: %w", errors.Join(ErrNotOurs, err))
		}
		if bytes.Equal(begin, header(doc)[:len(begin)]) {
			c.doc = doc
			return nil
		}
	}
	return ErrNotOurs
}

func (c *Contents) readTop(r io.ReaderAt, e element, each func(Block) error) error {
	switch e.id {
	case idCluster:
		if err := c.readCluster(r, e, each); err != nil {
			return err
		}
		c.Whole = e.end()
	case idCues:
		return c.readCues(r, e)
	}
	return nil
}

func (c *Contents) readInfo(r io.ReaderAt, at, size int64) error {
	e, err := readElement(r, at, size)
	if err != nil || e.id != idInfo {
		return errors.Join(ErrNotOurs, err)
	}
	return children(r, e, func(child element, data []byte) error {
		if child.id == idDuration && len(data) == 8 {
			ms := math.Float64frombits(binary.BigEndian.Uint64(data))
			if ms > 0 && ms < 1e12 {
				c.Duration = time.Duration(ms * float64(time.Millisecond))
			}
		}
		return nil
	})
}

func (c *Contents) readCues(r io.ReaderAt, e element) error {
	return children(r, e, func(child element, data []byte) error {
		if child.id != idCuePoint {
			return nil
		}
		inner := bytes.NewReader(data)
		first, err := readElement(inner, 0, int64(len(data)))
		if err == nil && first.id == idCueTime {
			c.Cues = append(c.Cues, time.Duration(readUint(data[first.pos:first.end()]))*time.Millisecond)
		}
		return nil
	})
}

func (c *Contents) readCluster(r io.ReaderAt, e element, each func(Block) error) error {
	var start time.Duration
	first := true
	return children(r, e, func(child element, data []byte) error {
		switch {
		case child.id == idTimestamp && len(data) <= 8:
			start = time.Duration(readUint(data)) * time.Millisecond
		case child.id == idSimpleBlock && len(data) >= 4:
			b := Block{
				Track: Kind(data[0] & 0x7f), Key: data[3]&0x80 != 0, Cluster: e.start, Data: data[4:],
				At: start + time.Duration(int16(binary.BigEndian.Uint16(data[1:])))*time.Millisecond,
			}
			c.note(b, first)
			first = false
			if each != nil {
				return each(b)
			}
		}
		return nil
	})
}

// note keeps what finishing the file will need.
func (c *Contents) note(b Block, first bool) {
	c.Last = max(c.Last, b.At)
	c.HasAudio = c.HasAudio || b.Track == Audio && !isSilence(b.Data)
	c.HasVideo = c.HasVideo || b.Track == Video
	if first {
		c.cues = appendCue(c.cues, cue{at: b.At, track: b.Track, cluster: b.Cluster}, b.Key)
	}
}

const maxElement = 64 << 20

// children hands every child of a master element, with its content, to each.
func children(r io.ReaderAt, parent element, each func(element, []byte) error) error {
	if parent.size > maxElement {
		return fmt.Errorf("element at %d: %d bytes are too many", parent.start, parent.size)
	}
	data := make([]byte, parent.size)
	if _, err := r.ReadAt(data, parent.pos); err != nil {
		return fmt.Errorf("read element at %d: %w", parent.start, err)
	}
	inner := bytes.NewReader(data)
	for pos := int64(0); pos < int64(len(data)); {
		e, err := readElement(inner, pos, int64(len(data)))
		if err != nil || e.size == unknownSize {
			return nil //nolint:nilerr // what follows cannot be told apart any more
		}
		if err := each(e, data[e.pos:e.end()]); err != nil {
			return err
		}
		pos = e.end()
	}
	return nil
}

// Repair makes an unfinished file whole: it cuts a torn tail and writes duration
// and cues. A finished file stays as it is. It closes the file. What it says of
// the file holds even when the file could not be finished.
func Repair(f File, size int64) (Summary, error) {
	c, err := Read(f, size, nil)
	if err != nil {
		return Summary{}, joinClose(f, err)
	}
	s := Summary{Duration: c.Last, Bytes: size, HasAudio: c.HasAudio, HasVideo: c.HasVideo}
	if c.Finished {
		s.Duration = c.Duration
		return s, joinClose(f, nil)
	}
	// On a full disk the finishing may fail; what was read stays true.
	finished, err := finish(f, c.doc, c.Whole, c.cues, c.Last)
	if err == nil {
		s.Bytes = finished
	}
	return s, joinClose(f, err)
}

func joinClose(f io.Closer, err error) error { return errors.Join(err, f.Close()) }
