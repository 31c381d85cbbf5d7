package sfu

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestGrade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		way  Way
		want Grade
	}{
		"nothing wrong": {Way{RTT: 40 * time.Millisecond, Loss: 0.01}, Good},
		"some loss":     {Way{Loss: 0.06}, Fair},
		"much loss":     {Way{Loss: 0.3}, Poor},
		"far away":      {Way{RTT: 300 * time.Millisecond}, Fair},
		"satellite":     {Way{RTT: 700 * time.Millisecond}, Poor},
		"jitter":        {Way{Jitter: 80 * time.Millisecond}, Fair},
		"stands still":  {Way{Frozen: 0.2}, Poor},
	} {
		if got := c.way.grade(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestSimQuality: the numbers say what the link does.
func TestSimQuality(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSimWorld(t, 1)
		defer w.close()
		a, b := w.pair()
		time.Sleep(8 * time.Second)
		if q := b.peer.Quality(); q.Down.Grade != Good || q.Down.Rate < 1_000_000 || q.Down.Loss > 0.01 {
			t.Errorf("clean, down: %+v", q.Down)
		}
		if q := a.peer.Quality(); q.Up.Grade != Good || q.Up.Rate < 1_000_000 || q.Up.Loss > 0.01 {
			t.Errorf("clean, up: %+v", q.Up)
		}
		for _, p := range []*simPeer{a, b} {
			w.set(p.link, func(l *simLink) { l.up, l.down = simLoss{share: 0.3}, simLoss{share: 0.3} })
		}
		time.Sleep(5 * time.Second)
		var down, up []float64
		poor := 0
		for range 8 { // each says what was lost lately, of few packets: they scatter
			time.Sleep(2 * time.Second)
			d, u := b.peer.Quality().Down, a.peer.Quality().Up
			down, up = append(down, d.Loss), append(up, u.Loss)
			if d.Grade == Poor && u.Grade == Poor {
				poor++
			}
		}
		if l := mean(down); l < 0.22 || l > 0.38 {
			t.Errorf("30 %% lost, down: %.2f", down)
		}
		if l := mean(up); l < 0.22 || l > 0.42 {
			t.Errorf("30 %% lost, up: %.2f", up)
		}
		if poor < 5 {
			t.Errorf("30 %% lost is poor %d times of 8", poor)
		}
		w.set(b.link, func(l *simLink) { l.dark = true })
		time.Sleep(8 * time.Second)
		if q := b.peer.Quality(); q.Down.Grade != Lost {
			t.Errorf("dark: %+v", q.Down)
		}
		checkMetrics(t, w.sfu)
	})
}

// checkMetrics gathers the metrics of quality: a bounded number, whatever the
// number of peers, and filled.
func checkMetrics(t *testing.T, s *SFU) {
	t.Helper()
	reg := prometheus.NewRegistry()
	must(t, reg.Register(s.Collector()))
	families, err := reg.Gather()
	must(t, err)
	found := 0
	for _, f := range families {
		switch f.GetName() {
		case "yunqiao_sfu_loss_ratio", "yunqiao_sfu_rtt_seconds", "yunqiao_sfu_jitter_seconds",
			"yunqiao_sfu_frozen_ratio", "yunqiao_sfu_rate_bits":
			found++
			for _, m := range f.GetMetric() {
				if m.GetHistogram().GetSampleCount() == 0 {
					t.Errorf("%s is empty", f.GetName())
				}
			}
			if len(f.GetMetric()) != 2 {
				t.Errorf("%s has %d series", f.GetName(), len(f.GetMetric()))
			}
		case "yunqiao_sfu_grade_seconds_total":
			found++
		}
	}
	if found != 6 {
		t.Errorf("%d of 6 metrics", found)
	}
}

func mean(list []float64) (m float64) {
	for _, v := range list {
		m += v / float64(len(list))
	}
	return m
}
