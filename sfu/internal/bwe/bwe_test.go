package bwe

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// shape is one link of the table.
type shape struct {
	bits   int
	loss   float64
	run    float64 // length of the bursts of loss
	jitter time.Duration
	delay  time.Duration
	queue  time.Duration
	least  float64 // of the bottleneck after five seconds
}

func shapes() map[string]shape {
	const m, k, ms = 1_000_000, 1000, time.Millisecond
	return map[string]shape{
		"150 kbit/s":            {bits: 150 * k},
		"500 kbit/s":            {bits: 500 * k},
		"2 Mbit/s":              {bits: 2 * m},
		"8 Mbit/s":              {bits: 8 * m},
		"2 Mbit/s far":          {bits: 2 * m, delay: 150 * ms},
		"2 Mbit/s jitter":       {bits: 2 * m, jitter: 30 * ms},
		"2 Mbit/s long queue":   {bits: 2 * m, queue: 2000 * ms},
		"2 Mbit/s short queue":  {bits: 2 * m, queue: 60 * ms},
		"2 Mbit/s loss 5 %":     {bits: 2 * m, loss: 0.05},
		"2 Mbit/s loss 10 %":    {bits: 2 * m, loss: 0.1},
		"2 Mbit/s loss 20 %":    {bits: 2 * m, loss: 0.2},
		"2 Mbit/s loss 30 %":    {bits: 2 * m, loss: 0.3},
		"2 Mbit/s bursts 10 %":  {bits: 2 * m, loss: 0.1, run: 5, least: 0.6},
		"2 Mbit/s bursts 30 %":  {bits: 2 * m, loss: 0.3, run: 5, least: 0.6},
		"500 kbit/s loss 30 %":  {bits: 500 * k, loss: 0.3},
		"2 Mbit/s loss, jitter": {bits: 2 * m, loss: 0.2, jitter: 20 * ms},
	}
}

func (c shape) world(seed uint64) *world {
	w := newWorld(&link{rate: steady(c.bits), jitter: c.jitter, delay: c.delay, queue: c.queue}, seed)
	if c.run > 0 {
		w.l.loss = bursts(w, c.loss, c.run)
	} else if c.loss > 0 {
		w.l.loss = random(w, c.loss)
	}
	w.lostFB = c.loss
	return w
}

// TestEstimateFindsTheBottleneck: within five seconds the estimate lies between
// 70 and 100 % of the bottleneck, whatever is lost at random, and it never
// collapses afterwards.
func TestEstimateFindsTheBottleneck(t *testing.T) {
	t.Parallel()
	const seeds = 7
	for name, c := range shapes() {
		if c.least == 0 {
			c.least = 0.7
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found, low, long []float64
			for seed := range uint64(seeds) {
				w := c.world(seed)
				w.run(5 * time.Second)
				found = append(found, float64(w.mean(2*time.Second))/float64(c.bits))
				least, sum := 9.0, 0.0
				for range 10 {
					v := float64(w.mean(2*time.Second)) / float64(c.bits)
					least, sum = min(least, v), sum+v/10
				}
				low, long = append(low, least), append(long, sum)
			}
			slices.Sort(found)
			slices.Sort(long)
			t.Logf("after 5 s %.2f, later %.2f, never below %.2f", found, long, slices.Min(low))
			if v := found[seeds/2]; v < c.least || v > 1 {
				t.Errorf("the estimate is %.2f of the bottleneck after 5 s", v)
			}
			if v := long[seeds/2]; v < 0.7 || v > 1 {
				t.Errorf("the estimate is %.2f of the bottleneck later", v)
			}
			if slices.Min(low) < 0.15 {
				t.Error("the estimate collapsed")
			}
		})
	}
}

// TestRateSteps: a link that shrinks to a thirteenth is noticed within three
// seconds, and its return within fifteen.
func TestRateSteps(t *testing.T) {
	t.Parallel()
	for _, queue := range []time.Duration{100, 300, 1000} {
		for seed := range uint64(3) {
			down, up := 20*time.Second, 50*time.Second
			w := newWorld(&link{queue: queue * time.Millisecond, rate: func(now time.Duration) int {
				if now >= down && now < up {
					return 150_000
				}
				return 2_000_000
			}}, seed)
			w.demand = steady(1_700_000)
			w.run(down)
			if w.e.Target() < 1_400_000 {
				t.Errorf("%d: %d bit/s before", queue, w.e.Target())
			}
			w.run(down + 3*time.Second)
			if w.e.Target() > 165_000 {
				t.Errorf("%d: %d bit/s 3 s after the link shrank", queue, w.e.Target())
			}
			w.run(down + 10*time.Second)
			w.wait = 0
			w.run(up)
			if w.wait > 330*time.Millisecond { // a probe of 4 KB alone takes 213
				t.Errorf("%d: packets waited %v on the narrow link", queue, w.wait)
			}
			w.run(up + 15*time.Second)
			if w.e.Target() < 1_700_000 {
				t.Errorf("%d: %d bit/s 15 s after the link returned", queue, w.e.Target())
			}
		}
	}
}

// TestLittleTrafficProvesLittle: an estimate does not grow far above what is
// sent, and does not sink because little is.
func TestLittleTrafficProvesLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(&link{rate: steady(20_000_000)}, 1)
	w.demand = steady(1_000_000)
	w.run(10 * time.Second)
	high := w.e.Target()
	if high < 1_000_000 || high > 2_000_000 {
		t.Errorf("%d bit/s after 10 s at 1 Mbit/s", high)
	}
	w.demand = steady(200_000)
	w.run(60 * time.Second)
	if w.e.Target() < high {
		t.Errorf("%d bit/s after a quiet minute, had %d", w.e.Target(), high)
	}
	w.demand = steady(10_000_000)
	w.run(63 * time.Second)
	if w.e.Target() < 5_000_000 {
		t.Errorf("%d bit/s 3 s after more was wanted", w.e.Target())
	}
}

