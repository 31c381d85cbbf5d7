package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/loudness"
	"github.com/yunqiao/yunqiao/sfu/internal/nack"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
	"github.com/yunqiao/yunqiao/sfu/internal/ring"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
)

// track is one source of one peer. It outlives the peer's transports.
type track struct {
	// Set by newTrack.
	sfu    *SFU
	peer   PeerID
	source Source
	visit  uint64
	clock  uint32
	layers [layer.Max]*encoding

	spatial atomic.Uint32 // layers within the one stream there is, where there are several

	demand demand        // guarded by the meeting's mu
	kind   atomic.Uint32 // the Codec it was last sent with

	// Whether its packets pass at all: announced as on, and not muted. It is the
	// only thing the media path asks; everything that lets packets out does.
	open  atomic.Bool
	live  bool // announced as on; guarded by the meeting's mu
	muted bool // the server lets nothing through; guarded by the meeting's mu
	mode  atomic.Uint32

	unheard atomic.Bool // a microphone while others are louder

	repairs atomic.Int64 // how long repairs of what the publisher's link loses take

	copies atomic.Uint32 // numbers of earlier payloads that receivers want repeated, as bits

	// Who may want its packets; replaced as a whole under the meeting's mu, read
	// by the media path without a lock.
	outlets atomic.Pointer[[]*outlet]
}

func newTrack(s *SFU, id PeerID, source Source, visit uint64) *track {
	t := &track{sfu: s, peer: id, source: source, visit: visit, clock: opusClock}
	if source.Video() {
		t.clock = videoClock
	}
	t.outlets.Store(&[]*outlet{})
	for i := range t.layers {
		t.layers[i] = &encoding{track: t, index: i}
	}
	return t
}

func (t *track) subscribe(o *outlet) {
	list := *t.outlets.Load()
	next := append(make([]*outlet, 0, len(list)+1), list...)
	next = append(next, o)
	t.outlets.Store(&next)
}

func (t *track) unsubscribe(o *outlet) {
	list := *t.outlets.Load()
	next := make([]*outlet, 0, len(list))
	for _, have := range list {
		if have != o {
			next = append(next, have)
		}
	}
	t.outlets.Store(&next)
}

// gateLocked opens or closes the source as it was announced and muted, and reports
// whether that changed anything. Once it has closed, not one packet goes out, and
// nothing from before can be repeated afterwards. The caller holds the meeting's mu.
func (t *track) gateLocked() bool {
	open := t.live && !t.muted
	if t.open.Swap(open) == open {
		return false
	}
	if !open {
		t.restart()
		for _, o := range *t.outlets.Load() {
			o.settle()
		}
	}
	return true
}

// restart makes everything already received unusable: nothing of it can be sent
// or asked for again.
func (t *track) restart() {
	for _, e := range t.layers {
		e.mu.Lock()
		e.restartLocked()
		e.mu.Unlock()
	}
}

// known describes the layers for choosing among them at now. The caller holds the
// meeting's mu.
func (t *track) known(now time.Duration) [layer.Max]layer.Layer {
	if t.spatial.Load() > 1 {
		return t.layers[0].within(now)
	}
	var list [layer.Max]layer.Layer
	bound := 0
	for i, e := range t.layers {
		e.mu.Lock()
		if e.ssrc != 0 {
			bound++
		}
		list[i] = layer.Layer{
			Live:   e.ssrc != 0 && e.lastAt != 0 && (now-e.lastAt < layerSilence || t.demand.rests(i, now)),
			Height: e.height,
		}
		e.rate.describe(&list[i])
		e.mu.Unlock()
	}
	if bound == 1 { // a single encoding may rest, such as a still screen
		for i, e := range t.layers {
			e.mu.Lock()
			list[i].Live = e.ssrc != 0 && e.lastAt != 0
			e.mu.Unlock()
		}
	}
	return list
}

// codec is what the track was last sent with.
func (t *track) codec() codec.Kind { return codec.Kind(t.kind.Load()) }

// within describes the spatial layers that share this stream. They rest together,
// as of a still screen.
func (e *encoding) within(now time.Duration) (list [layer.Max]layer.Layer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for sid := range min(int(e.spatial), layer.Max) {
		list[sid] = layer.Layer{
			Live: e.ssrc != 0 && e.layerAt[sid] != 0 &&
				(e.lastAt-e.layerAt[sid] < layerSilence || e.track.demand.rests(sid, now)),
			Height: int(e.heights[sid]),
		}
		e.rates[sid].describe(&list[sid])
	}
	return list
}

