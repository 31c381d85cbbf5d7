package notify

import (
	"net/netip"
	"testing"
	"time"
)

func TestQuietHoursFollowTheWallClock(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		zone, now string
		from, to  int
		until     string // on the same wall; empty: not quiet
	}{
		"before":                    {"Asia/Shanghai", "2026-11-25 21:59", 1320, 420, ""},
		"at its beginning":          {"Asia/Shanghai", "2026-11-25 22:00", 1320, 420, "2026-11-26 07:00"},
		"after midnight":            {"Asia/Shanghai", "2026-11-26 06:59", 1320, 420, "2026-11-26 07:00"},
		"at its end":                {"Asia/Shanghai", "2026-11-26 07:00", 1320, 420, ""},
		"at noon":                   {"Asia/Shanghai", "2026-11-26 12:30", 720, 780, "2026-11-26 13:00"},
		"never":                     {"Asia/Shanghai", "2026-11-26 03:00", 420, 420, ""},
		"the short night":           {"Europe/Berlin", "2026-03-28 23:00", 1320, 420, "2026-03-29 07:00"},
		"the long night":            {"Europe/Berlin", "2026-10-24 23:00", 1320, 420, "2026-10-25 07:00"},
		"an end that does not come": {"Europe/Berlin", "2026-03-29 01:30", 1320, 150, "2026-03-29 03:30"},
		"the last of the year":      {"America/Mexico_City", "2026-12-31 23:30", 1320, 420, "2027-01-01 07:00"},
		"a month's last":            {"Australia/Sydney", "2026-10-03 22:30", 1320, 420, "2026-10-04 07:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := zoneOf(test.zone)
			now, err := time.ParseInLocation("2006-01-02 15:04", test.now, zone)
			if err != nil {
				t.Fatal(err)
			}
			until := quietHours{on: true, from: test.from, to: test.to, zone: zone}.until(now)
			got := ""
			if !until.IsZero() {
				got = until.In(zone).Format("2006-01-02 15:04")
			}
			if got != test.until {
				t.Errorf("quiet until %q, want %q", got, test.until)
			}
			if !until.IsZero() && !until.After(now) {
				t.Errorf("the end %s is not after %s", until, now)
			}
		})
	}
}

// The nights of clock changes are an hour shorter and longer.
func TestQuietNightsOfClockChanges(t *testing.T) {
	t.Parallel()
	zone := zoneOf("Europe/Berlin")
	for day, want := range map[string]time.Duration{"2026-03-28": 8 * time.Hour, "2026-10-24": 10 * time.Hour, "2026-11-24": 9 * time.Hour} {
		now, err := time.ParseInLocation("2006-01-02 15:04", day+" 22:00", zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := (quietHours{on: true, from: 1320, to: 420, zone: zone}).until(now).Sub(now); got != want {
			t.Errorf("the night of %s is %s long, want %s", day, got, want)
		}
	}
}

// Every quiet moment of a year ends, and not in the quiet.
func TestQuietHoursEnd(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "America/Mexico_City", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"} {
		q := quietHours{on: true, from: 1320, to: 125, zone: zoneOf(name)}
		for now := time.Date(2026, 1, 1, 0, 7, 0, 0, time.UTC); now.Year() == 2026; now = now.Add(17 * time.Minute) {
			until := q.until(now)
			if until.IsZero() {
				continue
			}
			if !until.After(now) || until.Sub(now) > 6*time.Hour {
				t.Fatalf("%s: quiet at %s until %s", name, now.In(q.zone), until.In(q.zone))
			}
		}
	}
}

func TestOnlyTheInternetIsOutside(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
		"100.127.255.255", "169.254.169.254", "192.0.0.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
		"2002:7f00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		if public(netip.MustParseAddr(text)) {
			t.Errorf("%s counts as the internet", text)
		}
	}
	for _, text := range []string{"1.1.1.1", "39.156.66.10", "172.32.0.1", "100.128.0.1", "2400:3200::1", "2606:4700::1111"} {
		if !public(netip.MustParseAddr(text)) {
			t.Errorf("%s does not count as the internet", text)
		}
	}
}
