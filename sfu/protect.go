package sfu

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/flexfec"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
)

const (
	protectEvery = 200 * time.Millisecond
	// A repetition goes out this long after the packet, so that one burst of
	// losses does not take both.
	repeatAfter = 10 * time.Millisecond
	repeatMost  = 64 // packets of one seat and beat
	delayUnit   = 10 * time.Millisecond
	delayMost   = 10 * time.Second // what receivers assume when told nothing
)

// shield is how the media to one client is protected at present: decided by
// tick, read by all its seats.
type shield struct {
	plan atomic.Pointer[protect.Plan]
}

// now is the plan in force.
func (s *shield) now() protect.Plan {
	if p := s.plan.Load(); p != nil {
		return *p
	}
	return protect.Plan{}
}

// protect decides anew how the client's media is protected. It belongs to tick.
func (t *transport) protect(now time.Duration) {
	if now-t.paced.protect < protectEvery {
		return
	}
	t.paced.protect = now
	t.mu.Lock()
	rtt := t.rtt.smoothed
	plan := t.link.Plan(rtt)
	t.mu.Unlock()
	t.up.repairsTake(rtt)
	had := t.shield.now()
	plan = t.down.affords(plan, had)
	changed := plan != had
	if changed {
		t.shield.plan.Store(&plan)
	}
	for _, e := range t.sendingEnds() {
		if changed {
			e.plan(plan)
		}
		if e.outlet.video {
			e.wait(plan.Delay)
		}
	}
}

// repairsTake tells the sources sent over this uplink how long repairs of them
// take at this round trip time.
func (u *uplink) repairsTake(rtt time.Duration) {
	u.mu.Lock()
	wait := u.link.Wait(rtt)
	u.mu.Unlock()
	for _, e := range u.encodings() {
		e.track.repairs.Store(int64(wait))
	}
}

// wait has the seat's pictures be played with as much delay as repairs need: on
// the way to the receiver, or to here from the publisher.
func (e *seatEnd) wait(own time.Duration) {
	o := e.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.track != nil {
		own = max(own, time.Duration(o.track.repairs.Load()))
	}
	if w := e.wired.Load(); w != nil {
		w.delay(own)
	}
}

// plan has the seat's streams follow a new plan.
func (e *seatEnd) plan(plan protect.Plan) {
	o := e.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil {
		return
	}
	if !o.video {
		copies := 0
		if w.payload[codec.RED] != 0 {
			copies = plan.Copies
		}
		o.copies.Store(int32(copies))
		if plan.Copies > 0 && o.track != nil {
			e.remembers(w, codec.Opus)
		}
		return
	}
	w.cover = nil
	if w.fec != 0 && plan.FEC.Group > 0 {
		w.cover = &cover{}
		w.cover.parity.Plan(plan.FEC.Group, plan.FEC.Depth)
	}
}

// cover is what building parity packets for one stream needs.
type cover struct {
	parity     flexfec.Encoder
	plain, out [maxPacket]byte
}

// delay states the least and the most playout delay that suits the link, in the
// header extension of that name: 12 bits each, in units of 10 ms.
func (w *wire) delay(least time.Duration) {
	low, high := uint32(least/delayUnit), uint32(delayMost/delayUnit)
	bits := low<<12 | high
	w.ext.playout = [3]byte{byte(bits >> 16), byte(bits >> 8), byte(bits)}
	if w.playoutID == 0 || least == 0 || w.header.GetExtension(w.playoutID) != nil {
		return
	}
	w.header.Extension, w.header.ExtensionProfile = true, profileOneByte
	if err := w.header.SetExtension(w.playoutID, w.ext.playout[:]); err != nil {
		w.playoutID = 0
	}
}

// protect adds a packet just sent to the parity of its group and sends the parity
// packet when the group is full. The caller holds the outlet's mu.
func (e *seatEnd) protect(w *wire, head *rtp.Header, payload []byte, at time.Duration) {
	c := w.cover
	n, err := head.MarshalTo(c.plain[:])
	if err != nil || n+len(payload) > len(c.plain) {
		return
	}
	packet := c.plain[:n+copy(c.plain[n:], payload)]
	parity := c.parity.Add(packet, w.ssrc, c.out[:])
	if parity == nil {
		return
	}
	w.fecHead.SequenceNumber++
	w.fecHead.Timestamp = w.header.Timestamp
	if e.write(w, &w.fecHead, parity, at) {
		e.outlet.sfu.counters.parity.Add(1)
	}
}

// repeatBases sends key frames and the packets of the base layer once more, some
// milliseconds after they went out. scratch belongs to tick.
func (t *transport) repeatBases(now time.Duration, scratch []byte) {
	if !t.shield.now().Repeat {
		return
	}
	for _, e := range t.sendingEnds() {
		if e.outlet.video {
			e.repeatBase(now, scratch)
		}
	}
}

func (e *seatEnd) repeatBase(now time.Duration, scratch []byte) {
	o := e.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	w := e.wired.Load()
	if w == nil || w.repair == 0 || o.track == nil || !o.track.open.Load() {
		return
	}
	highest := o.munger.Highest()
	if behind := highest - e.repeated; behind > repeatMost {
		e.repeated = highest - repeatMost
	}
	for e.repeated != highest {
		sn := e.repeated + 1
		piece, in, at, ok := o.munger.Sent(sn)
		if ok && now-time.Duration(at) < repeatAfter {
			return
		}
		e.repeated = sn
		if !ok || piece.Occupant != o.occupant {
			continue
		}
		if !e.way.down.mayRepeat(now) {
			return
		}
		s := o.track.layers[piece.Layer].recall(piece, in, scratch)
		if s.raw != nil && w.rtx[s.kind] != 0 && e.isBase(&s) && e.againLocked(w, &s, sn, now) {
			o.sfu.counters.repeated.Add(1)
		}
	}
}

// isBase reports whether a packet belongs to a key frame or to the base layer:
// what everything after it needs.
func (e *seatEnd) isBase(s *stored) bool {
	v, d, err := s.read()
	if err != nil {
		return false
	}
	if d.Keyframe {
		e.keyTimestamp = v.Timestamp
	}
	return v.Timestamp == e.keyTimestamp || (d.TID == 0 && d.SID == 0)
}

// copiesLocked tells every sound in how many forms its receivers want it.
func (m *Meeting) copiesLocked() {
	for _, p := range m.order {
		for _, t := range p.tracks {
			if t.source.Video() {
				continue
			}
			var forms uint32
			for _, o := range *t.outlets.Load() {
				if n := o.copies.Load(); n > 0 {
					forms |= 1 << (n - 1)
				}
			}
			t.copies.Store(forms)
		}
	}
}
