package sfu

import (
	"testing"
	"time"
)

func TestRoundTripRisesAtOnceAndFallsSlowly(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	r := roundTrip{smoothed: defaultRTT}
	r.see(40 * ms)
	if r.smoothed != 40*ms {
		t.Errorf("the first report is worth %s", r.smoothed)
	}
	r.see(200 * ms) // a queue that was full for a moment
	if r.smoothed != 60*ms {
		t.Errorf("after one late report %s", r.smoothed)
	}
	r.see(40 * ms)
	if r.smoothed > 60*ms {
		t.Errorf("after it has passed %s", r.smoothed)
	}
	r.see(180 * ms)
	r.see(190 * ms)
	if r.smoothed != 180*ms {
		t.Errorf("after two reports of a longer way %s", r.smoothed)
	}
	r.see(40 * ms)
	r.see(40 * ms)
	if r.smoothed < 100*ms || r.smoothed > 180*ms {
		t.Errorf("falling it is %s at once", r.smoothed)
	}
}
