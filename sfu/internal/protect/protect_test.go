package protect

import (
	"testing"
	"time"
)

// lossy reports this loss over some seconds of 50 packets each.
func lossy(l *Link, from, seconds int, percent int) {
	for s := range seconds {
		l.Report(percent/2, 50, 1, time.Duration(from+s)*time.Second)
	}
}

func TestPlanFollowsLossAndRoundTrip(t *testing.T) {
	t.Parallel()
	const near, far = 50 * time.Millisecond, 200 * time.Millisecond
	for name, test := range map[string]struct {
		percent int
		rtt     time.Duration
		want    Plan
	}{
		"clean":       {0, far, Plan{}},
		"near, lossy": {6, near, Plan{Copies: 1}},
		"near, heavy": {14, near, Plan{Copies: 2}},
		"near, much":  {18, near, Plan{Copies: 3, Repeat: true, FEC: FEC{4, 3}, Delay: minDelay}},
		"near, worst": {30, near, Plan{Copies: 3, Repeat: true, FEC: FEC{2, 3}, Delay: minDelay}},
		"far, lossy":  {4, far, Plan{Copies: 1, Repeat: true, FEC: FEC{10, 1}, Delay: 300 * time.Millisecond}},
		"far, more":   {8, far, Plan{Copies: 1, Repeat: true, FEC: FEC{5, 2}, Delay: 300 * time.Millisecond}},
		"far, heavy":  {14, far, Plan{Copies: 2, Repeat: true, FEC: FEC{4, 3}, Delay: 300 * time.Millisecond}},
		"far, severe": {30, time.Second, Plan{Copies: 3, Repeat: true, FEC: FEC{2, 3}, Delay: maxDelay}},
		"just far":    {14, slowRTT, Plan{Copies: 2, Repeat: true, FEC: FEC{4, 3}, Delay: 225 * time.Millisecond}},
		"far, lost":   {30, slowRTT, Plan{Copies: 3, Repeat: true, FEC: FEC{2, 3}, Delay: 350 * time.Millisecond}},
	} {
		var l Link
		lossy(&l, 0, 20, test.percent)
		if got := l.Plan(test.rtt); got != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRepetitionHidesNoLoss: of sounds that go out several times receivers tell
// what was lost every time; the way loses more.
func TestRepetitionHidesNoLoss(t *testing.T) {
	t.Parallel()
	var l Link
	for s := range 40 {
		l.Report(8, 1000, 3, time.Duration(s)*time.Second)
	}
	if l.Loss() < 0.19 || l.Loss() > 0.21 {
		t.Errorf("0.8 %% of threes are taken for %v", l.Loss())
	}
}

func TestProtectionEndsAfterCalm(t *testing.T) {
	t.Parallel()
	var l Link
	lossy(&l, 0, 10, 10)
	lossy(&l, 10, 12, 0)
	if l.Plan(0).Copies == 0 {
		t.Error("ended at once")
	}
	lossy(&l, 22, 20, 0)
	if l.Plan(0) != (Plan{}) {
		t.Errorf("goes on at loss %v", l.Loss())
	}
}

func TestNonsenseIsHarmless(t *testing.T) {
	t.Parallel()
	var l Link
	l.Report(-5, 10, 2, 0)
	l.Report(50, 10, 2, 0)
	l.Report(1, 0, 1, 0)
	l.Report(1, -1, -1, 0)
	if l.Loss() < 0 || l.Loss() > 1 {
		t.Errorf("loss is %v", l.Loss())
	}
}

func TestWaitFollowsThePublishersLink(t *testing.T) {
	t.Parallel()
	const rtt = 150 * time.Millisecond
	for _, c := range []struct {
		lost int // of 100 packets
		rtt  time.Duration
		want time.Duration
	}{
		{0, rtt, 0},
		{3, rtt, rtt + waitSlack},
		{20, rtt, 2*rtt + waitSlack},
		{20, time.Second, maxWait},
	} {
		var l Link
		for i := range 50 {
			l.Report(c.lost, 100, 1, time.Duration(i)*time.Second)
		}
		if got := l.Wait(c.rtt); got != c.want {
			t.Errorf("%d %% at %v: %v, want %v", c.lost, c.rtt, got, c.want)
		}
	}
}
