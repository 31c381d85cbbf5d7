package bwe

import (
	"math/rand/v2"
	"testing"
	"time"
)

// loser is a way up with its sender, which behaves as browsers do: it sends ever
// more until it is told of loss or sees a queue, then less, and obeys limits.
type loser struct {
	mercy  Mercy
	honest bool // everything is told
	random *rand.Rand
	loss   float64       // of the link's own
	rate   float64       // bits per second of the bottleneck; 0 is none
	room   time.Duration // of its queue

	now      time.Duration
	free     time.Duration // when the bottleneck is
	sends    float64       // bits per second
	sent     int
	arrived  int // bytes
	lost     int // packets
	delay    time.Duration
	told     counted
	standing bool
	trials   int
}

const loserPacket = 1000 // bytes

// send sends packets for so long; feedback comes every 50 ms.
func (l *loser) send(d time.Duration) {
	l.sent, l.arrived, l.lost, l.delay = 0, 0, 0, 0
	report := l.now
	for end := l.now + d; l.now < end; {
		l.packet()
		l.now += time.Duration(loserPacket * 8 / l.sends * float64(time.Second))
		if l.now-report >= 50*time.Millisecond {
			report = l.now
			l.feedback()
		}
	}
}

func (l *loser) packet() {
	l.sent++
	lost := l.random.Float64() < l.loss
	at := l.now
	if l.rate > 0 && !lost {
		start := max(l.now, l.free)
		if lost = start-l.now > l.room; !lost {
			l.free = start + time.Duration(loserPacket*8/l.rate*float64(time.Second))
			at = l.free
		}
	}
	wait := at - l.now
	l.standing = l.standing || wait > standing
	l.delay = max(l.delay, wait)
	forgiven := l.mercy.Fate(lost) && !l.honest
	switch {
	case !lost:
		l.arrived += loserPacket
		l.mercy.Arrived(loserPacket, at)
		l.mercy.Timed(l.now, at)
		l.told.total++
	case forgiven:
		l.lost++
	default:
		l.lost++
		l.told.total++
		l.told.lost++
	}
}

func (l *loser) feedback() {
	given := l.mercy.order.given
	l.mercy.Judge(l.now)
	if l.mercy.order.given && !given {
		l.trials++
	}
	l.sends *= 1 + 0.08*0.05 // a second
	if l.told.total >= 20 {
		if share := l.told.share(); share > 0.02 {
			l.sends *= 1 - share/2
		}
		l.told = counted{}
	}
	if l.standing {
		l.sends *= 0.9
		l.standing = false
	}
	if bits, ok := l.mercy.Limit(l.now); ok && !l.honest {
		l.sends = min(l.sends, float64(bits))
	}
	l.sends = min(max(l.sends, 40_000), 2_000_000)
}

func (l *loser) share() float64 { return float64(l.lost) / float64(l.sent) }

// carried is the rate that arrives.
func (l *loser) carried(d time.Duration) float64 { return float64(l.arrived) * 8 / d.Seconds() }

func newLoser(seed uint64) *loser {
	return &loser{random: rand.New(rand.NewPCG(seed, 1)), sends: 1_000_000, now: time.Second}
}

// TestMercyOnALossyLink: a sender that is told of everything starves where
// packets are lost by chance; with mercy it keeps its rate.
func TestMercyOnALossyLink(t *testing.T) {
	t.Parallel()
	const d = 30 * time.Second
	for _, loss := range []float64{0.05, 0.1, 0.2, 0.3} {
		for seed := range uint64(5) {
			l, plain := newLoser(seed), newLoser(seed)
			l.loss, plain.loss, plain.honest = loss, loss, true
			l.send(d)
			plain.send(d)
			got, starved := l.carried(d), plain.carried(d)
			t.Logf("%.0f %%: %.0f kbit/s, all told %.0f; %d trials", loss*100, got/1000, starved/1000, l.trials)
			if got < 800_000 || l.trials == 0 || l.trials > 3 || loss >= 0.1 && starved > got/3 {
				t.Errorf("%.2f: %.0f bit/s with %d trials, all told %.0f", loss, got, l.trials, starved)
			}
		}
	}
}

// TestMercyObeysFullLinks: a narrow link loses no more than when everything is
// told, with a queue or without, whether it loses packets of its own or not.
func TestMercyObeysFullLinks(t *testing.T) {
	t.Parallel()
	const d = 40 * time.Second
	for _, c := range []struct {
		name string
		room time.Duration
		loss float64
		more float64 // lost beyond the link's own and what a plain report gives
	}{
		{"policer", 20 * time.Millisecond, 0, 0.02},
		{"shaper", 400 * time.Millisecond, 0, 0.02},
		{"lossy policer", 20 * time.Millisecond, 0.15, 0.1},
		{"lossy shaper", 400 * time.Millisecond, 0.15, 0.04},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(5) {
				l, plain := newLoser(seed), newLoser(seed)
				for _, one := range []*loser{l, plain} {
					one.rate, one.room, one.loss = 500_000, c.room, c.loss
				}
				plain.honest = true
				for _, one := range []*loser{l, plain} {
					one.send(10 * time.Second)
					one.send(d)
				}
				got, told := l.share()-c.loss, max(plain.share()-c.loss, 0)
				t.Logf("lost beyond its own %.3f, all told %.3f; %.0f kbit/s, all told %.0f; queue %v",
					got, told, l.carried(d)/1000, plain.carried(d)/1000, l.delay)
				if got > told+c.more {
					t.Errorf("seed %d: %.3f lost, %.3f when everything is told", seed, got, told)
				}
				if l.delay > 300*time.Millisecond {
					t.Errorf("seed %d: a queue of %v", seed, l.delay)
				}
			}
		})
	}
}

// TestMercyForgetsLossThatIsGone: what a link once lost is no excuse later.
func TestMercyForgetsLossThatIsGone(t *testing.T) {
	t.Parallel()
	l := newLoser(1)
	l.loss = 0.2
	l.send(20 * time.Second)
	l.loss = 0
	l.send(20 * time.Second)
	if l.mercy.own > 0.01 {
		t.Errorf("still thought to lose %.3f", l.mercy.own)
	}
}
