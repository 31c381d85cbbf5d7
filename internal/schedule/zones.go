package schedule

import (
	"fmt"
	"time"

	"github.com/yunqiao/yunqiao/internal/clock"
)

// offset writes a moment's distance from UTC.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	if minutes := seconds / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%c%d:%02d", sign, seconds/3600, minutes)
	}
	return fmt.Sprintf("UTC%c%d", sign, seconds/3600)
}

// Span writes when a meeting is on one clock, and whose clock that is.
func Span(starts, ends time.Time, loc *time.Location, language string) string {
	from, to := starts.In(loc), ends.In(loc)
	sameDay := from.YearDay() == to.YearDay() && from.Year() == to.Year()
	until := to.Format("15:04")
	if !sameDay {
		until = day(to, language) + " " + until
	}
	if language == "zh-CN" {
		return fmt.Sprintf("%s %s—%s（%s，%s）", day(from, language), from.Format("15:04"), until, clock.Name(loc.String(), language), offset(from))
	}
	return fmt.Sprintf("%s, %s – %s (%s, %s)", day(from, language), from.Format("15:04"), until, clock.Name(loc.String(), language), offset(from))
}

// day writes a date with its weekday.
func day(t time.Time, language string) string {
	if language == "zh-CN" {
		return fmt.Sprintf("%d年%d月%d日（星期%s）", t.Year(), t.Month(), t.Day(), []string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()])
	}
	return t.Format("Monday, 2 January 2006")
}
