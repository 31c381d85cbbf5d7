package sfu

import (
	"errors"
	"sync"
)

const (
	outboxRoom = 128 << 10
	// The last of the room is for what is small: sound, RTCP, signalling. Pictures
	// come in larger packets.
	outboxReserve = 32 << 10
	smallMessage  = 400
)

var errPathFull = errors.New("the path to the receiver is full")

// outbox is a bounded queue of messages towards one receiver that may be slow: a
// TCP connection. Putting something in never waits. What finds no room is
// dropped by whoever brought it.
type outbox struct {
	ready chan struct{} // something waits, or the end

	mu      sync.Mutex
	waiting []byte // guarded by mu
	taken   int    // guarded by mu: bytes taken but not gone yet
	closed  bool   // guarded by mu
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put appends head and body as one message, and reports whether there was room.
func (o *outbox) put(head, body []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	room := outboxRoom - len(o.waiting) - o.taken
	size := len(head) + len(body)
	if size > smallMessage {
		room -= outboxReserve
	}
	if o.closed || size > room {
		return false
	}
	o.waiting = append(append(o.waiting, head...), body...)
	o.wake()
	return true
}

func (o *outbox) wake() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// take waits for messages and hands out all there are. The caller gives its
// previous buffer back to be filled. It reports false at the end.
func (o *outbox) take(empty []byte) ([]byte, bool) {
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return nil, false
		}
		if len(o.waiting) > 0 {
			full := o.waiting
			o.waiting, o.taken = empty[:0], o.taken+len(full)
			o.mu.Unlock()
			return full, true
		}
		o.mu.Unlock()
		<-o.ready
	}
}

// gone makes room again for n bytes that were taken.
func (o *outbox) gone(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.taken -= n
}

// close ends the outbox; what waits is lost.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.wake()
}
