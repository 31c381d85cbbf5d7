package clock

import "time"

// Change is a moment from which a zone's clocks show another offset from UTC,
// or call it by another name.
type Change struct {
	At   time.Time
	Name string // the zone's abbreviation from then on
	// From and To are seconds east of UTC, before and from then on.
	From, To int
	DST      bool
}

// Changes lists when a zone's clocks change after one moment and until another,
// in order. The zone's offset is looked at day by day and each change found by
// halving: time.ZoneBounds does not always move forward (golang/go#81583). No
// zone has changed its clocks and back within a day.
func Changes(loc *time.Location, after, until time.Time) []Change {
	var all []Change
	const day = 24 * time.Hour
	for at := after.Truncate(time.Second); at.Before(until); at = at.Add(day) {
		next := at.Add(day)
		if next.After(until) {
			next = until
		}
		if change, ok := changeWithin(loc, at, next); ok {
			all = append(all, change)
		}
	}
	return all
}

// changeWithin finds the one change between two moments, to the second.
func changeWithin(loc *time.Location, from, to time.Time) (Change, bool) {
	nameBefore, before := from.In(loc).Zone()
	name, offset := to.In(loc).Zone()
	if name == nameBefore && offset == before {
		return Change{}, false
	}
	for to.Sub(from) > time.Second {
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if n, o := middle.In(loc).Zone(); n == nameBefore && o == before {
			from = middle
		} else {
			to = middle
		}
	}
	name, offset = to.In(loc).Zone()
	return Change{At: to, Name: name, From: before, To: offset, DST: to.In(loc).IsDST()}, true
}
