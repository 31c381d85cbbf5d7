package signaling

import (
	"bytes"
	"testing"
)

func TestQueueIsBoundedAndShedsFirst(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for i := range maxQueued {
		if !q.put([]byte{byte(i)}, false) {
			t.Fatalf("frame %d of %d found no room", i, maxQueued)
		}
	}
	if q.put([]byte("one more"), false) {
		t.Error("the queue has no end")
	}
	if !q.put([]byte("typing"), true) || len(q.frames) != maxQueued {
		t.Error("what may be lost is a failure, or was queued")
	}
	q.putFirst([]byte("welcome"))
	frames := q.take()
	if string(frames[0]) != "welcome" || len(frames) != maxQueued+1 || frames[1][0] != 0 || frames[2][0] != 1 {
		t.Error("the frames are not in order")
	}
	if len(q.take()) != 0 || !q.put(nil, false) {
		t.Error("the queue does not start anew")
	}
}

func TestQueueTakesOneFrameOfAnySize(t *testing.T) {
	t.Parallel()
	q := newQueue()
	large := bytes.Repeat([]byte("x"), maxQueuedBytes+1)
	if !q.put(large, false) {
		t.Error("an answer that was asked for cannot be given")
	}
	if q.put([]byte("x"), false) {
		t.Error("a client may hold up more than the limit")
	}
}
