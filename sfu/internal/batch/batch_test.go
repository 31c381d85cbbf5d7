package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"
)

// ways are the ways of sending; all must keep the same promises.
func ways() map[string]Settings {
	return map[string]Settings{
		"segments": {}, "messages": {NoSegments: true}, "plain": {Plain: true},
	}
}

func open(tb testing.TB, network, addr string, s Settings) *Conn {
	tb.Helper()
	c, err := New(listen(tb, network, addr), s)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func listen(tb testing.TB, network, addr string) *net.UDPConn {
	tb.Helper()
	a, err := net.ResolveUDPAddr(network, addr)
	if err != nil {
		tb.Fatal(err)
	}
	udp, err := net.ListenUDP(network, a)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = udp.Close() })
	_ = udp.SetReadBuffer(4 << 20)
	_ = udp.SetWriteBuffer(4 << 20)
	return udp
}

// sink is a peer that expects numbered datagrams in order.
type sink struct {
	udp  *net.UDPConn
	addr netip.AddrPort
}

func newSink(tb testing.TB, network, addr string) *sink {
	tb.Helper()
	udp := listen(tb, network, addr)
	return &sink{udp, udp.LocalAddr().(*net.UDPAddr).AddrPort()}
}

// expect reads n datagrams and compares them with what number makes.
func (s *sink) expect(tb testing.TB, n int, number func(i int) []byte) {
	tb.Helper()
	b := make([]byte, 65536)
	_ = s.udp.SetReadDeadline(time.Now().Add(10 * time.Second))
	for i := range n {
		k, err := s.udp.Read(b)
		if err != nil {
			tb.Fatalf("%v: datagram %d of %d: %v", s.addr, i, n, err)
		}
		if want := number(i); string(b[:k]) != string(want) {
			tb.Fatalf("%v: datagram %d has %d bytes %x…, want %d bytes %x…", s.addr, i, k, b[:min(k, 8)], len(want), want[:min(len(want), 8)])
		}
	}
}

// media makes a datagram that looks like RTP of a length.
func media(peer, i, size int) []byte {
	b := make([]byte, max(size, 12))
	b[0], b[1] = 0x80, 96
	binary.BigEndian.PutUint32(b[2:], uint32(i))
	binary.BigEndian.PutUint32(b[6:], uint32(peer))
	for j := 12; j < len(b); j++ {
		b[j] = byte(i + j*peer)
	}
	return b
}

func TestDatagramsArriveIntactAndInOrder(t *testing.T) {
	t.Parallel()
	for name, settings := range ways() {
		for _, family := range []string{"udp4 127.0.0.1:0", "udp6 [::1]:0", "udp :0"} {
			t.Run(name+" "+family, func(t *testing.T) {
				t.Parallel()
				conformance(t, settings, family)
			})
		}
	}
}

// conformance sends runs of every shape to many destinations.
func conformance(t *testing.T, settings Settings, family string) {
	t.Helper()
	var network, addr string
	if _, err := fmt.Sscan(family, &network, &addr); err != nil {
		t.Fatal(err)
	}
	c := open(t, network, addr, settings)
	var sinks []*sink
	for i := range 70 {
		switch {
		case network == "udp4", network == "udp" && i%2 == 0:
			sinks = append(sinks, newSink(t, "udp4", "127.0.0.1:0"))
		default:
			sinks = append(sinks, newSink(t, "udp6", "[::1]:0"))
		}
	}
	// Equal sizes, a shorter last, a longer one after a shorter, many segments,
	// one byte apart, larger than the usual MTU, and one byte of payload.
	sizes := []int{1200, 1200, 900, 1200, 100, 100, 100, 1100, 1099, 1098, 9000, 9000, 13}
	for range 20 {
		sizes = append(sizes, 1000)
	}
	for i, size := range sizes {
		for peer, s := range sinks {
			if n, err := c.WriteToAddrPort(media(peer, i, size), s.addr); err != nil || n != size {
				t.Fatalf("write %d bytes: %d, %v", size, n, err)
			}
		}
		if i%9 == 8 {
			c.Flush()
		}
	}
	c.Flush()
	for peer, s := range sinks {
		s.expect(t, len(sizes), func(i int) []byte { return media(peer, i, sizes[i]) })
	}
	if got := c.Stats().Datagrams.Load(); got != uint64(len(sizes)*len(sinks)) {
		t.Errorf("%d datagrams counted", got)
	}
}

