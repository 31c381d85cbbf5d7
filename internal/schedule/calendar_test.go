package schedule

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestWallClock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, wall, want string }{
		{"Asia/Shanghai", "2026-11-25T15:00", "2026-11-25T07:00:00Z"},
		{"America/Mexico_City", "2026-11-25T15:00:30", "2026-11-25T21:00:30Z"},
		{"Europe/Berlin", "2026-03-29T02:30", ""},                     // put forward from 2 to 3
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"}, // the first time after
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"}, // shown twice: the first
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:00", ""},
		{"America/New_York", "2026-11-01T01:59", "2026-11-01T05:59:00Z"},
		{"Australia/Sydney", "2026-10-04T02:15", ""},
		{"Australia/Lord_Howe", "2026-10-04T02:15", ""}, // put forward by half an hour
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00", ""}, // a day that was left out
		{"UTC", "2026-02-29T12:00", ""},
		{"UTC", "1026-02-28T12:00", ""},
		{"UTC", "2026-02-28 12:00", ""},
		{"UTC", "", ""},
	} {
		at, err := wallClock("starts_at", test.wall, zone(t, test.zone))
		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339)
		} else if problem.Code(err) != "invalid" || !strings.Contains(err.Error(), "starts_at") {
			t.Errorf("%s %s: %v", test.zone, test.wall, err)
		}
		if got != test.want {
			t.Errorf("%s %s is %q, want %q", test.zone, test.wall, got, test.want)
		}
	}
}

// FuzzWallClock: a time that is taken is the one that the zone's clocks show.
func FuzzWallClock(f *testing.F) {
	for _, s := range []string{"2026-03-29T02:30", "2026-10-25T02:30:00", "2011-12-30T00:00", "x", "2026-1-1T1:1", "2026-03-29T02:30Z"} {
		f.Add(s, "Europe/Berlin")
	}
	f.Add("2026-04-05T01:45", "Australia/Lord_Howe")
	f.Fuzz(func(t *testing.T, wall, name string) {
		loc, err := loadZone("time_zone", name)
		if err != nil {
			return
		}
		at, err := wallClock("starts_at", wall, loc)
		if err != nil {
			return
		}
		if shown := at.In(loc).Format("2006-01-02T15:04:05"); shown != wall && shown != wall+":00" {
			t.Fatalf("%q in %s shows as %s", wall, name, shown)
		}
	})
}

// TestTimezoneTellsTheClock reads VTIMEZONEs back the way a calendar program
// does: the observance that began last gives the offset.
func TestTimezoneTellsTheClock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "America/New_York", "Africa/Casablanca",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Istanbul", "Africa/Cairo", "UTC", "Asia/Tehran", "Pacific/Auckland",
	} {
		loc := zone(t, name)
		first := time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)
		tz := timezone(loc, first, first.Add(time.Hour))
		if len(tz.Components) == 0 {
			t.Errorf("%s has no observance", name)
		}
		for at := first.AddDate(-1, 0, 1); at.Before(first.AddDate(1, 0, 0)); at = at.Add(7 * time.Hour) {
			_, want := at.In(loc).Zone()
			if got := offsetAt(t, tz, at); got != utcOffset(want) {
				t.Fatalf("%s at %s: %s, want %s", name, at, got, utcOffset(want))
			}
		}
	}
}

func offsetAt(t *testing.T, tz *ics.VTimezone, at time.Time) string {
	t.Helper()
	best, offset := time.Time{}, ""
	for _, c := range tz.Components {
		get := func(p ics.ComponentProperty) string {
			for _, property := range c.UnknownPropertiesIANAProperties() {
				if property.IANAToken == string(p) {
					return property.Value
				}
			}
			return ""
		}
		wall, err := time.Parse(localTime, get(ics.ComponentPropertyDtStart))
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.Parse("-0700", get("TZOFFSETFROM"))
		if err != nil {
			t.Fatal(err)
		}
		_, seconds := from.Zone()
		start := wall.Add(-time.Duration(seconds) * time.Second)
		if !start.After(at) && !start.Before(best) {
			best, offset = start, get("TZOFFSETTO")
		}
	}
	return offset
}

func sample(title, name string) invitation {
	starts := time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)
	return invitation{
		Meeting: meetingRow{
			ID: uuid.MustParse("018f0000-0000-7000-8000-0000000000aa"), Title: title, StartsAt: starts, EndsAt: starts.Add(time.Hour),
			TimeZone: "America/Mexico_City", Sequence: 2, UpdatedAt: starts.Add(-time.Hour), Note: title,
		},
		Invitee: inviteeRow{Kind: InviteeContact, Name: name, Email: "ana@example.org", Language: "zh-CN", TimeZone: "America/Sao_Paulo"},
		Agenda:  []AgendaItem{{Title: title, Minutes: 5}},
		Host:    "林悦",
		House:   House{NameZH: "徐州侨联", NameEN: "The Federation", PublicURL: "https://hub.example.org", Mail: "meeting@example.org"},
		URL:     "https://hub.example.org/join#token",
	}
}

