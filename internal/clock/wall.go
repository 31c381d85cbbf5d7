package clock

import (
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Instant turns a wall clock time such as 2026-11-25T15:00, with or without
// seconds, into an instant. A time that the zone's clocks jump over does not
// exist and is refused; of a time they show twice the first is taken (RFC 5545
// section 3.3.5). The problem names the field.
func Instant(field, wall string, loc *time.Location) (time.Time, error) {
	var shown time.Time
	known := false
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		parsed, err := time.Parse(layout, wall)
		// Parse is more forgiving than its layout: 7:00, or parts of seconds.
		if err == nil && parsed.Format(layout) == wall {
			shown, known = parsed, true
		}
	}
	if !known || shown.Year() < 2000 || shown.Year() > 2200 {
		return time.Time{}, problem.Invalid(field, "a local time such as 2026-11-25T15:00")
	}
	if at, ok := firstShowing(shown, loc); ok {
		return at, nil
	}
	return time.Time{}, problem.Invalid(field,
		"the clocks in %s are put forward over this time on that day; it does not exist", loc)
}

// firstShowing returns the first instant at which clocks in a zone show a
// wall clock time, which is given as if in UTC. The zone's offsets around that
// day are tried, the one furthest ahead first, since it shows a time earliest.
func firstShowing(wall time.Time, loc *time.Location) (time.Time, bool) {
	_, before := wall.Add(-36 * time.Hour).In(loc).Zone()
	_, after := wall.Add(36 * time.Hour).In(loc).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} {
		at := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, actual := at.Zone(); actual == offset {
			return at, true
		}
	}
	return time.Time{}, false
}

// Between is how far the clocks in a zone go on from one moment to another: 24
// hours from ten o'clock to ten o'clock, also in a night of 25.
func Between(from, to time.Time, loc *time.Location) time.Duration {
	_, before := from.In(loc).Zone()
	_, after := to.In(loc).Zone()
	return to.Sub(from) + time.Duration(after-before)*time.Second
}
