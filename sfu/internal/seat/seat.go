// Package seat decides who sits in a participant's seats. Pure.
package seat

// Key names what sits in a seat. The zero Key is an empty seat.
type Key struct {
	Peer string
	Kind uint8
}

// Wish says how much an occupant is wanted.
type Wish struct {
	Key    Key
	Viewed int // 1 is the most important tile; 0 is not on screen
	Loud   int // 1 is the loudest speaker; 0 is silent
}

// better reports whether a is to be seated before b. Who is shown comes before
// who is only heard; between equals the order of arrival stays.
func better(a, b Wish) bool {
	switch {
	case (a.Viewed > 0) != (b.Viewed > 0):
		return a.Viewed > 0
	case a.Viewed != b.Viewed:
		return a.Viewed < b.Viewed
	case (a.Loud > 0) != (b.Loud > 0):
		return a.Loud > 0
	}
	return a.Loud < b.Loud
}

// Assign seats the wishes (in order of arrival) on as many seats as now has.
// Whoever is seated and still wanted keeps the same seat.
func Assign(now []Key, wishes []Wish) []Key {
	chosen := choose(len(now), wishes)
	next := make([]Key, len(now))
	waiting := make([]Key, 0, len(chosen))
	for _, w := range chosen {
		if i := index(now, w.Key); i >= 0 {
			next[i] = w.Key
			continue
		}
		waiting = append(waiting, w.Key)
	}
	for i := range next {
		if len(waiting) == 0 {
			break
		}
		if next[i] == (Key{}) {
			next[i], waiting = waiting[0], waiting[1:]
		}
	}
	return next
}

// choose picks the seats' number of best wishes. A loud speaker who is on no
// tile takes the place of the least important tile when nothing else is free, so
// that nobody speaks unheard: loudest four at most.
func choose(seats int, wishes []Wish) []Wish {
	if len(wishes) <= seats {
		return wishes
	}
	order := make([]Wish, len(wishes))
	copy(order, wishes)
	for i := 1; i < len(order); i++ { // stable insertion: lists are short
		for j := i; j > 0 && better(order[j], order[j-1]); j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	chosen := order[:seats]
	for _, w := range order[seats:] {
		if w.Loud == 0 || w.Loud > loudest {
			continue
		}
		if i := leastImportant(chosen); i >= 0 {
			chosen[i] = w
		}
	}
	return chosen
}

const loudest = 4

// leastImportant is the last chosen one who is not among the loudest; the first
// tile always stays.
func leastImportant(chosen []Wish) int {
	for i := len(chosen) - 1; i > 0; i-- {
		if chosen[i].Loud == 0 || chosen[i].Loud > loudest {
			return i
		}
	}
	return -1
}

func index(keys []Key, k Key) int {
	for i := range keys {
		if keys[i] == k {
			return i
		}
	}
	return -1
}
