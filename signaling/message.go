package signaling

import (
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

func toMessage(m chat.Message) wire.Message {
	w := wire.Message{
		ID: m.ID.String(), Room: m.Room.String(), Seq: m.Seq, ClientID: m.ClientID, Author: toPerson(m.Author),
		Text: m.Text, TextEN: m.TextEN, Topic: m.Topic, PostedAt: m.PostedAt.UTC(), EditedAt: m.EditedAt, Deleted: m.Deleted,
		Removed:  wire.Removal(m.Removed),
		Mentions: toIDs(m.Mentions), MentionGroups: make([]wire.MentionGroup, 0, len(m.MentionGroups)),
		Reactions: toReactions(m.Reactions), Attachments: make([]wire.Attachment, 0, len(m.Attachments)), Call: toCallRecord(m.Call),
	}
	if m.ReplyTo != nil {
		w.ReplyTo = &wire.ReplyTo{ID: m.ReplyTo.ID.String(), Author: toPerson(m.ReplyTo.Author), Text: m.ReplyTo.Text}
	}
	for _, g := range m.MentionGroups {
		w.MentionGroups = append(w.MentionGroups, wire.MentionGroup(g))
	}
	for _, a := range m.Attachments {
		w.Attachments = append(w.Attachments, wire.Attachment{
			ID: a.ID.String(), Name: a.Name, Type: a.Type, Size: a.Size, Width: a.Width, Height: a.Height,
			DurationMS: a.DurationMS, Voice: a.Voice, Preview: a.Preview,
		})
	}
	if m.Forwarded != nil {
		w.Forwarded = &wire.Forwarded{Author: toPerson(m.Forwarded.Author), PostedAt: m.Forwarded.PostedAt.UTC()}
	}
	if m.Pin != nil {
		w.Pin = &wire.Pin{By: toPerson(m.Pin.By), At: m.Pin.At.UTC()}
	}
	if m.Confirmation != nil {
		w.Confirmation = &wire.Confirmation{Urgent: m.Confirmation.Urgent, By: toIDs(m.Confirmation.By)}
	}
	return w
}

func toReactions(reactions []chat.Reaction) []wire.Reaction {
	list := make([]wire.Reaction, 0, len(reactions))
	for _, r := range reactions {
		by := make([]wire.Person, 0, len(r.By))
		for _, p := range r.By {
			by = append(by, toPerson(p))
		}
		list = append(list, wire.Reaction{Emoji: r.Emoji, By: by})
	}
	return list
}

func toCallRecord(c *chat.CallRecord) *wire.CallRecord {
	if c == nil {
		return nil
	}
	w := &wire.CallRecord{
		ID: c.ID.String(), By: toPerson(c.By), People: make([]wire.CallPerson, 0, len(c.People)),
		StartedAt: c.StartedAt.UTC(), AnsweredAt: inUTC(c.AnsweredAt), EndedAt: c.EndedAt.UTC(),
	}
	for _, p := range c.People {
		w.People = append(w.People, wire.CallPerson{Person: toPerson(p.Person), State: wire.CallOutcome(p.State)})
	}
	return w
}

func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.UTC())
}

func toIDs(ids []uuid.UUID) []string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		list = append(list, id.String())
	}
	return list
}

func toEvent(e chat.Event) wire.Event {
	return wire.Event{Room: e.Room.String(), Seq: e.Seq, Kind: wire.EventKind(e.Kind), Message: toMessage(e.Message)}
}

func toMessages(messages []chat.Message) []wire.Message {
	list := make([]wire.Message, 0, len(messages))
	for _, m := range messages {
		list = append(list, toMessage(m))
	}
	return list
}