// TestSilence: nothing heard for long means to send less; what was before is
// found again soon after the return.
func TestSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(&link{rate: steady(2_000_000)}, 1)
	w.run(20 * time.Second)
	w.l.loss = func(time.Duration) bool { return true }
	w.run(30 * time.Second)
	if got := w.e.Target(); got > 1_000_000 || got < Floor {
		t.Errorf("%d bit/s in the dark", got)
	}
	w.l.loss = nil
	w.run(35 * time.Second)
	if got := w.e.Target(); got < 1_400_000 {
		t.Errorf("%d bit/s 5 s after the return", got)
	}
}

// TestPolicers: a link that drops what is too much and delays nothing is obeyed,
// whether it loses packets of its own or not.
func TestPolicers(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{300_000, 1_000_000} {
		for _, loss := range []float64{0, 0.1} {
			t.Run(fmt.Sprint(bits, loss), func(t *testing.T) {
				t.Parallel()
				const seeds = 5
				lost, carried := 0.0, 0.0
				for seed := range uint64(seeds) {
					w := newWorld(&link{queue: 50 * time.Millisecond, rate: func(now time.Duration) int {
						if now < 10*time.Second {
							return 20_000_000
						}
						return bits
					}}, seed)
					w.demand, w.l.loss = steady(2_000_000), random(w, loss)
					w.run(15 * time.Second)
					w.dropped, w.total = 0, 0
					carried += float64(w.mean(30*time.Second)) / float64(bits) / seeds
					lost += float64(w.dropped) / float64(w.total) / seeds
				}
				t.Logf("%.2f of the rate, %.3f lost", carried, lost)
				if carried < 0.75 || carried > 1.1 || lost > loss+0.08 {
					t.Errorf("%.2f of the rate, %.3f lost", carried, lost)
				}
			})
		}
	}
}

// TestLostFeedbackIsNoSlowerLink: what arrives is measured as it is when much of
// the feedback is lost on its own way.
func TestLostFeedbackIsNoSlowerLink(t *testing.T) {
	t.Parallel()
	for _, lost := range []float64{0, 0.2} {
		w := newWorld(&link{rate: steady(20_000_000)}, 1)
		w.demand, w.lostFB, w.l.loss = steady(1_000_000), 0.3, random(w, lost)
		w.run(5 * time.Second)
		sum, least := 0, 1_000_000
		const looks = 200
		for range looks {
			w.run(w.now + 100*time.Millisecond)
			sum, least = sum+w.e.Carried()/looks, min(least, w.e.Carried())
		}
		arrives := (1 - lost) * 1_000_000
		t.Logf("%.0f bit/s arrive; measured %d, at least %d", arrives, sum, least)
		if v := float64(sum) / arrives; v < 0.95 || v > 1.05 {
			t.Errorf("%.2f of what arrives", v)
		}
		if float64(least) < 0.6*arrives {
			t.Errorf("once %d of %.0f", least, arrives)
		}
	}
}

// TestAProbeCountsWhatGoesBetween: beside a voice that takes a third of a narrow
// way, a probe shows the whole way.
func TestAProbeCountsWhatGoesBetween(t *testing.T) {
	t.Parallel()
	const bits = 150_000
	w := newWorld(&link{rate: steady(bits)}, 1)
	w.run(10 * time.Second)
	w.starved = true
	w.e.target = 80_000
	w.run(20 * time.Second)
	if v := float64(w.e.Target()) / bits; v < 0.75 || v > 1 {
		t.Errorf("%.2f of the way found by probes alone", v)
	}
}

// TestWhatIsOfUseIsEnough: the estimate does not grow beyond what is wanted.
func TestWhatIsOfUseIsEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(&link{rate: steady(20_000_000)}, 1)
	w.demand = steady(1_000_000)
	w.run(30 * time.Second)
	if got := w.e.Target(); got < 1_000_000 || got > 1_100_000 {
		t.Errorf("%d bit/s where 1 Mbit/s is wanted", got)
	}
}

// TestInnocentTrialIsUndone: loss that sets in on a wide link cuts the estimate
// once, by little, and all of it comes back.
func TestInnocentTrialIsUndone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		w := newWorld(&link{rate: steady(20_000_000)}, seed)
		w.demand = steady(1_000_000)
		w.l.loss = func(now time.Duration) bool { return now > 10*time.Second && w.r.Float64() < 0.15 }
		w.run(10 * time.Second)
		before, least := w.e.Target(), w.e.Target()
		for w.now < 14*time.Second {
			w.run(w.now + 50*time.Millisecond)
			least = min(least, w.e.Target())
		}
		begun, ended := w.e.Innocent()
		if ended <= begun || ended > 13*time.Second {
			t.Errorf("seed %d: no trial found the link innocent: %v to %v", seed, begun, ended)
		}
		if w.e.Target() < before || w.e.Trying() {
			t.Errorf("seed %d: %d bit/s, before %d", seed, w.e.Target(), before)
		}
		if least < 600_000 || least >= before {
			t.Errorf("seed %d: %d bit/s in the trial of %d", seed, least, before)
		}
	}
}