func TestRandomTrafficOfManyWriters(t *testing.T) {
	t.Parallel()
	for name, settings := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, "udp4", "127.0.0.1:0", settings)
			const writers, each, sizesSeed = 4, 300, 7
			sinks := make([]*sink, writers)
			for i := range sinks {
				sinks[i] = newSink(t, "udp4", "127.0.0.1:0")
			}
			size := func(peer, i int) int {
				return 12 + rand.New(rand.NewPCG(uint64(peer), uint64(i+sizesSeed))).IntN(1300)
			}
			var wg sync.WaitGroup
			for peer := range writers {
				wg.Go(func() {
					for i := range each {
						_, _ = c.WriteToAddrPort(media(peer, i, size(peer, i)), sinks[peer].addr)
						if i%5 == 0 {
							c.Flush()
						}
					}
				})
			}
			wg.Wait()
			c.Flush()
			select {
			case <-c.Kicked():
				c.Flush()
			default:
			}
			for peer, s := range sinks {
				s.expect(t, each, func(i int) []byte { return media(peer, i, size(peer, i)) })
			}
		})
	}
}

func TestRunsAreCutApartByTheKernel(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return
	}
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	sinks := []*sink{newSink(t, "udp4", "127.0.0.1:0"), newSink(t, "udp4", "127.0.0.1:0")}
	for i := range 5 {
		for _, s := range sinks {
			_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
		}
	}
	c.Flush()
	for _, s := range sinks {
		s.expect(t, 5, func(i int) []byte { return media(1, i, 1000) })
	}
	if got := c.Stats(); got.Calls.Load() != 1 || got.Messages.Load() != 2 || got.Datagrams.Load() != 10 {
		t.Errorf("%d calls, %d messages, %d datagrams", got.Calls.Load(), got.Messages.Load(), got.Datagrams.Load())
	}
}

func TestSignallingDoesNotWait(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	s := newSink(t, "udp4", "127.0.0.1:0")
	stun, dtls := []byte{0, 1, 0, 0}, []byte{22, 254, 253}
	_, _ = c.WriteToAddrPort(media(1, 1, 100), s.addr)
	for _, b := range [][]byte{stun, dtls} {
		if n, err := c.WriteTo(b, net.UDPAddrFromAddrPort(s.addr)); err != nil || n != len(b) {
			t.Fatalf("write: %d, %v", n, err)
		}
		s.expect(t, 1, func(int) []byte { return b })
	}
	c.Flush()
	s.expect(t, 1, func(int) []byte { return media(1, 1, 100) })
}

func TestSixteenSegmentsDoNotWait(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	s := newSink(t, "udp4", "127.0.0.1:0")
	for i := range maxRun {
		_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
	}
	s.expect(t, maxRun, func(i int) []byte { return media(1, i, 1000) })
}

func TestReadsComeOneAtATime(t *testing.T) {
	t.Parallel()
	for name, settings := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			truncated := 0
			settings.Dropped = func(why Reason, n int) {
				if why == Truncated {
					truncated += n
				}
			}
			c := open(t, "udp", ":0", settings)
			port := c.LocalAddr().(*net.UDPAddr).Port
			for _, peer := range []string{"127.0.0.1", "::1"} {
				from := newSink(t, "udp", net.JoinHostPort(peer, "0"))
				to := netip.AddrPortFrom(netip.MustParseAddr(peer), uint16(port))
				for i := range 40 {
					if _, err := from.udp.WriteToUDPAddrPort(media(2, i, 30+i), to); err != nil {
						t.Fatal(err)
					}
				}
				b := make([]byte, 1500)
				for i := range 40 {
					n, addr, err := c.ReadFromAddrPort(b)
					if err != nil || addr != from.addr || string(b[:n]) != string(media(2, i, 30+i)) {
						t.Fatalf("datagram %d: %d bytes from %v (want %v), %v", i, n, addr, from.addr, err)
					}
				}
			}
			if truncated != 0 {
				t.Errorf("%d truncated", truncated)
			}
		})
	}
}