// streamOf is the index of the encoding that carries a layer.
func (t *track) streamOf(target int) int {
	if t.spatial.Load() > 1 {
		return 0
	}
	return target
}

const (
	layerSilence = 2 * time.Second
)

// encoding is one simulcast layer of a track, or all of it.
type encoding struct {
	track *track // set by newTrack
	index int

	wantKey atomic.Bool   // somebody waits for a key frame
	began   atomic.Bool   // packets have come
	lastPLI time.Duration // owned by tick

	mu sync.Mutex
	// Guarded by mu.
	ssrc        uint32
	repeats     bool // the sender answers NACKs
	kind        codec.Kind
	dependency  uint8         // id of the Dependency Descriptor's extension; 0 is none
	structure   *dd.Structure // the latest
	structureAt uint64        // the packet it came with
	generation  uint32        // counts the streams this layer has been
	unwrap      rtpview.Unwrapper
	floor       uint64 // the first packet of this generation
	ring        *ring.Ring
	nack        nack.Tracker
	red         red.Encoder // of audio
	meter       loudness.Meter
	stats       reception
	lastAt      time.Duration
	lastKey     time.Duration
	keyFrom     uint64 // the packet the newest key frame begins with
	keyTS       uint32
	height      int
	rate        layerRate
	// Of the spatial layers within the stream, where there are several.
	spatial uint8 // how many
	heights [dd.Spatial]uint16
	layerAt [dd.Spatial]time.Duration
	rates   [dd.Spatial]layerRate // of each with what it leans on

	clock    clockPoint
	reported senderReportSeen
}

// clockPoint ties the RTP clock of a layer to the media clock.
type clockPoint struct {
	rtp   uint32
	at    time.Duration
	known bool
}

// moment is when the sample with this timestamp was captured.
func (c clockPoint) moment(ts, rate uint32) time.Duration {
	return c.at + time.Duration(int64(int32(ts-c.rtp)))*time.Second/time.Duration(rate)
}

// bind makes the layer the stream with this SSRC, whose lost packets may be asked
// for or not.
func (e *encoding) bind(ssrc uint32, repeats bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.repeats = repeats
	if e.ssrc == ssrc {
		return
	}
	e.ssrc = ssrc
	e.began.Store(true)
	e.restartLocked()
	e.clock = clockPoint{}
	e.lastAt, e.height, e.rate, e.rates = 0, 0, layerRate{}, [dd.Spatial]layerRate{}
	switch {
	case e.ring != nil:
	case e.track.source.Video():
		e.ring = ring.New(ringPackets, ringBytes<<e.index)
	default:
		e.ring = ring.New(ringAudio, ringAudioBytes)
		e.nack.Horizon = audioHorizon
	}
}

const (
	ringPackets = 1024
	ringBytes   = 256 << 10 // of the lowest layer; doubles with each

	ringAudio      = 128 // a second and more
	ringAudioBytes = 32 << 10
	// After this long a repeated sound comes too late to be heard.
	audioHorizon = 400 * time.Millisecond
)

func (e *encoding) restartLocked() {
	e.generation++
	e.unwrap = rtpview.Unwrapper{}
	e.floor, e.lastKey = 0, 0
	e.structure, e.structureAt, e.spatial = nil, 0, 0
	if e.index == 0 {
		e.track.spatial.Store(0)
	}
	e.layerAt = [dd.Spatial]time.Duration{}
	e.nack.Reset()
	e.stats = reception{}
	e.red.Reset()
	e.meter = loudness.Meter{}
	if e.ring != nil {
		e.ring.Reset()
	}
}

// packet is one received packet on its way to the outlets. It is a scratch value
// of the uplink that read it; nobody keeps it.
type packet struct {
	encoding   *encoding
	generation uint32
	sn         uint64
	ts         uint32
	ends       bool // marked as the last of its picture
	marker     bool // the same for the receiver being served
	payload    []byte
	dep        dependency
	spatial    uint8  // layers within its stream
	only       uint32 // decode targets the receiver being served sees; 0 says nothing of it
	frame      codec.Descriptor
	at         time.Duration
	recovered  bool // taken from another packet that repeated it
	red        redundancy
}

// starts reports whether a stream can begin with this packet.
func (p *packet) starts() bool {
	return p.frame.Keyframe || !p.encoding.track.source.Video()
}

