// Package layer chooses which simulcast layer each shown picture gets. Pure.
package layer

// None means that nothing is sent.
const None = -1

// Max is the largest number of layers of one source.
const Max = 3

// AllTemporal is above every temporal layer there can be.
const AllTemporal = 7

// Layer is what is known of one encoding.
type Layer struct {
	Live    bool
	Height  int // 0 while unknown
	Bitrate int // bits per second, measured
}

// Want is one picture on somebody's screen.
type Want struct {
	Layers [Max]Layer
	Height int // of its tile, in device pixels
}

// Best is the lowest live layer that fills a tile of this height well enough,
// or the highest live one.
func Best(layers [Max]Layer, height int) int {
	best := None
	for i, l := range layers {
		if !l.Live {
			continue
		}
		best = i
		if l.Height*4 >= height*3 && l.Height > 0 {
			break
		}
	}
	return best
}

// Allocate gives every want, most important first, a layer so that the sum stays
// within budget: first the lowest live layer to all, then one step at a time
// from the front. The first want always keeps its lowest layer. The result is
// written to out, which has one place per want.
func Allocate(budget int, wants []Want, out []int) {
	for i := range wants {
		out[i] = None
		l := next(wants[i].Layers, None)
		if l == None || wants[i].Height <= 0 {
			continue
		}
		cost := wants[i].Layers[l].Bitrate
		if cost > budget && i > 0 {
			continue
		}
		out[i] = l
		budget -= cost
	}
	for raised := true; raised; {
		raised = false
		for i := range wants {
			if spent := raise(wants[i], &out[i], budget); spent > 0 {
				budget -= spent
				raised = true
			}
		}
	}
}

// raise moves at one step up when its tile has use for it and the budget allows;
// it returns 1 at least when it did, so that a step without cost counts.
func raise(w Want, at *int, budget int) int {
	if *at == None || *at >= Best(w.Layers, w.Height) {
		return 0
	}
	up := next(w.Layers, *at)
	if up == None {
		return 0
	}
	cost := w.Layers[up].Bitrate - w.Layers[*at].Bitrate
	if cost > budget {
		return 0
	}
	*at = up
	return max(cost, 1)
}

func next(layers [Max]Layer, after int) int {
	for i := after + 1; i < Max; i++ {
		if layers[i].Live {
			return i
		}
	}
	return None
}

// Ideal is what showing every want as well as its tile can use would cost.
func Ideal(wants []Want) int {
	sum := 0
	for _, w := range wants {
		if best := Best(w.Layers, w.Height); best != None && w.Height > 0 {
			sum += w.Layers[best].Bitrate
		}
	}
	return sum
}
