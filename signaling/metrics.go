package signaling

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// counters count what the hub refuses or gives up.
type counters struct {
	refused, bad, flooded, slow, panics atomic.Uint64
}

// Collector gives the hub's metrics: how many sockets, meetings and
// participants there are, and what was refused, by reason.
func (h *Hub) Collector() prometheus.Collector { return &collector{h} }

// SlowClients counts the clients that were cut off because they did not read.
func (h *Hub) SlowClients() uint64 { return h.counters.slow.Load() }

type collector struct{ hub *Hub }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("yunqiao_signaling_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	h := c.hub
	h.mu.Lock()
	sockets := len(h.sessions)
	rooms := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		rooms = append(rooms, r)
	}
	h.mu.Unlock()
	var meetings, participants int
	for _, r := range rooms {
		if count, live := r.occupancy(); live {
			meetings++
			participants += count
		}
	}
	gauge := func(name, help string, value int) {
		ch <- prometheus.MustNewConstMetric(describe(name, help), prometheus.GaugeValue, float64(value))
	}
	gauge("sockets", "Open sockets.", sockets)
	gauge("meetings", "Live meetings.", meetings)
	gauge("participants", "Participants of live meetings.", participants)
	refused := describe("refused_total", "What sockets were refused, by reason.", "reason")
	for reason, count := range map[string]*atomic.Uint64{
		"origin": &h.counters.refused, "bad_frame": &h.counters.bad, "flood": &h.counters.flooded, "slow": &h.counters.slow,
		"panic": &h.counters.panics,
	} {
		ch <- prometheus.MustNewConstMetric(refused, prometheus.CounterValue, float64(count.Load()), reason)
	}
}
