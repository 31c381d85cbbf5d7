package seat

import (
	"slices"
	"testing"
)

func wish(peer string, viewed, loud int) Wish {
	return Wish{Key: Key{Peer: peer}, Viewed: viewed, Loud: loud}
}

func names(keys []Key) (list []string) {
	for _, k := range keys {
		list = append(list, k.Peer)
	}
	return list
}

func TestAssign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		now    []string
		wishes []Wish
		want   []string
	}{
		{"all fit", []string{"", "", ""}, []Wish{wish("a", 0, 0), wish("b", 0, 0)}, []string{"a", "b", ""}},
		{"who sits stays", []string{"b", "a"}, []Wish{wish("a", 0, 0), wish("b", 0, 0)}, []string{"b", "a"}},
		{"who left makes room", []string{"x", "a"}, []Wish{wish("a", 0, 0), wish("b", 0, 0)}, []string{"b", "a"}},
		{"tiles first", []string{"a", "b"}, []Wish{wish("a", 0, 0), wish("b", 0, 0), wish("c", 1, 0), wish("d", 2, 0)}, []string{"c", "d"}},
		{"speaker takes the last tile", []string{"a", "b"}, []Wish{wish("a", 1, 0), wish("b", 2, 0), wish("c", 0, 1)}, []string{"a", "c"}},
		{"first tile is kept", []string{"a"}, []Wish{wish("a", 1, 0), wish("c", 0, 1)}, []string{"a"}},
		{"speaking tile is kept", []string{"a", "b", "c"}, []Wish{wish("a", 1, 0), wish("b", 2, 0), wish("c", 3, 1), wish("d", 0, 2)}, []string{"a", "d", "c"}},
		{"no seats", nil, []Wish{wish("a", 1, 0)}, nil},
	} {
		now := make([]Key, len(c.now))
		for i, n := range c.now {
			now[i].Peer = n
		}
		if got := names(Assign(now, c.wishes)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// FuzzAssign: nobody sits twice, nobody is invented, and who stays does not move.
func FuzzAssign(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, uint8(2))
	f.Fuzz(func(t *testing.T, who []byte, seats uint8) {
		now := make([]Key, seats%20)
		for range 3 {
			var wishes []Wish
			for i, w := range who {
				k := Key{Peer: string(rune('a' + w%40))}
				if !slices.ContainsFunc(wishes, func(x Wish) bool { return x.Key == k }) {
					wishes = append(wishes, Wish{Key: k, Viewed: int(w) % 5, Loud: i % 4})
				}
			}
			next := Assign(now, wishes)
			seen := map[Key]bool{}
			for i, k := range next {
				if k == (Key{}) {
					continue
				}
				if seen[k] || !slices.ContainsFunc(wishes, func(w Wish) bool { return w.Key == k }) {
					t.Fatalf("%v at %d", k, i)
				}
				seen[k] = true
				if old := slices.Index(now, k); old >= 0 && old != i {
					t.Fatalf("%v moved from %d to %d", k, old, i)
				}
			}
			if len(seen) != min(len(wishes), len(now)) {
				t.Fatalf("%d of %d seats taken by %d", len(seen), len(now), len(wishes))
			}
			now = next
			if len(who) > 0 {
				who = who[1:]
			}
		}
	})
}
