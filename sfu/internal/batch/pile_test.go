package batch

import (
	"net/netip"
	"testing"
)

// FuzzPile compares the pile with lists by destination: nothing is lost, mixed
// up or put out of order, and every run is one the kernel takes.
func FuzzPile(f *testing.F) {
	f.Add([]byte{1, 200, 1, 200, 2, 9, 1, 100, 1, 200}, uint64(1))
	f.Add([]byte{0, 0, 0, 0, 0, 1}, uint64(0))
	f.Add([]byte{7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255, 7, 255}, uint64(9))
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		p := newPile(seed)
		for round := range 2 {
			want := map[target][]string{}
			for i := 0; i+1 < len(input); i += 2 {
				addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, input[i] >> 4, 1}), uint16(input[i]&15)+1)
				to, _ := targetOf(addr)
				if to.addrPort() != addr {
					t.Fatalf("%v became %v", addr, to.addrPort())
				}
				b := make([]byte, int(input[i+1])*8)
				for j := range b {
					b[j] = byte(i + round)
				}
				if n := p.add(to, b); n == none {
					continue // full
				}
				want[to] = append(want[to], string(b))
			}
			comparePile(t, p, want)
			p.reset()
			if !p.empty() {
				t.Fatal("not empty")
			}
		}
	})
}

func comparePile(t *testing.T, p *pile, want map[target][]string) {
	t.Helper()
	for _, pl := range p.places {
		list := want[pl.to]
		for at := pl.first; at != none; {
			r := p.run(at, false)
			total := 0
			for i := range r.count {
				d := p.datagrams[at]
				if len(list) == 0 || string(p.payload(d)) != list[0] {
					t.Fatalf("%v: wrong datagram", pl.to)
				}
				if (i < r.count-1 && d.size != r.size) || d.size > r.size || (d.size == 0 && r.count > 1) {
					t.Fatalf("%v: sizes do not fit: %d of %d", pl.to, d.size, r.size)
				}
				total += int(d.size)
				list, at = list[1:], d.next
			}
			if r.count > maxRun || total > maxUDP || at != r.next {
				t.Fatalf("%v: run of %d with %d bytes", pl.to, r.count, total)
			}
		}
		if len(list) > 0 {
			t.Fatalf("%v: %d datagrams are missing", pl.to, len(list))
		}
		delete(want, pl.to)
	}
	if len(want) > 0 {
		t.Fatalf("%d destinations are missing", len(want))
	}
}

func TestDestinationsAreBounded(t *testing.T) {
	t.Parallel()
	p := newPile(1)
	for i := range maxPlaces + 10 {
		n := p.add(target{lo: uint64(i), port: 1}, []byte("x"))
		if (n != none) != (i < maxPlaces) {
			t.Fatalf("destination %d: %d", i, n)
		}
	}
	p.epoch = 1<<32 - 1
	p.reset()
	if n := p.add(target{lo: 5, port: 1}, []byte("x")); n != 1 {
		t.Errorf("after many batches: %d", n)
	}
}

func TestZonesHaveNoPlainForm(t *testing.T) {
	t.Parallel()
	if _, ok := targetOf(netip.MustParseAddrPort("[fe80::1%eth0]:1")); ok {
		t.Error("a zone was forgotten")
	}
	if _, ok := targetOf(netip.AddrPort{}); ok {
		t.Error("no address is no target")
	}
}
