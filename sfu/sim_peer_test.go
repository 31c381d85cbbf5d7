package sfu

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v5/packetio"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/red"
)

// simPeer is a participant that behaves as a browser does: it sends a camera in
// three layers of three temporal layers each and a voice, asks for what is
// missing, and gives transport-wide feedback.
type simPeer struct {
	w     *world
	id    PeerID
	ip    string
	net   *vnet.Net
	link  *simLink
	peer  *Peer
	pc    *webrtc.PeerConnection
	tx    map[Source]*webrtc.RTPTransceiver
	seats [][2]*webrtc.RTPTransceiver
	mic   *webrtc.TrackLocalStaticRTP
	cam   []*simCamera
	level int // id of the audio level extension
	packs int
	red   red.Encoder

	stop context.CancelFunc
	wg   sync.WaitGroup
	rx   *simReceiver
}

// simCamera is one layer of a camera.
type simCamera struct {
	track   *webrtc.TrackLocalStaticRTP
	bits    int
	height  int
	mu      sync.Mutex
	wanted  bool // a key frame
	sn      uint16
	picture uint16
	tl0     uint8
	frame   uint32
	since   int // frames since the last key frame
	keys    []time.Duration
	body    [simPart]byte // what is written is copied at once
}

type simSetup struct {
	ip    string
	seats int
	sends bool
	mild  bool  // low layers only
	packs int   // sounds repeat so many before them
	plain bool  // knows neither redundant sounds nor requests for lost ones
	apart bool  // numbers pictures alone: transport-cc is in its sections of pictures only
	lists []int // its layers, as its offer lists them, by names that say nothing
	bare  bool  // knows Opus and VP8 and no repair streams
}

// join takes a participant in. It does not wait for the connection.
func (w *world) join(id PeerID, o simSetup) *simPeer {
	w.t.Helper()
	n, l := w.attach(o.ip)
	p := &simPeer{w: w, id: id, ip: o.ip, net: n, link: l, tx: map[Source]*webrtc.RTPTransceiver{}, packs: o.packs}
	var err error
	p.peer, err = w.m.Join(id)
	must(w.t, err)
	p.rx = newSimReceiver(w)
	p.rx.plain = o.plain
	p.connect(o)
	must(w.t, p.negotiate(nil))
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	if o.sends {
		p.peer.SetLive(Microphone, true)
		p.peer.SetLive(Camera, true)
		p.wg.Go(func() { p.publish(ctx) })
	}
	p.wg.Go(func() { p.rx.feedback(ctx, p.pc) })
	w.closes = append(w.closes, p.close)
	return p
}

func (p *simPeer) close() error {
	p.stop()
	err := p.pc.GracefulClose()
	p.wg.Wait()
	return err
}

func (p *simPeer) connect(o simSetup) {
	t := p.w.t
	m := &webrtc.MediaEngine{}
	if o.bare {
		registerBare(t, m)
	} else {
		must(t, m.RegisterDefaultCodecs())
	}
	if !o.plain {
		must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mimeRED, ClockRate: opusClock, Channels: 2, SDPFmtpLine: "111/111",
			}, PayloadType: payloadRED,
		}, webrtc.RTPCodecTypeAudio))
		m.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK}, webrtc.RTPCodecTypeAudio)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		uris := []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.AudioLevelURI, extPlayoutDelay}
		if !o.apart || kind == webrtc.RTPCodecTypeVideo {
			m.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, kind)
			uris = append(uris, sdp.TransportCCURI)
		}
		for _, uri := range uris {
			must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind))
		}
	}
	reg := &interceptor.Registry{}
	again, err := nack.NewResponderInterceptor()
	must(t, err)
	reg.Add(again)
	numbers, err := twcc.NewHeaderExtensionInterceptor()
	must(t, err)
	reg.Add(numbers)
	var e webrtc.SettingEngine
	e.SetNet(p.net)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIPFilter(func(ip net.IP) bool { return !ip.IsLoopback() })
	e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	// As in Chromium: the first repetition after two round trips, then doubling;
	// checks of ICE go on for as long as the page keeps the connection.
	e.SetDTLSRetransmissionInterval(4 * p.w.oneWay)
	e.SetICEMaxBindingRequests(1000)
	e.SetICETimeouts(2500*time.Millisecond, 60*time.Second, 500*time.Millisecond)
	e.BufferFactory = p.rx.buffer
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e))
	p.pc, err = api.NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	if o.sends {
		p.addSources(o)
	}
	recv := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range o.seats {
		a, err := p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, recv)
		must(t, err)
		v, err := p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, recv)
		must(t, err)
		p.seats = append(p.seats, [2]*webrtc.RTPTransceiver{a, v})
	}
}

