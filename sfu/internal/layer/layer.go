// Package layer chooses which spatial and temporal layers each shown picture
// gets. Pure: time is an argument.
package layer

// None means that nothing is sent.
const None = -1

// Max is the largest number of layers of one source.
const Max = 3

// Temporals is the largest number of temporal layers told apart.
const Temporals = 3

// AllTemporal is above every temporal layer there can be.
const AllTemporal = 7

// Layer is what is known of one encoding.
type Layer struct {
	Live    bool
	Height  int // 0 while unknown
	Bitrate int // bits per second, measured
	// Upto is what the layer takes with the temporal layers up to each only;
	// zero from the first it does not have.
	Upto [Temporals]int
}

// Mode says what to give up first when a picture does not fit.
type Mode uint8

// The modes. Balanced halves the frame rate before the size, Text keeps the size
// at any frame rate, Motion keeps the frame rate.
const (
	Balanced Mode = iota
	Text
	Motion
)

// Want is one picture on somebody's screen.
type Want struct {
	Layers [Max]Layer
	Height int // of its tile, in device pixels
	Mode   Mode
	// Shown is set while something is sent: it is not given up at once for being a
	// little too much, since what a layer takes varies, most of all where it begins.
	Shown bool
}

// shownShare is what the least of a picture that is shown counts for, in per cent.
const shownShare = 70

// Choice is what is sent of a picture: a layer, and the highest of its temporal
// layers.
type Choice struct {
	Layer    int
	Temporal uint8
}

// Nothing is the choice of a picture that is not sent.
func Nothing() Choice { return Choice{Layer: None} }

// Less orders choices by how good they look.
func (c Choice) Less(d Choice) bool {
	return c.Layer < d.Layer || c.Layer == d.Layer && c.Temporal < d.Temporal
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

// point is one way to send a picture.
type point struct {
	Choice
	cost int
}

// ladder is all ways to send a picture, from the least to the best.
type ladder struct {
	points [Max * Temporals]point
	n      int
	at     int // of the one chosen, None at first
}

// ladder lists what the tile has use for, in the order of the want's mode.
func (w *Want) ladder() ladder {
	l := ladder{at: None}
	best := Best(w.Layers, w.Height)
	if w.Height <= 0 {
		best = None
	}
	for i := 0; i <= best; i++ {
		if w.Layers[i].Live {
			l.add(w.Layers[i], i, w.Mode)
		}
	}
	if w.Shown {
		l.points[0].cost = l.points[0].cost * shownShare / 100
	}
	return l
}

func (l *ladder) add(layer Layer, at int, mode Mode) {
	count := 1
	for count < Temporals && layer.Upto[count] > 0 {
		count++
	}
	lowest := l.n == 0 // of the lowest layer every frame rate will do
	for t := range count {
		top := t == count-1
		if !top && !lowest && (mode == Motion || mode == Balanced && count > 2 && t == 0) {
			continue
		}
		p := point{Choice{at, uint8(t)}, layer.Upto[t]}
		if top {
			p.Choice.Temporal, p.cost = AllTemporal, layer.Bitrate
		}
		l.points[l.n] = p
		l.n++
	}
}

// Best is the choice that fills the tile, if the budget does not matter.
func (w *Want) Best() Choice {
	l := w.ladder()
	if l.n == 0 {
		return Nothing()
	}
	return l.points[l.n-1].Choice
}

// next is what the step up from the present choice costs.
func (l *ladder) next() (cost int, ok bool) {
	if l.at+1 >= l.n {
		return 0, false
	}
	cost = l.points[l.at+1].cost
	if l.at >= 0 {
		cost -= l.points[l.at].cost
	}
	return cost, true
}

// Allocator chooses for many wants at once; it keeps its scratch space.
type Allocator struct{ ladders []ladder }

// Allocate gives every want, most important first, a choice so that the sum
// stays within budget: first the least to each, then one step at a time from the
// front. Where even the least is too much nothing is sent. The result is written
// to out, which has one place per want.
func (a *Allocator) Allocate(budget int, wants []Want, out []Choice) {
	a.ladders = a.ladders[:0]
	for i := range wants {
		a.ladders = append(a.ladders, wants[i].ladder())
	}
	for raised := true; raised; {
		raised = false
		for i := range a.ladders {
			l := &a.ladders[i]
			if cost, ok := l.next(); ok && cost <= budget {
				budget -= cost
				l.at++
				raised = true
			}
		}
	}
	for i := range a.ladders {
		out[i] = Nothing()
		if l := &a.ladders[i]; l.at >= 0 {
			out[i] = l.points[l.at].Choice
		}
	}
}

// Ideal is what showing every want as well as its tile can use would cost.
func Ideal(wants []Want) int {
	sum := 0
	for i := range wants {
		if l := wants[i].ladder(); l.n > 0 {
			sum += l.points[l.n-1].cost
		}
	}
	return sum
}
