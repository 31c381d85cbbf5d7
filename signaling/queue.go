package signaling

import "sync"

// Limits of what waits for one client.
const (
	maxQueued      = 512
	maxQueuedBytes = 1 << 20
	// Above this share of the limit, frames that may be lost are.
	shedAbove = 4 // a quarter
)

// queue holds the frames that wait for one socket. It is bounded: first it
// sheds what may be lost, then it reports that the client is too slow.
type queue struct {
	ready chan struct{}

	mu     sync.Mutex
	frames [][]byte // Guarded by mu.
	bytes  int      // Guarded by mu.
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

// put adds a frame and says whether there was room. A frame that may be lost
// is dropped early, and that is no failure.
func (q *queue) put(frame []byte, mayBeLost bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if mayBeLost && (len(q.frames) > maxQueued/shedAbove || q.bytes > maxQueuedBytes/shedAbove) {
		return true
	}
	// One frame always fits: what is asked for can be answered, whatever its size.
	if len(q.frames) >= maxQueued || len(q.frames) > 0 && q.bytes+len(frame) > maxQueuedBytes {
		return false
	}
	q.frames = append(q.frames, frame)
	q.bytes += len(frame)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// putFirst adds the frame that comes before all others: the welcome.
func (q *queue) putFirst(frame []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.frames = append([][]byte{frame}, q.frames...)
	q.bytes += len(frame)
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns all waiting frames, in order.
func (q *queue) take() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	frames := q.frames
	q.frames, q.bytes = nil, 0
	return frames
}
