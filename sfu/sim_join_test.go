package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// percentile is the value that this share of the list does not exceed.
func percentile(list []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// within waits until ok and says how long that took; never longer than most.
func within(most time.Duration, ok func() bool) time.Duration {
	begun := time.Now()
	for !ok() && time.Since(begun) < most {
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(begun)
}

// firstMedia is when a receiver got its first packet of media, 0 for not yet.
func (r *simReceiver) firstMedia() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first
}

// since reports whether media came after a moment.
func (r *simReceiver) since(at time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest > at
}

// TestSimJoin: how long a newcomer waits for the first sound or picture on a link
// that loses packets both ways at 200 ms round trip, from the offer on. As the
// client does, it begins anew when that takes long.
func TestSimJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		loss          float64
		seeds         uint64
		p90, p95, p99 time.Duration
	}{
		{0, 4, 1500 * time.Millisecond, 1500 * time.Millisecond, 1500 * time.Millisecond},
		{0.10, 60, 3 * time.Second, 3 * time.Second, 5 * time.Second},
		{0.30, 160, 6 * time.Second, 8 * time.Second, 12 * time.Second},
		{0.50, 100, 16 * time.Second, 20 * time.Second, time.Minute},
	} {
		t.Run(fmt.Sprintf("loss %.0f %%", c.loss*100), func(t *testing.T) {
			t.Parallel()
			list := simEach(t, c.seeds, 100*time.Millisecond, func(w *world) time.Duration { return simJoinTime(w, c.loss) })
			t.Logf("p50 %v, p90 %v, p95 %v, p99 %v, longest %v", percentile(list, 0.5), percentile(list, 0.9),
				percentile(list, 0.95), percentile(list, 0.99), slices.Max(list))
			if percentile(list, 0.9) > c.p90 || percentile(list, 0.95) > c.p95 || percentile(list, 0.99) > c.p99 {
				t.Errorf("longer than %v, %v and %v", c.p90, c.p95, c.p99)
			}
		})
	}
}

// simPatient is patienceToConnect in web/src/meeting/media/lifeline.ts.
const simPatient = 4 * time.Second

// simJoinTime is how long one newcomer waits; never longer than a minute.
func simJoinTime(w *world, loss float64) time.Duration {
	w.join("a", simSetup{ip: "10.0.1.1", sends: true, mild: true})
	time.Sleep(3 * time.Second)
	w.lossy["10.0.2.1"] = simLoss{share: loss}
	begun := time.Now()
	setup := simSetup{ip: "10.0.2.1", seats: 1}
	b := w.join("b", setup)
	heard := func() bool { return b.rx.firstMedia() > 0 }
	for patience := simPatient; !heard() && time.Since(begun) < time.Minute; patience = patience * 3 / 2 {
		within(patience, func() bool { return heard() || b.pc.ConnectionState() == webrtc.PeerConnectionStateConnected })
		if b.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
			within(10*time.Second, heard)
			continue
		}
		// Closed in the moment of its success, pion's session would leave a goroutine.
		w.closes = append(w.closes, b.pc.GracefulClose)
		b.seats = nil
		b.connect(setup)
		must(w.t, b.negotiate(nil))
	}
	return time.Since(begun)
}

// TestSimBlackout: ten seconds without a network, then the picture is back within a
// second and a half, and within seven at its full rate; nobody was told that anybody
// left.
func TestSimBlackout(t *testing.T) {
	t.Parallel()
	list := simEach(t, 4, simOneWay, func(w *world) time.Duration {
		w.join("a", simSetup{ip: "10.0.1.1", sends: true})
		b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
		b.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
		time.Sleep(5 * time.Second)
		w.set(b.link, func(l *simLink) { l.dark = true })
		time.Sleep(10 * time.Second)
		w.set(b.link, func(l *simLink) { l.dark = false })
		back := w.sfu.now()
		took := within(10*time.Second, func() bool { return b.rx.shownSince(back) })
		time.Sleep(3 * time.Second)
		if s := b.after(4 * time.Second); s.fps < 12 || s.concealed > 0.01 {
			w.t.Errorf("3 s later: %v", s)
		}
		if s := b.after(4 * time.Second); s.fps < 25 || s.concealed > 0.01 { // now and then a probe later than usual
			w.t.Errorf("7 s later: %v", s)
		}
		if w.told.seatOf("b", "a", Person) < 0 {
			w.t.Error("the seat is lost")
		}
		return took
	})
	t.Logf("picture back after %v, longest %v", percentile(list, 0.5), slices.Max(list))
	if slices.Max(list) > 1500*time.Millisecond {
		t.Error("too long")
	}
}

// shownSince reports whether a picture sent after a moment could be shown.
func (r *simReceiver) shownSince(at time.Duration) bool {
	f := r.film()
	r.mu.Lock()
	defer r.mu.Unlock()
	return f != nil && len(f.ready) > 0 && f.ready[len(f.ready)-1].at > at+simPlayout
}

// TestSimNetworkSwitch: a client whose address changes restarts ICE; media is
// back within two seconds, on a link that loses packets too.
func TestSimNetworkSwitch(t *testing.T) {
	t.Parallel()
	for _, loss := range []float64{0, 0.1} {
		list := simEach(t, 12, simOneWay, func(w *world) time.Duration {
			w.join("a", simSetup{ip: "10.0.1.1", sends: true})
			b := w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
			time.Sleep(4 * time.Second)
			w.set(b.link, func(l *simLink) { l.up, l.down = simLoss{share: loss}, simLoss{share: loss} })
			begun := w.sfu.now()
			b.move("10.0.3.1")
			must(w.t, b.negotiate(&webrtc.OfferOptions{ICERestart: true}))
			within(10*time.Second, func() bool { return b.rx.since(begun + 100*time.Millisecond) })
			return w.sfu.now() - begun
		})
		t.Logf("loss %.2f: p50 %v, p95 %v", loss, percentile(list, 0.5), percentile(list, 0.95))
		if percentile(list, 0.95) > 2*time.Second {
			t.Errorf("loss %.2f: too long", loss)
		}
	}
}

// move gives the client another address, as when it changes networks.
func (p *simPeer) move(ip string) {
	t := p.w.t
	mask := net.CIDRMask(8, 32)
	must(t, p.net.AddAddress("eth0", &net.IPNet{IP: net.ParseIP(ip), Mask: mask}))
	must(t, p.net.RemoveAddress("eth0", net.ParseIP(p.ip)))
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.links[netip.MustParseAddr(ip)] = p.link
	delete(p.w.links, netip.MustParseAddr(p.ip))
	p.ip = ip
}
