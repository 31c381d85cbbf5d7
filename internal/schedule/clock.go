package schedule

import (
	"time"
	_ "time/tzdata" // the same zones on a machine that has none installed

	"github.com/yunqiao/yunqiao/internal/problem"
)

// loadZone refuses everything but the IANA names.
func loadZone(field, name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, problem.Invalid(field, "an IANA time zone such as Asia/Shanghai")
	}
	return loc, nil
}

// wallClock turns a wall clock time into an instant. A time that the zone's
// clocks jump over does not exist and is refused; of a time they show twice
// the first is taken.
func wallClock(field, text string, loc *time.Location) (time.Time, error) {
	var wall time.Time
	known := false
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		parsed, err := time.Parse(layout, text)
		// Parse is more forgiving than its layout: 7:00, or parts of seconds.
		if err == nil && parsed.Format(layout) == text {
			wall, known = parsed, true
		}
	}
	if !known || wall.Year() < 2000 || wall.Year() > 2200 {
		return time.Time{}, problem.Invalid(field, "a local time such as 2026-11-25T15:00")
	}
	if at, ok := firstShowing(wall, loc); ok {
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
