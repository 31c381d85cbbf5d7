package signaling

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

func TestWhoWasKickedEntersNothing(t *testing.T) {
	t.Parallel()
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	r, s := newRoom(h, uuid.New()), newSession(h, nil)
	s.me = chat.Person{ID: uuid.New(), Kind: chat.AccountPerson}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.openToLocked(s); err != nil {
		t.Errorf("an open meeting: %v", err)
	}
	r.meeting = &meeting{locked: true}
	if err := r.openToLocked(s); toCode(err) != wire.CodeLocked {
		t.Errorf("a locked meeting: %v", err)
	}
	r.meeting.info.Host = s.me.ID
	if err := r.openToLocked(s); err != nil {
		t.Errorf("its host: %v", err)
	}
	s.kick(statusRevoked, "your access has ended")
	if err := r.openToLocked(s); !errors.Is(err, errGone) {
		t.Errorf("who was kicked: %v", err)
	}
}

func toCode(err error) wire.ErrorCode {
	f, _ := toFailure(err)
	return f.Code
}

// A moderator's message may have waited while the meeting ended.
func TestLockingWhatHasEndedIsRefused(t *testing.T) {
	t.Parallel()
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	r, s := newRoom(h, uuid.New()), newSession(h, nil)
	if err := r.lock(s, &wire.Lock{Locked: true}); toCode(err) != wire.CodeNotInMeeting {
		t.Errorf("locked: %v", err)
	}
}

// Whoever works when the hub ends is waited for; who comes later is refused.
func TestHubWaitsForItsWork(t *testing.T) {
	t.Parallel()
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	for range 2 {
		if !h.start() {
			t.Fatal("the hub takes no work")
		}
	}
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	h.finish()
	select {
	case <-h.idle:
		t.Fatal("idle while somebody works")
	default:
	}
	h.finish()
	<-h.idle
	if h.start() {
		t.Error("work begins after the end")
	}
}
