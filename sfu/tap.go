package sfu

import (
	"fmt"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
)

// TapTrack names one tapped source.
type TapTrack struct {
	Peer      PeerID
	Source    Source
	ClockRate uint32
	// Visit differs when a peer left and joined again under the same name: then
	// numbers and timestamps start anew.
	Visit uint64
}

// TapPacket is one RTP packet of a tapped source. Over changes of layer and
// reconnections its numbers and timestamps form one stream.
type TapPacket struct {
	SequenceNumber uint16
	Timestamp      uint32
	Marker         bool
	Codec          Codec
	Key            bool      // a picture that needs no other begins here
	Width, Height  int       // with Key, where the packet tells; else 0
	Payload        []byte    // valid during the call only
	Arrived        time.Time // at this node
	Captured       time.Time // by the sender's reports, on this node's clock; zero while unknown
}

// Sink takes what a tap sees. It is called on the media path, for several tracks
// at once but for each in turn, and must not block: it copies into a bounded
// queue or drops.
type Sink interface {
	RTP(track TapTrack, packet TapPacket)
}

// tap is a subscriber to everything in a meeting.
type tap struct {
	sfu     *SFU
	sink    Sink
	outlets map[*track]*outlet // guarded by the meeting's mu
}

// Tap gives every present and future source of the meeting to sink, each in its
// best layer and with a key frame at least every few seconds, until stop.
// Nothing is delivered after stop returns.
func (m *Meeting) Tap(sink Sink) (stop func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, fmt.Errorf("tap meeting: %w", ErrClosed)
	}
	t := &tap{sfu: m.sfu, sink: sink, outlets: map[*track]*outlet{}}
	m.taps = append(m.taps, t)
	for _, p := range m.order {
		for _, track := range p.tracks {
			t.addLocked(track)
		}
	}
	t.aimLocked(m.sfu.now())
	return func() { m.untap(t) }, nil
}

func (m *Meeting) untap(t *tap) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for track := range t.outlets {
		t.removeLocked(track)
	}
	for i := range m.taps {
		if m.taps[i] == t {
			m.taps = append(m.taps[:i:i], m.taps[i+1:]...)
			break
		}
	}
}

func (t *tap) addLocked(track *track) {
	o := newOutlet(t.sfu, track.source.Video(), &tapEnd{
		sink: t.sink, track: TapTrack{Peer: track.peer, Source: track.source, ClockRate: track.clock, Visit: track.visit},
	}, 0)
	t.outlets[track] = o
	o.attach(track)
}

func (t *tap) removeLocked(track *track) {
	if o := t.outlets[track]; o != nil {
		o.attach(nil)
		delete(t.outlets, track)
	}
}

const tapHeight = 1 << 14 // larger than any picture: the best layer

func (t *tap) aimLocked(now time.Duration) {
	for track, o := range t.outlets {
		if !track.source.Video() || !track.open.Load() {
			continue
		}
		w := layer.Want{Layers: track.known(now), Height: tapHeight}
		best := layer.Best(w.Layers, tapHeight)
		o.aim(best, layer.AllTemporal)
		track.demand.now |= demanded(&w, layer.Choice{Layer: best})
		if best == layer.None {
			continue
		}
		enc := track.layers[track.streamOf(best)]
		enc.mu.Lock()
		stale := now-enc.lastKey >= tapKeyEvery
		enc.mu.Unlock()
		if stale {
			enc.wantKey.Store(true)
		}
	}
}

// tapEnd is the emitter of one tapped source.
type tapEnd struct {
	sink  Sink
	track TapTrack
}

func (e *tapEnd) emit(o *outlet, p *packet, out munge.Out) bool {
	enc := p.encoding
	enc.mu.Lock()
	clock := enc.clock
	enc.mu.Unlock()
	tp := TapPacket{
		SequenceNumber: out.Sequence, Timestamp: out.Timestamp, Marker: p.marker,
		Codec: p.frame.Kind, Key: p.frame.Keyframe, Width: int(p.frame.Width), Height: int(p.frame.Height),
		Payload: p.payload, Arrived: o.sfu.wall(p.at),
	}
	if clock.known {
		tp.Captured = o.sfu.wall(clock.moment(p.ts, e.track.ClockRate))
	}
	var saved [codec.MaxTouched]byte
	n := copy(saved[:], p.payload[:p.frame.Touched])
	p.frame.Patch(p.payload, out.Picture, out.TL0, out.Key)
	e.sink.RTP(e.track, tp)
	copy(p.payload, saved[:n])
	return true
}
