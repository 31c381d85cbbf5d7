package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// ring rings people of a room, or everybody else in it.
func ring(c *signalingtest.Client, room uuid.UUID, people ...person) wire.Call {
	m := &wire.Ring{Room: room.String(), People: []string{}}
	for _, p := range people {
		m.People = append(m.People, p.ID.String())
	}
	return c.Call(m).(*wire.Ringing).Call
}

// rung waits until a socket is rung.
func rung(c *signalingtest.Client) wire.Call {
	return signalingtest.Await(c, "being rung", func(m *wire.Rung) bool { return m.Call.EndedAt == nil }).Call
}

// stands waits until a call stands so for somebody, as a socket hears.
func stands(c *signalingtest.Client, who person, state wire.CallOutcome) wire.Call {
	return signalingtest.Await(c, string(state), func(m *wire.CallChanged) bool { return outcome(m.Call, who) == state }).Call
}

func outcome(c wire.Call, who person) wire.CallOutcome {
	for _, p := range c.People {
		if p.Person.ID == who.ID.String() {
			return p.State
		}
	}
	return ""
}

func entry(c *signalingtest.Client, call string) wire.Message {
	return signalingtest.Await(c, "the entry", func(m *wire.Happened) bool {
		return m.Event.Message.Call != nil && m.Event.Message.Call.ID == call
	}).Event.Message
}

// Answered on one device, at whatever node, a call stops ringing on the others;
// also when the bus loses everything.
func TestACallRingsOverNodes(t *testing.T) {
	t.Parallel()
	for name, redisURL := range buses(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := twoNodes(t, redisURL)
			lin, weiss := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador)
			room := a.group(t, lin, weiss)
			caller := dialAt(t, a, lin)
			phone, desk, witness := dialAt(t, b, weiss), dialAt(t, a, weiss), dialAt(t, b, weiss)
			call := ring(caller, room)
			if outcome(call, weiss) != wire.CallRinging || call.By.ID != lin.ID.String() {
				t.Fatalf("ringing %+v", call)
			}
			if got := rung(phone); got.ID != call.ID {
				t.Errorf("the phone is rung by %s", got.ID)
			}
			if got := rung(desk); got.ID != call.ID {
				t.Errorf("the desk is rung by %s", got.ID)
			}
			late := dialAt(t, b, weiss) // switched on meanwhile
			if got := rung(late); got.ID != call.ID {
				t.Errorf("a device that comes later is rung by %s", got.ID)
			}
			phone.Call(&wire.AnswerCall{Call: call.ID, Accept: true})
			for _, c := range []*signalingtest.Client{desk, late, caller} {
				if got := stands(c, weiss, wire.CallAccepted); got.AnsweredAt == nil || got.EndedAt == nil {
					t.Errorf("an accepted call: %+v", got)
				}
			}
			desk.Refused(wire.CodeConflict, &wire.AnswerCall{Call: call.ID, Accept: true})
			m := entry(witness, call.ID)
			if m.ClientID != "call:"+call.ID || m.Author.ID != lin.ID.String() || m.Call.AnsweredAt == nil {
				t.Errorf("the entry: %+v", m)
			}
		})
	}
}

// A missed call is an entry in the room and a notice, which reading the room
// reads.
func TestAMissedCallIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, weiss := h.person(t, "linyue", account.Staff), h.person(t, "weiss", account.Ambassador)
	room := h.group(t, lin, weiss)
	caller, callee, witness, news := h.dial(t, lin), h.dial(t, weiss), h.dial(t, weiss), h.dial(t, weiss)
	call := ring(caller, room, weiss)
	rung(callee)
	if _, err := h.pool.Exec(t.Context(), `update calls set rings_until = clock_timestamp()`); err != nil {
		t.Fatal(err)
	}
	stands(caller, weiss, wire.CallMissed)
	stands(callee, weiss, wire.CallMissed)
	m := entry(witness, call.ID)
	notices := func() notify.NoticePage {
		var page notify.NoticePage
		h.request(t, weiss.cookies, http.MethodGet, "/api/notices", nil, http.StatusOK, &page)
		return page
	}
	signalingtest.Await(news, "the notice", func(m *wire.Changed) bool { return m.Topic == wire.TopicNotices })
	page := notices()
	if len(page.Items) != 1 || page.Unread != 1 || page.Items[0].Kind != notify.MissedCall || page.Items[0].Title != lin.Name || *page.Items[0].Room != room {
		t.Fatalf("notices %+v", page)
	}
	callee.Call(&wire.Read{Room: room.String(), Seq: m.Seq})
	if page := notices(); page.Unread != 0 {
		t.Errorf("having read the room: %+v", page)
	}
	if signalingtest.Heard(witness, func(m *wire.Happened) bool { return m.Event.Message.Call != nil }) > 0 {
		t.Error("more than one entry")
	}
}

