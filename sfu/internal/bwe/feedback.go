package bwe

import (
	"encoding/binary"
	"errors"
	"time"
)

// ErrFeedback means that a feedback message contradicts its own length.
var ErrFeedback = errors.New("transport feedback")

// Symbols of draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.1.
const (
	notReceived = iota
	smallDelta
	largeDelta
	reserved
)

const (
	feedbackHead  = 20
	referenceUnit = 64 * time.Millisecond
	deltaUnit     = 250 * time.Microsecond
)

// feedback walks over one message in place.
type feedback struct {
	sn, left       uint16
	chunks, deltas []byte
	at             time.Duration
}

// Resolve reads one whole RTCP transport-wide feedback packet and appends the
// fate of what it tells of, in the order sent, to out; no more than out has room
// for. What it says of unknown numbers is ignored.
func (h *History) Resolve(b []byte, now time.Duration, out []Result) ([]Result, error) {
	f, reference, err := open(b)
	if err != nil {
		return out, err
	}
	f.at = h.when(reference)
	if gap := h.skipped(f.sn); gap.Size > 0 && len(out) < cap(out) {
		out = append(out, gap)
	}
	for f.left > 0 && len(f.chunks) > 0 {
		chunk := binary.BigEndian.Uint16(f.chunks)
		f.chunks = f.chunks[2:]
		if chunk&0x8000 == 0 { // a run of one symbol
			for range min(chunk&0x1fff, f.left) {
				if out, err = f.one(h, chunk>>13&3, now, out); err != nil {
					return out, err
				}
			}
			continue
		}
		wide := chunk>>14&1 + 1 // bits of a symbol
		for shift := int(14 - wide); shift >= 0 && f.left > 0; shift -= int(wide) {
			if out, err = f.one(h, chunk>>shift&(1<<wide-1), now, out); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// open checks the fixed part and finds where the deltas begin.
func open(b []byte) (f feedback, reference uint32, err error) {
	if len(b) < feedbackHead {
		return f, 0, ErrFeedback
	}
	f.sn, f.left = binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:])
	reference = binary.BigEndian.Uint32(b[16:]) >> 8
	end := feedbackHead
	for told := 0; told < int(f.left); end += 2 {
		if end+2 > len(b) {
			return f, 0, ErrFeedback
		}
		chunk := binary.BigEndian.Uint16(b[end:])
		switch {
		case chunk&0x8000 == 0:
			told += int(chunk & 0x1fff)
		case chunk&0x4000 == 0:
			told += 14
		default:
			told += 7
		}
		if chunk&0x9fff == 0 {
			return f, 0, ErrFeedback // an empty run
		}
	}
	f.chunks, f.deltas = b[feedbackHead:end], b[end:]
	return f, reference, nil
}

func (f *feedback) one(h *History, symbol uint16, now time.Duration, out []Result) ([]Result, error) {
	sn := f.sn
	f.sn++
	f.left--
	switch {
	case symbol == smallDelta && len(f.deltas) >= 1:
		f.at += time.Duration(f.deltas[0]) * deltaUnit
		f.deltas = f.deltas[1:]
	case symbol == largeDelta && len(f.deltas) >= 2:
		f.at += time.Duration(int16(binary.BigEndian.Uint16(f.deltas))) * deltaUnit
		f.deltas = f.deltas[2:]
	case symbol == smallDelta, symbol == largeDelta:
		return out, ErrFeedback
	}
	if symbol == reserved || len(out) == cap(out) {
		return out, nil
	}
	r, ok := h.settle(sn, symbol != notReceived, now)
	if ok {
		r.Arrived = f.at
		out = append(out, r)
	}
	return out, nil
}

// when extends a 24-bit reference time to one that does not wrap.
func (h *History) when(reference uint32) time.Duration {
	if !h.known {
		h.known, h.reference = true, int64(reference)+1<<24
	}
	step := int32((reference-uint32(h.reference))<<8) >> 8
	h.reference += int64(step)
	return time.Duration(h.reference) * referenceUnit
}
