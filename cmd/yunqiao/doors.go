package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yunqiao/yunqiao/internal/budget"
)

// doors gives the metrics of the budgets: what each door refused.
type doors struct {
	places *budget.Places
	asked  func() []*budget.Door
}

func refusedDesc() *prometheus.Desc {
	return prometheus.NewDesc("yunqiao_budget_refused_total", "What was refused because its asker's budget was spent, by door.", []string{"door"}, nil)
}

// Describe implements prometheus.Collector.
func (d doors) Describe(ch chan<- *prometheus.Desc) { ch <- refusedDesc() }

// Collect implements prometheus.Collector.
func (d doors) Collect(ch chan<- prometheus.Metric) {
	count := func(name string, n uint64) {
		ch <- prometheus.MustNewConstMetric(refusedDesc(), prometheus.CounterValue, float64(n), name)
	}
	count(d.places.Name, d.places.Refused())
	for _, door := range d.asked() {
		count(door.Name, door.Refused())
	}
}
