package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// The phases of a guest's link, in their order.
const (
	guestPlanned   = iota // nothing goes on
	guestElsewhere        // another meeting goes on in the room
	guestWaiting          // its own meeting is live
	guestIn               // it was let in
	guestAside            // its meeting rests, and another one goes on
	guestOver             // its meeting was ended for everybody
	guestAfter            // and another one goes on
)

// guestRows say what a guest gets in each phase for each message of the socket
// ("-" means that it is carried out). A message without a row fails.
func guestRows() map[string]string {
	const (
		everywhere = "- - - - - - -"
		never      = "forbidden forbidden forbidden forbidden forbidden forbidden forbidden"
		hello      = "conflict conflict conflict conflict conflict conflict conflict"
		inside     = "not_found not_found not_found - not_found not_found not_found"
		members    = "not_found not_found not_found forbidden not_found not_found not_found"
		meeting    = "not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting not_in_meeting"
	)
	return map[string]string{
		"hello": hello, "ping": everywhere, "catch_up_rooms": everywhere,
		"knock": "- - - - - ended ended", "join": "must_knock must_knock must_knock offer must_knock ended ended",
		"leave": "- - - not_in_meeting - not_in_meeting not_in_meeting", // who has knocked waits no more
		"post":  inside, "react": inside, "read": inside, "typing": inside, "history": inside, "catch_up": inside, "get_marks": inside,
		"ring": never, "answer_call": never, "cancel_call": never,
		"edit": members, "delete": members, "pin": members, "confirm": members,
		"offer": meeting, "view": meeting, "source": meeting, "measure": meeting, "hand": meeting, "cheer": meeting,
		"quality": meeting, "admit": meeting, "refuse": meeting, "mute": meeting, "ask_unmute": meeting, "remove": meeting,
		"lock": meeting, "appoint": meeting, "record": meeting, "end": meeting,
	}
}

// guestREST is the same for what a guest asks for without the socket, by status.
// Operations of accounts are refused to guests in TestWhoMayNot.
func guestREST() map[string]string {
	return map[string]string{
		"GET /api/guest/session": "200 200 200 200 200 200 200", "GET /api/guest/calendar.ics": "200 200 200 200 200 410 410",
		"POST /api/uploads": "403 403 403 201 403 403 403", "GET /api/files/{before}": "403 403 403 404 403 403 403",
		"GET /api/files/{since}": "403 403 403 200 403 403 403", "POST /whip": "- - - - - 403 403", "POST /whep": "- - - - - 403 403",
	}
}

// guestWalk takes one guest through all phases.
type guestWalk struct {
	*house
	inv           invited
	host          person
	ch, stand     *signalingtest.Client // its host, and a member who stands in
	cookies       []*http.Cookie
	tab           *signalingtest.Client // open all the time
	before, since string                // files
}

// TestAGuestsLinkOpensItsMeetingAlone asks for everything in every phase.
func TestAGuestsLinkOpensItsMeetingAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	stand := h.person(t, "dashi", account.Ambassador)
	inv := h.guestMeeting(t, host, stand)
	w := &guestWalk{house: h, inv: inv, host: host, ch: h.dial(t, host), stand: h.dial(t, stand)}
	w.setStart(t, "2 hours")
	w.cookies = h.enter(t, inv)
	w.tab = h.dialGuest(t, w.cookies)
	w.before = w.postFile(t, "before")
	w.since = w.before // nothing else yet
	for phase, arrive := range []func(*testing.T){
		func(*testing.T) {}, w.meetSpontaneously, w.meetAsArranged, w.admit, w.restAndMeet, w.endForAll, w.meetSpontaneously,
	} {
		arrive(t)
		w.check(t, phase)
	}
	if n := signalingtest.Heard(w.tab, func(m *wire.Happened) bool { return strings.HasPrefix(m.Event.Message.Text, "not for guests") }); n != 0 {
		t.Errorf("heard %d messages from outside its admission", n)
	}
	h.request(t, host.cookies, http.MethodPost, "/api/meetings/"+inv.meeting.String()+"/invitees/"+inv.invitee.String()+"/link/revoke", nil, http.StatusNoContent, nil)
	if status := w.tab.Closed(); status != revoked {
		t.Errorf("revoked: the socket was closed with %d", status)
	}
	for request := range guestREST() {
		if got := w.status(t, request); got != "401" && got != "404" {
			t.Errorf("revoked: %s gets %s", request, got)
		}
	}
}