// registerBare lets a client know one codec of each kind, and no repair streams.
func registerBare(t *testing.T, m *webrtc.MediaEngine) {
	t.Helper()
	must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: opusClock, Channels: 2},
		PayloadType:        payloadOpus,
	}, webrtc.RTPCodecTypeAudio))
	must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, PayloadType: 96,
	}, webrtc.RTPCodecTypeVideo))
}

func (p *simPeer) addSources(o simSetup) {
	t := p.w.t
	var err error
	p.mic, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: opusClock, Channels: 2}, "mic", "own")
	must(t, err)
	send := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	p.tx[Microphone], err = p.pc.AddTransceiverFromTrack(p.mic, send)
	must(t, err)
	sizes := []struct{ bits, height int }{{150_000, 180}, {450_000, 360}, {1_000_000, 720}}
	if o.mild {
		sizes = sizes[:1]
	}
	rids := [...]string{"q", "h", "f"}
	order := o.lists
	if order == nil {
		order = []int{0, 1, 2}[:len(sizes)]
	} else {
		rids = [...]string{"0", "1", "2"}
	}
	for i, size := range sizes {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
			"camera", "own", webrtc.WithRTPStreamID(rids[i]))
		must(t, err)
		p.cam = append(p.cam, &simCamera{track: track, bits: size.bits, height: size.height, wanted: true, picture: uint16(1000 * i)})
	}
	p.tx[Camera], err = p.pc.AddTransceiverFromTrack(p.cam[order[0]].track, send)
	must(t, err)
	for _, i := range order[1:] {
		must(t, p.tx[Camera].Sender().AddEncoding(p.cam[i].track))
	}
	for i, c := range p.cam {
		p.wg.Go(func() { p.obey(c, rids[i]) })
	}
	p.wg.Go(func() {
		for {
			if _, _, err := p.tx[Microphone].Sender().ReadRTCP(); err != nil {
				return
			}
		}
	})
}

// obey makes a key frame when one is asked for.
func (p *simPeer) obey(c *simCamera, rid string) {
	for {
		packets, _, err := p.tx[Camera].Sender().ReadSimulcastRTCP(rid)
		if err != nil {
			return
		}
		for _, q := range packets {
			if _, ok := q.(*rtcp.PictureLossIndication); ok {
				c.mu.Lock()
				c.wanted = true
				c.keys = append(c.keys, p.w.sfu.now())
				c.mu.Unlock()
			}
		}
	}
}

