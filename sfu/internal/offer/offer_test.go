package offer

import (
	"slices"
	"strings"
	"testing"
)

const chromium = `v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
m=audio 9 UDP/TLS/RTP/SAVPF 111 63
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:63 red/48000/2
a=ssrc:1111 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 AA:BB
a=mid:1
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=sendonly
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rid:f send
a=rid:h send
a=rid:q send
a=simulcast:send f;~h;q
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=mid:2
a=sendonly
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc-group:FID 21 22
a=ssrc:21 cname:x
a=ssrc:22 cname:x
`

func text(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestParse(t *testing.T) {
	t.Parallel()
	o, err := Parse(text(chromium))
	if err != nil {
		t.Fatal(err)
	}
	if o.Session != 4611731400430051336 || o.Fingerprint != "sha-256 AA:BB" || o.ICE != "abcd:0123456789012345678901" {
		t.Errorf("%+v", o)
	}
	if want := (Extensions{MID: 4, RID: 10, RepairedRID: 11, AudioLevel: 1, TransportCC: 3}); o.Extensions != want {
		t.Errorf("extensions %+v", o.Extensions)
	}
	if o.Codecs[97] != (Codec{Name: "rtx", Clock: 90000, Apt: 96}) || o.Codecs[111].Name != "opus" {
		t.Errorf("codecs %+v", o.Codecs)
	}
	if !slices.Equal(o.Media[1].RIDs, []string{"q", "h", "f"}) {
		t.Errorf("rids %v", o.Media[1].RIDs)
	}
	if !slices.Equal(o.Media[2].SSRCs, []uint32{21}) || o.Media[2].RTX[22] != 21 {
		t.Errorf("ssrcs %v %v", o.Media[2].SSRCs, o.Media[2].RTX)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(string) string{
		"nothing":        func(string) string { return "" },
		"too long":       func(s string) string { return s + strings.Repeat("a=x\n", MaxSDP) },
		"no media":       func(s string) string { return s[:strings.Index(s, "m=")] },
		"no credentials": func(s string) string { return strings.ReplaceAll(s, "ice-pwd", "x") },
		"no fingerprint": func(s string) string { return strings.ReplaceAll(s, "fingerprint", "x") },
		"mid twice":      func(s string) string { return strings.ReplaceAll(s, "mid:2", "mid:1") },
		"no mid":         func(s string) string { return strings.ReplaceAll(s, "a=mid:2\n", "") },
		"data channel":   func(s string) string { return s + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:3\n" },
		"undeclared rid": func(s string) string { return strings.ReplaceAll(s, "a=rid:h send\n", "") },
	} {
		if o, err := Parse(text(edit(chromium))); err == nil {
			t.Errorf("%s: accepted %+v", name, o)
		}
	}
}

func TestOfManyEncodingsTheFirstAreTaken(t *testing.T) {
	t.Parallel()
	o, err := Parse(text(strings.ReplaceAll(chromium, "a=simulcast:send f", "a=rid:x send\na=simulcast:send x;f")))
	if err != nil {
		t.Fatal(err)
	}
	if rids := o.Media[1].RIDs; len(rids) != maxRIDs || rids[maxRIDs-1] != "x" {
		t.Errorf("takes %v", rids)
	}
	obs, err := Parse(text("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=fingerprint:sha-256 AA\na=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0\na=sendonly\na=rtpmap:96 H264/90000\n" +
		"a=rid:0 send\na=rid:1 send\na=rid:2 send\na=rid:3 send\na=simulcast:send 0;1;2;3\n"))
	if err != nil || !slices.Equal(obs.Media[0].RIDs, []string{"2", "1", "0"}) {
		t.Errorf("of OBS: %+v %v", obs, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text(chromium))
	f.Add("v=0\r\nm=audio")
	f.Fuzz(func(t *testing.T, s string) {
		o, err := Parse(s)
		if err != nil {
			return
		}
		for _, m := range o.Media {
			if m.MID == "" || len(m.RIDs) > maxRIDs || len(m.SSRCs) > 16 {
				t.Fatalf("%+v", m)
			}
		}
	})
}
