package chat

// This file: what a guest sees of a room. It reads from its admission on: neither
// what was said before, nor what the members have read and confirmed.

// Shown is an event as the caller may see it, and whether that is less than what
// happened. Each number of the room's order is there; of a message from before a
// guest's admission it says nothing but that it is not to be seen.
func (c Caller) Shown(e Event) (shown Event, less bool) {
	e.Message, less = c.shown(e.Message)
	return e, less
}

func (c Caller) shownEvents(events []Event) []Event {
	for i := range events {
		events[i], _ = c.Shown(events[i])
	}
	return events
}

func (c Caller) shown(m Message) (shown Message, less bool) {
	if c.Kind != GuestPerson {
		return m, false
	}
	if m.Seq <= c.GuestSince {
		return withheld(m), true
	}
	if m.ReplyTo != nil && m.ReplyTo.Seq <= c.GuestSince {
		m.ReplyTo, less = nil, true
	}
	if m.Confirmation != nil && len(m.Confirmation.By) > 0 && m.Author.ID != c.ID {
		confirmation := *m.Confirmation
		confirmation.By = nil
		m.Confirmation, less = &confirmation, true
	}
	return m, less
}

// withheld is all that is said of a message that is not to be seen: its place.
func withheld(m Message) Message {
	return Message{ID: m.ID, Room: m.Room, Seq: m.Seq, PostedAt: m.PostedAt, Deleted: true}
}
