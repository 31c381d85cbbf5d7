package notify

import (
	"time"

	"github.com/yunqiao/yunqiao/internal/clock"
)

// quietHours are the part of a person's day in which nothing rings. Minutes
// count from midnight on the wall of the person's own zone.
type quietHours struct {
	on       bool
	from, to int
	zone     *time.Location
}

// until returns when the quiet ends that now is in; zero when now is not in it.
// The end is a time on the wall, so the night of a clock change is an hour
// shorter or longer.
func (q quietHours) until(now time.Time) time.Time {
	if !q.on || q.from == q.to {
		return time.Time{}
	}
	local := now.In(q.zone)
	minute := local.Hour()*60 + local.Minute()
	day := local
	switch {
	case q.from < q.to && (minute < q.from || minute >= q.to):
		return time.Time{}
	case q.from > q.to && minute >= q.to && minute < q.from:
		return time.Time{}
	case q.from > q.to && minute >= q.from:
		day = time.Date(local.Year(), local.Month(), local.Day()+1, 12, 0, 0, 0, q.zone)
	}
	end := time.Date(day.Year(), day.Month(), day.Day(), q.to/60, q.to%60, 0, 0, q.zone)
	if !end.After(now) { // the hour that a clock change repeats
		end = end.Add(time.Hour)
	}
	return end
}

// zoneOf is an account's zone; one that the machine does not know is UTC.
func zoneOf(name string) *time.Location {
	zone, err := clock.Zone("time_zone", name)
	if err != nil {
		return time.UTC
	}
	return zone
}
