package schedule

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

const localTime = "20060102T150405"

// timezone describes a zone's clock from a year before the first time to a
// year after the last, as VTIMEZONE (RFC 5545 section 3.6.5). Each change of
// the clock is an observance of its own, taken from the zone's data: rules for
// repeating ones would be guesses where governments change them every year.
func timezone(loc *time.Location, first, last time.Time) *ics.VTimezone {
	zone := ics.NewTimezone(loc.String())
	end := last.AddDate(1, 0, 0)
	at := first.AddDate(-1, 0, 0).In(loc)
	start, _ := at.ZoneBounds()
	if start.IsZero() {
		start = time.Unix(0, 0)
	}
	_, from := start.Add(-time.Second).In(loc).Zone()
	for !at.After(end) {
		name, to := at.Zone()
		zone.Components = append(zone.Components, observance(at.IsDST(), name, start, from, to))
		_, next := at.ZoneBounds()
		if next.IsZero() {
			break
		}
		at, start, from = next.In(loc), next, to
	}
	return zone
}

// observance is one stretch of a zone's clock, beginning with a change from
// one offset to another. Its DTSTART is in the old offset.
func observance(dst bool, name string, start time.Time, from, to int) ics.Component {
	var base ics.ComponentBase
	base.SetProperty(ics.ComponentPropertyDtStart, start.In(time.FixedZone("", from)).Format(localTime))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), utcOffset(from))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), utcOffset(to))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	if dst {
		return &ics.Daylight{ComponentBase: base}
	}
	return &ics.Standard{ComponentBase: base}
}

// utcOffset writes an offset as RFC 5545 section 3.3.14 wants it.
func utcOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if rest := seconds % 60; rest != 0 {
		text += fmt.Sprintf("%02d", rest)
	}
	return text
}