func TestWhoMayRing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, weiss, stranger := h.person(t, "linyue", account.Staff), h.person(t, "weiss", account.Ambassador), h.person(t, "stranger", account.Ambassador)
	room := h.group(t, lin, weiss)
	inv := h.guestMeeting(t, lin)
	caller, callee, outsider, guest := h.dial(t, lin), h.dial(t, weiss), h.dial(t, stranger), h.dialGuest(t, h.enter(t, inv))
	call := ring(caller, room)
	rung(callee)
	for name, test := range map[string]struct {
		by   *signalingtest.Client
		m    wire.ClientMessage
		want wire.ErrorCode
	}{
		"a stranger rings":        {outsider, &wire.Ring{Room: room.String(), People: []string{}}, wire.CodeNotFound},
		"a stranger is rung":      {caller, &wire.Ring{Room: room.String(), People: []string{stranger.ID.String()}}, wire.CodeInvalid},
		"a stranger answers":      {outsider, &wire.AnswerCall{Call: call.ID, Accept: true}, wire.CodeNotFound},
		"a stranger cancels":      {outsider, &wire.CancelCall{Call: call.ID}, wire.CodeNotFound},
		"who is rung cancels":     {callee, &wire.CancelCall{Call: call.ID}, wire.CodeForbidden},
		"a guest rings":           {guest, &wire.Ring{Room: inv.room.String(), People: []string{}}, wire.CodeForbidden},
		"a guest answers":         {guest, &wire.AnswerCall{Call: call.ID, Accept: true}, wire.CodeForbidden},
		"a guest cancels":         {guest, &wire.CancelCall{Call: call.ID}, wire.CodeForbidden},
		"no room":                 {caller, &wire.Ring{Room: "x", People: []string{}}, wire.CodeInvalid},
		"no person":               {caller, &wire.Ring{Room: room.String(), People: []string{"x"}}, wire.CodeInvalid},
		"no call":                 {caller, &wire.CancelCall{Call: uuid.NewString()}, wire.CodeNotFound},
		"somebody forges entries": {caller, &wire.Post{Room: room.String(), ClientID: "call:" + call.ID, Text: "x", Mentions: []string{}}, wire.CodeInvalid},
	} {
		if _, f := test.by.Try(test.m); f == nil || f.Code != test.want {
			t.Errorf("%s: %+v, want %s", name, f, test.want)
		}
	}
	if n := signalingtest.Heard(outsider, func(m *wire.Rung) bool { return true }) + signalingtest.Heard(guest, func(m *wire.Rung) bool { return true }); n != 0 {
		t.Errorf("others were rung %d times", n)
	}
	caller.Call(&wire.CancelCall{Call: call.ID})
	stands(callee, weiss, wire.CallCancelled)
	caller.Refused(wire.CodeRate, &wire.Ring{Room: room.String(), People: []string{}})
}

// Who is in a live meeting, of whatever room, is busy.
func TestWhoMeetsIsBusy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, weiss := h.person(t, "linyue", account.Staff), h.person(t, "weiss", account.Ambassador)
	room, elsewhere := h.group(t, lin, weiss), h.group(t, weiss)
	live, err := h.schedule.Begin(t.Context(), elsewhere, weiss.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.schedule.RecordJoin(t.Context(), live.ID, weiss.ID, string(chat.AccountPerson), weiss.Name, time.Now()); err != nil {
		t.Fatal(err)
	}
	caller := h.dial(t, lin)
	call := ring(caller, room)
	if outcome(call, weiss) != wire.CallBusy || call.EndedAt == nil {
		t.Errorf("ringing somebody in a meeting: %+v", call)
	}
	entry(caller, call.ID)
}

// Whose place in a meeting is only held, because the page was closed, can be rung.
func TestWhoIsAwayFromAMeetingIsNotBusy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, weiss := h.person(t, "linyue", account.Staff), h.person(t, "weiss", account.Ambassador)
	room, elsewhere := h.group(t, lin, weiss), h.group(t, weiss, lin)
	caller, closing := h.dial(t, lin), h.dial(t, weiss)
	caller.Join(elsewhere.String(), 1)
	closing.Join(elsewhere.String(), 1)
	closing.Drop()
	signalingtest.Await(caller, "that the other is away", func(m *wire.Roster) bool {
		return len(m.Participants) > 0 && m.Participants[0].Connection == wire.Reconnecting
	})
	callee := h.dial(t, weiss)
	if call := ring(caller, room); outcome(call, weiss) != wire.CallRinging {
		t.Errorf("ringing somebody whose page is closed: %+v", call)
	}
	rung(callee)
}
