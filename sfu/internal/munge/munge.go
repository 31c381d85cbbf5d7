// Package munge makes one continuous RTP stream out of pieces of several: the
// layers of a camera and the successive occupants of a seat. It knows no clock,
// lock or socket.
package munge

import "github.com/yunqiao/yunqiao/sfu/internal/vp8"

const epochs = 8

// Piece names where a run of packets came from; the caller chooses the meaning.
type Piece struct {
	Layer      int8
	Occupant   uint32
	Generation uint32
}

type epoch struct {
	piece     Piece
	firstIn   uint64
	sequence  uint64 // added to an incoming number, wrapping
	timestamp uint32
	picture   uint16
	tl0, key  uint8
}

type sent struct {
	out    uint64
	in     uint64
	at     int64
	serial uint32
}

// Out is the rewritten header of one packet.
type Out struct {
	Sequence  uint16
	Timestamp uint32
	Picture   uint16
	TL0, Key  uint8
}

// Munger rewrites one outgoing stream. The zero value is not usable; see New.
type Munger struct {
	list   [epochs]epoch
	serial uint32 // epochs begun; the current one is list[(serial-1)%epochs]
	log    []sent

	highestOut uint64
	highestIn  uint64
	lastTS     uint32
	picture    uint16
	tl0, key   uint8
}

// New makes a munger that remembers this many sent packets (a power of two, or
// 0 for a stream that is never asked to repeat itself). first is the number of
// the first packet it will send.
func New(remember int, first uint16) *Munger {
	if remember&(remember-1) != 0 {
		panic("munge: remember must be a power of two")
	}
	return &Munger{log: make([]sent, remember), highestOut: 1<<16 + uint64(first) - 1}
}

// Begin starts a new piece whose first packet is in, gap timestamp units after
// the last one sent.
func (m *Munger) Begin(p Piece, in uint64, ts, gap uint32, d vp8.Descriptor) {
	e := epoch{piece: p, firstIn: in, sequence: m.highestOut + 1 - in, timestamp: m.lastTS + gap - ts}
	if m.serial == 0 {
		e.timestamp = 0
	} else {
		e.picture = m.picture + 1 - d.PictureID
		e.tl0 = m.tl0 + 1 - d.TL0
		e.key = m.key + 1 - d.KeyIndex
	}
	m.list[m.serial%epochs] = e
	m.serial++
	m.highestIn = in - 1
}

// Piece is the piece being sent; ok is false before the first.
func (m *Munger) Piece() (p Piece, ok bool) {
	if m.serial == 0 {
		return Piece{}, false
	}
	return m.list[(m.serial-1)%epochs].piece, true
}

// Rewrite gives packet in of the current piece its place in the stream; false
// when it is older than the piece's first packet. at is remembered for Sent.
func (m *Munger) Rewrite(in uint64, ts uint32, d vp8.Descriptor, at int64) (Out, bool) {
	e := &m.list[(m.serial-1)%epochs]
	if m.serial == 0 || in < e.firstIn {
		return Out{}, false
	}
	out := in + e.sequence
	o := e.out(out, ts, d)
	if in > m.highestIn {
		m.highestIn, m.highestOut, m.lastTS = in, out, o.Timestamp
		m.picture, m.tl0, m.key = o.Picture, o.TL0, o.Key
	}
	if len(m.log) > 0 {
		m.log[out&uint64(len(m.log)-1)] = sent{out: out, in: in, at: at, serial: m.serial - 1}
	}
	return o, true
}

func (e *epoch) out(out uint64, ts uint32, d vp8.Descriptor) Out {
	return Out{
		Sequence: uint16(out), Timestamp: ts + e.timestamp,
		Picture: (d.PictureID + e.picture) & 0x7fff, TL0: d.TL0 + e.tl0, Key: (d.KeyIndex + e.key) & 0x1f,
	}
}

// Timestamp is the outgoing form of a timestamp of the current piece.
func (m *Munger) Timestamp(ts uint32) uint32 {
	if m.serial == 0 {
		return ts
	}
	return ts + m.list[(m.serial-1)%epochs].timestamp
}

// Sent finds what went out under a sequence number: the piece and the incoming
// number, and when it was last sent.
func (m *Munger) Sent(sn uint16) (p Piece, in uint64, at int64, ok bool) {
	s := m.find(sn)
	if s == nil {
		return Piece{}, 0, 0, false
	}
	return m.list[s.serial%epochs].piece, s.in, s.at, true
}

// Again rewrites a packet found by Sent for sending it once more at this time.
func (m *Munger) Again(sn uint16, ts uint32, d vp8.Descriptor, at int64) (Out, bool) {
	s := m.find(sn)
	if s == nil {
		return Out{}, false
	}
	s.at = at
	return m.list[s.serial%epochs].out(s.out, ts, d), true
}

func (m *Munger) find(sn uint16) *sent {
	if len(m.log) == 0 {
		return nil
	}
	out := uint64(int64(m.highestOut) + int64(int16(sn-uint16(m.highestOut))))
	s := &m.log[out&uint64(len(m.log)-1)]
	if s.out != out || out == 0 || m.serial-s.serial > epochs {
		return nil
	}
	return s
}

// Highest is the highest sequence number sent.
func (m *Munger) Highest() uint16 { return uint16(m.highestOut) }

// Serial counts the pieces begun.
func (m *Munger) Serial() uint32 { return m.serial }
