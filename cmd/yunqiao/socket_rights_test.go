package main

import (
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// socketRows say what each caller gets for each message: a guest in the lobby,
// an admitted guest, an account outside the room, a member, a moderator and the
// owner. "-" means that it is carried out. A message without a row fails, and
// so does a row without a message.
func socketRows() map[string]string {
	const (
		everybody  = "- - - - - -"
		inside     = "not_found - not_found - - -"                         // for who is in the room
		accounts   = "not_found forbidden not_found - - -"                 // for its members
		managers   = "not_found forbidden not_found forbidden - -"         // for those who manage it
		authors    = "not_found forbidden not_found forbidden forbidden -" // for whose message it is
		meeting    = "not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting"
		hello      = "conflict conflict conflict conflict conflict conflict"       // it was said
		joining    = "must_knock offer not_found offer offer offer"                // the offer is read last
		pages      = "- - - - - -"                                                 // others' rooms are left out
		ringing    = "forbidden forbidden not_found - - -"                         // for the accounts of the room
		calls      = "forbidden forbidden not_found not_found not_found not_found" // nobody's call
		confirming = "not_found forbidden not_found - - forbidden"                 // for whom it was sent to
	)
	return map[string]string{
		"hello": hello, "ping": everybody, "knock": "- - not_found - - -", "join": joining,
		"post": inside, "react": inside, "read": inside, "typing": inside, "history": inside, "catch_up": inside,
		"get_marks": inside, "catch_up_rooms": pages,
		"ring": ringing, "answer_call": calls, "cancel_call": calls,
		"edit": authors, "delete": managers, "pin": managers, "confirm": confirming,
		"leave": "- not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting", // who has knocked waits no more
		"offer": meeting, "view": meeting, "source": meeting, "measure": meeting, "hand": meeting,
		"cheer": meeting, "quality": meeting, "admit": meeting, "refuse": meeting, "mute": meeting, "ask_unmute": meeting,
		"remove": meeting, "lock": meeting, "appoint": meeting, "record": meeting, "end": meeting,
	}
}

// on makes a message of a type on an object of the owner's, right in form.
func on(typ string, room, message uuid.UUID) wire.ClientMessage {
	r, m := room.String(), message.String()
	made := map[string]wire.ClientMessage{
		"hello": &wire.Hello{Version: wire.Version, As: wire.AsAccount}, "ping": &wire.Ping{}, "knock": &wire.Knock{Room: r},
		"join": &wire.Join{Room: r}, "post": &wire.Post{Room: r, ClientID: uuid.NewString(), Text: "x"},
		"edit": &wire.Edit{Room: r, Message: m, Text: "x"}, "delete": &wire.Delete{Room: r, Message: m},
		"react": &wire.React{Room: r, Message: m, Emoji: "👍", On: true}, "pin": &wire.PinMessage{Room: r, Message: m, On: true},
		"confirm": &wire.Confirm{Room: r, Message: m}, "read": &wire.Read{Room: r, Seq: 1}, "get_marks": &wire.GetMarks{Room: r},
		"typing": &wire.Typing{Room: r}, "history": &wire.History{Room: r}, "catch_up": &wire.CatchUp{Room: r},
		"catch_up_rooms": &wire.CatchUpRooms{Rooms: []wire.Cursor{{Room: r}}}, "offer": &wire.Renegotiate{}, "leave": &wire.Leave{},
		"view": &wire.View{}, "source": &wire.SetSource{}, "measure": &wire.Measure{}, "hand": &wire.Hand{}, "cheer": &wire.Cheer{},
		"quality": &wire.ReportQuality{}, "admit": &wire.Admit{}, "refuse": &wire.Refuse{}, "mute": &wire.Mute{},
		"ask_unmute": &wire.AskUnmute{}, "remove": &wire.Remove{}, "lock": &wire.Lock{}, "appoint": &wire.Appoint{},
		"record": &wire.Record{}, "end": &wire.End{}, "ring": &wire.Ring{Room: r, People: []string{}},
		"answer_call": &wire.AnswerCall{Call: m}, "cancel_call": &wire.CancelCall{Call: m},
	}
	return made[typ]
}

// TestWhoMayNotOnTheSocket sends every message of the protocol as everybody.
func TestWhoMayNotOnTheSocket(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, moderator, member := h.person(t, "owner", account.Staff), h.person(t, "moderator", account.Ambassador), h.person(t, "member", account.Ambassador)
	inv := h.guestMeeting(t, owner, moderator, member)
	const appoint = `update room_members set role = 'moderator' where room_id = $1 and account_id = $2`
	if _, err := h.pool.Exec(t.Context(), appoint, inv.room, moderator.ID); err != nil {
		t.Fatal(err)
	}
	host := h.dial(t, owner)
	host.Join(inv.room.String(), 1)
	cookies := h.enter(t, inv)
	m := &socketMatrix{house: h, inv: inv, owner: owner}
	m.checkAs(t, 0, h.dialGuest(t, cookies))
	guest := h.dialGuest(t, cookies)
	guest.Call(&wire.Knock{Room: inv.room.String()})
	host.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	m.checkAs(t, 1, guest)
	for i, p := range []person{h.person(t, "outsider", account.Staff), member, moderator, owner} {
		m.checkAs(t, 2+i, h.dial(t, p))
	}
	known := wire.ClientTypes()
	if rows := socketRows(); len(rows) != len(known) {
		t.Errorf("%d rows for %d messages", len(rows), len(known))
	}
	for _, typ := range known {
		m.checkNobody(t, typ)
	}
}

// socketMatrix asks on behalf of callers.
type socketMatrix struct {
	house *house
	inv   invited
	owner person
}

// fresh is a message of the owner's that asks for confirmation.
func (m *socketMatrix) fresh(t *testing.T) uuid.UUID {
	t.Helper()
	by := chat.Caller{Person: chat.Person{ID: m.owner.ID, Kind: chat.AccountPerson, Name: m.owner.Name}}
	e, err := m.house.chat.Post(t.Context(), by, chat.NewMessage{Room: m.inv.room, ClientID: uuid.NewString(), Text: "请确认", MustConfirm: true})
	if err != nil {
		t.Fatal(err)
	}
	return e.Message.ID
}

func (m *socketMatrix) checkAs(t *testing.T, caller int, c *signalingtest.Client) {
	t.Helper()
	rows := socketRows()
	for _, typ := range wire.ClientTypes() {
		row, known := rows[typ]
		if !known {
			t.Errorf("%s has no row: who may not?", typ)
			continue
		}
		want, got := strings.Fields(row)[caller], "-"
		answer, failure := c.Try(on(typ, m.inv.room, m.fresh(t)))
		if failure != nil {
			got = string(failure.Code)
		}
		if got != want {
			t.Errorf("caller %d gets %s for %s, want %s", caller, got, typ, want)
		}
		if events, ok := answer.(*wire.RoomsEvents); ok && (len(events.Events) > 0) != (caller == 1 || caller > 2) {
			t.Errorf("caller %d reads %d events of the room", caller, len(events.Events))
		}
	}
}

// checkNobody sends a message without having said who it is.
func (m *socketMatrix) checkNobody(t *testing.T, typ string) {
	t.Helper()
	conn, err := signalingtest.Open(t, m.house.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	frame, err := wire.EncodeClient("1", on(typ, m.inv.room, m.inv.room))
	if err == nil {
		err = conn.Write(t.Context(), websocket.MessageText, frame)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, data, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, answer, err := wire.DecodeServer(data)
	if f, ok := answer.(*wire.Failure); err != nil || !ok || f.Code != wire.CodeUnauthorized {
		t.Errorf("nobody gets %s for %s, err %v", data, typ, err)
	}
}
