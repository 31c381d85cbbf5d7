package sfu

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

const patience = 30 * time.Second

// startSFU runs an SFU on loopback for the length of the test.
func startSFU(t *testing.T, cfg Config) *SFU {
	t.Helper()
	if cfg.UDPAddr == "" {
		cfg.UDPAddr = "127.0.0.1:0"
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// witness keeps the latest of what Events tells.
type witness struct {
	mu       sync.Mutex
	seats    map[PeerID][]Seating
	told     map[PeerID]int
	speakers []Speaker
	states   map[PeerID]PeerState
	wanted   map[PeerID]map[Source]uint8
}

func newWitness() *witness {
	return &witness{seats: map[PeerID][]Seating{}, told: map[PeerID]int{}, states: map[PeerID]PeerState{}, wanted: map[PeerID]map[Source]uint8{}}
}

func (w *witness) Seated(id PeerID, seats []Seating) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seats[id] = seats
	w.told[id]++
}

func (w *witness) Speaking(list []Speaker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.speakers = list
}

func (w *witness) Wanted(id PeerID, source Source, layers uint8) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wanted[id] == nil {
		w.wanted[id] = map[Source]uint8{}
	}
	w.wanted[id][source] = layers
}

func (w *witness) PeerState(id PeerID, s PeerState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states[id] = s
}

func (w *witness) state(id PeerID) PeerState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.states[id]
}

func (w *witness) loudest() PeerID {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.speakers) == 0 {
		return ""
	}
	return w.speakers[0].Peer
}

// seatOf is where peer sits at id, or -1.
func (w *witness) seatOf(id, peer PeerID, kind Kind) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seats[id] {
		if s.Peer == peer && s.Kind == kind {
			return s.Seat
		}
	}
	return -1
}

// client is a participant made of an ordinary pion connection.
type client struct {
	t      *testing.T
	id     PeerID
	peer   *Peer
	pc     *webrtc.PeerConnection
	tx     map[Source]*webrtc.RTPTransceiver
	seats  [][2]*webrtc.RTPTransceiver
	ears   []*webrtc.RTPTransceiver
	mic    *webrtc.TrackLocalStaticRTP
	layers []*webrtc.TrackLocalStaticRTP
	screen *webrtc.TrackLocalStaticRTP

	encoder *encoder
	off     atomic.Uint32 // layers not sent, as bits
	reroute func(string) string
	offers  int
	quiet   atomic.Bool
	level   atomic.Uint32
	stop    context.CancelFunc
	wg      sync.WaitGroup

	mu     sync.Mutex
	heard  map[string]*stream // by track id, such as "seat-0-video"
	faults []string
}

// stream is what a client received on one track.
type stream struct {
	packets, keyframes int
	from               map[string]int // packets by what is written in them
	height             int
	last               *rtp.Header
	missing            map[uint16]bool
}

type setup struct {
	seats    int
	ears     int
	rids     []string
	encoder  *encoder // of the camera; VP8 without
	knows    []Codec  // all codecs when empty
	network  []webrtc.NetworkType
	existing *Peer
	reroute  func(answer string) string
	relay    *webrtc.ICEServer // the only way there is
	dialer   interface {
		Dial(network, addr string) (net.Conn, error)
	}
}

// join makes a client and answers its first offer.
func join(t *testing.T, m *Meeting, id PeerID, o setup) *client {
	t.Helper()
	c := &client{t: t, id: id, peer: o.existing, tx: map[Source]*webrtc.RTPTransceiver{}, heard: map[string]*stream{}}
	if c.peer == nil {
		var err error
		if c.peer, err = m.Join(id); err != nil {
			t.Fatal(err)
		}
	}
	c.level.Store(127)
	c.reroute, c.encoder = o.reroute, o.encoder
	c.connect(o)
	if err := c.negotiate(); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.wg.Go(func() { c.publish(ctx) })
	t.Cleanup(c.close)
	return c
}

func (c *client) close() {
	c.stop()
	if err := c.pc.Close(); err != nil {
		c.t.Errorf("close %s: %v", c.id, err)
	}
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		c.t.Errorf("%s: %s", c.id, f)
	}
}

