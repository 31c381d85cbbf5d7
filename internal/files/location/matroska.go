package location

import (
	"encoding/binary"
	"math/bits"
)

// Elements of Matroska (RFC 9559, 5.1) that are looked into, and those about what
// is seen and heard rather than of it.
const (
	segment     = 0x18538067
	cluster     = 0x1f43b675
	tags        = 0x1254c367
	attachments = 0x1941a469
)

// element is a part of a Matroska file: an id, a length, and what it holds.
type element struct {
	id       uint32
	from, to int64 // what it holds
	open     bool  // it ends where another of its kind begins
}

// matroska makes tags and attachments elements that nobody reads.
func (e *eraser) matroska() error {
	for at := int64(0); at < e.size; {
		el, err := e.element(at)
		if err != nil {
			return err
		}
		next := el.to
		switch {
		case el.id == segment || el.id == cluster && el.open:
			next = el.from
		case el.open:
			return errBroken
		case el.id == tags || el.id == attachments:
			if err := e.void(at, el); err != nil {
				return err
			}
		}
		if at, err = e.upTo(next); err != nil {
			return err
		}
	}
	return nil
}

// element reads the head of one (RFC 8794, 5 and 6).
func (e *eraser) element(at int64) (el element, err error) {
	head, err := e.read(at, int(min(12, e.size-at)))
	if err != nil {
		return el, err
	}
	n := bits.LeadingZeros8(head[0]) + 1
	if n > 4 || n >= len(head) {
		return el, errBroken
	}
	for _, b := range head[:n] {
		el.id = el.id<<8 | uint32(b)
	}
	head = head[n:]
	m := bits.LeadingZeros8(head[0]) + 1
	if m > 8 || m > len(head) {
		return el, errBroken
	}
	length := int64(head[0]) & (1<<(8-m) - 1)
	for _, b := range head[1:m] {
		length = length<<8 | int64(b)
	}
	el.from = at + int64(n+m)
	el.to = el.from + length
	el.open = length == 1<<(7*m)-1
	return el, nil
}

// void makes an element of four bytes of id and a length one of Void (RFC 8794,
// 11.3.2), whose id has one byte: its length takes as many more as there may be.
func (e *eraser) void(at int64, el element) error {
	if _, err := e.upTo(el.to); err != nil {
		return err
	}
	wide := min(8, el.from-at-1)
	length := uint64(el.to-at-1-wide) | 1<<(7*wide) //nolint:gosec // positive
	head := binary.BigEndian.AppendUint64(nil, length)
	if err := e.write(append([]byte{0xec}, head[8-wide:]...), at); err != nil {
		return err
	}
	return e.blank(at+1+wide, el.to)
}
