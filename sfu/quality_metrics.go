package sfu

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// qualityMetrics spread the judgements of all peers over a few buckets, so that
// their number does not grow with that of the peers.
type qualityMetrics struct {
	loss, rtt, jitter, frozen, rate spread
	grades                          [2][grades]atomic.Uint64 // up, down
}

// spread counts what was observed in each direction by buckets. The zero value
// counts nothing until its bounds are looked up, which are the same for all.
type spread struct {
	buckets [2][spreadMost + 1]atomic.Uint64
	sum     [2]atomic.Uint64 // in thousandths
	count   [2]atomic.Uint64
}

const spreadMost = 8

func (s *spread) observe(direction int, v float64, bounds *[spreadMost]float64) {
	i := 0
	for i < spreadMost && v > bounds[i] {
		i++
	}
	s.buckets[direction][i].Add(1)
	s.sum[direction].Add(uint64(max(v, 0) * 1000))
	s.count[direction].Add(1)
}

// The upper bounds of the buckets.
func shareBounds() *[spreadMost]float64 {
	return &[spreadMost]float64{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5}
}

func secondsBounds() *[spreadMost]float64 {
	return &[spreadMost]float64{0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8, 2}
}

func rateBounds() *[spreadMost]float64 {
	return &[spreadMost]float64{5e4, 1.5e5, 3e5, 6e5, 1.2e6, 2.5e6, 5e6, 1e7}
}

func (m *qualityMetrics) observe(q Quality) {
	for direction, w := range [...]Way{q.Up, q.Down} {
		m.loss.observe(direction, w.Loss, shareBounds())
		m.frozen.observe(direction, w.Frozen, shareBounds())
		m.rtt.observe(direction, w.RTT.Seconds(), secondsBounds())
		m.jitter.observe(direction, w.Jitter.Seconds(), secondsBounds())
		m.rate.observe(direction, float64(w.Rate), rateBounds())
		m.grades[direction][w.Grade].Add(1)
	}
}

// qualityCollector exposes qualityMetrics.
type qualityCollector struct {
	m       *qualityMetrics
	spreads []spreadDesc
	grades  *prometheus.Desc
}

type spreadDesc struct {
	desc   *prometheus.Desc
	s      *spread
	bounds *[spreadMost]float64
}

func newQualityCollector(m *qualityMetrics) *qualityCollector {
	way := []string{"direction"}
	desc := func(name, help string, s *spread, bounds *[spreadMost]float64) spreadDesc {
		return spreadDesc{prometheus.NewDesc("yunqiao_sfu_"+name, help, way, nil), s, bounds}
	}
	return &qualityCollector{
		m: m,
		spreads: []spreadDesc{
			desc("loss_ratio", "Share of packets lost, of every connected peer each second.", &m.loss, shareBounds()),
			desc("frozen_ratio", "Share of the time a picture stood still, of every connected peer.", &m.frozen, shareBounds()),
			desc("rtt_seconds", "Round trip time of every connected peer.", &m.rtt, secondsBounds()),
			desc("jitter_seconds", "Jitter of every connected peer.", &m.jitter, secondsBounds()),
			desc("rate_bits", "Bits per second that come up, and that could go down.", &m.rate, rateBounds()),
		},
		grades: prometheus.NewDesc("yunqiao_sfu_grade_seconds_total",
			"Seconds of connected peers by how well media passed.", []string{"direction", "grade"}, nil),
	}
}

func (c *qualityCollector) describe(ch chan<- *prometheus.Desc) {
	for _, s := range c.spreads {
		ch <- s.desc
	}
	ch <- c.grades
}

func (c *qualityCollector) collect(ch chan<- prometheus.Metric) {
	for direction, name := range [...]string{"up", "down"} {
		for _, s := range c.spreads {
			buckets := map[float64]uint64{}
			below := uint64(0)
			for i, bound := range s.bounds {
				below += s.s.buckets[direction][i].Load()
				buckets[bound] = below
			}
			ch <- prometheus.MustNewConstHistogram(s.desc, s.s.count[direction].Load(),
				float64(s.s.sum[direction].Load())/1000, buckets, name)
		}
		for g := range Grade(grades) {
			ch <- prometheus.MustNewConstMetric(c.grades, prometheus.CounterValue,
				float64(c.m.grades[direction][g].Load()), name, g.String())
		}
	}
}