func (c *client) connect(o setup) {
	c.t.Helper()
	m := &webrtc.MediaEngine{}
	registerCodecs(c.t, m, o.knows)
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} {
		must(c.t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo))
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.AudioLevelURI} {
		must(c.t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeAudio))
	}
	reg := &interceptor.Registry{}
	must(c.t, webrtc.ConfigureNack(m, reg))
	must(c.t, webrtc.ConfigureRTCPReports(reg))
	must(c.t, webrtc.ConfigureTWCCSender(m, reg))
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIPFilter(net.IP.IsLoopback)
	if o.network == nil {
		o.network = []webrtc.NetworkType{webrtc.NetworkTypeUDP4}
	}
	e.SetNetworkTypes(o.network)
	var cfg webrtc.Configuration
	if o.relay != nil {
		cfg.ICEServers, cfg.ICETransportPolicy = []webrtc.ICEServer{*o.relay}, webrtc.ICETransportPolicyRelay
	}
	if o.dialer != nil {
		e.SetICEProxyDialer(o.dialer)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e))
	var err error
	c.pc, err = api.NewPeerConnection(cfg)
	must(c.t, err)
	c.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { c.wg.Go(func() { c.listen(track) }) })
	c.addSources(o.rids)
	for range o.seats {
		c.addSeat()
	}
	for range o.ears {
		recv := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		ear, err := c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, recv)
		must(c.t, err)
		c.ears = append(c.ears, ear)
	}
}

func (c *client) addSources(rids []string) {
	vp8 := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	if c.encoder != nil {
		vp8.MimeType = "video/" + c.encoder.kind.String()
	}
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	local := func(kind webrtc.RTPCodecCapability, id string, opts ...func(*webrtc.TrackLocalStaticRTP)) *webrtc.TrackLocalStaticRTP {
		track, err := webrtc.NewTrackLocalStaticRTP(kind, id, "own", opts...)
		must(c.t, err)
		return track
	}
	c.mic = local(opus, "microphone")
	if len(rids) == 0 {
		c.layers = []*webrtc.TrackLocalStaticRTP{local(vp8, "camera")}
	}
	for _, rid := range rids {
		c.layers = append(c.layers, local(vp8, "camera", webrtc.WithRTPStreamID(rid)))
	}
	c.screen = local(vp8, "screen")
	c.tx[Microphone] = c.add(c.mic)
	c.tx[Camera] = c.add(c.layers[0])
	for _, more := range c.layers[1:] {
		must(c.t, c.tx[Camera].Sender().AddEncoding(more))
	}
	c.tx[Screen] = c.add(c.screen)
	c.tx[ScreenAudio] = c.add(local(opus, "screen-audio"))
}

func (c *client) add(track webrtc.TrackLocal) *webrtc.RTPTransceiver {
	tr, err := c.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	must(c.t, err)
	c.wg.Go(func() {
		buf := make([]byte, 1500)
		for { // pion's interceptors read their RTCP here
			if _, _, err := tr.Sender().Read(buf); err != nil {
				return
			}
		}
	})
	return tr
}

func (c *client) addSeat() {
	recv := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	a, err := c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, recv)
	must(c.t, err)
	v, err := c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, recv)
	must(c.t, err)
	c.seats = append(c.seats, [2]*webrtc.RTPTransceiver{a, v})
}

func (c *client) describe(text string) Offer {
	o := Offer{SDP: text, Sources: map[Source]string{}}
	for source, tr := range c.tx {
		o.Sources[source] = tr.Mid()
	}
	for _, ear := range c.ears {
		o.Ears = append(o.Ears, ear.Mid())
	}
	for _, s := range c.seats {
		o.Seats = append(o.Seats, SeatMIDs{Audio: s[0].Mid(), Video: s[1].Mid()})
	}
	return o
}

func (c *client) negotiate() error { return c.renegotiate(nil) }

func (c *client) renegotiate(opts *webrtc.OfferOptions) error {
	offer, err := c.pc.CreateOffer(opts)
	if err != nil {
		return fmt.Errorf("create offer: %w", err)
	}
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("set offer: %w", err)
	}
	c.offers++
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := c.peer.Answer(ctx, c.describe(c.pc.LocalDescription().SDP))
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if c.reroute != nil {
		answer = c.reroute(answer)
	}
	return c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
}

