package sfu

import (
	"math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// lossy carries datagrams between one client and the SFU and loses some of the
// media, the same ones for the same seed.
type lossy struct {
	front *net.UDPConn // where the client sends
	back  *net.UDPConn // towards the SFU
	wg    sync.WaitGroup

	mu     sync.Mutex
	random *rand.Rand
	client *net.UDPAddr
	lost   int
}

func newLossy(t *testing.T, s *SFU, seed uint64) *lossy {
	t.Helper()
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	l := &lossy{random: rand.New(rand.NewPCG(seed, 1))}
	var err error
	l.front, err = net.ListenUDP("udp4", loopback)
	must(t, err)
	l.back, err = net.DialUDP("udp4", loopback, net.UDPAddrFromAddrPort(s.UDPAddr()))
	must(t, err)
	l.wg.Go(func() {
		buf := make([]byte, 1600)
		for {
			n, from, err := l.front.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if l.passes(buf[:n], from) != nil {
				_, _ = l.back.Write(buf[:n])
			}
		}
	})
	l.wg.Go(func() {
		buf := make([]byte, 1600)
		for {
			n, err := l.back.Read(buf)
			if err != nil {
				return
			}
			if to := l.passes(buf[:n], nil); to != nil {
				_, _ = l.front.WriteToUDP(buf[:n], to)
			}
		}
	})
	t.Cleanup(func() {
		_ = l.front.Close()
		_ = l.back.Close()
		l.wg.Wait()
	})
	return l
}

// passes loses a tenth of the RTP, of which the RTCP types are no part; else it
// says where the client is.
func (l *lossy) passes(b []byte, from *net.UDPAddr) *net.UDPAddr {
	l.mu.Lock()
	defer l.mu.Unlock()
	if from != nil {
		l.client = from
	}
	media := len(b) > 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223)
	if media && l.random.Float64() < 0.1 {
		l.lost++
		return nil
	}
	return l.client
}

// reroute points an answer's candidates at the lossy front.
func (l *lossy) reroute(answer string) string {
	port := strconv.Itoa(l.front.LocalAddr().(*net.UDPAddr).Port)
	return regexp.MustCompile(`(udp \d+ \S+) \d+ typ`).ReplaceAllString(answer, "${1} "+port+" typ")
}

func TestLossIsRepairedBothWays(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	m := s.NewMeeting(newWitness())
	there, here := newLossy(t, s, 1), newLossy(t, s, 2)
	a := join(t, m, "a", setup{seats: 1, reroute: here.reroute})
	live(join(t, m, "b", setup{reroute: there.reroute}), Microphone, Camera)
	eventually(t, "a long picture", func() bool { return a.steps("seat-0-video") > 600 })
	// pion's receiver asks every 100 ms only, so the last second is still open.
	// What was lost right before a key frame is given up on purpose.
	if n := a.lackingOld("seat-0-video", 60); n > 12 {
		t.Errorf("%d packets were never repaired", n)
	}
	for _, l := range []*lossy{there, here} {
		l.mu.Lock()
		if l.lost < 50 {
			t.Errorf("only %d packets were lost", l.lost)
		}
		l.mu.Unlock()
	}
	if s.counters.resent.Load() == 0 || s.counters.nacksSent.Load() == 0 {
		t.Error("nothing was repaired")
	}
}
