package loudness

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	t.Parallel()
	var m Meter
	now := time.Duration(0)
	hear := func(level uint8, d time.Duration) bool {
		for end := now + d; now < end; now += 20 * time.Millisecond {
			m.Level(level, now)
		}
		_, ok := m.Speaking(now)
		return ok
	}
	if hear(100, time.Second) {
		t.Error("noise speaks")
	}
	if hear(20, 150*time.Millisecond) {
		t.Error("a cough speaks")
	}
	if hear(100, 500*time.Millisecond) || !hear(20, 600*time.Millisecond) {
		t.Error("speech does not speak")
	}
	if !hear(100, 400*time.Millisecond) {
		t.Error("a breath ends speech")
	}
	if hear(100, time.Second) {
		t.Error("silence speaks on")
	}
	hear(20, time.Second)
	if _, ok := m.Speaking(now + 2*time.Second); ok {
		t.Error("a microphone that stopped sending speaks on")
	}
}
