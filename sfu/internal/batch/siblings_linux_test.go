package batch

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
)

// TestReadersShareWhatArrives: every datagram comes to one of them, each stream in
// its order to the same one, and what is no stream to the first.
func TestReadersShareWhatArrives(t *testing.T) {
	t.Parallel()
	const readers, streams, each = 3, 20, 50
	c := open(t, "udp", ":0", Settings{Readers: readers})
	defer c.Close()
	if len(c.More()) != readers-1 {
		t.Fatalf("%d more readers", len(c.More()))
	}
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	peer := newSink(t, "udp4", "127.0.0.1:0")

	var mu sync.Mutex
	got := map[uint32][]byte{} // of a stream, the reader of each datagram
	last := map[uint32]uint32{}
	left := sync.WaitGroup{}
	left.Add(streams * each)
	note := func(reader byte, b []byte) {
		stream, n := binary.BigEndian.Uint32(b[ssrcAt:]), binary.BigEndian.Uint32(b[4:])
		mu.Lock()
		defer mu.Unlock()
		if len(got[stream]) > 0 && n != last[stream]+1 {
			t.Errorf("stream %d: %d after %d", stream, n, last[stream])
		}
		got[stream], last[stream] = append(got[stream], reader), n
		left.Done()
	}
	var reading sync.WaitGroup
	for i, r := range c.More() {
		reading.Go(func() {
			b := make([]byte, 100)
			for {
				n, _, err := r.ReadFromAddrPort(b)
				if errors.Is(err, os.ErrDeadlineExceeded) {
					return
				}
				if err != nil || n != 20 {
					t.Errorf("%d bytes, %v", n, err)
					return
				}
				note(byte(i+1), b)
			}
		})
	}
	reading.Go(func() {
		b := make([]byte, 100)
		for {
			n, _, err := c.ReadFromAddrPort(b)
			if err != nil || string(b[:n]) == "end" {
				return
			}
			note(0, b)
		}
	})
	for n := range uint32(each) {
		for stream := range uint32(streams) {
			b := make([]byte, 20)
			b[0] = 0x80
			binary.BigEndian.PutUint32(b[4:], n)
			binary.BigEndian.PutUint32(b[ssrcAt:], stream)
			if _, err := peer.udp.WriteToUDPAddrPort(b, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	left.Wait()
	for _, r := range c.More() {
		r.Stop()
	}
	if _, err := peer.udp.WriteToUDPAddrPort([]byte("end"), to); err != nil { // to the first
		t.Fatal(err)
	}
	reading.Wait()

	counts := map[byte]int{}
	for stream, list := range got {
		for _, reader := range list {
			if reader != list[0] {
				t.Fatalf("stream %d came to several: %v", stream, list)
			}
		}
		counts[list[0]] += len(list)
	}
	if len(counts) != readers {
		t.Errorf("shares: %v", counts)
	}
}

// TestReadersAreNotInTheWay: the socket sends as before, and a second program on its
// port is refused before the sockets share it.
func TestReadersAreNotInTheWay(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{Readers: 2})
	s := newSink(t, "udp4", "127.0.0.1:0")
	for i := range 5 {
		_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
	}
	c.Flush()
	s.expect(t, 5, func(i int) []byte { return media(1, i, 1000) })
	if other, err := net.ListenUDP("udp4", c.LocalAddr().(*net.UDPAddr)); err == nil {
		_ = other.Close()
		t.Error("another program has the port, too")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.More() {
		if _, _, err := r.ReadFromAddrPort(make([]byte, 100)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed reader: %v", err)
		}
	}
}
