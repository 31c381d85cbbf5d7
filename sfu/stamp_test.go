package sfu

import (
	"testing"
	"time"
)

// TestPacketsAreStampedAsTheyLeave: what this node takes to get round to a receiver
// is no queue of the link's.
func TestPacketsAreStampedAsTheyLeave(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	p.sfu.started = p.sfu.started.Add(-time.Hour)
	p.ends[0].wired.Load().numbered = true
	p.build(true)
	begun := p.sfu.now()
	p.in.take(p.raw, begun-200*time.Millisecond) // it was read so long ago
	d := &p.ends[0].way.down
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lastSent < begun {
		t.Errorf("stamped %v before it left", begun-d.lastSent)
	}
}
