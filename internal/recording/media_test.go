package recording

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu"
)

// silent hears nothing of a meeting's events.
type silent struct{}

func (silent) Seated(sfu.PeerID, []sfu.Seating)     {}
func (silent) Speaking([]sfu.Speaker)               {}
func (silent) Wanted(sfu.PeerID, sfu.Source, uint8) {}

func (silent) PeerState(sfu.PeerID, sfu.PeerState) {}

// studio is an SFU with one meeting whose peers are real connections.
type studio struct {
	sfu     *sfu.SFU
	meeting *sfu.Meeting
	stop    []func()
}

func newStudio() (*studio, error) {
	s, err := sfu.Listen(sfu.Config{UDPAddr: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	st := &studio{sfu: s, meeting: s.NewMeeting(silent{})}
	st.stop = append(st.stop, func() { cancel(); <-done; _ = s.Close() })
	return st, nil
}

func (s *studio) close() {
	for _, stop := range slices.Backward(s.stop) {
		stop()
	}
}

// enter adds a participant who sends sound at once and a picture from video on.
func (s *studio) enter(id sfu.PeerID, video time.Duration) error {
	peer, err := s.meeting.Join(id)
	if err != nil {
		return err
	}
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIPFilter(net.IP.IsLoopback)
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return err
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(e)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	mic, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", "own")
	if err != nil {
		return err
	}
	cam, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "cam", "own")
	if err != nil {
		return err
	}
	offer := sfu.Offer{Sources: map[sfu.Source]string{}}
	trs := map[sfu.Source]*webrtc.RTPTransceiver{}
	for source, track := range map[sfu.Source]*webrtc.TrackLocalStaticRTP{sfu.Microphone: mic, sfu.Camera: cam} {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if trs[source], err = pc.AddTransceiverFromTrack(track, init); err != nil {
			return err
		}
	}
	desc, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := pc.SetLocalDescription(desc); err != nil {
		return err
	}
	for source, tr := range trs {
		offer.Sources[source] = tr.Mid()
	}
	offer.SDP = desc.SDP
	answer, err := peer.Answer(context.Background(), offer)
	if err != nil {
		return err
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	peer.SetLive(sfu.Microphone, true)
	peer.SetLive(sfu.Camera, true)
	ctx, cancel := context.WithCancel(context.Background())
	sent := make(chan struct{})
	go func() { defer close(sent); publish(ctx, mic, cam, video) }()
	s.stop = append(s.stop, func() { cancel(); <-sent; _ = pc.Close() })
	return nil
}

// publish sends a sound every 20 ms and a picture of two packets every 40 ms, a
// key frame every second.
func publish(ctx context.Context, mic, cam *webrtc.TrackLocalStaticRTP, video time.Duration) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_ = mic.WriteRTP(&rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n * 960)},
			Payload: fmt.Appendf(nil, "\xf8sound %d", n),
		})
		if n%2 == 1 || time.Duration(n)*20*time.Millisecond < video {
			continue
		}
		payload := []byte{0x10, 1, 9, 9, 9}
		if n%50 == 0 {
			payload = []byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1, 9}
		}
		for part := range 2 {
			_ = cam.WriteRTP(&rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n + part), Timestamp: uint32(n * 1800), Marker: part == 1},
				Payload: payload,
			})
			payload = []byte{0, byte(n)}
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
