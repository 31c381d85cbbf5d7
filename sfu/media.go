package sfu

import (
	"fmt"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Numbers for pion's table; answers use the offer's own.
const (
	payloadOpus = 111
	payloadRED  = 63

	payloadFEC = 49

	opusClock  = 48000
	videoClock = 90000
	mimeRED    = "audio/red"
)

func aptLine(pt webrtc.PayloadType) string { return fmt.Sprintf("apt=%d", pt) }

// engine registers what a meeting speaks. Adding a codec means adding it here or
// among videoFormats, and a parser that internal/codec knows.
func engine() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: opusClock, Channels: 2,
			SDPFmtpLine:  "minptime=10;useinbandfec=1",
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}, {Type: webrtc.TypeRTCPFBNACK}},
		},
		PayloadType: payloadOpus,
	}
	red := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeRED, ClockRate: opusClock, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", payloadOpus, payloadOpus),
		},
		PayloadType: payloadRED,
	}
	for _, c := range []webrtc.RTPCodecParameters{opus, red} {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("register %s: %w", c.MimeType, err)
		}
	}
	fec := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeFlexFEC03, ClockRate: videoClock, SDPFmtpLine: "repair-window=10000000",
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}},
		},
		PayloadType: payloadFEC,
	}
	for _, c := range append(videoFormats(), fec) {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register %s: %w", c.MimeType, err)
		}
	}
	return m, extensions(m)
}

func extensions(m *webrtc.MediaEngine) error {
	const audio, video = webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo
	const in, out = webrtc.RTPTransceiverDirectionRecvonly, webrtc.RTPTransceiverDirectionSendonly
	for _, x := range []struct {
		uri  string
		kind webrtc.RTPCodecType
		dirs []webrtc.RTPTransceiverDirection
	}{
		{sdp.SDESMidURI, audio, []webrtc.RTPTransceiverDirection{in}},
		{sdp.SDESMidURI, video, []webrtc.RTPTransceiverDirection{in}},
		{sdp.SDESRTPStreamIDURI, video, []webrtc.RTPTransceiverDirection{in}},
		{sdp.SDESRepairRTPStreamIDURI, video, []webrtc.RTPTransceiverDirection{in}},
		{sdp.AudioLevelURI, audio, []webrtc.RTPTransceiverDirection{in}},
		{sdp.TransportCCURI, audio, []webrtc.RTPTransceiverDirection{in, out}},
		{sdp.TransportCCURI, video, []webrtc.RTPTransceiverDirection{in, out}},
		{extDependency, video, []webrtc.RTPTransceiverDirection{in, out}},
		{extPlayoutDelay, video, []webrtc.RTPTransceiverDirection{out}},
		{extAbsSendTime, audio, []webrtc.RTPTransceiverDirection{in, out}},
		{extAbsSendTime, video, []webrtc.RTPTransceiverDirection{in, out}},
	} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: x.uri}, x.kind, x.dirs...); err != nil {
			return fmt.Errorf("register extension %s: %w", x.uri, err)
		}
	}
	return nil
}

// api is pion set up for one transport; its hooks belong to that transport.
func (s *SFU) api(t *transport) (*webrtc.API, error) {
	m, err := engine()
	if err != nil {
		return nil, err
	}
	var e webrtc.SettingEngine
	e.LoggerFactory = s.pionLog
	e.BufferFactory = t.intake.buffer
	e.SetLite(true)
	e.SetICEUDPMux(udpDoor{s.udpMux, t.intake})
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	if s.tcpMux != nil {
		e.SetICETCPMux(tcpDoor{s.tcpMux, t.intake})
		networks = append(networks, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	e.SetNetworkTypes(networks)
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetICETimeouts(iceDisconnected, iceFailed, iceKeepAlive)
	e.SetICEBindingRequestHandler((&paths{now: s.now}).checked)
	e.SetReceiveMTU(1500)
	// A lost flight of the handshake costs this much, not pion's second.
	e.SetDTLSRetransmissionInterval(dtlsRetransmit)
	// The cookie exchange would ask for an address again that ICE has proved.
	e.SetDTLSInsecureSkipHelloVerify(true)
	e.SetDTLSCipherSuites(cipherSuites()...)
	if !s.cfg.keyless {
		keys := &keying{agreed: t.intake.agree}
		e.SetDTLSServerHelloMessageHook(keys.hello)
		e.SetDTLSKeyLogWriter(keys)
	}
	e.SetSRTPReplayProtectionWindow(replayRTP)
	e.SetSRTPProtectionProfiles(srtpProfiles()...)
	if err := e.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, fmt.Errorf("set DTLS role: %w", err)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(e),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})), nil
}