func TestInjectedDatagramsWakeTheReader(t *testing.T) {
	t.Parallel()
	for name, settings := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, "udp4", "127.0.0.1:0", settings)
			peer := newSink(t, "udp4", "127.0.0.1:0")
			here := netip.MustParseAddrPort("203.0.113.5:50000")
			back := make(chan string)
			go func() {
				defer close(back)
				b := make([]byte, 1500)
				for {
					n, from, err := c.ReadFromAddrPort(b)
					if err != nil {
						return
					}
					back <- fmt.Sprintf("%v %s", from, b[:n])
				}
			}()
			for i := range 200 {
				text := fmt.Sprint("datagram ", i)
				if i%3 == 0 {
					_, _ = peer.udp.WriteToUDPAddrPort([]byte(text), c.LocalAddr().(*net.UDPAddr).AddrPort())
					if got, want := <-back, fmt.Sprintf("%v %s", peer.addr, text); got != want {
						t.Fatalf("read %q, want %q", got, want)
					}
					continue
				}
				if !c.Inject([]byte(text), here) {
					t.Fatal("no room")
				}
				if got, want := <-back, fmt.Sprintf("%v %s", here, text); got != want {
					t.Fatalf("read %q, want %q", got, want)
				}
			}
			_ = c.Close()
			if _, more := <-back; more {
				t.Error("something was read after the end")
			}
		})
	}
}

func TestInjectedDatagramsAreBounded(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	from := netip.MustParseAddrPort("203.0.113.5:50000")
	taken := 0
	for range 2 * maxInjected {
		if c.Inject([]byte("x"), from) {
			taken++
		}
	}
	if taken != maxInjected {
		t.Errorf("%d datagrams taken", taken)
	}
}

type inbox struct {
	mu  sync.Mutex
	got []string
}

func (i *inbox) Deliver(b []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.got) == 2 {
		return 0, io.ErrShortBuffer
	}
	i.got = append(i.got, string(b))
	return len(b), nil
}

func TestRoutesLeadPastTheSocket(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	s := newSink(t, "udp4", "127.0.0.1:0")
	link := netip.MustParseAddrPort("127.0.0.1:1") // the same host as the sink's
	box := &inbox{}
	if !c.Route(link, box) || c.Route(link, box) {
		t.Error("an address is free once")
	}
	_, _ = c.WriteToAddrPort([]byte("\x80one"), link)
	_, _ = c.WriteToAddrPort([]byte("two"), link)
	if _, err := c.WriteToAddrPort([]byte("three"), link); !errors.Is(err, io.ErrShortBuffer) {
		t.Errorf("a full link: %v", err)
	}
	if fmt.Sprintf("%q", box.got) != `["\x80one" "two"]` {
		t.Errorf("delivered: %q", box.got)
	}
	_, _ = c.WriteToAddrPort([]byte("other"), s.addr)
	s.expect(t, 1, func(int) []byte { return []byte("other") })
	if !c.Route(link, nil) || c.routes.Load() != nil {
		t.Error("a route that ended is still there")
	}
}

func TestSendingAllocatesNothing(t *testing.T) {
	for name, settings := range ways() {
		c := open(t, "udp4", "127.0.0.1:0", settings)
		sinks := []*sink{newSink(t, "udp4", "127.0.0.1:0"), newSink(t, "udp4", "127.0.0.1:0")}
		b := media(1, 1, 1200)
		burst := func() {
			for range 3 {
				for _, s := range sinks {
					_, _ = c.WriteToAddrPort(b, s.addr)
				}
			}
			c.Flush()
		}
		burst()
		burst()
		if n := testing.AllocsPerRun(50, burst); n != 0 {
			t.Errorf("%s: %v allocations for a burst", name, n)
		}
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	c := open(t, "udp", ":0", Settings{})
	from := newSink(t, "udp4", "127.0.0.1:0")
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(c.LocalAddr().(*net.UDPAddr).Port))
	b := make([]byte, 1500)
	if n := testing.AllocsPerRun(50, func() {
		for range 5 {
			_, _ = from.udp.WriteToUDPAddrPort(b[:500], to)
		}
		for range 5 {
			_, _, _ = c.ReadFromAddrPort(b)
		}
	}); n != 0 {
		t.Errorf("%v allocations for five datagrams", n)
	}
}
