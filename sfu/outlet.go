package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
	"github.com/yunqiao/yunqiao/sfu/internal/vp8"
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
	to    emitter

	// Layers whose packets are of use, as bits; lets the media path pass by
	// without the mutex.
	mask atomic.Uint32

	packets, octets atomic.Uint64

	mu sync.Mutex
	// Guarded by mu.
	track    *track
	occupant uint32 // counts the tracks this outlet has shown
	fresh    bool   // nothing of this occupant, or after a pause, was sent yet
	target   int
	munger   *munge.Munger
	lastAt   time.Duration
}

const remember = 1024

func newOutlet(s *SFU, video bool, to emitter, first uint16) *outlet {
	size := 0
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
	o.track, o.fresh, o.target = t, true, layer.None
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

// aim sets the layer to show; None pauses. It asks for a key frame when one is
// needed to get there.
func (o *outlet) aim(target int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.track == nil {
		return
	}
	if target != o.target {
		o.target = target
		o.fresh = o.fresh || target == layer.None
		o.maskLocked()
	}
	if target == layer.None {
		return
	}
	if p, ok := o.currentLocked(); !ok || int(p.Layer) != target {
		o.track.layers[target].wantKey.Store(true)
	}
}

// currentLocked is the piece being sent, if it is of this occupant.
func (o *outlet) currentLocked() (munge.Piece, bool) {
	p, ok := o.munger.Piece()
	return p, ok && !o.fresh && p.Occupant == o.occupant
}

func (o *outlet) maskLocked() {
	var mask uint32
	if o.track != nil && o.target != layer.None {
		mask = 1 << o.target
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
	o.mu.Lock()
	if o.track == p.encoding.track && !o.track.muted.Load() && o.acceptLocked(p) {
		out, ok := o.munger.Rewrite(p.sn, p.ts, p.vp8, int64(p.at))
		if ok && o.to.emit(o, p, out) {
			o.packets.Add(1)
			o.octets.Add(uint64(len(p.payload)))
			o.lastAt = p.at
		}
	}
	o.mu.Unlock()
}

// acceptLocked decides whether the packet belongs to what is shown, and starts a
// new piece of the stream where one can start.
func (o *outlet) acceptLocked(p *packet) bool {
	at := p.encoding.index
	now, ok := o.currentLocked()
	same := ok && int(now.Layer) == at
	if same && now.Generation == p.generation {
		return true
	}
	switch {
	case !p.starts():
		return false
	case same, at == o.target: // a layer that began anew, or the one wanted
	case ok: // another layer: only the wanted one may take over
		return false
	}
	o.munger.Begin(munge.Piece{Layer: int8(at), Occupant: o.occupant, Generation: p.generation},
		p.sn, p.ts, o.gapLocked(p), p.vp8)
	o.fresh = false
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

// seatEnd is the emitter and pion track of one m-line of a seat.
type seatEnd struct {
	outlet *outlet
	stream string // msid shared by the seat's audio and video
	kind   webrtc.RTPCodecType

	wired atomic.Pointer[wire]

	reported lossSeen // guarded by the transport's mu
}

// wire is a negotiated sender. header and ext are guarded by the outlet's mu.
type wire struct {
	writer          webrtc.TrackLocalWriter
	ssrc, repair    uint32
	payload, rtx    uint8
	header, rtxHead rtp.Header
	ext             [3]byte
	rtxSequence     uint16
	rtxBuffer       [maxPacket + 2]byte
}

const (
	maxPacket       = 1600
	profileOneByte  = 0xBEDE
	mimeRTX         = "video/rtx"
	extAbsSendTime  = sdp.ABSSendTimeURI
	absSendFraction = 18
)

// ID implements webrtc.TrackLocal.
func (e *seatEnd) ID() string { return e.stream + "-" + e.kind.String() }

// RID implements webrtc.TrackLocal.
func (e *seatEnd) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (e *seatEnd) StreamID() string { return e.stream }

// Kind implements webrtc.TrackLocal.
func (e *seatEnd) Kind() webrtc.RTPCodecType { return e.kind }

// Bind implements webrtc.TrackLocal.
func (e *seatEnd) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	want := webrtc.MimeTypeOpus
	if e.kind == webrtc.RTPCodecTypeVideo {
		want = webrtc.MimeTypeVP8
	}
	var chosen webrtc.RTPCodecParameters
	w := &wire{writer: ctx.WriteStream(), ssrc: uint32(ctx.SSRC()), repair: uint32(ctx.SSRCRetransmission())}
	for _, c := range ctx.CodecParameters() {
		if c.MimeType == want {
			chosen, w.payload = c, uint8(c.PayloadType)
		}
	}
	if chosen.MimeType == "" {
		return chosen, webrtc.ErrUnsupportedCodec
	}
	for _, c := range ctx.CodecParameters() {
		if c.MimeType == mimeRTX && c.SDPFmtpLine == aptLine(chosen.PayloadType) {
			w.rtx = uint8(c.PayloadType)
		}
	}
	w.header = rtp.Header{Version: 2, PayloadType: w.payload, SSRC: w.ssrc}
	w.rtxHead = rtp.Header{Version: 2, PayloadType: w.rtx, SSRC: w.repair}
	for _, h := range ctx.HeaderExtensions() {
		if h.URI == extAbsSendTime && h.ID > 0 && h.ID < 15 {
			for _, head := range []*rtp.Header{&w.header, &w.rtxHead} {
				head.Extension, head.ExtensionProfile = true, profileOneByte
				if err := head.SetExtension(uint8(h.ID), w.ext[:]); err != nil {
					return chosen, err
				}
			}
		}
	}
	e.wired.Store(w)
	return chosen, nil
}

// Unbind implements webrtc.TrackLocal.
func (e *seatEnd) Unbind(webrtc.TrackLocalContext) error {
	e.wired.Store(nil)
	return nil
}

// emit implements emitter: it patches the reader's buffer, sends, and restores
// it for the next outlet.
func (e *seatEnd) emit(o *outlet, p *packet, out munge.Out) bool {
	w := e.wired.Load()
	if w == nil {
		return false
	}
	w.header.SequenceNumber, w.header.Timestamp, w.header.Marker = out.Sequence, out.Timestamp, p.marker
	w.stamp(p.at)
	var saved [vp8.MaxDescriptor]byte
	n := copy(saved[:], p.payload[:p.vp8.Size])
	p.vp8.Patch(p.payload, out.Picture, out.TL0, out.Key)
	size, err := w.writer.WriteRTP(&w.header, p.payload)
	copy(p.payload, saved[:n])
	return o.count(size, err)
}

// stamp writes the send time of at: 6.18 bits fixed point seconds.
func (w *wire) stamp(at time.Duration) {
	t := uint64(at/time.Microsecond) << absSendFraction / 1e6
	w.ext[0], w.ext[1], w.ext[2] = byte(t>>16), byte(t>>8), byte(t)
}

func (o *outlet) count(size int, err error) bool {
	if err != nil {
		o.sfu.counters.drop(dropWrite)
		return false
	}
	o.sfu.counters.packetsOut.Add(1)
	o.sfu.counters.bytesOut.Add(uint64(size))
	return true
}
