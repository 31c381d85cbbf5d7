package layer

import (
	"slices"
	"testing"
	"time"
)

func simulcast() [Max]Layer {
	return [Max]Layer{
		{Live: true, Height: 180, Bitrate: 150_000},
		{Live: true, Height: 360, Bitrate: 500_000},
		{Live: true, Height: 720, Bitrate: 1_700_000},
	}
}

// temporal is the same with three temporal layers of 40, 60 and 100 %.
func temporal() [Max]Layer {
	list := simulcast()
	for i := range list {
		b := list[i].Bitrate
		list[i].Upto = [Temporals]int{b * 4 / 10, b * 6 / 10, b}
	}
	return list
}

func TestBest(t *testing.T) {
	t.Parallel()
	dead := simulcast()
	dead[2].Live = false
	for _, c := range []struct {
		layers [Max]Layer
		height int
		want   int
	}{
		{simulcast(), 100, 0},
		{simulcast(), 240, 0},
		{simulcast(), 250, 1},
		{simulcast(), 480, 1},
		{simulcast(), 1080, 2},
		{dead, 1080, 1},
		{[Max]Layer{}, 100, None},
		{[Max]Layer{{Live: true}}, 500, 0},
	} {
		if got := Best(c.layers, c.height); got != c.want {
			t.Errorf("%v at %d: %d, want %d", c.layers, c.height, got, c.want)
		}
	}
}

const all = AllTemporal

func TestAllocate(t *testing.T) {
	t.Parallel()
	big, small, off := Want{Layers: simulcast(), Height: 720}, Want{Layers: simulcast(), Height: 180}, Want{Layers: simulcast()}
	smooth, text := Want{Layers: temporal(), Height: 720}, Want{Layers: temporal(), Height: 720, Mode: Text}
	motion := Want{Layers: temporal(), Height: 720, Mode: Motion}
	none := Nothing()
	for _, c := range []struct {
		budget int
		wants  []Want
		want   []Choice
	}{
		{10_000_000, []Want{big, small, off}, []Choice{{2, all}, {0, all}, none}},
		{10_000_000, []Want{big, big}, []Choice{{2, all}, {2, all}}},
		{2_300_000, []Want{big, big}, []Choice{{2, all}, {1, all}}},
		{1_000_000, []Want{big, big}, []Choice{{1, all}, {1, all}}},
		{700_000, []Want{big, big}, []Choice{{1, all}, {0, all}}},
		{200_000, []Want{big, big}, []Choice{{0, all}, none}},
		{100_000, []Want{big, big}, []Choice{none, none}},
		{100_000, []Want{smooth, smooth}, []Choice{{0, 1}, none}},
		{130_000, []Want{smooth, smooth}, []Choice{{0, 0}, {0, 0}}},
		{1_600_000, []Want{smooth}, []Choice{{2, 1}}},
		{1_000_000, []Want{smooth}, []Choice{{1, all}}},
		{700_000, []Want{text}, []Choice{{2, 0}}},
		{1_600_000, []Want{motion}, []Choice{{1, all}}},
		{70_000, []Want{motion}, []Choice{{0, 0}}},
	} {
		out := make([]Choice, len(c.wants))
		var a Allocator
		a.Allocate(c.budget, c.wants, out)
		if !slices.Equal(out, c.want) {
			t.Errorf("%d: %v, want %v", c.budget, out, c.want)
		}
	}
	if got := Ideal([]Want{big, small, off, smooth}); got != 1_700_000+150_000+1_700_000 {
		t.Errorf("ideal %d", got)
	}
}

