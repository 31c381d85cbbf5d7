package loudness

import "slices"

// incumbency is by how many decibels a voice has to be louder than one that is
// heard already to take its place.
const incumbency = 6

// Voice is one open microphone at one moment.
type Voice struct {
	Level   uint8 // -dBov
	Talking bool
	Heard   bool // at present; Choose sets it anew
}

// better reports whether a is to be heard before b.
func better(a, b Voice) bool {
	if a.Talking != b.Talking {
		return a.Talking
	}
	return effective(a) < effective(b)
}

func effective(v Voice) int {
	if v.Heard {
		return int(v.Level) - incumbency
	}
	return int(v.Level)
}

// Choose marks the voices to be heard: as many as there is room for, those who
// talk first, the loudest of them first. Who is heard already stays unless
// another is clearly louder. order is scratch with one place for each voice; the
// result lists the indices of those heard, the first to be heard first.
func Choose(voices []Voice, room int, order []int) []int {
	order = order[:0]
	for i := range voices {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case better(voices[a], voices[b]):
			return -1
		case better(voices[b], voices[a]):
			return 1
		}
		return 0
	})
	chosen := order[:min(room, len(order))]
	for i := range voices {
		voices[i].Heard = false
	}
	for _, i := range chosen {
		voices[i].Heard = true
	}
	return chosen
}
