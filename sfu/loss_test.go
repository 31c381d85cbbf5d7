package sfu

import (
	"testing"
	"time"
)

// TestLossIsRepairedBothWays: what is lost on the way to the SFU it asks for, and
// what is lost on the way from it, it sends again, until the picture is whole.
func TestLossIsRepairedBothWays(t *testing.T) {
	t.Parallel()
	simEach(t, 1, simOneWay, func(w *world) int {
		a, b := w.pair()
		loss := simLoss{share: 0.1}
		w.set(a.link, func(l *simLink) { l.up = loss })
		w.set(b.link, func(l *simLink) { l.down = loss })
		time.Sleep(20 * time.Second)
		lacking, all := b.rx.lackingOld(120)
		w.t.Logf("%d of %d packets were never repaired", lacking, all)
		// What was lost right before a key frame is given up on purpose.
		if all < 600 || lacking > 12 {
			w.t.Errorf("%d of %d packets were never repaired", lacking, all)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if up, down := a.link.lost[0], b.link.lost[1]; up < 50 || down < 50 {
			w.t.Errorf("only %d and %d packets were lost", up, down)
		}
		if w.sfu.counters.resent.Load() == 0 || w.sfu.counters.nacksSent.Load() == 0 {
			w.t.Error("nothing was repaired")
		}
		return lacking
	})
}
