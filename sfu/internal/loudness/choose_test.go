package loudness

import (
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		voices []Voice
		want   []int
	}{
		"room for all":              {[]Voice{{Level: 60}, {Level: 20, Talking: true}}, []int{1, 0}},
		"the loudest":               {[]Voice{{30, true, false}, {20, true, false}, {25, true, false}}, []int{1, 2}},
		"who talks before noise":    {[]Voice{{44, true, false}, {10, false, true}, {12, false, true}}, []int{0, 1}},
		"a little louder is not it": {[]Voice{{30, true, true}, {30, true, true}, {26, true, false}}, []int{0, 1}},
		"clearly louder is":         {[]Voice{{30, true, true}, {28, true, true}, {20, true, false}}, []int{2, 1}},
		"nobody":                    {nil, []int{}},
	} {
		got := slices.Clone(Choose(test.voices, 2, make([]int, 0, 3)))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: heard %v, want %v", name, got, test.want)
		}
		for i, v := range test.voices {
			if v.Heard != slices.Contains(got, i) {
				t.Errorf("%s: voice %d is marked %v", name, i, v.Heard)
			}
		}
	}
}
