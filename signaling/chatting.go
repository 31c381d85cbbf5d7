package signaling

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// hears says whether the session is to hear of its rooms. A guest who was
// dismissed, or whose meeting is not live, hears nothing from that moment on.
func (s *session) hears() bool { return s.me.Kind != chat.GuestPerson || s.admitted.Load() }

// Happened implements chat.Listener.
func (s *session) Happened(e chat.Event) {
	if !s.hears() {
		return
	}
	if shown, less := s.caller().Shown(e); less {
		s.send(&wire.Happened{Event: toEvent(shown)})
		return
	}
	if frame := s.hub.latestEvent.encode(e.Room, e.Seq, func() []byte { return s.hub.encode("", &wire.Happened{Event: toEvent(e)}) }); frame != nil {
		s.put(frame, false)
	}
}

// latest keeps the frame that is being delivered to a room, so that it is
// encoded once and not for every listener.
type latest struct {
	mu     sync.Mutex
	room   uuid.UUID // Guarded by mu, as what follows.
	number int64
	frame  []byte
}

func (l *latest) encode(room uuid.UUID, number int64, encode func() []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frame == nil || l.room != room || l.number != number {
		l.room, l.number, l.frame = room, number, encode()
	}
	return l.frame
}

// Marked implements chat.Listener. It is as sure as an event: nothing tells a
// client that it missed one. Guests are not told what members have read.
func (s *session) Marked(room uuid.UUID, marks []chat.Mark, newest int64) {
	if s.me.Kind == chat.GuestPerson {
		return
	}
	if frame := s.hub.latestMarks.encode(room, newest, func() []byte { return s.hub.encode("", toMarks(room, marks, newest)) }); frame != nil {
		s.put(frame, false)
	}
}

func toMarks(room uuid.UUID, marks []chat.Mark, newest int64) *wire.Marks {
	w := &wire.Marks{Room: room.String(), Marks: make([]wire.Mark, 0, len(marks)), Newest: newest}
	for _, m := range marks {
		w.Marks = append(w.Marks, wire.Mark{Person: toPerson(m.Person), Seq: m.Read})
	}
	return w
}

// Typing implements chat.Listener.
func (s *session) Typing(room uuid.UUID, p chat.Person) {
	if p.ID != s.me.ID && s.hears() {
		s.hint(&wire.IsTyping{Room: room.String(), Person: toPerson(p)})
	}
}

func (s *session) post(ctx context.Context, m *wire.Post) (wire.ServerMessage, error) {
	n, err := fromPost(m)
	if err != nil {
		return nil, err
	}
	return posted(s.hub.Chat.Post(ctx, s.caller(), n))
}

// callEntry begins the client ids under which the hub posts calls' entries.
const callEntry = "call:"

func fromPost(m *wire.Post) (chat.NewMessage, error) {
	if strings.HasPrefix(m.ClientID, callEntry) {
		return chat.NewMessage{}, failure(wire.CodeInvalid, "such ids are the hub's own").at("client_id")
	}
	n := chat.NewMessage{
		ClientID: m.ClientID, Text: m.Text, TextEN: m.TextEN, Topic: m.Topic,
		MustConfirm: m.MustConfirm, Urgent: m.Urgent,
	}
	n.MentionGroups = toGroups(m.MentionGroups)
	var err error
	if n.Room, err = parseID("room", m.Room); err != nil {
		return n, err
	}
	if n.Mentions, err = parseIDs("mentions", m.Mentions); err != nil {
		return n, err
	}
	if n.Attachments, err = parseIDs("attachments", m.Attachments); err != nil {
		return n, err
	}
	if m.ReplyTo != "" {
		reply, err := parseID("reply_to", m.ReplyTo)
		if err != nil {
			return n, err
		}
		n.ReplyTo = &reply
	}
	if m.Forward != nil {
		n.Forward = &chat.ForwardOf{}
		if n.Forward.Room, err = parseID("forward", m.Forward.Room); err != nil {
			return n, err
		}
		n.Forward.Message, err = parseID("forward", m.Forward.Message)
	}
	return n, err
}

func posted(e chat.Event, err error) (wire.ServerMessage, error) {
	if err != nil {
		return nil, err
	}
	return &wire.Posted{Event: toEvent(e)}, nil
}

// onMessage parses the two ids that all changes of a message share.
func onMessage(room, message string, do func(room, message uuid.UUID) (chat.Event, error)) (wire.ServerMessage, error) {
	roomID, err := parseID("room", room)
	if err != nil {
		return nil, err
	}
	messageID, err := parseID("message", message)
	if err != nil {
		return nil, err
	}
	return posted(do(roomID, messageID))
}

func (s *session) edit(ctx context.Context, m *wire.Edit) (wire.ServerMessage, error) {
	return onMessage(m.Room, m.Message, func(room, message uuid.UUID) (chat.Event, error) {
		r, err := fromEdit(m)
		if err != nil {
			return chat.Event{}, err
		}
		return s.hub.Chat.Edit(ctx, s.caller(), room, message, r)
	})
}

