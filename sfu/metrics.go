package sfu

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// drop is a reason for which a packet goes no further.
type drop uint8

const (
	dropMalformed drop = iota
	dropUnbound
	dropPayloadType
	dropClosed
	dropDuplicate
	dropTooOld
	dropTooLarge
	dropRepair
	dropDescriptor
	dropWrite
	dropRTCP
	dropResend
	dropShed
	dropPacer
	dropRepairs
	dropRedundancy
	dropQueueFull
	dropSocketFull
	dropPathFull
	dropPathMTU
	dropUnreachable
	dropRelayTarget
	dropRelayRate
	dropUnheard
	dropUnproved

	drops = int(iota)
)

func (d drop) String() string {
	return [drops]string{
		dropMalformed: "malformed", dropUnbound: "unbound", dropPayloadType: "payload_type",
		dropClosed: "closed", dropDuplicate: "duplicate", dropTooOld: "too_old", dropTooLarge: "too_large",
		dropRepair: "repair", dropDescriptor: "descriptor", dropWrite: "write", dropRTCP: "rtcp",
		dropResend: "resend", dropShed: "shed", dropPacer: "pacer", dropRepairs: "repairs", dropRedundancy: "redundancy",
		dropQueueFull: "queue_full", dropSocketFull: "socket_full", dropPathFull: "path_full",
		dropPathMTU: "path_mtu", dropUnreachable: "unreachable", dropUnheard: "unheard",
		dropUnproved:    "unproved",
		dropRelayTarget: "relay_target", dropRelayRate: "relay_rate",
	}[d]
}

// counters are written on the media path and read by the collector.
type counters struct {
	packetsIn, bytesIn   atomic.Uint64
	packetsOut, bytesOut atomic.Uint64
	drops                [drops]atomic.Uint64
	nacksSent, nacksGot  atomic.Uint64
	resent, plis         atomic.Uint64
	replays              atomic.Uint64
	recovered            atomic.Uint64
	parity, repeated     atomic.Uint64
	probes               atomic.Uint64
	quality              qualityMetrics
	peers, meetings      atomic.Int64
	relayed              atomic.Int64
	tcpRefused           atomic.Uint64
}

func (c *counters) drop(d drop) { c.drops[d].Add(1) }

type collector struct {
	c       *counters
	quality *qualityCollector
	simple  []metric
	dropped *prometheus.Desc
}

type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func() float64
}

// Collector exposes the SFU's counters to Prometheus.
func (s *SFU) Collector() prometheus.Collector {
	c := &s.counters
	count := func(name, help string, v *atomic.Uint64) metric {
		return metric{
			prometheus.NewDesc("yunqiao_sfu_"+name, help, nil, nil), prometheus.CounterValue,
			func() float64 { return float64(v.Load()) },
		}
	}
	gauge := func(name, help string, v *atomic.Int64) metric {
		return metric{
			prometheus.NewDesc("yunqiao_sfu_"+name, help, nil, nil), prometheus.GaugeValue,
			func() float64 { return float64(v.Load()) },
		}
	}
	return &collector{
		c: c, quality: newQualityCollector(&c.quality),
		simple: []metric{
			count("packets_in_total", "RTP packets received.", &c.packetsIn),
			count("bytes_in_total", "RTP bytes received.", &c.bytesIn),
			count("packets_out_total", "RTP packets sent.", &c.packetsOut),
			count("bytes_out_total", "RTP payload bytes sent.", &c.bytesOut),
			count("nacks_sent_total", "Packets asked for again from publishers.", &c.nacksSent),
			count("nacks_received_total", "Packets asked for again by receivers.", &c.nacksGot),
			count("resent_total", "Packets sent again.", &c.resent),
			count("recovered_total", "Audio packets recovered from redundant ones.", &c.recovered),
			count("parity_total", "Parity packets sent over video.", &c.parity),
			count("probes_total", "Packets sent to find out what a link carries.", &c.probes),
			count("repeated_total", "Base layer packets sent a second time before they were asked for.", &c.repeated),
			count("replays_total", "Viewers given a stored key frame.", &c.replays),
			count("plis_total", "Key frames asked for.", &c.plis),
			count("tcp_refused_total", "TCP connections closed at once: the node, or their network, had its share.", &c.tcpRefused),
			gauge("peers", "Peers in meetings.", &c.peers),
			gauge("meetings", "Open meetings.", &c.meetings),
			gauge("relayed", "Addresses relayed to clients on closed networks.", &c.relayed),
		},
		dropped: prometheus.NewDesc("yunqiao_sfu_dropped_total", "Packets dropped, by reason.", []string{"reason"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.simple {
		ch <- m.desc
	}
	ch <- c.dropped
	c.quality.describe(ch)
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c.simple {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.read())
	}
	for d := range drop(drops) {
		ch <- prometheus.MustNewConstMetric(c.dropped, prometheus.CounterValue, float64(c.c.drops[d].Load()), d.String())
	}
	c.quality.collect(ch)
}
