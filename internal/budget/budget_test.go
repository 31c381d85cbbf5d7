package budget

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestADoorLetsInSoMuchAtOnceAndASecond(t *testing.T) {
	t.Parallel()
	d := NewDoor("x", Limit{Rate: 2, Burst: 10})
	now := time.Unix(1_000_000, 0)
	let := func(key string, cost float64, tries int) (in int) {
		for range tries {
			if d.Ask(now, key, cost) == nil {
				in++
			}
		}
		return in
	}
	if in := let("a", 1, 50); in != 10 {
		t.Errorf("%d at once, want 10", in)
	}
	if in := let("b", 5, 50); in != 2 {
		t.Errorf("another key pays its own cost: %d, want 2", in)
	}
	err := d.Ask(now, "a", 3)
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != 429 || p.Extra["retry_after"] != 2 {
		t.Errorf("refused with %v", err)
	}
	now = now.Add(3 * time.Second)
	if in := let("a", 1, 50); in != 6 {
		t.Errorf("%d after three seconds, want 6", in)
	}
	now = now.Add(-time.Hour)
	if in := let("a", 1, 50); in != 0 {
		t.Errorf("%d when the clock goes back", in)
	}
	now = now.Add(2 * time.Hour)
	if in := let("a", 25, 2); in != 1 {
		t.Errorf("what costs more than the burst gets in %d times, want once", in)
	}
	if d.Refused() == 0 {
		t.Error("nothing is counted")
	}
}

// Whoever has addresses without end costs no memory without end, and keeps
// nobody out for longer than the others are busy.
func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	d := NewDoor("x", Limit{Rate: 1, Burst: 2})
	now := time.Unix(1_000_000, 0)
	in := 0
	for i := range maxKeys + 1000 {
		if d.Ask(now, fmt.Sprint(i), 1) == nil {
			in++
		}
	}
	if in != maxKeys+2 || len(d.buckets) > maxKeys+1 {
		t.Errorf("%d let in, %d remembered", in, len(d.buckets))
	}
	now = now.Add(time.Minute)
	if d.Ask(now, "new", 2) != nil || len(d.buckets) > 2 {
		t.Errorf("the quiet are not forgotten: %d", len(d.buckets))
	}
}

func TestPlacesAreGivenBack(t *testing.T) {
	t.Parallel()
	p := NewPlaces("x")
	a, ok := p.Take("k", 2)
	if _, second := p.Take("k", 2); !ok || !second {
		t.Fatal("two places are not two")
	}
	if _, third := p.Take("k", 2); third {
		t.Error("a third one of two")
	}
	if _, other := p.Take("l", 2); !other {
		t.Error("another key")
	}
	a()
	if _, again := p.Take("k", 2); !again || p.Refused() != 1 {
		t.Error("a place is not given back")
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		if got := Network(address); got != want {
			t.Errorf("%s is in %s, want %s", address, got, want)
		}
	}
}
