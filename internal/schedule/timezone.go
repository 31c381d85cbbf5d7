package schedule

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/yunqiao/yunqiao/internal/clock"
)

const localTime = "20060102T150405"

// timezone describes a zone's clock from a year before the first time to a
// year after the last, as VTIMEZONE (RFC 5545 section 3.6.5). Each change of
// the clock is an observance of its own, taken from the zone's data: rules for
// repeating ones would be guesses where governments change them every year.
func timezone(loc *time.Location, first, last time.Time) *ics.VTimezone {
	zone := ics.NewTimezone(loc.String())
	begin := first.AddDate(-1, 0, 0)
	name, offset := begin.In(loc).Zone()
	// What came before is of no use to anybody: the first observance begins with
	// the year, without a change.
	zone.Components = append(zone.Components, observance(clock.Change{
		At: begin, Name: name, From: offset, To: offset, DST: begin.In(loc).IsDST(),
	}))
	for _, change := range clock.Changes(loc, begin, last.AddDate(1, 0, 0)) {
		zone.Components = append(zone.Components, observance(change))
	}
	return zone
}

// observance is one stretch of a zone's clock, beginning with a change from
// one offset to another. Its DTSTART is in the old offset.
func observance(c clock.Change) ics.Component {
	var base ics.ComponentBase
	base.SetProperty(ics.ComponentPropertyDtStart, c.At.In(time.FixedZone("", c.From)).Format(localTime))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), utcOffset(c.From))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), utcOffset(c.To))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzname), c.Name)
	if c.DST {
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
