package sfu

import (
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

func TestCandidatesComeInOrder(t *testing.T) {
	t.Parallel()
	want := []string{
		"a=candidate:5 1 udp 2130706431 203.0.113.9 7882 typ host\r\n",
		"a=candidate:4 1 udp 2130706431 10.0.0.5 7882 typ host\r\n",
		"a=candidate:3 1 tcp 1671430143 203.0.113.9 7882 typ host tcptype passive\r\n",
		"a=candidate:2 1 tcp 1671430143 10.0.0.5 7882 typ host tcptype passive\r\n",
		"a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host\r\n",
	}
	const head, tail = "m=audio 9 x 111\r\na=mid:0\r\n", "a=end-of-candidates\r\nm=video 9 x 96\r\n"
	for range 50 {
		mixed := append([]string{want[1]}, want...)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if got := inOrder(head + strings.Join(mixed, "") + tail); got != head+strings.Join(want, "")+tail {
			t.Fatalf("%s", got)
		}
	}
}

func TestOnlyWhatListensIsAnnounced(t *testing.T) {
	t.Parallel()
	udp := "a=candidate:1 1 udp 1 192.0.2.1 7882 typ host\r\n"
	v4 := "a=candidate:2 1 tcp 1 192.0.2.1 7882 typ host tcptype passive\r\n"
	v6 := "a=candidate:3 1 tcp 1 2001:db8::1 7882 typ host tcptype passive\r\n"
	for bound, want := range map[string]string{
		"[::]:7882": udp + v4 + v6, "0.0.0.0:7882": udp + v4, "192.0.2.1:7882": udp + v4, "[2001:db8::1]:7882": udp + v6, "127.0.0.1:7882": udp,
	} {
		addr, err := net.ResolveTCPAddr("tcp", bound)
		must(t, err)
		if got := listening(udp+v4+v6, addr); got != want {
			t.Errorf("bound to %s: %s", bound, got)
		}
	}
}
