package sfu

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/offer"
	"github.com/yunqiao/yunqiao/sfu/internal/protect"
)

const (
	iceDisconnected = 5 * time.Second
	iceFailed       = 60 * time.Second
	iceKeepAlive    = 2 * time.Second
	dtlsRetransmit  = 200 * time.Millisecond
)

// transport is one PeerConnection of a peer: what its browser calls a
// connection. A peer gets another one when its browser starts anew.
type transport struct {
	// Set by newTransport.
	sfu      *SFU
	pc       *webrtc.PeerConnection
	identity string
	up       *uplink
	intake   *intake
	closed   atomic.Bool

	// Owned by the peer's negotiation (Peer.offerMu).
	seats []*place
	ears  []*ear

	shield shield   // decided by tick
	down   downlink // what was sent, and how much more the way carries

	mu      sync.Mutex
	ends    map[uint32]*seatEnd // guarded by mu: by SSRC sent
	sending []*seatEnd          // guarded by mu: the same; replaced and never changed
	rtt     roundTrip           // guarded by mu

	connected bool      // guarded by mu
	shut      []*outlet // guarded by mu: waiting for that

	clock peerClock    // guarded by mu
	news  receiverNews // guarded by mu: for the next allocation
	link  protect.Link // guarded by mu

	// Owned by tick.
	paced pace
	// Guarded by the mu of the intake.
	resendBuffer [maxPacket]byte
}

// place is one seat of the client.
type place struct {
	audio, video       *seatEnd
	audioMID, videoMID string

	aimed aimed // guarded by the meeting's mu
}

func identity(o *offer.Offer) string {
	return strconv.FormatUint(o.Session, 10) + " " + o.Fingerprint
}

func (s *SFU) newTransport(o *offer.Offer, woken func(), state func(*transport, PeerState)) (*transport, error) {
	t := &transport{
		sfu: s, identity: identity(o), up: &uplink{sfu: s, woken: woken},
		ends: map[uint32]*seatEnd{}, rtt: roundTrip{smoothed: defaultRTT},
	}
	t.intake = newIntake(t)
	api, err := s.api(t)
	if err != nil {
		return nil, err
	}
	t.pc, err = api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{s.cert}})
	if err != nil {
		return nil, fmt.Errorf("open peer connection: %w", err)
	}
	t.pc.OnConnectionStateChange(func(c webrtc.PeerConnectionState) {
		switch c {
		case webrtc.PeerConnectionStateConnecting:
			state(t, Connecting)
		case webrtc.PeerConnectionStateConnected:
			t.intake.begin()
			t.opened()
			state(t, Connected)
		case webrtc.PeerConnectionStateDisconnected:
			state(t, Disconnected)
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			state(t, Failed)
		case webrtc.PeerConnectionStateNew, webrtc.PeerConnectionStateUnknown:
		}
	})
	return t, nil
}

// close ends the connection. It waits for pion's goroutines, and for who takes in
// what it has sent.
func (t *transport) close() {
	if t.closed.Swap(true) {
		return
	}
	t.intake.close()
	if err := t.pc.GracefulClose(); err != nil {
		t.sfu.log.Debug("close peer connection", "err", err)
	}
}

// negotiate answers the offer, growing the seats to those asked for. order is
// that of the codecs the client is to send pictures with.
func (t *transport) negotiate(ctx context.Context, o *offer.Offer, asked Offer, order []codec.Kind) (string, error) {
	if err := t.grow(o, asked); err != nil {
		return "", err
	}
	remote := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: asked.SDP}
	if err := t.pc.SetRemoteDescription(remote); err != nil {
		return "", &OfferError{Field: "sdp", Reason: fmt.Sprintf("cannot be answered: %v", err)}
	}
	if err := t.arrange(o, order); err != nil {
		return "", t.rollback(err)
	}
	answer, err := t.pc.CreateAnswer(nil)
	if err != nil {
		return "", t.rollback(fmt.Errorf("make answer: %w", err))
	}
	gathered := webrtc.GatheringCompletePromise(t.pc)
	if err := t.pc.SetLocalDescription(answer); err != nil {
		return "", t.rollback(fmt.Errorf("apply answer: %w", err))
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", context.Cause(ctx))
	}
	t.learnSSRCs()
	answered := independent(t.pc.LocalDescription().SDP)
	if t.sfu.tcp != nil {
		answered = listening(answered, t.sfu.tcp.Addr())
	}
	answered = inOrder(announce(answered, t.sfu.cfg.PublicIPs))
	return askForPauses(answered, asked.Sources[Microphone]), nil
}

func (t *transport) rollback(err error) error {
	return errors.Join(err, t.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeRollback}))
}

// grow adds the seats and ears the offer has beyond those there are. Transceivers are
// added in the order of the offer's media sections, because that is how pion
// matches them.
func (t *transport) grow(o *offer.Offer, asked Offer) error {
	ends := map[string]*seatEnd{}
	t.addEars(asked.Ears, ends)
	for i := len(t.seats); i < len(asked.Seats); i++ {
		s := t.newSeat(i)
		s.audioMID, s.videoMID = asked.Seats[i].Audio, asked.Seats[i].Video
		ends[s.audioMID], ends[s.videoMID] = s.audio, s.video
		t.seats = append(t.seats, s)
		t.wait(s.audio.outlet, s.video.outlet)
	}
	for _, m := range o.Media {
		end := ends[m.MID]
		if end == nil {
			continue
		}
		end.offered = m.Formats
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if _, err := t.pc.AddTransceiverFromTrack(end, init); err != nil {
			return fmt.Errorf("add seat %s: %w", end.ID(), err)
		}
	}
	return nil
}

// sendingEnds are the ends of the seats and ears that have been negotiated. The
// list is not the caller's to change.
func (t *transport) sendingEnds() []*seatEnd {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sending
}

func (t *transport) learnSSRCs() {
	t.mu.Lock()
	defer t.mu.Unlock()
	learn := func(end *seatEnd) {
		if w := end.wired.Load(); w != nil {
			t.addEndLocked(w.ssrc, end)
		}
	}
	for _, s := range t.seats {
		learn(s.audio)
		learn(s.video)
	}
	for _, e := range t.ears {
		learn(e.end)
	}
}

func (t *transport) addEndLocked(ssrc uint32, end *seatEnd) {
	if t.ends[ssrc] == end {
		return
	}
	t.ends[ssrc] = end
	t.sending = slices.Collect(maps.Values(t.ends))
}

// newSeat makes the two ends of seat i; their common stream name makes the
// browser play them in step.
func (t *transport) newSeat(i int) *place {
	stream := "seat-" + strconv.Itoa(i)
	return &place{
		audio: t.newEnd(stream, webrtc.RTPCodecTypeAudio),
		video: t.newEnd(stream, webrtc.RTPCodecTypeVideo),
	}
}

func (t *transport) newEnd(stream string, kind webrtc.RTPCodecType) *seatEnd {
	e := &seatEnd{stream: stream, kind: kind, way: t}
	e.outlet = newOutlet(t.sfu, kind == webrtc.RTPCodecTypeVideo, e, randomSequence())
	e.outlet.selective = kind == webrtc.RTPCodecTypeAudio
	return e
}
