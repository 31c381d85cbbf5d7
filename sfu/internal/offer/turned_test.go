package offer

import (
	"strings"
	"testing"
)

const mixed = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3\r\n" +
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcd\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=ice-ufrag:abcd\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=inactive\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:3\r\na=recvonly\r\n"

func TestTurnedDownSectionsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	kept, turned, err := Keep(mixed, map[string]bool{"1": true, "3": true})
	if err != nil || strings.Count(kept, "m=") != 2 || !strings.Contains(kept, "BUNDLE 1 3\r\n") {
		t.Fatalf("%q: %v", kept, err)
	}
	answer, err := turned.Down(kept)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "m=") || strings.HasPrefix(line, "a=mid:") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	const want = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel a=mid:0 m=audio 9 UDP/TLS/RTP/SAVPF 111 a=mid:1 " +
		"m=video 0 UDP/TLS/RTP/SAVPF 0 a=mid:2 m=video 9 UDP/TLS/RTP/SAVPF 96 a=mid:3"
	if strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
}

func FuzzKeep(f *testing.F) {
	f.Add(mixed, "1")
	f.Add("v=0\r\nm=audio 9 x 1\r\n", "")
	f.Fuzz(func(t *testing.T, text, mid string) {
		kept, turned, err := Keep(text, map[string]bool{mid: true})
		if err != nil {
			return
		}
		if answer, err := turned.Down(kept); err == nil && len(turned) > 0 && strings.Count("\n"+answer, "\nm=") != strings.Count("\n"+kept, "\nm=")+len(turned) {
			t.Errorf("%q became %q", text, answer)
		}
	})
}
