package sfu

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/bwe"
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/offer"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
	"github.com/yunqiao/yunqiao/sfu/internal/twcc"
)

// binding says how incoming packets find their layer. It is replaced as a whole
// by every answered offer.
type binding struct {
	kinds [128]codec.Kind
	opus  uint8 // its payload type
	// nackAudio: the client repeats lost audio packets when asked.
	nackAudio bool
	apt       [128]uint8 // of a payload type for repair: the one repaired; else 0
	ext       offer.Extensions
	media     []boundMedia
	encodings []*encoding // of all media
}

type boundMedia struct {
	mid   string
	track *track
	rids  []string
	ssrcs []uint32
	rtx   map[uint32]uint32

	packed   bool // sounds repeat those before them under their own payload type
	unranked bool // the names of the layers do not tell their order
}

// uplink is the receiving half of a transport.
type uplink struct {
	sfu   *SFU
	woken func() // a layer came to life
	bound atomic.Pointer[binding]

	// Guarded by the mu of the intake.
	scratch  packet
	repaired [maxPacket]byte

	mu       sync.Mutex
	arrivals twcc.Collector // guarded by mu
	mercy    bwe.Mercy      // guarded by mu
	link     protect.Link   // guarded by mu: what the way up loses
	sent     sendClock      // guarded by mu

	media atomic.Uint32 // some SSRC of the peer whose packets carry numbers; 0 is none yet
}

// arrived notes a packet with a transport-wide number, for feedback. at is its
// send time where it states one.
func (u *uplink) arrived(number uint16, at []byte, size int, now time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.arrivals.Arrived(number, now)
	u.mercy.Arrived(size+wireOverhead, now)
	if len(at) == 3 {
		u.mercy.Timed(u.sent.read(at), now)
	}
}

// sendClock extends the send times of packets (abs-send-time), which begin anew
// every 64 seconds.
type sendClock struct {
	last  int64 // 2^-18 seconds
	known bool
}

func (c *sendClock) read(b []byte) time.Duration {
	stated := int64(b[0])<<16 | int64(b[1])<<8 | int64(b[2])
	if !c.known {
		c.last, c.known = 1<<32+stated, true
	}
	c.last += int64(int32(uint32(stated-c.last)<<8) >> 8)
	return time.Duration(c.last) * (time.Second >> 8) >> 10
}

// inbound is one SSRC of the client. Its packets are forwarded at once. Guarded by
// the mu of the intake.
type inbound struct {
	up   *uplink
	ssrc uint32
	all  map[uint32]*inbound // of the client, by SSRC

	encoding *encoding
	repair   bool
	packed   bool
	unranked bool
}

// take takes one decrypted packet. What cannot be used is dropped and counted.
func (in *inbound) take(raw []byte, now time.Duration) {
	up := in.up
	c := &up.sfu.counters
	c.packetsIn.Add(1)
	c.bytesIn.Add(uint64(len(raw)))
	v, err := rtpview.Parse(raw)
	bound := up.bound.Load()
	if err != nil || bound == nil {
		c.drop(dropMalformed)
		return
	}
	if ext := v.Extension(raw, bound.ext.TransportCC); len(ext) == 2 {
		up.arrived(binary.BigEndian.Uint16(ext), v.Extension(raw, bound.ext.SendTime), len(raw), now)
		up.media.Store(v.SSRC)
	}
	if in.encoding == nil && !in.bind(bound, v, raw) {
		c.drop(dropUnbound)
		return
	}
	kind := bound.kinds[v.PayloadType]
	if opus, ok := in.repeats(bound, kind, v.Payload(raw)); ok {
		in.redundant(bound, opus, v, raw, now)
		return
	}
	if in.repair {
		if raw, v, err = in.unwrap(bound, v, raw); err != nil {
			c.drop(dropRepair)
			return
		}
		if raw == nil {
			return // a probe: padding only
		}
		kind = bound.kinds[v.PayloadType]
	}
	if kind == codec.Unknown || kind.Video() != in.encoding.track.source.Video() {
		c.drop(dropPayloadType)
		return
	}
	up.scratch.dep = dependency{}
	if kind == codec.AV1 {
		up.scratch.dep = dependency{id: bound.ext.Dependency, raw: v.Extension(raw, bound.ext.Dependency)}
	}
	in.encoding.ingest(&up.scratch, kind, v, raw, in.level(bound, v, raw), now)
	if in.unranked && up.scratch.frame.Keyframe {
		in.rank()
	}
}

// level is the loudness a microphone's packet states (RFC 6464); -1 when it
// states none.
func (in *inbound) level(b *binding, v rtpview.Packet, raw []byte) int {
	if in.encoding.track.source != Microphone {
		return -1
	}
	if ext := v.Extension(raw, b.ext.AudioLevel); len(ext) >= 1 {
		return int(ext[0] & 0x7f)
	}
	return -1
}

// bind finds the layer of a new SSRC: from the identifiers in the packet's
// header, or because the offer declared it.
func (in *inbound) bind(b *binding, v rtpview.Packet, raw []byte) bool {
	mid := v.Extension(raw, b.ext.MID)
	rid := v.Extension(raw, b.ext.RID)
	repaired := v.Extension(raw, b.ext.RepairedRID)
	for i := range b.media {
		m := &b.media[i]
		if len(mid) > 0 && string(mid) != m.mid {
			continue
		}
		if index, repair, ok := m.match(v, rid, repaired, len(mid) > 0, b); ok {
			in.encoding, in.repair, in.packed, in.unranked = m.track.layers[index], repair, m.packed, m.unranked
			if !repair {
				in.encoding.bind(v.SSRC, b.nackAudio || m.track.source.Video())
				in.up.woken()
			}
			return true
		}
	}
	return false
}

func (m *boundMedia) match(v rtpview.Packet, rid, repaired []byte, named bool, b *binding) (index int, repair, ok bool) {
	for i, known := range m.rids {
		if named && string(rid) == known {
			return i, false, true
		}
		if named && string(repaired) == known {
			return i, true, true
		}
	}
	for i, ssrc := range m.ssrcs {
		if ssrc == v.SSRC && i < layer.Max {
			return i, false, true
		}
		if primary, ok := m.rtx[v.SSRC]; ok && primary == ssrc && i < layer.Max {
			return i, true, true
		}
	}
	if named && len(m.rids) == 0 {
		return 0, b.apt[v.PayloadType] != 0, true
	}
	return 0, false, false
}

// unwrap turns a repair packet (RFC 4588) back into the packet it repeats. It
// returns nil for one that carries nothing.
func (in *inbound) unwrap(b *binding, v rtpview.Packet, raw []byte) ([]byte, rtpview.Packet, error) {
	payload := v.Payload(raw)
	if len(payload) == 0 {
		return nil, v, nil
	}
	head := v.HeaderSize()
	if len(payload) < 2 || b.apt[v.PayloadType] == 0 || head+len(payload) > len(in.up.repaired) {
		return raw, v, errRepair
	}
	in.encoding.mu.Lock()
	ssrc := in.encoding.ssrc
	in.encoding.mu.Unlock()
	if ssrc == 0 {
		return raw, v, errRepair
	}
	out := in.up.repaired[:head+len(payload)-2]
	copy(out, raw[:head])
	copy(out[head:], payload[2:])
	out[0] &^= 0x20 // the padding is gone
	out[1] = raw[1]&0x80 | b.apt[v.PayloadType]
	copy(out[2:4], payload[:2])
	binary.BigEndian.PutUint32(out[8:], ssrc)
	w, err := rtpview.Parse(out)
	return out, w, err
}