func (p *simPeer) negotiate(opts *webrtc.OfferOptions) error {
	offer, err := p.pc.CreateOffer(opts)
	if err != nil {
		return fmt.Errorf("create offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("set offer: %w", err)
	}
	<-gathered
	o := Offer{SDP: p.pc.LocalDescription().SDP, Sources: map[Source]string{}}
	for source, tr := range p.tx {
		o.Sources[source] = tr.Mid()
	}
	if p.packs > 0 {
		o.Packed = []Source{Microphone}
	}
	for _, s := range p.seats {
		o.Seats = append(o.Seats, SeatMIDs{Audio: s[0].Mid(), Video: s[1].Mid()})
	}
	answer, err := p.peer.Answer(context.Background(), o)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	time.Sleep(2 * p.w.oneWay) // the answer's own way
	p.rx.learn(answer)
	return p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
}

const (
	simFrame = time.Second / 30
	simPart  = 1100 // bytes of a full packet
)

// publish sends a voice of 20 ms and 30 pictures a second in each layer.
func (p *simPeer) publish(ctx context.Context) {
	for p.pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	for _, x := range p.tx[Microphone].Sender().GetParameters().HeaderExtensions {
		if x.URI == sdp.AudioLevelURI {
			p.level = x.ID
		}
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for voice, film := 0, 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		at := time.Since(begun)
		for ; time.Duration(voice)*20*time.Millisecond <= at; voice++ {
			p.speak(voice)
		}
		for ; time.Duration(film)*simFrame <= at; film++ {
			for i, c := range p.cam {
				c.send(i, p.w.sfu.now())
			}
			if film%30 == 1 {
				_ = p.pc.WriteRTCP(p.clocks(uint32(voice*960), uint32(film*3000)))
			}
		}
	}
}

// clocks tells how the clocks of all that is sent relate.
func (p *simPeer) clocks(voice, film uint32) (list []rtcp.Packet) {
	now := ntp(time.Now())
	for source, at := range map[Source]uint32{Microphone: voice, Camera: film} {
		for _, e := range p.tx[source].Sender().GetParameters().Encodings {
			list = append(list, &rtcp.SenderReport{SSRC: uint32(e.SSRC), NTPTime: now, RTPTime: at})
		}
	}
	return list
}

// speak sends one voice packet that carries its number and time.
func (p *simPeer) speak(n int) {
	body := make([]byte, 80)
	binary.BigEndian.PutUint32(body, uint32(n))
	binary.BigEndian.PutUint64(body[4:], uint64(p.w.sfu.now()))
	pkt := &rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n * 960)},
		Payload: body,
	}
	if p.packs > 0 {
		sn, ts := uint64(n)+1, uint32(n*960)
		pkt.Payload = p.red.Build(make([]byte, maxPacket), p.packs, packedType, sn, ts, body)
		p.red.Add(sn, ts, body)
	}
	if p.level > 0 {
		_ = pkt.SetExtension(uint8(p.level), []byte{20})
	}
	_ = p.mic.WriteRTP(pkt)
}

// simLabel is written into every video packet behind its descriptor.
type simLabel struct {
	layer, part, parts, tid uint8
	key                     bool
	frame, since            uint32
	at                      time.Duration
}

const simLabelSize = 22

// send sends the next picture: temporal layers 0 2 1 2, the upper ones smaller.
func (c *simCamera) send(layer int, now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := c.wanted
	c.wanted = false
	if key {
		c.since = 0
	}
	tid := [4]uint8{0, 2, 1, 2}[c.since%4]
	if tid == 0 {
		c.tl0++
	}
	share := [3]float64{1.6, 1.0, 0.7}[tid]
	if key {
		share = 5
	}
	size := int(float64(c.bits) / 8 / 30 * share)
	parts := max((size+simPart-1)/simPart, 1)
	for part := range parts {
		label := simLabel{
			layer: uint8(layer), part: uint8(part), parts: uint8(parts), tid: tid, key: key,
			frame: c.frame, since: uint32(c.since), at: now,
		}
		body := append(c.head(part, tid, key), label.bytes()...)
		if n := size / parts; n > len(body) {
			copy(c.body[:], body)
			body = c.body[:n]
		}
		_ = c.track.WriteRTP(&rtp.Packet{
			Header: rtp.Header{
				Version: 2, SequenceNumber: c.sn, Timestamp: c.frame * 3000, Marker: part == parts-1,
			},
			Payload: body,
		})
		c.sn++
	}
	c.frame++
	c.since++
	c.picture++
}