func (w *guestWalk) setStart(t *testing.T, in string) {
	t.Helper()
	const q = `
update meetings set starts_at = now() + $2::interval, ends_at = now() + $2::interval + interval '1 hour', own_room = false
where id = $1`
	if _, err := w.pool.Exec(t.Context(), q, w.inv.meeting, in); err != nil {
		t.Fatal(err)
	}
}

// meetSpontaneously holds a meeting in the room that is not the guest's.
func (w *guestWalk) meetSpontaneously(t *testing.T) {
	t.Helper()
	joined := w.ch.Join(w.inv.room.String(), 1)
	if joined.Snapshot.Meeting.ID == w.inv.meeting.String() {
		t.Fatalf("that is the guest's meeting: %+v", joined.Snapshot.Meeting)
	}
	w.ch.Refused(wire.CodeNotFound, &wire.Admit{People: []string{w.inv.invitee.String()}})
	w.ch.Call(&wire.Admit{All: true, People: []string{}})
}

func (w *guestWalk) meetAsArranged(t *testing.T) {
	t.Helper()
	w.ch.Call(&wire.End{})
	w.setStart(t, "0 minutes")
	if joined := w.ch.Join(w.inv.room.String(), 1); joined.Snapshot.Meeting.ID != w.inv.meeting.String() {
		t.Fatal("that is not the guest's meeting")
	}
}

func (w *guestWalk) admit(t *testing.T) {
	t.Helper()
	w.tab.Call(&wire.Knock{Room: w.inv.room.String()})
	w.ch.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(w.tab, "the admission", anyOf[*wire.Admitted])
	w.since = w.postFile(t, "since")
	w.readsFromThereOn(t)
}

func (w *guestWalk) restAndMeet(t *testing.T) {
	t.Helper()
	w.stand.Join(w.inv.room.String(), 1)
	w.ch.Call(&wire.Leave{})
	signalingtest.Await(w.stand, "the host's end", left(w.host.ID))
	w.stand.Call(&wire.End{})
	w.setStart(t, "2 hours")
	w.meetSpontaneously(t)
}

func (w *guestWalk) endForAll(t *testing.T) {
	t.Helper()
	w.meetAsArranged(t)
	w.ch.Call(&wire.End{})
}

// postFile posts a file as the host and returns its id.
func (w *guestWalk) postFile(t *testing.T, name string) string {
	t.Helper()
	file := w.upload(t, w.host.cookies, name+".txt", []byte(name))
	w.ch.Call(&wire.Post{Room: w.inv.room.String(), ClientID: "file " + name, Text: name, Mentions: []string{}, Attachments: []string{file}})
	return file
}

// check asks for everything in one phase.
func (w *guestWalk) check(t *testing.T, phase int) {
	t.Helper()
	c, words := w.dialGuest(t, w.cookies), "not for guests"
	if phase == guestIn {
		words = "for all"
	}
	by := chat.Caller{Person: chat.Person{ID: w.host.ID, Kind: chat.AccountPerson, Name: w.host.Name}}
	rows := guestRows()
	for _, typ := range wire.ClientTypes() {
		row, known := rows[typ]
		if !known {
			t.Errorf("%s has no row: when may a guest?", typ)
			continue
		}
		e, err := w.house.chat.Post(t.Context(), by, chat.NewMessage{Room: w.inv.room, ClientID: uuid.NewString(), Text: words, MustConfirm: true})
		if err != nil {
			t.Fatal(err)
		}
		want, got := strings.Fields(row)[phase], "-"
		events, failure := c.Try(on(typ, w.inv.room, e.Message.ID))
		if failure != nil {
			got = string(failure.Code)
		}
		if got != want {
			t.Errorf("phase %d: %s gets %s, want %s", phase, typ, got, want)
		}
		if page, ok := events.(*wire.RoomsEvents); ok && (len(page.Events) > 0) != (phase == guestIn) {
			t.Errorf("phase %d: %d events of the room", phase, len(page.Events))
		}
	}
	for request, row := range guestREST() {
		if want := strings.Fields(row)[phase]; want != "-" {
			if got := w.status(t, request); got != want {
				t.Errorf("phase %d: %s gets %s, want %s", phase, request, got, want)
			}
		}
	}
}

