package sfu

import (
	"encoding/binary"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
)

// repeats reports whether a sound's packet repeats those before it, and which
// block type stands for Opus in it. Packed sounds begin with the header of a block
// of type 0, which as Opus would be one of 2.5 or 10 ms in telephone quality, as no
// browser sends; so a sound that went out as it is, for a browser that has not
// packed it in spite of what it said, is told from them.
func (in *inbound) repeats(b *binding, kind codec.Kind, payload []byte) (opus uint8, ok bool) {
	switch {
	case in.encoding.track.source.Video():
		return 0, false
	case kind == codec.Opus && in.packed:
		return packedType, len(payload) > 0 && payload[0]&0x7f == packedType
	}
	return b.opus, kind == codec.RED
}

// redundant takes a packet of redundant audio (RFC 2198) apart: what it repeats
// and has not arrived comes first, then its own payload, each as a packet of its
// own. So whoever cannot read redundancy is served too. opus is the block type
// that stands for it.
func (in *inbound) redundant(b *binding, opus uint8, v rtpview.Packet, raw []byte, now time.Duration) {
	up := in.up
	up.scratch.dep = dependency{}
	payload := v.Payload(raw)
	blocks, err := red.Split(payload)
	if err != nil || blocks.Primary().PayloadType != opus || len(raw) > len(up.repaired) {
		up.sfu.counters.drop(dropRedundancy)
		return
	}
	repeated := blocks.Redundant()
	for i, block := range repeated {
		sn := v.Sequence - uint16(len(repeated)-i)
		if block.PayloadType != opus || block.To == block.From || !in.encoding.lacks(sn) {
			continue
		}
		out := in.single(v, raw, payload[block.From:block.To])
		out[1] = b.opus // a marker would belong to the newest payload
		binary.BigEndian.PutUint16(out[2:], sn)
		binary.BigEndian.PutUint32(out[4:], v.Timestamp-block.Offset)
		if w, err := rtpview.Parse(out); err == nil {
			up.scratch.recovered = true
			in.encoding.ingest(&up.scratch, codec.Opus, w, out, -1, now)
			up.scratch.recovered = false
			up.sfu.counters.recovered.Add(1)
		}
	}
	own := blocks.Primary()
	out := in.single(v, raw, payload[own.From:own.To])
	out[1] = raw[1]&0x80 | b.opus
	if w, err := rtpview.Parse(out); err == nil {
		in.encoding.ingest(&up.scratch, codec.Opus, w, out, in.level(b, w, out), now)
	}
}

// packedType stands for Opus in the blocks of packed sounds, whose sender does
// not know its number.
const packedType = 0

// single is the packet with only this payload, in the uplink's scratch.
func (in *inbound) single(v rtpview.Packet, raw, payload []byte) []byte {
	out := in.up.repaired[:v.HeaderSize()+len(payload)]
	copy(out, raw[:v.HeaderSize()])
	copy(out[v.HeaderSize():], payload)
	out[0] &^= 0x20 // the padding is gone
	return out
}

// lacks reports whether packet sn could still be used and has not arrived.
func (e *encoding) lacks(sn uint16) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ring == nil || e.floor == 0 {
		return false
	}
	full := e.unwrap.Peek(sn)
	return full >= e.floor && !e.ring.Has(full)
}

// redundancy holds what the outlets of one packet share: its payload together
// with those before it, built once for each number of copies.
type redundancy struct {
	built [red.Copies][]byte
	bytes [red.Copies][maxPacket]byte
}

// repeatLocked builds the redundant forms of an audio packet that somebody
// wants, and remembers its payload for the next.
func (e *encoding) repeatLocked(p *packet) {
	want := e.track.copies.Load()
	for i := range p.red.built {
		p.red.built[i] = nil
		if want&(1<<i) != 0 {
			p.red.built[i] = e.red.Build(p.red.bytes[i][:], i+1, payloadOpus, p.sn, p.ts, p.payload)
		}
	}
	e.red.Add(p.sn, p.ts, p.payload)
}

// with is the packet's payload with up to this many earlier ones, or nil.
func (p *packet) with(copies int) []byte {
	if copies <= 0 || copies > len(p.red.built) {
		return nil
	}
	return p.red.built[copies-1]
}
