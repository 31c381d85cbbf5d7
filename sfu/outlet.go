package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
	"github.com/yunqiao/yunqiao/sfu/internal/svc"
)

// emitter is where an outlet's packets go: a subscriber's connection or a tap.
// It is called under the outlet's mutex and must not block.
type emitter interface {
	emit(o *outlet, p *packet, out munge.Out) bool
}

// outlet is the sending end of one seat's audio or video: it picks the layer,
// rewrites and hands on. A tap is an outlet too.
type outlet struct {
	// Set by newOutlet.
	sfu   *SFU
	video bool
	// selective: only the voices chosen for the meeting go out.
	selective bool
	to        emitter

	// Layers whose packets are of use, as bits; lets the media path pass by
	// without the mutex.
	mask atomic.Uint32

	packets, octets atomic.Uint64

	copies atomic.Int32 // earlier payloads each audio packet repeats

	mu sync.Mutex
	// Guarded by mu.
	track    *track
	occupant uint32 // counts the tracks this outlet has shown
	fresh    bool   // nothing of this occupant, or after a pause, was sent yet
	resumed  uint32 // the serial of the first piece since then: what was sent before helps nobody
	target   int
	temporal uint8 // the highest temporal layer to send
	reached  uint8 // the one sent at present
	munger   *munge.Munger
	layers   svc.Selector // among those within one stream
	newest   uint64       // packet of the piece that layers has seen
	replayed replayed     // of the piece
	only     uint32       // decode targets the receiver has been told of
	lastAt   time.Duration
	clog     clog
	shut     bool // the connection is not up yet
}

const (
	remember      = 1024
	rememberAudio = 128
)

func newOutlet(s *SFU, video bool, to emitter, first uint16) *outlet {
	size := rememberAudio
	if video {
		size = remember
	}
	return &outlet{sfu: s, video: video, to: to, target: layer.None, munger: munge.New(size, first)}
}

// attach shows this track from now on; nil empties the outlet. The caller holds
// the meeting's mu.
func (o *outlet) attach(t *track) {
	o.mu.Lock()
	old := o.track
	if old == t {
		o.mu.Unlock()
		return
	}
	o.track, o.fresh, o.target, o.temporal = t, true, layer.None, layer.AllTemporal
	o.occupant++
	if t != nil && !o.video {
		o.target = 0
	}
	o.maskLocked()
	o.mu.Unlock()
	if old != nil {
		old.unsubscribe(o)
	}
	if t != nil {
		t.subscribe(o)
	}
}

// aim sets the layer to show and the temporal layers of it; None pauses. It asks
// for a key frame when one is needed to get there.
func (o *outlet) aim(target int, temporal uint8) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.track == nil {
		return
	}
	o.temporal = temporal
	retargeted := target != o.target
	if retargeted {
		o.target = target
		o.fresh = o.fresh || target == layer.None
		o.maskLocked()
	}
	if target == layer.None || o.shut || o.clog.holds(o.sfu.now()) {
		return
	}
	o.layers.Aim(target)
	stream := o.track.streamOf(target)
	if _, ok := o.currentLocked(); !ok && o.video {
		o.replayLocked(o.sfu.now())
	}
	if p, ok := o.currentLocked(); !ok || int(p.Layer) != stream || o.waitsLocked(retargeted) {
		o.track.layers[stream].wantKey.Store(true)
	}
}

// currentLocked is the piece being sent, if it is of this occupant.
func (o *outlet) currentLocked() (munge.Piece, bool) {
	p, ok := o.munger.Piece()
	return p, ok && !o.fresh && p.Occupant == o.occupant
}

func (o *outlet) maskLocked() {
	var mask uint32
	if o.track != nil && !o.shut && o.target != layer.None {
		mask = 1 << o.track.streamOf(o.target)
		if p, ok := o.currentLocked(); ok {
			mask |= 1 << uint(p.Layer)
		} else {
			mask |= mask - 1 // a lower layer does until the right one comes
		}
	}
	o.mask.Store(mask)
}

func (o *outlet) forward(p *packet) {
	if o.mask.Load()&(1<<uint(p.encoding.index)) == 0 {
		return
	}
	if o.selective && p.encoding.track.unheard.Load() {
		o.passOver(p)
		return
	}
	o.mu.Lock()
	if o.track == p.encoding.track && o.track.open.Load() && o.acceptLocked(p) && !o.replayed.has(p.sn) {
		o.passLocked(p)
	}
	o.mu.Unlock()
}

func (o *outlet) passLocked(p *packet) {
	if !o.spatialLocked(p) || o.shedLocked(p) {
		o.leaveOutLocked(p)
		return
	}
	out, ok := o.munger.Rewrite(p.sn, p.ts, p.frame.Running, int64(p.at))
	if ok && o.to.emit(o, p, out) {
		o.packets.Add(1)
		o.octets.Add(uint64(len(p.payload)))
		o.lastAt = p.at
	}
}

// acceptLocked decides whether the packet belongs to what is shown, and starts a
// new piece of the stream where one can start.
func (o *outlet) acceptLocked(p *packet) bool {
	if o.clog.holds(p.at) {
		return false
	}
	at := p.encoding.index
	now, ok := o.currentLocked()
	same := ok && int(now.Layer) == at
	if same && now.Generation == p.generation {
		return true
	}
	switch {
	case !p.starts():
		return false
	case same, at == o.track.streamOf(o.target): // a layer that began anew, or the one wanted
	case ok: // another layer: only the wanted one may take over
		return false
	}
	o.munger.Begin(munge.Piece{Layer: int8(at), Occupant: o.occupant, Generation: p.generation},
		p.sn, p.ts, o.gapLocked(p), p.frame.Running)
	if o.fresh {
		o.resumed = o.munger.Serial()
	}
	o.fresh, o.newest, o.only = false, p.sn, 0
	o.replayed = replayed{}
	o.layers.Reset()
	o.maskLocked()
	return true
}

// gapLocked is how far the outgoing clock moves over a switch: as long as the
// receiver saw nothing, and one frame at least.
func (o *outlet) gapLocked(p *packet) uint32 {
	clock := p.encoding.track.clock
	frame := clock / 50
	if o.video {
		frame = clock / 30
	}
	return max(frame, uint32(int64((p.at-o.lastAt)/time.Microsecond)*int64(clock)/1e6))
}

// settle waits until no packet accepted earlier is still being handed on.
func (o *outlet) settle() {
	o.mu.Lock()
	defer o.mu.Unlock()
}
