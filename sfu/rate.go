package sfu

import (
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

const (
	rateWindow = time.Second
	stillRate  = 1 // of a layer that has been measured and sends next to nothing
)

// layerRate measures what one layer takes, with the temporal layers up to each.
type layerRate struct {
	since time.Duration
	bytes [layer.Temporals]int
	bits  [layer.Temporals]int // of each temporal layer alone, smoothed
	known bool
}

func (r *layerRate) add(size int, temporal uint8, now time.Duration) {
	r.bytes[min(temporal, layer.Temporals-1)] += size
	d := now - r.since
	if d < rateWindow {
		return
	}
	for i, n := range r.bytes {
		bits := int(float64(n*8) / d.Seconds())
		if r.known {
			bits = (r.bits[i] + bits) / 2
		}
		r.bits[i] = bits
	}
	r.known, r.since, r.bytes = true, now, [layer.Temporals]int{}
}

// now is the rate of all temporal layers, 0 while unknown.
func (r *layerRate) now() (sum int) {
	for _, bits := range r.bits {
		sum += bits
	}
	return sum
}

// restart begins a new measurement at now; what is known stays until then.
func (r *layerRate) restart(now time.Duration) { r.since, r.bytes = now, [layer.Temporals]int{} }

// describe fills in what a layer of this height takes: as measured, or what is
// usual before that.
func (r *layerRate) describe(l *layer.Layer) {
	if !r.known {
		l.Bitrate = usual(l.Height)
		return
	}
	sum := 0
	for i, bits := range r.bits {
		if i > 0 && bits == 0 {
			break
		}
		sum += bits
		l.Upto[i] = max(sum, stillRate)
	}
	l.Bitrate = max(sum, stillRate)
}

// usual is what browsers send for a picture of this height, in bits per second.
func usual(height int) int {
	switch {
	case height == 0:
		return 250_000
	case height <= 200:
		return 150_000
	case height <= 400:
		return 500_000
	case height <= 800:
		return 1_700_000
	}
	return 3_000_000
}