func fromEdit(m *wire.Edit) (chat.Revision, error) {
	r := chat.Revision{Text: m.Text, TextEN: m.TextEN}
	if m.MentionGroups != nil {
		r.MentionGroups = toGroups(m.MentionGroups)
	}
	if m.Mentions == nil {
		return r, nil
	}
	var err error
	r.Mentions, err = parseIDs("mentions", m.Mentions)
	return r, err
}

func toGroups(groups []wire.MentionGroup) []chat.MentionGroup {
	list := make([]chat.MentionGroup, 0, len(groups))
	for _, g := range groups {
		list = append(list, chat.MentionGroup(g))
	}
	return list
}

func (s *session) deleteMessage(ctx context.Context, m *wire.Delete) (wire.ServerMessage, error) {
	return onMessage(m.Room, m.Message, func(room, message uuid.UUID) (chat.Event, error) {
		return s.hub.Chat.Delete(ctx, s.caller(), room, message)
	})
}

func (s *session) react(ctx context.Context, m *wire.React) (wire.ServerMessage, error) {
	return onMessage(m.Room, m.Message, func(room, message uuid.UUID) (chat.Event, error) {
		return s.hub.Chat.React(ctx, s.caller(), room, message, m.Emoji, m.On)
	})
}

func (s *session) pin(ctx context.Context, m *wire.PinMessage) (wire.ServerMessage, error) {
	return onMessage(m.Room, m.Message, func(room, message uuid.UUID) (chat.Event, error) {
		return s.hub.Chat.Pin(ctx, s.caller(), room, message, m.On)
	})
}

func (s *session) confirm(ctx context.Context, m *wire.Confirm) (wire.ServerMessage, error) {
	return onMessage(m.Room, m.Message, func(room, message uuid.UUID) (chat.Event, error) {
		return s.hub.Chat.Confirm(ctx, s.caller(), room, message)
	})
}

func (s *session) markRead(ctx context.Context, m *wire.Read) error {
	room, err := parseID("room", m.Room)
	if err != nil {
		return err
	}
	return s.hub.Chat.MarkRead(ctx, s.caller(), room, m.Seq)
}

func (s *session) getMarks(ctx context.Context, m *wire.GetMarks) (wire.ServerMessage, error) {
	room, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	marks, newest, err := s.hub.Chat.Marks(ctx, s.caller(), room, m.After)
	if err != nil {
		return nil, err
	}
	return toMarks(room, marks, newest), nil
}

func (s *session) typing(ctx context.Context, m *wire.Typing) error {
	room, err := parseID("room", m.Room)
	if err != nil {
		return err
	}
	return s.hub.Feed.SayTyping(ctx, s.caller(), room)
}

func (s *session) history(ctx context.Context, m *wire.History) (wire.ServerMessage, error) {
	room, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	part := chat.Part{Before: m.Before, After: m.After, Around: m.Around, Topic: m.Topic, Limit: m.Limit}
	page, err := s.hub.Chat.History(ctx, s.caller(), room, part)
	if err != nil {
		return nil, err
	}
	return &wire.HistoryPage{
		Room: m.Room, Messages: toMessages(page.Messages), Head: page.Head, More: page.More, Newer: page.Newer,
	}, nil
}

func (s *session) catchUp(ctx context.Context, m *wire.CatchUp) (wire.ServerMessage, error) {
	room, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	events, more, err := s.hub.Chat.Events(ctx, s.caller(), room, m.After, m.Limit)
	if err != nil {
		return nil, err
	}
	page := &wire.EventsPage{Room: m.Room, Events: make([]wire.Event, 0, len(events)), More: more}
	for _, e := range events {
		page.Events = append(page.Events, toEvent(e))
	}
	return page, nil
}

// maxCursors is how many rooms are caught up with in one message.
const maxCursors = 1000

func (s *session) catchUpRooms(ctx context.Context, m *wire.CatchUpRooms) (wire.ServerMessage, error) {
	if len(m.Rooms) > maxCursors {
		return nil, failure(wire.CodeInvalid, "too many rooms").at("rooms")
	}
	cursors := make([]chat.Cursor, 0, len(m.Rooms))
	for _, c := range m.Rooms {
		room, err := parseID("rooms", c.Room)
		if err != nil {
			return nil, err
		}
		cursors = append(cursors, chat.Cursor{Room: room, After: c.After})
	}
	events, more, err := s.hub.Chat.EventsOfRooms(ctx, s.caller(), cursors, m.Limit)
	if err != nil {
		return nil, err
	}
	page := &wire.RoomsEvents{Events: make([]wire.Event, 0, len(events)), More: more}
	for _, e := range events {
		page.Events = append(page.Events, toEvent(e))
	}
	return page, nil
}

func pong() *wire.Pong { return &wire.Pong{Now: time.Now().UTC()} }
