// Package rtpview reads RTP packets in place: offsets into the caller's bytes,
// no pointers kept and nothing allocated.
package rtpview

import (
	"encoding/binary"
	"errors"
)

// The reasons for which a packet is refused; they name drop counters.
var (
	ErrShort     = errors.New("short")
	ErrVersion   = errors.New("version")
	ErrExtension = errors.New("extension")
	ErrPadding   = errors.New("padding")
)

const (
	fixedHeader    = 12
	profileOneByte = 0xBEDE
	profileTwoByte = 0x1000
)

// Packet locates the parts of one RTP packet in the bytes it was read from.
type Packet struct {
	Marker      bool
	PayloadType uint8
	Sequence    uint16
	Timestamp   uint32
	SSRC        uint32

	payload, end     int
	extension, extSz int
	profile          uint16
}

// Parse checks b against RFC 3550 section 5.1 and locates its parts.
func Parse(b []byte) (Packet, error) {
	if len(b) < fixedHeader {
		return Packet{}, ErrShort
	}
	if b[0]>>6 != 2 {
		return Packet{}, ErrVersion
	}
	p := Packet{
		Marker:      b[1]&0x80 != 0,
		PayloadType: b[1] & 0x7f,
		Sequence:    binary.BigEndian.Uint16(b[2:]),
		Timestamp:   binary.BigEndian.Uint32(b[4:]),
		SSRC:        binary.BigEndian.Uint32(b[8:]),
		payload:     fixedHeader + 4*int(b[0]&0x0f),
		end:         len(b),
	}
	if p.payload > len(b) {
		return Packet{}, ErrShort
	}
	if b[0]&0x10 != 0 {
		if p.payload+4 > len(b) {
			return Packet{}, ErrExtension
		}
		p.profile = binary.BigEndian.Uint16(b[p.payload:])
		p.extSz = 4 * int(binary.BigEndian.Uint16(b[p.payload+2:]))
		p.extension = p.payload + 4
		p.payload = p.extension + p.extSz
		if p.payload > len(b) {
			return Packet{}, ErrExtension
		}
	}
	if b[0]&0x20 != 0 {
		padding := int(b[len(b)-1])
		if padding == 0 || p.payload+padding > len(b) {
			return Packet{}, ErrPadding
		}
		p.end -= padding
	}
	return p, nil
}

// Payload is the packet's payload without padding; b is what Parse was given.
func (p Packet) Payload(b []byte) []byte { return b[p.payload:p.end] }

// HeaderSize is how many bytes precede the payload.
func (p Packet) HeaderSize() int { return p.payload }

// Extension returns the header extension element with this id (RFC 8285,
// one-byte and two-byte forms), or nil.
func (p Packet) Extension(b []byte, id uint8) []byte {
	if p.extSz == 0 || id == 0 {
		return nil
	}
	ext := b[p.extension : p.extension+p.extSz]
	switch {
	case p.profile == profileOneByte:
		return oneByte(ext, id)
	case p.profile&0xfff0 == profileTwoByte:
		return twoByte(ext, id)
	}
	return nil
}

func oneByte(ext []byte, id uint8) []byte {
	for len(ext) > 0 {
		if ext[0] == 0 {
			ext = ext[1:]
			continue
		}
		got, size := ext[0]>>4, int(ext[0]&0x0f)+1
		if got == 15 || 1+size > len(ext) {
			return nil
		}
		if got == id {
			return ext[1 : 1+size]
		}
		ext = ext[1+size:]
	}
	return nil
}

func twoByte(ext []byte, id uint8) []byte {
	for len(ext) > 0 {
		if ext[0] == 0 {
			ext = ext[1:]
			continue
		}
		if len(ext) < 2 || 2+int(ext[1]) > len(ext) {
			return nil
		}
		size := int(ext[1])
		if ext[0] == id {
			return ext[2 : 2+size]
		}
		ext = ext[2+size:]
	}
	return nil
}

// Unwrapper turns 16-bit sequence numbers into ones that never wrap.
type Unwrapper struct {
	highest uint64
	started bool
}

// Next is the extended form of sn, nearest to the highest seen so far.
func (u *Unwrapper) Next(sn uint16) uint64 {
	if !u.started {
		u.started = true
		// One cycle of room below, for packets older than the first one.
		u.highest = 1<<16 + uint64(sn)
		return u.highest
	}
	delta := int64(int16(sn - uint16(u.highest)))
	if delta < 0 && uint64(-delta) > u.highest {
		return uint64(sn)
	}
	next := uint64(int64(u.highest) + delta)
	u.highest = max(u.highest, next)
	return next
}

// Peek is what Next would return for sn, without taking note of it.
func (u *Unwrapper) Peek(sn uint16) uint64 {
	next := *u
	return next.Next(sn)
}

// Highest is the highest extended number seen so far.
func (u *Unwrapper) Highest() uint64 { return u.highest }