func TestAllocateAllocatesNothing(t *testing.T) {
	wants := make([]Want, 16)
	for i := range wants {
		wants[i] = Want{Layers: temporal(), Height: 720}
	}
	out := make([]Choice, len(wants))
	var a Allocator
	if n := testing.AllocsPerRun(10, func() { a.Allocate(5_000_000, wants, out) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSteady(t *testing.T) {
	t.Parallel()
	low, high := Choice{0, all}, Choice{1, all}
	var s Steady
	for i, step := range []struct {
		at            time.Duration
		full, careful Choice
		want          Choice
	}{
		{0, low, Nothing(), low}, // the first picture comes at once
		{1, high, low, low},      // not with room to spare
		{2, high, high, high},    // never fell: nothing to be afraid of
		{3, low, low, low},       // down at once
		{4, high, high, low},     // up only after a while
		{5, high, low, low},      // during which it never was too much
		{6, high, high, low},     // so that it begins again
		{8, high, high, low},     //
		{9, high, high, high},    //
		{10, Nothing(), low, Nothing()},
		{11, low, low, Nothing()},
		{14, low, low, low},
		{50, high, high, high}, // long ago
	} {
		if got := s.Settle(step.full, step.careful, high, step.at*time.Second); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
}

// TestSmallerTileIsNoFall: a tile made small and large again gets its layer back
// at once.
func TestSmallerTileIsNoFall(t *testing.T) {
	t.Parallel()
	low, high := Choice{0, all}, Choice{1, all}
	var s Steady
	s.Settle(high, high, high, 0)
	if got := s.Settle(low, low, low, time.Second); got != low {
		t.Errorf("small: %v", got)
	}
	if got := s.Settle(high, high, high, 2*time.Second); got != high {
		t.Errorf("large again: %v", got)
	}
}

// TestForgivenFall: what fell for a trial that was for nothing comes back at
// once; what fell before or after it does not.
func TestForgivenFall(t *testing.T) {
	t.Parallel()
	low, high := Choice{0, all}, Choice{1, all}
	for _, c := range []struct {
		begun, ended time.Duration
		want         Choice
	}{
		{0, 0, low},
		{time.Second, 3 * time.Second, high},
		{0, time.Second, low},
		{3 * time.Second, 4 * time.Second, low},
	} {
		var s Steady
		s.Settle(high, high, high, 0)
		s.Settle(low, low, high, 2*time.Second)
		s.Forgive(c.begun, c.ended)
		if got := s.Settle(high, high, high, 3*time.Second); got != c.want {
			t.Errorf("trial from %v to %v: %v, want %v", c.begun, c.ended, got, c.want)
		}
	}
}

// TestHiddenAfterAFall: a picture that fell, and was then not shown for a while,
// does not wait when it is shown again.
func TestHiddenAfterAFall(t *testing.T) {
	t.Parallel()
	low, high := Choice{0, all}, Choice{1, all}
	var s Steady
	s.Settle(high, high, high, 0)
	s.Settle(low, low, high, time.Second)
	if got := s.Settle(Nothing(), Nothing(), Nothing(), 2*time.Second); got != Nothing() {
		t.Errorf("hidden: %v", got)
	}
	if got := s.Settle(low, Nothing(), high, 3*time.Second); got != low {
		t.Errorf("shown again: %v", got)
	}
}

// TestWhatIsShownStays: the least of a picture that is shown is given up only when
// it is too much by two fifths, and what is above it costs as much as before.
func TestWhatIsShownStays(t *testing.T) {
	t.Parallel()
	want := Want{Height: 720, Layers: [Max]Layer{{Live: true, Height: 180, Bitrate: 100_000}, {Live: true, Height: 720, Bitrate: 500_000}}}
	for _, c := range []struct {
		budget int
		shown  bool
		layer  int
	}{
		{99_000, false, None},
		{99_000, true, 0},
		{71_000, true, 0},
		{69_000, true, None},
		{499_000, true, 0},
		{500_000, true, 1},
		{500_000, false, 1},
	} {
		var a Allocator
		out := make([]Choice, 1)
		want.Shown = c.shown
		a.Allocate(c.budget, []Want{want}, out)
		if out[0].Layer != c.layer {
			t.Errorf("%+v: layer %d", c, out[0].Layer)
		}
	}
}
