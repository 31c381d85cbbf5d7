package sfu

import (
	"testing"
	"time"
)

func TestSendClockGoesOnOverItsEnd(t *testing.T) {
	t.Parallel()
	var c sendClock
	const step = 20 * time.Millisecond
	var w wire
	w.stamp(0)
	first := c.read(w.ext.sendTime[:])
	for at := step; at < 3*time.Minute; at += step {
		w.stamp(at)
		if off := c.read(w.ext.sendTime[:]) - first - at; off > time.Millisecond || off < -time.Millisecond {
			t.Fatalf("after %v: off by %v", at, off)
		}
	}
	w.stamp(3*time.Minute - 5*step) // reordered
	if off := c.read(w.ext.sendTime[:]) - first - (3*time.Minute - 5*step); off > time.Millisecond || off < -time.Millisecond {
		t.Errorf("reordered: off by %v", off)
	}
}

// TestReportsFitDatagrams: what is told at one time goes out in datagrams that no
// network has to divide, in order and completely.
func TestReportsFitDatagrams(t *testing.T) {
	t.Parallel()
	u := &uplink{}
	u.media.Store(7)
	at := time.Second
	u.arrived(0, nil, 1000, at)
	u.report(nil, at)
	for sn := uint16(1); sn < 500; sn++ {
		if at += time.Millisecond; sn%5 != 0 {
			u.arrived(sn, nil, 1000, at)
		}
	}
	list := u.report(nil, at)
	if len(list) < 50 {
		t.Fatalf("%d reports", len(list))
	}
	datagrams := 0
	for ; len(list) > 0; datagrams++ {
		n := together(list)
		size := 0
		for _, p := range list[:n] {
			size += p.MarshalSize()
		}
		if n == 0 || size > 1200 {
			t.Fatalf("a datagram of %d packets and %d bytes", n, size)
		}
		list = list[n:]
	}
	if datagrams > 8 {
		t.Errorf("%d datagrams", datagrams)
	}
}

// TestSimLossyPublisher: what somebody on a good link sees and hears of one whose
// link loses packets both ways.
func TestSimLossyPublisher(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                   string
		loss                   float64
		fps, frozen, concealed float64
	}{
		{"10 %", 0.1, 27, 0.03, 0.03},
		{"20 %", 0.2, 24, 0.15, 0.08},
		{"30 %", 0.3, 15, 0.45, 0.16},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var sum simScore
			const seeds = 3
			for _, s := range simEach(t, seeds, simOneWay, func(w *world) simScore {
				a, b := w.pair()
				s := w.underLoss(a.link, b, simLoss{share: c.loss})
				if a.peer.tracks[Camera].repairs.Load() == 0 {
					w.t.Error("nobody is told to wait for repairs")
				}
				return s
			}) {
				sum.add(s, seeds)
			}
			if sum.fps < c.fps || sum.frozen > c.frozen || sum.longest > 5*time.Second || sum.concealed > c.concealed {
				t.Errorf("not as good as it should be: %v", sum)
			}
		})
	}
}
