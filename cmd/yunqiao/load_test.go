package main

import (
	"strings"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/cmd/yunqiao/load"
	"github.com/yunqiao/yunqiao/internal/account"
)

func TestLoadIsMadeAndMeasured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.person(t, "linyue", account.Staff)
	var out strings.Builder
	err := load.Run(t.Context(), load.Options{
		URL: h.url, User: "linyue", Password: testPassword, Participants: 3, Cameras: 2, Microphones: 3, Seats: 2, Rate: 50, Duration: time.Second,
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nothing received by 0", "sound ", "picture "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

func TestLoadIsBounded(t *testing.T) {
	t.Parallel()
	good := load.Options{URL: "http://localhost", Participants: 3, Cameras: 3, Microphones: 3, Seats: 2, Rate: 5, Duration: time.Minute}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*load.Options){
		"nobody": func(o *load.Options) { o.Participants = 0 }, "a crowd": func(o *load.Options) { o.Participants = 301 },
		"more cameras than people": func(o *load.Options) { o.Cameras = 4 }, "more sound than people": func(o *load.Options) { o.Microphones = 4 },
		"no seat": func(o *load.Options) { o.Seats = 0 }, "a storm": func(o *load.Options) { o.Rate = 1000 },
		"for ever": func(o *load.Options) { o.Duration = time.Hour }, "nowhere": func(o *load.Options) { o.URL = "localhost" },
	} {
		o := good
		spoil(&o)
		if o.Check() == nil {
			t.Errorf("%s was let pass", name)
		}
	}
}
