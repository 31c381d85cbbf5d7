package sfu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/budget"
	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/layer"
	"github.com/yunqiao/yunqiao/sfu/internal/offer"
	"github.com/yunqiao/yunqiao/sfu/internal/seat"
)

// Limits on what a client may ask for.
const (
	MaxSeats  = 128
	MaxLayers = layer.Max // of one source
	maxTiles  = 256
)

// Offer is a client's session description with the meaning of its media
// sections.
type Offer struct {
	SDP     string
	Sources map[Source]string // mid of each sending section
	Seats   []SeatMIDs        // may grow, never shrink, within one connection
	// Ears are the mids of receiving audio sections that carry whoever talks,
	// for players with fewer seats than there are people. They may grow, too.
	Ears []string
	// Packed are the sounds that repeat those before them within Opus's own
	// payload type, from browsers that know no redundancy: what such a section
	// carries is laid out as RFC 2198 says, with blocks of type 0. That holds for
	// the life of the connection.
	Packed []Source
	// Partial turns down what has no meaning here: its media sections come back with
	// port 0 (RFC 3264 section 6). Otherwise such an offer is refused.
	Partial bool
}

// SeatMIDs names the two receiving sections of one seat. A seat without sound
// has no Audio.
type SeatMIDs struct{ Audio, Video string }

// Tile is one picture on a client's screen, in device pixels.
type Tile struct {
	Peer          PeerID
	Kind          Kind
	Width, Height int
}

// Peer is one participant's media.
type Peer struct {
	// Set by Join.
	id      PeerID
	meeting *Meeting
	visit   uint64 // rises with every arrival
	tracks  [sources]*track

	quality atomic.Pointer[Quality] // set by tick

	// Held for one negotiation, so that offers are answered one after the other.
	offerMu sync.Mutex

	// Guarded by meeting.mu.
	transport *transport
	places    []*place // of the transport
	ears      []*ear   // of the transport
	hears     []PeerID // in the ears
	seated    []seat.Key
	tiles     []Tile
	viewed    bool
	closed    bool
	budget    budget.Budget
	spent     spending
	judged    judged
	rough     bool          // the link loses much
	bearable  time.Duration // when the link last lost less than is rough
}

// meter turns a running count of octets into bits per second.
type meter struct {
	at     time.Duration
	octets uint64
	bits   int
}

// read takes the count at now and reports whether the rate is a new one.
func (m *meter) read(octets uint64, now time.Duration) bool {
	d := now - m.at
	if d < time.Second {
		return false
	}
	if octets >= m.octets {
		m.bits = int(float64((octets-m.octets)*8) / d.Seconds())
	}
	m.at, m.octets = now, octets
	return true
}

// ID is the peer's name in its meeting.
func (p *Peer) ID() PeerID { return p.id }

// Answer answers the client's offer: the first, one with more seats, one that
// restarts ICE, or one of a connection that replaces the previous. When it fails
// the previous connection keeps flowing.
func (p *Peer) Answer(ctx context.Context, o Offer) (string, error) {
	var turned offer.Turned
	var err error
	if o.Partial {
		if o.SDP, turned, err = offer.Keep(o.SDP, o.mids()); err != nil {
			return "", &OfferError{Field: "sdp", Reason: err.Error()}
		}
	}
	parsed, err := offer.Parse(o.SDP)
	if err != nil {
		return "", &OfferError{Field: "sdp", Reason: err.Error()}
	}
	if err := check(parsed, o); err != nil {
		return "", err
	}
	p.offerMu.Lock()
	defer p.offerMu.Unlock()
	t, err := p.current()
	if err != nil {
		return "", err
	}
	fresh := t == nil || t.identity != identity(parsed) || t.closed.Load()
	if fresh {
		if t, err = p.meeting.sfu.newTransport(parsed, p.meeting.wake, p.stateChanged); err != nil {
			return "", err
		}
	} else if err := samePrefix(t, o); err != nil {
		return "", err
	}
	before := t.up.bound.Swap(p.bind(parsed, o))
	answer, err := t.negotiate(ctx, parsed, o, p.meeting.videoCodecs())
	if err != nil {
		t.up.bound.Store(before)
		if fresh {
			t.close()
		}
		return "", err
	}
	if answer, err = turned.Down(answer); err != nil {
		return "", err
	}
	return answer, p.adopt(t)
}

// mids are those of all media sections that the offer gives a meaning.
func (o *Offer) mids() map[string]bool {
	used := map[string]bool{}
	for _, mid := range o.Sources {
		used[mid] = true
	}
	for _, mid := range o.Ears {
		used[mid] = true
	}
	for _, s := range o.Seats {
		used[s.Audio], used[s.Video] = true, true
	}
	return used
}

func (p *Peer) current() (*transport, error) {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("answer %q: %w", p.id, ErrClosed)
	}
	return p.transport, nil
}