func (w *guestWalk) status(t *testing.T, request string) string {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	switch path {
	case "/api/uploads":
		return w.tus(t, w.cookies, method, path, nil, map[string]string{"Upload-Length": "3", "Upload-Metadata": "filename YQ=="}).Status[:3]
	case "/whip", "/whep":
		m := newMachine(t, w.house, w.inv.token)
		if path == "/whip" {
			m.encode()
		} else {
			m.play()
		}
		return m.offer(path).Status[:3]
	}
	response, _ := w.send(t, w.cookies, method, strings.NewReplacer("{before}", w.before, "{since}", w.since).Replace(path), nil)
	return response.Status[:3]
}

// readsFromThereOn looks at what a guest who was just let in is given to read.
func (w *guestWalk) readsFromThereOn(t *testing.T) {
	t.Helper()
	room := w.inv.room.String()
	old := w.ch.Call(&wire.History{Room: room, Limit: 200}).(*wire.HistoryPage).Messages[0]
	if old.Text != "before" {
		t.Fatalf("the oldest message is %q", old.Text)
	}
	w.ch.Call(&wire.React{Room: room, Message: old.ID, Emoji: "👍", On: true})
	w.ch.Call(&wire.Post{Room: room, ClientID: "reply", Text: "a reply", ReplyTo: old.ID, Mentions: []string{}})
	reacted := signalingtest.Await(w.tab, "its place", func(m *wire.Happened) bool { return m.Event.Message.ID == old.ID }).Event.Message
	heard := signalingtest.Await(w.tab, "the reply", func(m *wire.Happened) bool { return m.Event.Message.Text == "a reply" }).Event.Message
	if heard.ReplyTo != nil || reacted.Text != "" || len(reacted.Attachments) > 0 || reacted.Author.Name != "" {
		t.Errorf("heard of what was before: %+v, %+v", heard.ReplyTo, reacted)
	}
	page := w.tab.Call(&wire.History{Room: room, Limit: 200}).(*wire.HistoryPage)
	around := w.tab.Call(&wire.History{Room: room, Around: old.Seq, Limit: 200}).(*wire.HistoryPage)
	if texts := textsOf(page.Messages); texts != "since|a reply" || page.More {
		t.Errorf("the history is %q, more %v", texts, page.More)
	}
	if texts := textsOf(around.Messages); strings.Contains(texts, "before") {
		t.Errorf("around an older message: %q", texts)
	}
	for _, e := range w.tab.Call(&wire.CatchUp{Room: room, Limit: 200}).(*wire.EventsPage).Events {
		if strings.Contains(e.Message.Text, "before") || strings.Contains(e.Message.Text, "not for") || e.Message.ReplyTo != nil {
			t.Errorf("caught up with %q", e.Message.Text)
		}
	}
	w.ch.Call(&wire.Read{Room: room, Seq: 1000})
	if marks := w.tab.Call(&wire.GetMarks{Room: room}).(*wire.Marks); len(marks.Marks) != 0 {
		t.Errorf("marks of members: %+v", marks.Marks)
	}
	w.tab.Call(&wire.Ping{})
	if n := signalingtest.Heard(w.tab, anyOf[*wire.Marks]); n != 0 {
		t.Errorf("heard %d times what members have read", n)
	}
	w.tab.Refused(wire.CodeNotFound, &wire.React{Room: room, Message: old.ID, Emoji: "👍", On: true})
	own := w.tab.Call(&wire.Post{Room: room, ClientID: "g", Text: "so?", ReplyTo: old.ID, Mentions: []string{}}).(*wire.Posted)
	if own.Event.Message.ReplyTo != nil {
		t.Errorf("quotes what it may not read: %+v", own.Event.Message.ReplyTo)
	}
}

func textsOf(messages []wire.Message) string {
	texts := make([]string, len(messages))
	for i, m := range messages {
		texts[i] = m.Text
	}
	return strings.Join(texts, "|")
}
