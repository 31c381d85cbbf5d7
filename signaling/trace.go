package signaling

import (
	"context"

	"github.com/yunqiao/yunqiao/signaling/wire"
)

// note writes into the audit what a moderator asks for, before it is done: what
// cannot be noted is not done. Its object is the meeting.
func (r *room) note(ctx context.Context, m wire.ClientMessage) error {
	action, details := traceOf(m)
	r.mu.Lock()
	live := r.meeting
	r.mu.Unlock()
	if action == "" || live == nil {
		return nil
	}
	return r.hub.Audit.Record(ctx, action, live.info.ID.String(), details)
}

// traceOf names the line that a message to a live meeting leaves. None is left by
// what has no effect beyond the moment, as a mute, and none by letting in, which
// leaves its line for each device in the transaction that does it.
func traceOf(m wire.ClientMessage) (action string, details map[string]any) {
	switch m := m.(type) {
	case *wire.Refuse:
		return "meetings.refuse", map[string]any{"person": m.Person}
	case *wire.Remove:
		return "meetings.remove", map[string]any{"person": m.Participant, "block": m.Block}
	case *wire.Lock:
		return "meetings.lock", map[string]any{"locked": m.Locked}
	case *wire.Appoint:
		return "meetings.appoint", map[string]any{"person": m.Participant, "role": m.Role}
	case *wire.Record:
		return "recording.record", map[string]any{"on": m.On}
	case *wire.End:
		return "meetings.end", nil
	}
	return "", nil
}