// publish sends a picture every 33 ms in each layer and a sound every 20 ms.
func (c *client) publish(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if c.quiet.Load() {
			continue
		}
		if n%2 == 0 {
			c.sendAudio(n / 2)
		}
		if n%3 == 0 && c.encoder != nil {
			c.encode(n / 3)
		} else if n%3 == 0 {
			for i, layer := range c.layers {
				if c.off.Load()&(1<<i) != 0 {
					continue
				}
				c.sendVideo(layer, n/3, i, 180<<i)
			}
			c.sendVideo(c.screen, n/3, 9, 1080)
		}
	}
}

func (c *client) sendAudio(n int) {
	p := &rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n * 960), Marker: n == 0},
		Payload: []byte(string(c.id) + "/audio/" + strconv.Itoa(n)),
	}
	for _, x := range c.tx[Microphone].Sender().GetParameters().HeaderExtensions {
		if x.URI == sdp.AudioLevelURI {
			_ = p.SetExtension(uint8(x.ID), []byte{byte(c.level.Load())})
		}
	}
	_ = c.mic.WriteRTP(p)
}

// sendVideo sends a picture of two packets, a key frame every tenth time.
func (c *client) sendVideo(track *webrtc.TrackLocalStaticRTP, n, layer, height int) {
	label := fmt.Sprintf("%s/video%d/%d", c.id, layer, n)
	for part := range 2 {
		body := picture(n, part, n%10 == 0, height)
		_ = track.WriteRTP(&rtp.Packet{
			Header: rtp.Header{
				Version: 2, SequenceNumber: uint16(n*2 + part), Timestamp: uint32(n * 2970), Marker: part == 1,
			},
			Payload: append(body, label...),
		})
	}
}

// picture is a VP8 payload up to where its label starts.
func picture(n, part int, key bool, height int) []byte {
	b := []byte{0x80, 0xe0, 0x80 | byte(n>>8)&0x7f, byte(n), byte(n), 0x20}
	if part > 0 {
		return append(b, '|')
	}
	b[0] |= 0x10
	if !key {
		return append(b, 1, '|')
	}
	size := make([]byte, 4)
	binary.LittleEndian.PutUint16(size, uint16(height*16/9))
	binary.LittleEndian.PutUint16(size[2:], uint16(height))
	b = append(b, 0, 0, 0, 0x9d, 1, 0x2a)
	b = append(b, size...)
	return append(b, '|')
}

func (c *client) listen(track *webrtc.TrackRemote) {
	s := &stream{from: map[string]int{}, missing: map[uint16]bool{}}
	c.mu.Lock()
	c.heard[track.ID()] = s
	c.mu.Unlock()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.take(s, track, p)
		c.mu.Unlock()
	}
}

// take checks that the stream is continuous and notes whose packet it is.
func (c *client) take(s *stream, track *webrtc.TrackRemote, p *rtp.Packet) {
	body := p.Payload
	if track.Kind() == webrtc.RTPCodecTypeVideo && len(body) > 16 && body[0]&0x10 != 0 && body[6] == 0 {
		s.keyframes++
		s.height = int(binary.LittleEndian.Uint16(body[14:]))
	}
	if i := bytes.LastIndexByte(body, '|'); i >= 0 {
		body = body[i+1:]
	}
	who, _, _ := strings.Cut(string(body), "/")
	kind := strings.Split(string(body)+"//", "/")[1]
	s.packets++
	s.from[who+"/"+kind]++
	if s.last != nil {
		step := int16(p.SequenceNumber - s.last.SequenceNumber)
		if step <= 0 {
			delete(s.missing, p.SequenceNumber)
			return
		}
		for lost := s.last.SequenceNumber + 1; lost != p.SequenceNumber; lost++ {
			s.missing[lost] = true
		}
		if int32(p.Timestamp-s.last.Timestamp) < 0 {
			c.faults = append(c.faults, fmt.Sprintf("%s: time went back from %d to %d", track.ID(), s.last.Timestamp, p.Timestamp))
		}
	}
	head := p.Header
	s.last = &head
}

// got is how many packets with this origin came in on a track.
func (c *client) got(track, origin string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.heard[track]; s != nil {
		return s.from[origin]
	}
	return 0
}

func (c *client) all(origin string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.heard {
		n += s.from[origin]
	}
	return n
}

// lacking is how many packets of a track never came.
func (c *client) lacking(track string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.heard[track]; s != nil {
		return len(s.missing)
	}
	return -1
}

func (c *client) height(track string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.heard[track]; s != nil {
		return s.height
	}
	return 0
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for real sockets to have carried something.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		case <-poll.C:
		}
	}
}
