package sfu

import (
	"context"
	"strings"
	"testing"
	"time"
)

// small is an offer like a browser's, with one source of each kind and a seat.
const small = `v=0
o=- 42 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2 3
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00
a=setup:actpass
a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:1
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rid:q send
a=rid:f send
a=simulcast:send q;f
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:2
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:3
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
`

// FuzzAnswer: any description is answered or refused; nothing panics or hangs,
// and a good one is answered afterwards.
func FuzzAnswer(f *testing.F) {
	good := strings.ReplaceAll(small, "\n", "\r\n")
	f.Add(good)
	f.Add(strings.ReplaceAll(good, "VP8", "H264"))
	f.Add(strings.ReplaceAll(good, "actpass", "passive"))
	f.Add(strings.ReplaceAll(good, "sha-256", "md5"))
	s, err := Listen(Config{UDPAddr: "127.0.0.1:0"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		m := s.NewMeeting(newWitness())
		defer m.Close()
		p, err := m.Join("a")
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		o := Offer{SDP: text, Sources: map[Source]string{Microphone: "0", Camera: "1"}, Seats: []SeatMIDs{{Audio: "2", Video: "3"}}}
		_, _ = p.Answer(ctx, o)
		o.SDP = strings.Replace(good, "o=- 42", "o=- 43", 1)
		if _, err := p.Answer(ctx, o); err != nil {
			t.Fatalf("a good offer afterwards: %v", err)
		}
	})
}

func TestMicrophonesPauseInSilence(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	c := join(t, s.NewMeeting(newWitness()), "a", setup{seats: 1})
	paused := 0
	for section := range strings.SplitSeq(c.pc.RemoteDescription().SDP, "\r\nm=") {
		if !strings.Contains(section, "usedtx=1") {
			continue
		}
		paused++
		if !strings.Contains(section, "\r\na=mid:"+c.tx[Microphone].Mid()+"\r\n") {
			t.Errorf("asked to pause: %s", section)
		}
	}
	if paused != 1 {
		t.Errorf("%d sections are asked to pause, want the microphone's", paused)
	}
}
