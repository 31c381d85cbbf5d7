package sfu

import "time"

const (
	firstClog  = 300 * time.Millisecond
	longClog   = 5 * time.Second
	clogForgot = 10 * time.Second
)

// clog is what an outlet of video remembers of a path that took no more: a TCP
// connection whose buffer is full. Late pictures would only make it later, so
// that none are sent for a while, longer each time, and then from a key frame
// on. Sound goes on as soon as there is room.
type clog struct {
	until, pause time.Duration
}

func (c *clog) holds(now time.Duration) bool { return now < c.until }

func (c *clog) again(now time.Duration) {
	if c.pause == 0 || now-c.until > clogForgot {
		c.pause = firstClog
	} else {
		c.pause = min(2*c.pause, longClog)
	}
	c.until = now + c.pause
}

// cloggedLocked notes that the path to the receiver took no packet.
func (o *outlet) cloggedLocked(now time.Duration) {
	o.sfu.counters.drop(dropPathFull)
	if !o.video {
		return
	}
	o.clog.again(now)
	o.fresh = true
	o.maskLocked()
}

// wait keeps the outlets of a new connection shut until it is up: what they sent
// would be lost, and the key frame with it.
func (t *transport) wait(outlets ...*outlet) {
	for _, o := range outlets {
		o.setShut(true)
	}
	t.mu.Lock()
	if !t.connected {
		t.shut = append(t.shut, outlets...)
		outlets = nil
	}
	t.mu.Unlock()
	for _, o := range outlets {
		o.setShut(false)
	}
}

// opened lets the outlets send, now that the connection is up.
func (t *transport) opened() {
	t.mu.Lock()
	t.connected = true
	list := t.shut
	t.shut = nil
	t.mu.Unlock()
	for _, o := range list {
		o.setShut(false)
	}
	t.up.woken()
}

func (o *outlet) setShut(shut bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut = shut
	o.maskLocked()
}
