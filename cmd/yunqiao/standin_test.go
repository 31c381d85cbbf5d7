package main

import (
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// TestWhoStandsInKeepsOrderOnly: an ambassador who comes a week early does not get
// the meeting.
func TestWhoStandsInKeepsOrderOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, early, other := h.person(t, "linyue", account.Staff), h.person(t, "dashi", account.Ambassador), h.person(t, "dashi2", account.Ambassador)
	inv := h.guestMeeting(t, host, early, other)
	const q = `update meetings set starts_at = starts_at + interval '7 days', ends_at = ends_at + interval '7 days' where id = $1`
	if _, err := h.pool.Exec(t.Context(), q, inv.meeting); err != nil {
		t.Fatal(err)
	}
	room := inv.room.String()
	c, co := h.dial(t, early), h.dial(t, other)
	if me := c.Join(room, 1).Snapshot.Participants[0]; me.Role != wire.RoleHost || !me.StandsIn {
		t.Errorf("who comes early is %+v", me)
	}
	guest := h.dialGuest(t, h.enter(t, inv))
	guest.Call(&wire.Knock{Room: room})
	c.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	guest.Join(room, 1)
	co.Join(room, 1)
	c.Call(&wire.Appoint{Participant: other.ID.String(), Role: wire.RoleCohost})
	for _, stand := range []*signalingtest.Client{c, co} {
		h.checkStandIn(t, stand)
		stand.Refused(wire.CodeForbidden, &wire.Remove{Participant: inv.invitee.String(), Block: true})
	}
	c.Call(&wire.Remove{Participant: inv.invitee.String()})
	co.Call(&wire.End{})
	signalingtest.Await(c, "the rest", func(m *wire.Removed) bool { return m.Reason == wire.RemovedRest })
	h.isMeeting(t, inv.meeting, "planned")

	ch := h.dial(t, host)
	if me := ch.Join(room, 1).Snapshot.Participants[0]; me.Role != wire.RoleHost || me.StandsIn {
		t.Errorf("the host is %+v", me)
	}
	c.Join(room, 1)
	ch.Call(&wire.Appoint{Participant: early.ID.String(), Role: wire.RoleCohost})
	signalingtest.Await(c, "the appointment", participant(early.ID.String(), func(p wire.Participant) bool { return p.Role == wire.RoleCohost && !p.StandsIn }))
	ch.Call(&wire.Leave{})
	signalingtest.Await(c, "the host's end", left(host.ID))
	c.Call(&wire.Lock{Locked: true})
	c.Call(&wire.Record{On: true}) // whom the host appointed stands for the host
	c.Call(&wire.End{})
	h.isMeeting(t, inv.meeting, "ended")
}

// standInRows say of every message to a live meeting whether who stands in may ask
// for it: "own" is everybody's, "order" keeps order, "leads" is for those whose
// meeting it is. A message without a row fails.
func standInRows() map[string]string {
	return map[string]string{
		"offer": "own", "view": "own", "source": "own", "measure": "own", "hand": "own", "cheer": "own", "quality": "own",
		"admit": "order", "refuse": "order", "mute": "order", "ask_unmute": "order", "remove": "order",
		"appoint": "host",  // whom it appoints stands in
		"end":     "order", // it rests
		"lock":    "leads", "record": "leads",
	}
}

// checkStandIn sends every message but the end as somebody who stands in; the
// named participant is nobody, so that what is let through changes nothing.
func (h *house) checkStandIn(t *testing.T, c *signalingtest.Client) {
	t.Helper()
	rows, live := standInRows(), socketRows()
	for _, typ := range wire.ClientTypes() {
		if live[typ] != live["lock"] {
			continue // not to a meeting
		}
		right, known := rows[typ]
		if !known {
			t.Errorf("%s has no row: may it who stands in?", typ)
		}
		if typ == "end" || typ == "offer" || right == "host" {
			continue // done by hand, above
		}
		_, failure := c.Try(on(typ, uuid.New(), uuid.New()))
		if refused := failure != nil && failure.Code == wire.CodeForbidden; refused != (right == "leads") {
			t.Errorf("who stands in asks for %s: %+v, want %s", typ, failure, right)
		}
	}
}

// TestWhoLeadsTakesOver: until the host comes, whoever leads goes before who stands in.
func TestWhoLeadsTakesOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, standIn, admin := h.person(t, "linyue", account.Staff), h.person(t, "dashi", account.Ambassador), h.person(t, "admin", account.Admin)
	inv := h.guestMeeting(t, host, standIn, admin)
	c, ca, ch := h.dial(t, standIn), h.dial(t, admin), h.dial(t, host)
	c.Join(inv.room.String(), 1)
	ca.Join(inv.room.String(), 1)
	is := func(id uuid.UUID, role wire.Role, standsIn bool) func(*wire.Roster) bool {
		return participant(id.String(), func(p wire.Participant) bool { return p.Role == role && p.StandsIn == standsIn })
	}
	signalingtest.Await(c, "the administrator", is(admin.ID, wire.RoleHost, false))
	c.Refused(wire.CodeForbidden, &wire.Remove{Participant: admin.ID.String()})
	ch.Join(inv.room.String(), 1)
	signalingtest.Await(c, "the host", is(host.ID, wire.RoleHost, false))
	c.Refused(wire.CodeForbidden, &wire.Record{On: true})
	ch.Call(&wire.Leave{})
	ca.Call(&wire.Leave{})
	signalingtest.Await(c, "standing in again", is(standIn.ID, wire.RoleHost, true))
}

// Colleagues of the host's station hold its meeting; nobody stands in where
// nothing was arranged.
func TestWhoLeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, colleague, stranger := h.person(t, "berlin", account.Station), h.person(t, "berlin2", account.Station), h.person(t, "lagos", account.Station)
	berlin, lagos := uuid.New(), uuid.New()
	const q = `update accounts set station_id = case when id = $3 then $2::uuid else $1::uuid end`
	if _, err := h.pool.Exec(t.Context(), q, berlin, lagos, stranger.ID); err != nil {
		t.Fatal(err)
	}
	inv := h.guestMeeting(t, host, colleague, stranger)
	for id, want := range map[uuid.UUID]bool{host.ID: true, colleague.ID: true, stranger.ID: false, uuid.New(): false} {
		if got, err := h.schedule.Leads(t.Context(), inv.meeting, id); err != nil || got != want {
			t.Errorf("%s leads: %v, %v", id, got, err)
		}
	}
	room := h.group(t, host, stranger)
	live, err := h.schedule.Begin(t.Context(), room, host.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.schedule.Leads(t.Context(), live.ID, stranger.ID); err != nil || !got {
		t.Errorf("in a spontaneous meeting: %v, %v", got, err)
	}
}

func (h *house) isMeeting(t *testing.T, meeting uuid.UUID, state string) {
	t.Helper()
	var is string
	if err := h.pool.QueryRow(t.Context(), `select state from meetings where id = $1`, meeting).Scan(&is); err != nil || is != state {
		t.Errorf("the meeting is %s, want %s: %v", is, state, err)
	}
}
