// Package clock knows the clocks of the world: their zones by one name each,
// what people call them, and how wall clock times and instants belong together.
// It holds no clock of its own: moments are arguments.
package clock

import (
	_ "embed"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on a machine that has none installed

	"github.com/yunqiao/yunqiao/internal/problem"
)

// links leads from names that the tz database keeps for old programs to those
// that it uses now. Browsers still report some of the old ones.
//
//go:embed links.txt
var links string

// namesZH says whose clock a zone's is, in Chinese.
//
//go:embed names_zh.txt
var namesZH string

// lookup finds what a table says of a zone, "" when it says nothing. Each line
// is a zone and what belongs to it; the first is a comment.
func lookup(table, zone string) string {
	_, rest, found := strings.Cut(table, "\n"+zone+" ")
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// Canonical is the name by which a zone is known now: Asia/Kolkata for
// Asia/Calcutta. Zones are compared by it.
func Canonical(zone string) string {
	if now := lookup(links, zone); now != "" {
		return now
	}
	return zone
}

// Zone returns a zone under its canonical name. Everything but IANA names is
// refused with a problem that names the field.
func Zone(field, name string) (*time.Location, error) {
	loc, err := time.LoadLocation(Canonical(name))
	if err != nil || name == "" || name == "Local" {
		return nil, problem.Invalid(field, "an IANA time zone such as Asia/Shanghai")
	}
	return loc, nil
}

// Name says whose clock a zone's is: 北京时间, Mexico City time. Language is
// zh-CN or en.
func Name(zone, language string) string {
	zone = Canonical(zone)
	if language == "zh-CN" {
		if name := lookup(namesZH, zone); name != "" {
			return name + "时间"
		}
	}
	city := zone[strings.LastIndexByte(zone, '/')+1:]
	if zone == "Asia/Shanghai" {
		city = "Beijing"
	}
	city = strings.ReplaceAll(city, "_", " ")
	if language == "zh-CN" {
		return city + " 时间"
	}
	return city + " time"
}
