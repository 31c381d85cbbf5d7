package main

import (
	"fmt"
	"testing"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// Whoever was away knows after its return exactly how far everybody has read,
// by the number that the welcome gives.
func TestMarksAreExactAfterAReturn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station), h.person(t, "dashi", account.Ambassador)
	room := h.group(t, a, b, c).String()
	ca, cb, cc := h.dial(t, a), h.dial(t, b), h.dial(t, c)
	for i := range 5 {
		ca.Call(&wire.Post{Room: room, ClientID: fmt.Sprint(i), Text: "x", Mentions: []string{}})
	}
	cb.Call(&wire.Read{Room: room, Seq: 2})
	known := signalingtest.Await(ca, "the first mark", func(m *wire.Marks) bool { return m.Room == room })
	if known.Newest != 1 || len(known.Marks) != 1 || known.Marks[0].Person.ID != b.ID.String() || known.Marks[0].Seq != 2 {
		t.Fatalf("heard %+v", known)
	}
	ca.Drop()
	for seq := int64(3); seq <= 5; seq++ {
		cb.Call(&wire.Read{Room: room, Seq: seq})
	}
	cc.Call(&wire.Read{Room: room, Seq: 4})
	cc.Call(&wire.Read{Room: room, Seq: 1}) // goes back: counts for nothing
	back := h.dial(t, a)
	if head := back.Welcome.Rooms[0]; head.Mark != 5 {
		t.Errorf("the welcome says mark %d, want 5", head.Mark)
	}
	missed := back.Call(&wire.GetMarks{Room: room, After: known.Newest}).(*wire.Marks)
	read := map[string]int64{}
	for _, m := range missed.Marks {
		read[m.Person.ID] = m.Seq
	}
	if missed.Newest != 5 || len(read) != 2 || read[b.ID.String()] != 5 || read[c.ID.String()] != 4 {
		t.Errorf("missed %+v", missed)
	}
	all := back.Call(&wire.GetMarks{Room: room}).(*wire.Marks)
	if len(all.Marks) != 3 || all.Newest != 5 {
		t.Errorf("everybody stands at %+v", all)
	}
}

// What guests read is kept nowhere and told to nobody.
func TestGuestsLeaveNoMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, host)
	room := inv.room.String()
	ch := h.dial(t, host)
	ch.Join(room, 1)
	guest := h.dialGuest(t, h.enter(t, inv))
	guest.Call(&wire.Knock{Room: room})
	ch.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	ch.Call(&wire.Post{Room: room, ClientID: "1", Text: "x", Mentions: []string{}})
	guest.Call(&wire.Read{Room: room, Seq: 1})
	if all := ch.Call(&wire.GetMarks{Room: room}).(*wire.Marks); len(all.Marks) != 1 || all.Newest != 0 {
		t.Errorf("after a guest has read, the marks are %+v", all)
	}
}
