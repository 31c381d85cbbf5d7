package layer

import (
	"slices"
	"testing"
)

func simulcast() [Max]Layer {
	return [Max]Layer{{true, 180, 150_000}, {true, 360, 500_000}, {true, 720, 1_700_000}}
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
		{[Max]Layer{{true, 0, 0}}, 500, 0},
	} {
		if got := Best(c.layers, c.height); got != c.want {
			t.Errorf("%v at %d: %d, want %d", c.layers, c.height, got, c.want)
		}
	}
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	big, small, off := Want{simulcast(), 720}, Want{simulcast(), 180}, Want{simulcast(), 0}
	for _, c := range []struct {
		budget int
		wants  []Want
		want   []int
	}{
		{10_000_000, []Want{big, small, off}, []int{2, 0, None}},
		{10_000_000, []Want{big, big}, []int{2, 2}},
		{2_300_000, []Want{big, big}, []int{2, 1}},
		{1_000_000, []Want{big, big}, []int{1, 1}},
		{700_000, []Want{big, big}, []int{1, 0}},
		{200_000, []Want{big, big}, []int{0, None}},
		{0, []Want{big, big}, []int{0, None}},
	} {
		out := make([]int, len(c.wants))
		Allocate(c.budget, c.wants, out)
		if !slices.Equal(out, c.want) {
			t.Errorf("%d: %v, want %v", c.budget, out, c.want)
		}
	}
}
