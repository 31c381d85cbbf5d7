// Package munge makes one continuous RTP stream out of pieces of several: the
// layers of a camera and the successive occupants of a seat. It knows no clock,
// lock or socket.
package munge

import "github.com/yunqiao/yunqiao/sfu/internal/codec"

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
	sequence  uint64 // added to the highest incoming number, wrapping
	timestamp uint32
	picture   uint16 // added to the highest picture's id
	tl0, key  uint8
}

type sent struct {
	out     uint64
	in      uint64
	at      int64
	serial  uint32
	picture uint16
	again   uint8 // how often it was sent once more
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
	list     [epochs]epoch
	serial   uint32 // epochs begun; the current one is list[(serial-1)%epochs]
	remember int
	log      []sent

	packets  gaps // of the current piece: incoming numbers not sent
	missing  int  // likewise, of those that have not come
	pictures gaps // likewise pictures

	highestOut uint64
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
	return &Munger{remember: remember, highestOut: 1<<16 + uint64(first) - 1}
}

// Begin starts a new piece whose first packet is in, gap timestamp units after
// the last one sent.
func (m *Munger) Begin(p Piece, in uint64, ts, gap uint32, d codec.Running) {
	if m.log == nil { // most seats of a large meeting never show anything
		m.log = make([]sent, m.remember)
	}
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
	m.packets.reset(in)
	m.missing = 0
	m.pictures.reset(pictureBase + uint64(d.PictureID))
}

// Piece is the piece being sent; ok is false before the first.
func (m *Munger) Piece() (p Piece, ok bool) {
	if m.serial == 0 {
		return Piece{}, false
	}
	return m.list[(m.serial-1)%epochs].piece, true
}

// Rewrite gives packet in of the current piece its place in the stream; false
// when it is older than the piece's first packet, or was left out. at is
// remembered for Sent.
func (m *Munger) Rewrite(in uint64, ts uint32, d codec.Running, at int64) (Out, bool) {
	e := &m.list[(m.serial-1)%epochs]
	if m.serial == 0 || in < e.firstIn {
		return Out{}, false
	}
	newest := in > m.packets.highest
	if newest {
		m.come(in)
	} else if !m.packets.known(in) || m.packets.has(in) {
		return Out{}, false
	} else {
		m.missing--
	}
	out := in + e.sequence + m.packets.after(in)
	o := e.out(out, ts, d)
	o.Picture = m.pictureOut(e, d)
	if newest {
		m.highestOut, m.lastTS = out, o.Timestamp
		m.picture, m.tl0, m.key = o.Picture, o.TL0, o.Key
	}
	if len(m.log) > 0 {
		m.log[out&uint64(len(m.log)-1)] = sent{out: out, in: in, at: at, serial: m.serial - 1, picture: o.Picture}
	}
	return o, true
}

// Drop leaves packet in of the current piece out on purpose: the next one takes
// its number. When a later packet has passed already its number is spent; then
// hole is true, and sn has to be filled with an empty packet, or the receiver
// would ask for it.
func (m *Munger) Drop(in uint64) (sn uint16, hole bool) {
	e := &m.list[(m.serial-1)%epochs]
	if m.serial == 0 || in < e.firstIn {
		return 0, false
	}
	if in > m.packets.highest {
		m.highestOut += in - m.packets.highest - 1
		m.come(in)
		m.packets.mark(in)
		e.sequence--
		return 0, false
	}
	if !m.packets.known(in) || m.packets.has(in) {
		return 0, false
	}
	m.missing--
	return uint16(in + e.sequence + m.packets.after(in)), true
}

// come notes the newest packet of the piece.
func (m *Munger) come(in uint64) {
	if in > m.packets.highest {
		m.missing += int(in - m.packets.highest - 1)
	}
	m.packets.advance(in)
}

// Missing is how many packets of the current piece may come late.
func (m *Munger) Missing() int { return m.missing }

// Pad gives the number and timestamp of a packet of padding behind the last one
// sent; false before the first. What comes late of the current piece is left out
// from then on, since the numbers behind it have moved.
func (m *Munger) Pad() (Out, bool) {
	if m.serial == 0 {
		return Out{}, false
	}
	e := &m.list[(m.serial-1)%epochs]
	e.firstIn = m.packets.highest + 1
	e.sequence++
	m.highestOut++
	return Out{Sequence: uint16(m.highestOut), Timestamp: m.lastTS}, true
}

// Skip notes that the whole picture d is part of is left out, so that the next
// one takes its id: receivers wait for ids that are missing.
func (m *Munger) Skip(d codec.Running) {
	if m.serial == 0 || !d.HasPictureID || !d.Compact {
		return
	}
	if n := m.pictureOf(d); n > m.pictures.highest {
		m.pictures.advance(n)
		m.pictures.mark(n)
		m.list[(m.serial-1)%epochs].picture--
	}
}

const pictureBase = 1 << 16 // room below the first one, for late ones

// pictureOf extends the picture id of d to one that does not wrap.
func (m *Munger) pictureOf(d codec.Running) uint64 {
	width := 16 - d.PictureBits
	step := int16((d.PictureID-uint16(m.pictures.highest))<<width) >> width
	return m.pictures.highest + uint64(int64(step))
}

// pictureOut is the outgoing id of the picture d is part of.
func (m *Munger) pictureOut(e *epoch, d codec.Running) uint16 {
	if !d.HasPictureID {
		return d.PictureID + e.picture
	}
	n := m.pictureOf(d)
	if n > m.pictures.highest {
		m.pictures.advance(n)
	}
	late := uint64(0)
	if m.pictures.known(n) {
		late = m.pictures.after(n)
	}
	out := d.PictureID + e.picture + uint16(late)
	if d.PictureBits < 16 {
		out &= 0x7fff
	}
	return out
}

func (e *epoch) out(out uint64, ts uint32, d codec.Running) Out {
	return Out{
		Sequence: uint16(out), Timestamp: ts + e.timestamp,
		TL0: d.TL0 + e.tl0, Key: (d.KeyIndex + e.key) & 0x1f,
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
func (m *Munger) Again(sn uint16, ts uint32, d codec.Running, at int64) (Out, bool) {
	s := m.find(sn)
	if s == nil {
		return Out{}, false
	}
	s.at = at
	s.again = max(s.again, s.again+1)
	o := m.list[s.serial%epochs].out(s.out, ts, d)
	o.Picture = s.picture
	return o, true
}

// Repeated is how often Again was called for a packet.
func (m *Munger) Repeated(sn uint16) int {
	if s := m.find(sn); s != nil {
		return int(s.again)
	}
	return 0
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

// SerialOf is what Serial was when packet sn went out, 0 when that is not known.
func (m *Munger) SerialOf(sn uint16) uint32 {
	if s := m.find(sn); s != nil {
		return s.serial + 1
	}
	return 0
}

// Serial counts the pieces begun.
func (m *Munger) Serial() uint32 { return m.serial }