// ingest takes one packet of this layer, read at now, and forwards it. p is the
// uplink's scratch.
func (e *encoding) ingest(p *packet, kind codec.Kind, v rtpview.Packet, raw []byte, level int, now time.Duration) {
	t := e.track
	if !t.open.Load() {
		t.sfu.counters.drop(dropClosed)
		return
	}
	p.encoding, p.ts, p.ends, p.at = e, v.Timestamp, v.Marker, now
	p.payload, p.spatial = v.Payload(raw), 0
	var err error
	if p.frame, err = codec.Read(kind, p.payload); err != nil {
		t.sfu.counters.drop(dropDescriptor)
		return
	}
	e.mu.Lock()
	why, ok := e.admitLocked(p, v, raw, now)
	if ok && level >= 0 {
		e.meter.Level(uint8(level), now)
	}
	e.mu.Unlock()
	if !ok {
		t.sfu.counters.drop(why)
		return
	}
	for _, o := range *t.outlets.Load() {
		o.forward(p)
	}
	// A sound waits for nothing, a picture for its last packet.
	if p.ends || !t.source.Video() {
		t.sfu.flush()
	}
}

func (e *encoding) admitLocked(p *packet, v rtpview.Packet, raw []byte, now time.Duration) (drop, bool) {
	if !e.track.open.Load() { // closed since: nothing of it is kept for later
		return dropClosed, false
	}
	if p.frame.Kind != e.kind && !e.recodeLocked(p) {
		return dropPayloadType, false
	}
	p.sn, p.generation = e.unwrap.Next(v.Sequence), e.generation
	if e.floor == 0 {
		e.floor = p.sn
		e.rate.restart(now)
		for sid := range e.rates {
			e.rates[sid].restart(now)
		}
	}
	if p.sn < e.floor {
		return dropTooOld, false
	}
	if p.dep.raw != nil && !e.dependLocked(p) {
		return dropDescriptor, false
	}
	if why, ok := e.storeLocked(p, raw, now); !ok {
		return why, false
	}
	if p.frame.Keyframe {
		if p.frame.Height > 0 {
			e.height = int(p.frame.Height)
		}
		e.keyLocked(p)
		e.nack.Forget(p.sn)
	}
	if !p.recovered {
		e.stats.received(p.sn, v.Timestamp, e.track.clock, now)
	}
	e.lastAt = now
	if e.track.source.Video() {
		e.layersLocked(p, len(raw))
	} else {
		e.repeatLocked(p)
	}
	e.rate.add(len(raw), p.frame.TID, now)
	return 0, true
}

// recodeLocked lets the layer go on in another codec, from a key frame on.
func (e *encoding) recodeLocked(p *packet) bool {
	if e.kind != codec.Unknown {
		if !p.starts() {
			return false
		}
		e.restartLocked()
	}
	e.kind = p.frame.Kind
	e.track.kind.Store(uint32(e.kind))
	return true
}

// storeLocked keeps the packet for whoever asks for it again.
func (e *encoding) storeLocked(p *packet, raw []byte, now time.Duration) (drop, bool) {
	if e.ring == nil {
		return 0, true
	}
	switch e.ring.Put(p.sn, raw) {
	case ring.Stored:
	case ring.Duplicate:
		return dropDuplicate, false
	case ring.TooOld:
		return dropTooOld, false
	case ring.TooLarge:
		return dropTooLarge, false
	}
	if e.repeats {
		if e.nack.Received(p.sn, now) {
			e.stats.repaired++
		}
	}
	return 0, true
}

// reception is the statistics of RFC 3550 appendix A about one incoming stream.
type reception struct {
	first, highest uint64
	got, repaired  uint64
	priorExpected  uint64
	priorGot       uint64
	transit        int64
	jitter         int64 // ×16
	started        bool
}

func (r *reception) received(sn uint64, ts, clock uint32, now time.Duration) {
	transit := int64(now)/1000*int64(clock)/1e6 - int64(ts)
	if !r.started {
		r.started, r.first, r.highest, r.transit = true, sn, sn, transit
	}
	r.got++
	if sn < r.highest {
		return // repaired packets would look like jitter
	}
	r.highest = sn
	d := int64(int32(transit - r.transit))
	r.transit = transit
	r.jitter += max(d, -d) - (r.jitter+8)/16
}

// report gives the numbers of a reception report block and starts the next
// interval.
func (r *reception) report() (fraction uint8, lost uint32) {
	expected := r.highest - r.first + 1
	total := int64(expected) - int64(r.got)
	interval := int64(expected - r.priorExpected)
	missing := interval - int64(r.got-r.priorGot)
	r.priorExpected, r.priorGot = expected, r.got
	if interval > 0 && missing > 0 {
		fraction = uint8(min(missing*256/interval, 255))
	}
	return fraction, uint32(min(max(total, 0), 0x7fffff))
}