// adopt makes t the peer's connection and seats its places.
func (p *Peer) adopt(t *transport) error {
	m := p.meeting
	m.mu.Lock()
	if p.closed {
		m.mu.Unlock()
		t.close()
		return fmt.Errorf("answer %q: %w", p.id, ErrClosed)
	}
	old := p.transport
	if old == t {
		old = nil
	}
	if old != nil {
		p.emptyLocked()
	}
	p.transport, p.places = t, append([]*place(nil), t.seats...)
	for len(p.seated) < len(p.places) {
		p.seated = append(p.seated, seat.Key{})
	}
	// A connection that replaces another may have fewer seats.
	p.seated = p.seated[:len(p.places)]
	p.ears = append([]*ear(nil), t.ears...)
	p.hears = append(p.hears, make([]PeerID, len(p.ears))...)[:len(p.ears)]
	if old != nil {
		p.attachLocked()
		m.queueLocked(event{kind: eventSeated, peer: p.id})
	}
	m.greetLocked(p)
	m.mu.Unlock()
	if old != nil {
		old.close()
	}
	return nil
}

// bind makes the table by which the client's packets find their tracks.
func (p *Peer) bind(o *offer.Offer, asked Offer) *binding {
	b := &binding{ext: o.Extensions}
	for pt, c := range o.Codecs {
		switch kind := codec.Parse(c.Name); {
		case c.Name == "rtx":
			b.apt[pt] = c.Apt
		case kind == codec.Opus:
			b.kinds[pt] = kind
			b.opus, b.nackAudio = pt, b.nackAudio || c.NACK
		case kind == codec.RED && c.Clock != opusClock: // of video
		default:
			b.kinds[pt] = kind
		}
	}
	for _, m := range o.Media {
		for source, mid := range asked.Sources {
			if mid == m.MID {
				b.media = append(b.media, boundMedia{
					mid: mid, track: p.tracks[source], rids: m.RIDs, ssrcs: m.SSRCs, rtx: m.RTX,
					unranked: len(m.RIDs) > 1 && !m.Usual,
					packed:   slices.Contains(asked.Packed, source),
				})
				b.encodings = append(b.encodings, p.tracks[source].layers[:]...)
			}
		}
	}
	return b
}

// View says what the client shows, the most important tile first.
func (p *Peer) View(tiles []Tile) {
	m := p.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	p.tiles = append(p.tiles[:0], tiles[:min(len(tiles), maxTiles)]...)
	p.viewed = true
	m.reseatPeerLocked(p)
	m.wake() // whoever is shown now may have stopped sending
}

// SetLive opens a source that its client was announced to send, or closes it.
// Nothing of a source goes out before, whatever its client sends, and not one
// packet of it once it is closed.
func (p *Peer) SetLive(source Source, live bool) {
	if source >= sources {
		return
	}
	m := p.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	t := p.tracks[source]
	if t.live == live {
		return
	}
	t.live = live
	t.gateLocked()
	if source == Screen || source == ScreenAudio {
		m.reseatLocked() // a shared screen is an occupant of its own
	}
	m.wake()
}

// SetMuted stops a source at the server, on or off: once it returns, not one of its
// packets goes out, whatever the client sends, negotiates or announces.
func (p *Peer) SetMuted(source Source, muted bool) {
	if source >= sources {
		return
	}
	m := p.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	t := p.tracks[source]
	t.muted = muted
	if t.gateLocked() {
		m.wake()
	}
}

// Close takes the peer out of its meeting.
func (p *Peer) Close() {
	m := p.meeting
	m.mu.Lock()
	if p.closed {
		m.mu.Unlock()
		return
	}
	t := p.leaveLocked()
	m.missLocked(p)
	m.mu.Unlock()
	if t != nil {
		t.close()
	}
}

// leaveLocked removes the peer and returns the connection left to close.
func (p *Peer) leaveLocked() *transport {
	m := p.meeting
	p.closed = true
	p.emptyLocked()
	m.removeLocked(p)
	t := p.transport
	p.transport = nil
	m.sfu.counters.peers.Add(-1)
	return t
}

func (p *Peer) emptyLocked() {
	for _, s := range p.places {
		s.audio.outlet.attach(nil)
		s.video.outlet.attach(nil)
	}
	for _, e := range p.ears {
		e.end.outlet.attach(nil)
	}
}

func (p *Peer) stateChanged(t *transport, s PeerState) {
	m := p.meeting
	m.mu.Lock()
	defer m.mu.Unlock()
	// A connection being replaced or not adopted yet: only the latter matters.
	if p.closed || (p.transport != nil && p.transport != t) {
		return
	}
	m.queueLocked(event{kind: eventState, peer: p.id, state: s})
}

func randomSequence() uint16 { return uint16(rand.N(1 << 15)) }
