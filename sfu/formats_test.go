package sfu

import (
	"context"
	"strings"
	"testing"
	"time"
)

// chromium is an offer with the codecs Chromium lists, of a camera and a seat.
func chromium() string {
	video := `m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 35 36 45 46 102 103 104 105 106 107 49 50
c=IN IP4 0.0.0.0
a=setup:actpass
a=rtcp-mux
a=rtcp-rsize
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:12 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 VP9/90000
a=rtcp-fb:98 nack
a=rtcp-fb:98 nack pli
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:100 VP9/90000
a=fmtp:100 profile-id=2
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
a=rtpmap:35 VP9/90000
a=fmtp:35 profile-id=1
a=rtpmap:36 rtx/90000
a=fmtp:36 apt=35
a=rtpmap:45 AV1/90000
a=rtcp-fb:45 nack
a=fmtp:45 level-idx=5;profile=0;tier=0
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:104 H264/90000
a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:105 rtx/90000
a=fmtp:105 apt=104
a=rtpmap:106 H264/90000
a=rtcp-fb:106 nack
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:107 rtx/90000
a=fmtp:107 apt=106
a=rtpmap:49 red/90000
a=rtpmap:50 ulpfec/90000
`
	audio := `m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=setup:actpass
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=recvonly
a=mid:2
`
	text := `v=0
o=- 42 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 1 2 3
a=extmap-allow-mixed
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00
` + video + "a=mid:1\na=sendonly\n" + audio + video + "a=mid:3\na=recvonly\n"
	return strings.ReplaceAll(text, "\n", "\r\n")
}

func TestAnswersToChromiumKeepTheMeetingsOrder(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	for name, c := range map[string]struct {
		order []string
		want  string // of the camera's section
	}{
		"none":  {},
		"all":   {[]string{"av1", "vp9", "h264", "vp8"}, "45 46 98 99 106 107 96 97"},
		"some":  {[]string{"h264", "vp8"}, "106 107 96 97"},
		"twice": {[]string{"vp9", "vp9"}, "98 99"},
	} {
		m := s.NewMeeting(newWitness())
		must(t, m.SetVideoCodecs(c.order...))
		p, err := m.Join("a")
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		answer, err := p.Answer(ctx, Offer{
			SDP: chromium(), Sources: map[Source]string{Camera: "1"}, Seats: []SeatMIDs{{Audio: "2", Video: "3"}},
		})
		must(t, err)
		if got := numbers(answer, "1"); got != c.want && c.order != nil {
			t.Errorf("%s: the camera may use %q, want %q", name, got, c.want)
		}
		for _, mid := range []string{"1", "3"} {
			if c.order != nil && mid == "1" {
				continue
			}
			if got := strings.Fields(numbers(answer, mid)); len(got) != len(strings.Fields("96 97 98 99 45 46 106 107")) {
				t.Errorf("%s: section %s has %q", name, mid, got)
			}
		}
		described := 1 // the seat's section
		if strings.HasPrefix(c.want, "45 ") {
			described = 2 // a camera in AV1 sends them, too
		}
		if !strings.Contains(answer, "a=extmap-allow-mixed") || strings.Count(answer, extDependency) != described {
			t.Errorf("%s: want %d sections with dependency descriptors:\n%s", name, described, answer)
		}
		m.Close()
	}
}

// numbers is the payload types of a section.
func numbers(text, mid string) string {
	for section := range strings.SplitSeq(text, "\r\nm=") {
		if strings.Contains(section, "a=mid:"+mid+"\r\n") {
			first, _, _ := strings.Cut(section, "\r\n")
			return strings.Join(strings.Fields(first)[3:], " ")
		}
	}
	return ""
}
