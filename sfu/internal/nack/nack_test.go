package nack

import (
	"slices"
	"testing"
	"time"
)

func TestAsksAfterAWhileAndGivesUp(t *testing.T) {
	t.Parallel()
	var n Tracker
	n.Received(100, 0)
	n.Received(103, time.Millisecond)
	if got := n.Due(5*time.Millisecond, 0, nil, 10); len(got) != 0 {
		t.Errorf("asked within the grace: %v", got)
	}
	if got := n.Due(11*time.Millisecond, 0, nil, 10); !slices.Equal(got, []uint16{101, 102}) {
		t.Errorf("asked for %v", got)
	}
	if got := n.Due(12*time.Millisecond, 0, nil, 10); len(got) != 0 {
		t.Errorf("asked again at once: %v", got)
	}
	if !n.Received(101, 13*time.Millisecond) || n.Received(101, 13*time.Millisecond) {
		t.Error("repair is not recognised once")
	}
	asked := 1
	for now := 12 * time.Millisecond; now < 3*time.Second; now += 10 * time.Millisecond {
		asked += len(n.Due(now, 100*time.Millisecond, nil, 10))
	}
	if asked != maxTries || n.Missing() != 0 {
		t.Errorf("asked %d times, %d still missing", asked, n.Missing())
	}
}

func TestKeyframeAndJumpForget(t *testing.T) {
	t.Parallel()
	var n Tracker
	n.Received(100, 0)
	n.Received(110, 0)
	n.Forget(105)
	if n.Missing() != 5 {
		t.Errorf("%d missing", n.Missing())
	}
	n.Received(100_000, 0)
	if n.Missing() != 0 {
		t.Errorf("%d missing after a jump", n.Missing())
	}
}

// FuzzTracker compares with a set: what is asked for was skipped and never came.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{1, 1, 5, 250, 1, 100})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var n Tracker
		got := map[uint64]bool{}
		sn, now := uint64(1<<16), time.Duration(0)
		for _, op := range ops {
			now += time.Duration(op) * time.Millisecond
			sn = uint64(int64(sn) + int64(int8(op))%30)
			n.Received(sn, now)
			got[sn] = true
			for _, asked := range n.Due(now, 50*time.Millisecond, nil, 5) {
				if ext := n.highest - uint64(uint16(n.highest)-asked); got[ext] {
					t.Fatalf("asked for %d, which came", ext)
				}
			}
			if n.Missing() > maxMissing || !slices.IsSortedFunc(n.list, func(a, b missing) int { return int(a.sn) - int(b.sn) }) {
				t.Fatal("list is too long or out of order")
			}
		}
	})
}

// TestTwiceRepeatsEveryRequest: each try is two requests close together.
func TestTwiceRepeatsEveryRequest(t *testing.T) {
	t.Parallel()
	tr := Tracker{Twice: true}
	tr.Received(1, 0)
	tr.Received(3, 0)
	var asked []time.Duration
	const rtt = 100 * time.Millisecond
	for now := time.Duration(0); now <= 300*time.Millisecond; now += 10 * time.Millisecond {
		if len(tr.Due(now, rtt, nil, 10)) > 0 {
			asked = append(asked, now/time.Millisecond)
		}
	}
	if want := []time.Duration{10, 30, 140, 160, 270, 290}; !slices.Equal(asked, want) {
		t.Errorf("asked at %d, want %d", asked, want)
	}
}