// head is the descriptor (RFC 7741) and, where a picture begins, its first bytes.
func (c *simCamera) head(part int, tid uint8, key bool) []byte {
	b := []byte{0x80, 0xe0, 0x80 | byte(c.picture>>8)&0x7f, byte(c.picture), c.tl0, tid << 6}
	if tid == 2 && c.since%4 == 1 || tid == 1 {
		b[5] |= 0x20 // leans on the base layer alone
	}
	if part > 0 {
		return b
	}
	b[0] |= 0x10
	if !key {
		return append(b, 1)
	}
	b = append(b, 0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(b[len(b)-4:], uint16(c.height*16/9))
	binary.LittleEndian.PutUint16(b[len(b)-2:], uint16(c.height))
	return b
}

func (l simLabel) bytes() []byte {
	b := make([]byte, simLabelSize)
	b[0], b[1], b[2], b[3] = l.layer, l.part, l.parts, l.tid
	if l.key {
		b[4] = 1
	}
	binary.BigEndian.PutUint32(b[5:], l.frame)
	binary.BigEndian.PutUint32(b[9:], l.since)
	binary.BigEndian.PutUint64(b[13:], uint64(l.at))
	return b
}

func readLabel(b []byte) (simLabel, bool) {
	head := 6
	if len(b) > 6 && b[0]&0x10 != 0 {
		head = 7
		if b[6]&1 == 0 {
			head = 16
		}
	}
	if len(b) < head+simLabelSize {
		return simLabel{}, false
	}
	b = b[head:]
	return simLabel{
		layer: b[0], part: b[1], parts: b[2], tid: b[3], key: b[4] == 1,
		frame: binary.BigEndian.Uint32(b[5:]), since: binary.BigEndian.Uint32(b[9:]),
		at: time.Duration(binary.BigEndian.Uint64(b[13:])),
	}, true
}

// simBuffer takes the decrypted packets of one SSRC from pion.
type simBuffer struct {
	r    *simReceiver
	ssrc uint32
}

func (*simBuffer) Read([]byte) (int, error) { return 0, io.EOF }
func (*simBuffer) Close() error             { return nil }
func (b *simBuffer) Write(raw []byte) (int, error) {
	b.r.take(b.ssrc, raw)
	return len(raw), nil
}

func (r *simReceiver) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	if kind == packetio.RTPBufferPacket {
		return &simBuffer{r, ssrc}
	}
	return simControl{packetio.NewBuffer(), r}
}

// simControl hands RTCP on to pion.
type simControl struct {
	*packetio.Buffer
	r *simReceiver
}

func (c simControl) Read(b []byte) (int, error) {
	n, _, err := c.Buffer.Read(b, nil)
	return n, err
}

func (c simControl) Write(b []byte) (int, error) {
	if list, err := rtcp.Unmarshal(b); err == nil {
		c.r.reported(list)
	}
	return c.Buffer.Write(b, nil)
}

var (
	fidLine = regexp.MustCompile(`a=ssrc-group:FID (\d+) (\d+)`)
	extLine = regexp.MustCompile(`a=extmap:(\d+) (\S+)`)
)

// learn reads from the answer which streams are sent.
func (r *simReceiver) learn(answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range fidLine.FindAllStringSubmatch(answer, -1) {
		primary, _ := strconv.ParseUint(m[1], 10, 32)
		repair, _ := strconv.ParseUint(m[2], 10, 32)
		r.repairs[uint32(repair)] = uint32(primary)
	}
	for _, m := range extLine.FindAllStringSubmatch(answer, -1) {
		id, _ := strconv.Atoi(m[1])
		switch strings.TrimSpace(m[2]) {
		case sdp.TransportCCURI:
			r.twccID = uint8(id)
		case extPlayoutDelay:
			r.playoutID = uint8(id)
		}
	}
}
