package load

import "testing"

func TestWindowCountsEachNumberOnce(t *testing.T) {
	t.Parallel()
	var w window
	lost := 0
	for _, step := range []struct {
		n     uint16
		fresh bool
		lost  int // afterwards
	}{
		{65530, true, 0},
		{65529, false, 0}, // from before the first
		{65531, true, 0},
		{65531, false, 0},
		{65535, true, 3},
		{65533, true, 2}, // repaired
		{65533, false, 2},
		{2, true, 4},
		{0, true, 3},
		{0, false, 3},
		{2 + remembered, true, 2 + remembered},
		{2, false, 2 + remembered}, // too old to tell
		{3, true, 1 + remembered},
	} {
		missing, fresh := w.take(step.n)
		if lost += missing; fresh != step.fresh || lost != step.lost {
			t.Errorf("%d: fresh %v, %d missing; want %v, %d", step.n, fresh, lost, step.fresh, step.lost)
		}
	}
}
