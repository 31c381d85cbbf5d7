package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/signaling/client"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	loudness     = 30 // -dBov (RFC 6464)
	keyEvery     = 10 * time.Second
	pictureEvery = time.Second / 30
	soundEvery   = 20 * time.Millisecond
)

// peer is one synthetic participant.
type peer struct {
	number     int
	camera     bool
	microphone bool
	seats      int

	id       string // of the participant
	socket   *socket
	pc       *webrtc.PeerConnection
	mic      *webrtc.TrackLocalStaticRTP
	layers   []*webrtc.TrackLocalStaticRTP
	senders  []*webrtc.RTPSender
	pairs    [][2]*webrtc.RTPTransceiver
	levelID  atomic.Uint32
	wantKey  atomic.Bool
	stop     context.CancelFunc
	wg       sync.WaitGroup
	answered time.Duration // from asking to join to the answer
	received reception
}

// join lets the peer in as the guest of its number.
func (p *peer) join(ctx context.Context, h *hub, m *meeting) error {
	guest, err := h.enter(ctx, m, p.number)
	if err != nil {
		return err
	}
	if p.socket, err = h.dial(ctx, wire.AsGuest, guest); err != nil {
		return err
	}
	knocked, err := p.socket.Ask(ctx, &wire.Knock{Room: m.RoomID})
	if err != nil {
		return err
	}
	if !knocked.(*wire.Knocked).Admitted {
		if err := p.awaitAdmission(ctx); err != nil {
			return err
		}
	}
	return p.enter(ctx, p.socket, m.RoomID)
}

func (p *peer) awaitAdmission(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.socket.Done():
			return client.ErrClosed
		case m := <-p.socket.news:
			if _, ok := m.(*wire.Admitted); ok {
				return nil
			}
		}
	}
}

// enter joins the room's meeting and begins to send.
func (p *peer) enter(ctx context.Context, s *socket, room string) error {
	if err := p.connect(); err != nil {
		return err
	}
	offer, err := p.offer()
	if err != nil {
		return err
	}
	live := []wire.Source{}
	if p.microphone {
		live = append(live, wire.Microphone)
	}
	if p.camera {
		live = append(live, wire.Camera)
	}
	asked := time.Now()
	p.received.asked.Store(asked.UnixNano())
	answer, err := s.Ask(ctx, &wire.Join{Room: room, Offer: offer, Live: live})
	if err != nil {
		return err
	}
	joined := answer.(*wire.Joined)
	p.answered, p.id = time.Since(asked), joined.Snapshot.Me
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: joined.Answer}); err != nil {
		return fmt.Errorf("apply answer: %w", err)
	}
	p.send()
	return nil
}

func (p *peer) close() {
	if p.stop != nil {
		p.stop()
	}
	if p.pc != nil {
		_ = p.pc.GracefulClose() // it is over
	}
	if p.socket != nil {
		p.socket.Drop()
	}
	p.wg.Wait()
}

// connect opens the connection: a camera in layers, a microphone, and seats.
func (p *peer) connect() error {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return fmt.Errorf("register codecs: %w", err)
	}
	for _, x := range []struct {
		uri  string
		kind webrtc.RTPCodecType
	}{
		{sdp.SDESMidURI, webrtc.RTPCodecTypeVideo},
		{sdp.SDESRTPStreamIDURI, webrtc.RTPCodecTypeVideo},
		{sdp.SDESMidURI, webrtc.RTPCodecTypeAudio},
		{sdp.AudioLevelURI, webrtc.RTPCodecTypeAudio},
	} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: x.uri}, x.kind); err != nil {
			return fmt.Errorf("register extension: %w", err)
		}
	}
	reg := &interceptor.Registry{}
	if err := webrtc.ConfigureNack(m, reg); err != nil {
		return fmt.Errorf("configure repairs: %w", err)
	}
	if err := webrtc.ConfigureRTCPReports(reg); err != nil {
		return fmt.Errorf("configure reports: %w", err)
	}
	if err := webrtc.ConfigureTWCCSender(m, reg); err != nil {
		return fmt.Errorf("configure feedback: %w", err)
	}
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e)).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return fmt.Errorf("open connection: %w", err)
	}
	p.pc = pc
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.wg.Go(func() { p.received.listen(track) }) })
	if err := p.addSources(); err != nil {
		return err
	}
	return p.addSeats()
}

