package signaling

import (
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// BenchmarkDeliver hands one event to the queues of 1,000 sockets: it is
// encoded once.
func BenchmarkDeliver(b *testing.B) {
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	sessions := make([]*session, 1000)
	for i := range sessions {
		sessions[i] = newSession(h, nil)
		sessions[i].me = chat.Person{ID: uuid.New(), Kind: chat.AccountPerson}
	}
	e := event()
	b.ReportAllocs()
	for b.Loop() {
		e.Seq++
		for _, s := range sessions {
			s.Happened(e)
		}
		b.StopTimer()
		for _, s := range sessions {
			if len(s.out.take()) != 1 {
				b.Fatal("an event was not queued")
			}
		}
		b.StartTimer()
	}
}

// BenchmarkEncode makes the frame of one event.
func BenchmarkEncode(b *testing.B) {
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	e := event()
	b.ReportAllocs()
	for b.Loop() {
		e.Seq++
		frame := h.latestEvent.encode(e.Room, e.Seq, func() []byte { return h.encode("", &wire.Happened{Event: toEvent(e)}) })
		if frame == nil {
			b.Fatal("not encoded")
		}
	}
}

func event() chat.Event {
	room, author := uuid.New(), chat.Person{ID: uuid.New(), Kind: chat.AccountPerson, Name: "林悦"}
	return chat.Event{Room: room, Kind: chat.Posted, Message: chat.Message{
		ID: uuid.New(), Room: room, Author: author, Text: "各位下午好，会议三点开始。",
		Reactions: []chat.Reaction{{Emoji: "👍", By: []chat.Person{author}}},
	}}
}
