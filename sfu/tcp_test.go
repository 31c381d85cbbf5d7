package sfu

import (
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// sluice carries TCP between one client and the SFU, and can stop reading what
// the SFU sends.
type sluice struct {
	l    net.Listener
	to   string
	wg   sync.WaitGroup
	mu   sync.Mutex
	open sync.Cond
	shut bool
}

func newSluice(t *testing.T, s *SFU) *sluice {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	u := &sluice{l: l, to: s.TCPAddr().String()}
	u.open.L = &u.mu
	var conns []net.Conn
	u.wg.Go(func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp4", u.to)
			if err != nil {
				_ = down.Close()
				continue
			}
			u.mu.Lock()
			conns = append(conns, up, down)
			u.mu.Unlock()
			u.wg.Go(func() { _, _ = io.Copy(up, down) })
			u.wg.Go(func() { u.carry(down, up) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		u.set(false)
		u.mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		u.mu.Unlock()
		u.wg.Wait()
	})
	return u
}

func (u *sluice) set(shut bool) {
	u.mu.Lock()
	u.shut = shut
	u.mu.Unlock()
	u.open.Broadcast()
}

func (u *sluice) carry(down, up net.Conn) {
	b := make([]byte, 4096)
	for {
		u.mu.Lock()
		for u.shut {
			u.open.Wait()
		}
		u.mu.Unlock()
		n, err := up.Read(b)
		if err != nil {
			return
		}
		_, _ = down.Write(b[:n])
	}
}

func (u *sluice) reroute(answer string) string {
	port := strconv.Itoa(u.l.Addr().(*net.TCPAddr).Port)
	return regexp.MustCompile(`(?i)(tcp \d+ \S+) \d+ typ`).ReplaceAllString(answer, "${1} "+port+" typ")
}

// film sends frames of one large packet, every tenth a key frame, until stopped,
// and counts them.
func (c *client) film(stop <-chan struct{}, sent *atomic.Int64) {
	c.quiet.Store(true)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n := 20000; ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		body := append(picture(n, 0, n%10 == 0, 180), make([]byte, 1000)...)
		body = append(body, "|"+string(c.id)+"/film/"...)
		_ = c.layers[0].WriteRTP(&rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n * 450), Marker: true},
			Payload: body,
		})
		sent.Add(1)
		if n%10 == 0 {
			c.sendAudio(n / 10)
		}
	}
}

func TestSlowReceiverOverTCP(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{TCPAddr: "127.0.0.1:0"})
	told := newWitness()
	m := s.NewMeeting(told)
	slow := newSluice(t, s)
	a := join(t, m, "a", setup{seats: 2, network: []webrtc.NetworkType{webrtc.NetworkTypeTCP4}, reroute: slow.reroute})
	c := join(t, m, "c", setup{seats: 2})
	b := join(t, m, "b", setup{})
	live(b, Microphone, Camera)
	a.quiet.Store(true)
	c.quiet.Store(true)
	eventually(t, "both see b", func() bool { return a.all("b/video0") > 20 && c.all("b/video0") > 20 })
	stop, done := make(chan struct{}), make(chan struct{})
	var sent atomic.Int64
	go func() {
		defer close(done)
		b.film(stop, &sent)
	}()
	eventually(t, "a sees the film", func() bool { return a.all("b/film") > 20 })
	slow.set(true)
	eventually(t, "nothing more goes to a", func() bool {
		return s.counters.drops[dropPathFull].Load() > 0 || told.paused("a")
	})
	// Nobody else notices: not one frame is missing.
	begun, seen := sent.Load(), c.all("b/film")
	eventually(t, "c goes on", func() bool { return c.all("b/film") > seen+200 })
	due := int(sent.Load() - begun)
	heard, watched, keys := a.all("b/audio"), a.all("b/film"), a.keyframes()
	slow.set(false)
	eventually(t, "a hears b again", func() bool { return a.all("b/audio") > heard+50 })
	eventually(t, "a sees b again", func() bool { return a.all("b/film") > watched+200 && a.keyframes() > keys })
	eventually(t, "c has every frame", func() bool { return c.all("b/film")-seen >= due })
	close(stop)
	<-done
}

// paused reports whether a picture at id is.
func (w *witness) paused(id PeerID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.seats[id], func(s Seating) bool { return s.Picture == Paused })
}

func (c *client) keyframes() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.heard {
		n += s.keyframes
	}
	return n
}

func TestOutboxKeepsRoomForWhatIsSmall(t *testing.T) {
	t.Parallel()
	o := newOutbox()
	big, small := make([]byte, 1200), make([]byte, 100)
	n := 0
	for o.put(nil, big) {
		n += len(big)
	}
	if n > outboxRoom-outboxReserve || n < outboxRoom-outboxReserve-len(big) {
		t.Errorf("%d bytes of pictures taken", n)
	}
	for o.put(small[:50], small[50:]) {
		n += len(small)
	}
	if n > outboxRoom || n < outboxRoom-len(small) {
		t.Errorf("%d bytes taken", n)
	}
	full, ok := o.take(nil)
	if !ok || len(full) != n || o.put(nil, small) {
		t.Errorf("took %d bytes of %d; what is not gone makes no room", len(full), n)
	}
	o.gone(n)
	if !o.put(nil, big) {
		t.Error("no room again")
	}
	o.close()
	if _, ok := o.take(full); ok || o.put(nil, small) {
		t.Error("closed and still open")
	}
}