func (p *peer) addSources() error {
	var err error
	if p.mic, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "microphone", "own"); err != nil {
		return fmt.Errorf("make microphone: %w", err)
	}
	for _, l := range layers() {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "camera", "own", webrtc.WithRTPStreamID(l.rid))
		if err != nil {
			return fmt.Errorf("make camera: %w", err)
		}
		p.layers = append(p.layers, track)
	}
	for _, first := range []webrtc.TrackLocal{p.mic, p.layers[0]} {
		tr, err := p.pc.AddTransceiverFromTrack(first, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return fmt.Errorf("add source: %w", err)
		}
		p.senders = append(p.senders, tr.Sender())
	}
	for _, more := range p.layers[1:] {
		if err := p.senders[1].AddEncoding(more); err != nil {
			return fmt.Errorf("add layer: %w", err)
		}
	}
	return nil
}

func (p *peer) addSeats() error {
	for range p.seats {
		var pair [2]*webrtc.RTPTransceiver
		for i, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			var err error
			if pair[i], err = p.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				return fmt.Errorf("add seat: %w", err)
			}
		}
		p.pairs = append(p.pairs, pair)
	}
	return nil
}

func (p *peer) offer() (wire.Offer, error) {
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		return wire.Offer{}, fmt.Errorf("make offer: %w", err)
	}
	if err := p.pc.SetLocalDescription(offer); err != nil {
		return wire.Offer{}, fmt.Errorf("apply offer: %w", err)
	}
	w := wire.Offer{SDP: offer.SDP, Seats: []wire.SeatOffer{}, Sources: []wire.SourceOffer{}}
	for i, tr := range p.pc.GetTransceivers()[:2] {
		w.Sources = append(w.Sources, wire.SourceOffer{Source: []wire.Source{wire.Microphone, wire.Camera}[i], MID: tr.Mid()})
	}
	for _, pair := range p.pairs {
		w.Seats = append(w.Seats, wire.SeatOffer{Audio: pair[0].Mid(), Video: pair[1].Mid()})
	}
	return w, nil
}

// show says what the peer looks at: of those with a camera the one after it large,
// the next ones small.
func (p *peer) show(ctx context.Context, peers []*peer, at int) {
	view := &wire.View{Tiles: []wire.Tile{}}
	for i := 1; i < len(peers) && len(view.Tiles) < p.seats; i++ {
		other := peers[(at+i)%len(peers)]
		if !other.camera {
			continue
		}
		tile := wire.Tile{Participant: other.id, Kind: wire.StreamPerson, Width: 320, Height: 180}
		if len(view.Tiles) == 0 {
			tile.Width, tile.Height = 1280, 720
		}
		view.Tiles = append(view.Tiles, tile)
	}
	_, _ = p.socket.Ask(ctx, view) // who is out by now shows in the figures
}

// send begins to send and to hear what receivers ask for.
func (p *peer) send() {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	for _, x := range p.senders[0].GetParameters().HeaderExtensions {
		if x.URI == sdp.AudioLevelURI {
			p.levelID.Store(uint32(x.ID))
		}
	}
	for _, s := range p.senders {
		for _, e := range s.GetParameters().Encodings {
			p.wg.Go(func() { p.hear(s, e.RID) })
		}
	}
	if p.microphone {
		p.wg.Go(func() { p.speak(ctx) })
	}
	if p.camera {
		p.wg.Go(func() { p.film(ctx) })
	}
}

// hear reads the RTCP about one encoding until the connection closes; pion's
// repairs need it to be read.
func (p *peer) hear(s *webrtc.RTPSender, rid string) {
	for {
		packets, _, err := s.ReadSimulcastRTCP(rid)
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				p.wantKey.Store(true)
			}
		}
	}
}

func (p *peer) speak(ctx context.Context) {
	tick := time.NewTicker(soundEvery)
	defer tick.Stop()
	for n := uint16(0); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		packet := &rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 960, Marker: n == 0},
			Payload: sound(time.Now()),
		}
		if id := p.levelID.Load(); id != 0 {
			_ = packet.SetExtension(uint8(id), []byte{0x80 | loudness}) // one byte always fits
		}
		_ = p.mic.WriteRTP(packet) // a connection that is not up sends nothing
	}
}

func (p *peer) film(ctx context.Context) {
	tick := time.NewTicker(pictureEvery)
	defer tick.Stop()
	numbers := make([]uint16, len(p.layers))
	var keyAt time.Time
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		key := p.wantKey.Swap(false) || now.Sub(keyAt) > keyEvery
		if key {
			keyAt = now
		}
		for i, l := range layers() {
			if n%l.divider != 0 && !key {
				continue
			}
			parts := picture(l, n/l.divider, key, now)
			for j, payload := range parts {
				numbers[i]++
				_ = p.layers[i].WriteRTP(&rtp.Packet{ // as above
					Header: rtp.Header{
						Version: 2, SequenceNumber: numbers[i], Timestamp: uint32(n) * 3000, Marker: j == len(parts)-1,
					},
					Payload: payload,
				})
			}
		}
	}
}
