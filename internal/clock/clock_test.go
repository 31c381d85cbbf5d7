package clock_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := clock.Zone("time_zone", name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// wallCases are read by the tests of the client, too (web/src/time), so that
// a page shows the hour that is kept.
//
//go:embed testdata/wall.json
var wallCases []byte

type cases struct {
	Instants []struct {
		Wall, Zone string
		At         *time.Time
	}
	Canonical []struct{ Zone, Same, ZH, EN string }
}

func table(t testing.TB) (c cases) {
	t.Helper()
	strict := json.NewDecoder(bytes.NewReader(wallCases))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for _, c := range table(t).Instants {
		at, err := clock.Instant("starts_at", c.Wall, zone(t, c.Zone))
		switch {
		case err != nil && (problem.Code(err) != "invalid" || !strings.Contains(err.Error(), "starts_at")):
			t.Errorf("%s %s: %v", c.Zone, c.Wall, err)
		case (err == nil) != (c.At != nil), err == nil && !at.Equal(*c.At):
			t.Errorf("%s %s is %v (%v), want %v", c.Zone, c.Wall, at.UTC(), err, c.At)
		}
	}
	if at, err := clock.Instant("at", "2026-11-25T15:00:30", zone(t, "America/Mexico_City")); err != nil || at.Unix() != 1795640430 {
		t.Errorf("with seconds: %v, %v", at.UTC(), err)
	}
}

func TestZonesByOneName(t *testing.T) {
	t.Parallel()
	for _, c := range table(t).Canonical {
		if got := zone(t, c.Zone).String(); got != c.Same {
			t.Errorf("%s is %s, want %s", c.Zone, got, c.Same)
		}
		if zh, en := clock.Name(c.Zone, "zh-CN"), clock.Name(c.Zone, "en"); zh != c.ZH || en != c.EN {
			t.Errorf("%s is called %q and %q, want %q and %q", c.Zone, zh, en, c.ZH, c.EN)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "Asia/Kolkata Asia", "Asia/Calcutta\nAsia/Chongqing"} {
		if loc, err := clock.Zone("time_zone", name); err == nil {
			t.Errorf("%q is taken as %s", name, loc)
		}
	}
}

// TestTables: every old name leads to a zone of its own name with the same
// clock, and every zone is named in Chinese characters.
func TestTables(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for line := range strings.Lines(clock.Links) {
		old, name, found := strings.Cut(strings.TrimSpace(line), " ")
		if old == "#" {
			continue
		}
		before, err := time.LoadLocation(old)
		if !found || err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		after := zone(t, name)
		if after.String() != name {
			t.Errorf("%s leads to %s, which leads on to %s", old, name, after)
		}
		for month := range 12 {
			at := now.AddDate(0, month, 0)
			if _, a := at.In(before).Zone(); a != offset(at, after) {
				t.Errorf("%s and %s show different clocks at %s", old, name, at)
			}
		}
	}
	for line := range strings.Lines(clock.NamesZH) {
		name, chinese, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "#" {
			continue
		}
		if zone(t, name).String() != name {
			t.Errorf("%s is an old name", name)
		}
		for _, r := range chinese {
			if !unicode.Is(unicode.Han, r) && !strings.ContainsRune("·、（）", r) {
				t.Errorf("%s is called %q", name, chinese)
				break
			}
		}
	}
}

func offset(at time.Time, loc *time.Location) int {
	_, seconds := at.In(loc).Zone()
	return seconds
}

// TestChanges: from what is listed, the clock of any hour can be told; also in
// the years after 2037, where the zone's own bounds stand still.
func TestChanges(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "Australia/Sydney",
		"Africa/Cairo", "UTC", "Asia/Tehran", "America/Santiago",
	} {
		loc := zone(t, name)
		for _, year := range []int{2010, 2026, 2037, 2040, 2041, 2044, 2199} {
			begin := time.Date(year, 7, 12, 10, 0, 0, 0, loc)
			end := begin.AddDate(2, 0, 0)
			changes := clock.Changes(loc, begin, end)
			if len(changes) > 10 {
				t.Fatalf("%s has %d changes after %s", name, len(changes), begin)
			}
			shown := offset(begin, loc)
			for at := begin; at.Before(end); at = at.Add(time.Hour) {
				for len(changes) > 0 && !changes[0].At.After(at) {
					if changes[0].From != shown {
						t.Fatalf("%s: %+v, but before it is %d", name, changes[0], shown)
					}
					shown, changes = changes[0].To, changes[1:]
				}
				if want := offset(at, loc); shown != want {
					t.Fatalf("%s at %s: %d, want %d", name, at, shown, want)
				}
			}
		}
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-10-24T10:00", "2026-10-25T10:00", 24 * time.Hour}, // 25 hours
		{"2026-03-28T10:00", "2026-03-29T10:00", 24 * time.Hour}, // 23 hours
		{"2026-11-25T10:00", "2026-11-25T11:30", 90 * time.Minute},
	} {
		from, err := clock.Instant("from", c.from, berlin)
		if err != nil {
			t.Fatal(err)
		}
		to, err := clock.Instant("to", c.to, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := clock.Between(from, to, berlin); got != c.want {
			t.Errorf("from %s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// FuzzInstant: a time that is taken is the one that the zone's clocks show.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2026-03-29T02:30", "2026-10-25T02:30:00", "2011-12-30T00:00", "x", "2026-1-1T1:1", "2026-03-29T02:30Z"} {
		f.Add(s, "Europe/Berlin")
	}
	for _, c := range table(f).Instants {
		f.Add(c.Wall, c.Zone)
	}
	f.Fuzz(func(t *testing.T, wall, name string) {
		loc, err := clock.Zone("time_zone", name)
		if err != nil {
			return
		}
		at, err := clock.Instant("starts_at", wall, loc)
		if err != nil {
			return
		}
		if shown := at.In(loc).Format("2006-01-02T15:04:05"); shown != wall && shown != wall+":00" {
			t.Fatalf("%q in %s shows as %s", wall, name, shown)
		}
	})
}
