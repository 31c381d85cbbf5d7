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