func TestCalendarFile(t *testing.T) {
	t.Parallel()
	raw, err := sample("交流会; 第二次, \\o/\n续", `O'Neil, "Ana": Torres`).calendar(ics.MethodRequest)
	if err != nil {
		t.Fatal(err)
	}
	checkLines(t, raw)
	unfolded := strings.ReplaceAll(string(raw), "\r\n ", "")
	for _, want := range []string{
		"METHOD:REQUEST", "SEQUENCE:2", "DTSTART;TZID=America/Mexico_City:20261125T010000", "DTEND;TZID=America/Mexico_City:20261125T020000",
		"TZID:America/Mexico_City", "TZOFFSETTO:-0600", "UID:018f0000-0000-7000-8000-0000000000aa@hub.example.org",
		`SUMMARY:交流会\; 第二次\, \\o/\n续`, "ORGANIZER;CN=徐州侨联:mailto:meeting@example.org", "CN=O’Neil Ana Torres;", ":mailto:ana@example.org",
		"STATUS:CONFIRMED", "TRIGGER:-PT15M", "DTSTAMP:20261125T060000Z",
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("no %q in\n%s", want, unfolded)
		}
	}
	cancelled, err := sample("会", "Ana").calendar(ics.MethodCancel)
	if err != nil || !strings.Contains(string(cancelled), "STATUS:CANCELLED") || strings.Contains(string(cancelled), "VALARM") {
		t.Errorf("cancelled: %v\n%s", err, cancelled)
	}
	published, err := sample("会", "Ana").calendar(ics.MethodPublish)
	if err != nil || strings.Contains(string(published), "ATTENDEE") {
		t.Errorf("published: %v\n%s", err, published)
	}
}

// checkLines checks what RFC 5545 section 3.1 says of lines: ended by CRLF, at
// most 75 octets, no character cut in two.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	text, ok := strings.CutSuffix(string(raw), "\r\n")
	if !ok {
		t.Fatalf("does not end with a line break: %q", raw)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) || line == "" {
			t.Fatalf("bad line %q", line)
		}
	}
}

// FuzzCalendar: whatever title and name are, the file is one whole event that
// reads back as it was written.
func FuzzCalendar(f *testing.F) {
	for _, s := range []string{
		"交流会", "a\r\nATTENDEE:mailto:evil@example.org", "\x00\xff", "END:VEVENT", strings.Repeat("长", 200), `\n;,:"`, "\u2028", "🇨🇳👩‍🚀",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, name string) {
		raw, err := sample(title, name).calendar(ics.MethodRequest)
		if err != nil {
			t.Fatal(err)
		}
		checkLines(t, raw)
		cal, err := ics.ParseCalendar(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatalf("does not read back: %v\n%s", err, raw)
		}
		if events := cal.Events(); len(events) != 1 || len(events[0].Attendees()) != 1 || len(cal.Timezones()) != 1 {
			t.Fatalf("reads back as %d events\n%s", len(events), raw)
		}
		if got := cal.Events()[0].GetProperty(ics.ComponentPropertySummary).Value; got != plain(title) {
			t.Fatalf("title %q reads back as %q", plain(title), got)
		}
	})
}

func TestClocksInWords(t *testing.T) {
	t.Parallel()
	s := &Schedule{house: zone(t, "Asia/Shanghai")}
	clocks, err := s.clocks("Europe/London", "America/Mexico_City")
	if err != nil || len(clocks) != 3 {
		t.Fatalf("clocks: %v, %v", clocks, err)
	}
	starts := time.Date(2026, 11, 25, 15, 30, 0, 0, time.UTC)
	for i, want := range []string{
		"2026年11月25日（星期三） 09:30—10:30（墨西哥城时间，UTC-6）",
		"2026年11月25日（星期三） 23:30—2026年11月26日（星期四） 00:30（北京时间，UTC+8）",
		"2026年11月25日（星期三） 15:30—16:30（伦敦时间，UTC+0）",
	} {
		if got := Span(starts, starts.Add(time.Hour), clocks[i].loc, "zh-CN"); got != want {
			t.Errorf("clock %d: %s, want %s", i, got, want)
		}
	}
	if got := Span(starts, starts.Add(time.Hour), zone(t, "Asia/Kathmandu"), "en"); got != "Wednesday, 25 November 2026, 21:15 – 22:15 (Kathmandu time, UTC+5:45)" {
		t.Errorf("in English: %s", got)
	}
	if same, err := s.clocks("Asia/Shanghai", "Asia/Shanghai"); err != nil || len(same) != 1 {
		t.Errorf("one clock for all: %v, %v", same, err)
	}
}
