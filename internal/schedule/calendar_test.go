package schedule

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
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
		for _, year := range []int{2026, 2040} { // after 2037 the zone's data are rules
			first := time.Date(year, 7, 12, 14, 0, 0, 0, time.UTC)
			tz := timezone(loc, first, first.Add(time.Hour))
			if n := len(tz.Components); n == 0 || n > 10 {
				t.Fatalf("%s has %d observances", name, n)
			}
			for at := first.AddDate(-1, 0, 1); at.Before(first.AddDate(1, 0, 0)); at = at.Add(7 * time.Hour) {
				_, want := at.In(loc).Zone()
				if got := offsetAt(t, tz, at); got != utcOffset(want) {
					t.Fatalf("%s at %s: %s, want %s", name, at, got, utcOffset(want))
				}
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
