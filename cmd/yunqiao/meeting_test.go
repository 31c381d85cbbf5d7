package main

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/client"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

func anyOf[M any](M) bool { return true }

func participant(id string, fits func(wire.Participant) bool) func(*wire.Roster) bool {
	return func(m *wire.Roster) bool {
		return slices.ContainsFunc(m.Participants, func(p wire.Participant) bool { return p.ID == id && fits(p) })
	}
}

func TestJoinIsOneExchangeWithTheWholeMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, a, b)
	ca, cb := h.dial(t, a), h.dial(t, b)
	first := ca.Join(room.String(), 4, wire.Microphone)
	if first.Snapshot.Participants[0].Role != wire.RoleHost {
		t.Errorf("who begins a meeting is %s, want host", first.Snapshot.Participants[0].Role)
	}
	signalingtest.Await(cb, "news of the meeting", func(m *wire.RoomLive) bool { return m.Live && m.Room == room.String() && m.Participants == 1 })
	second := cb.Join(room.String(), 4)
	if len(second.Snapshot.Participants) != 2 || second.Snapshot.Me != b.ID.String() || second.Snapshot.Meeting.Title != "测试群" {
		t.Errorf("snapshot: %+v", second.Snapshot)
	}
	signalingtest.Await(ca, "the newcomer", participant(b.ID.String(), func(p wire.Participant) bool { return p.Role == wire.RoleParticipant }))
	signalingtest.Await(cb, "the host's seat", func(m *wire.Seated) bool {
		return slices.ContainsFunc(m.Seats, func(s wire.Seating) bool { return s.Participant == a.ID.String() && s.Kind == wire.StreamPerson })
	})
	cb.Call(&wire.Leave{})
	signalingtest.Await(ca, "the leaver", left(b.ID))
}

func TestParticipantIsHeldWhileItsSocketIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, a, b)
	ca, cb := h.dial(t, a), h.dial(t, b)
	ca.Join(room.String(), 2)
	cb.Join(room.String(), 2, wire.Microphone)
	cb.Call(&wire.Hand{Raised: true})
	ca.Call(&wire.Appoint{Participant: b.ID.String(), Role: wire.RoleCohost})
	cb.Drop()
	signalingtest.Await(ca, "the gap", participant(b.ID.String(), func(p wire.Participant) bool { return p.Connection == wire.Reconnecting }))
	back := signalingtest.Dial(t, h.url, b.cookies, wire.Hello{As: wire.AsAccount, Resume: cb.Welcome.Session})
	if !back.Welcome.Resumed || back.Welcome.Snapshot == nil {
		t.Fatal("the socket did not find its participant again")
	}
	signalingtest.Await(ca, "the return", participant(b.ID.String(), func(p wire.Participant) bool {
		return p.Connection == wire.Connected && p.Role == wire.RoleCohost && p.HandRaisedAt != nil && p.Sources[0].Live
	}))
	if n := signalingtest.Heard(ca, left(b.ID)); n != 0 {
		t.Errorf("the others were told %d times that somebody left", n)
	}
	back.Call(&wire.Lock{Locked: true}) // still a cohost
}

func TestReloadAndSecondDeviceKeepTheSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, a, b)
	ca, cb := h.dial(t, a), h.dial(t, b)
	ca.Join(room.String(), 2)
	cb.Join(room.String(), 2)
	cb.Call(&wire.Hand{Raised: true})
	phone := h.dial(t, b)
	joined := phone.Join(room.String(), 2)
	i := slices.IndexFunc(joined.Snapshot.Participants, func(p wire.Participant) bool { return p.ID == b.ID.String() })
	if len(joined.Snapshot.Participants) != 2 || joined.Snapshot.Participants[i].HandRaisedAt == nil {
		t.Errorf("the second device found %+v", joined.Snapshot.Participants)
	}
	signalingtest.Await(cb, "the end of the first device", func(m *wire.Removed) bool { return m.Reason == wire.RemovedTakenOver })
	cb.Refused(wire.CodeNotInMeeting, &wire.Hand{Raised: false})
}

// joinAtOnce has all of them ask to join in the same moment, and returns who was
// let in.
func joinAtOnce(t *testing.T, room string, clients []*signalingtest.Client) map[int]*wire.Joined {
	t.Helper()
	in, all := map[int]*wire.Joined{}, sync.WaitGroup{}
	var mu sync.Mutex
	begin := make(chan struct{})
	for i, c := range clients {
		_, offer := signalingtest.NewOffer(t, 2)
		all.Go(func() {
			<-begin
			answer, err := c.Ask(t.Context(), &wire.Join{Room: room, Offer: offer, Live: []wire.Source{}})
			mu.Lock()
			defer mu.Unlock()
			switch refusal, refused := errors.AsType[*client.Refusal](err); {
			case err == nil:
				in[i] = answer.(*wire.Joined)
			case !refused || refusal.Code != wire.CodeForbidden:
				t.Errorf("join %d: %v", i, err)
			}
		})
	}
	close(begin)
	all.Wait()
	return in
}

// TestManyJoinAtOnce: they begin one meeting with one host, and of one person's
// devices one is in it.
func TestManyJoinAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	members := []person{a, b}
	clients := []*signalingtest.Client{h.dial(t, a), h.dial(t, b)}
	for i := range 6 {
		p := h.person(t, "dashi"+strconv.Itoa(i), account.Ambassador)
		members, clients = append(members, p), append(clients, h.dial(t, p))
	}
	room := h.group(t, a, members[1:]...).String()
	in := joinAtOnce(t, room, clients)
	if len(in) != len(members) {
		t.Fatalf("%d of %d came in", len(in), len(members))
	}
	for i, joined := range in {
		if joined.Snapshot.Meeting.ID != in[0].Snapshot.Meeting.ID {
			t.Errorf("%d is in another meeting", i)
		}
	}
	devices := []*signalingtest.Client{h.dial(t, b), h.dial(t, b), h.dial(t, b), h.dial(t, b)}
	if len(joinAtOnce(t, room, devices)) == 0 {
		t.Error("none of the devices came in")
	}
	present := 0
	for _, d := range devices {
		if _, failure := d.Try(&wire.Hand{Raised: true}); failure == nil {
			present++
		}
	}
	if present != 1 {
		t.Errorf("%d devices of one person are in the meeting", present)
	}
	last := clients[0].Join(room, 2).Snapshot.Participants
	hosts := 0
	for _, p := range last {
		if p.Role == wire.RoleHost {
			hosts++
		}
	}
	if len(last) != len(members) || hosts != 1 {
		t.Errorf("%d participants, %d hosts", len(last), hosts)
	}
}

func TestGuestKnocksAndComesStraightBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, host)
	cookies := h.enter(t, inv)
	guest, room := h.dialGuest(t, cookies), inv.room.String()
	guest.Refused(wire.CodeNotFound, &wire.History{Room: room, Limit: 10})
	if _, failure := guest.TryJoin(room, 2); failure == nil || failure.Code != wire.CodeMustKnock {
		t.Errorf("a guest walked in: %+v", failure)
	}
	if knocked := guest.Call(&wire.Knock{Room: room}).(*wire.Knocked); knocked.Admitted || knocked.Live {
		t.Errorf("knocked: %+v", knocked)
	}
	ch := h.dial(t, host)
	waiting := ch.Join(room, 2).Snapshot.Waiting
	if len(waiting) != 1 || waiting[0].Name != "Hannah Weiss" || waiting[0].Link != "Dr. Hannah Weiss" {
		t.Fatalf("the host sees waiting %+v", waiting)
	}
	ch.Call(&wire.Admit{People: []string{inv.invitee.String()}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	guest.Join(room, 2, wire.Microphone, wire.Camera)
	signalingtest.Await(ch, "the guest", participant(inv.invitee.String(), func(p wire.Participant) bool { return p.Kind == wire.PersonGuest }))
	guest.Call(&wire.Post{Room: room, ClientID: "g1", Text: "Hello from Berlin", Mentions: []string{}})
	signalingtest.Await(ch, "the guest's message", func(m *wire.Happened) bool { return m.Event.Message.Text == "Hello from Berlin" })

	reloaded := h.dialGuest(t, cookies) // the same device
	if knocked := reloaded.Call(&wire.Knock{Room: room}).(*wire.Knocked); !knocked.Admitted || !knocked.Live {
		t.Errorf("a reload has to wait again: %+v", knocked)
	}
	reloaded.Join(room, 2)
	other := h.dialGuest(t, h.enter(t, inv)) // the link in somebody else's hands
	if knocked := other.Call(&wire.Knock{Room: room}).(*wire.Knocked); knocked.Admitted {
		t.Error("admission followed the link to another device")
	}
	ch.Call(&wire.Refuse{Person: inv.invitee.String()})
	signalingtest.Await(other, "the refusal", anyOf[*wire.Refused])
}

func TestGuestsRightsEndAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, host)
	ch, room := h.dial(t, host), inv.room.String()
	ch.Join(room, 2)
	enter := func() *signalingtest.Client {
		guest := h.dialGuest(t, h.enter(t, inv))
		guest.Call(&wire.Knock{Room: room})
		ch.Call(&wire.Admit{All: true, People: []string{}})
		signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
		guest.Join(room, 2)
		return guest
	}
	removed := enter()
	ch.Call(&wire.Remove{Participant: inv.invitee.String()})
	signalingtest.Await(removed, "the removal", func(m *wire.Removed) bool { return m.Reason == wire.RemovedByHost })
	removed.Refused(wire.CodeNotFound, &wire.History{Room: room, Limit: 10})
	if _, failure := removed.TryJoin(room, 2); failure == nil || failure.Code != wire.CodeMustKnock {
		t.Errorf("a removed guest walked back in: %+v", failure)
	}
	revoked := enter()
	h.inTx(t, func(tx pgx.Tx) error { return guestLinks{h.guests, h.announce}.Revoke(t.Context(), tx, inv.invitee) })
	signalingtest.Await(revoked, "the end", func(m *wire.Removed) bool { return m.Reason == wire.RemovedRevoked })
	if status := revoked.Closed(); status != websocket.StatusCode(4003) {
		t.Errorf("closed with %d", status)
	}
	h.request(t, nil, "POST", "/api/guest/link", map[string]any{"token": inv.token}, 404, nil)
}

func TestOnlyModeratorsModerate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, member := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	inv := h.guestMeeting(t, host, member)
	ch, cm, room := h.dial(t, host), h.dial(t, member), inv.room.String()
	ch.Join(room, 3)
	cm.Join(room, 3)
	guest := h.dialGuest(t, h.enter(t, inv))
	guest.Call(&wire.Knock{Room: room})
	ch.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	guest.Join(room, 3)
	id := host.ID.String()
	for _, m := range []wire.ClientMessage{
		&wire.Admit{All: true, People: []string{}}, &wire.Refuse{Person: id}, &wire.Mute{Participant: id, Source: wire.Microphone},
		&wire.AskUnmute{Participant: id, Source: wire.Microphone}, &wire.Remove{Participant: id}, &wire.Lock{Locked: true},
		&wire.Appoint{Participant: id, Role: wire.RoleParticipant}, &wire.Record{On: true}, &wire.End{},
		&wire.Hand{Participant: id, Raised: false},
	} {
		cm.Refused(wire.CodeForbidden, m)
		guest.Refused(wire.CodeForbidden, m)
	}
	ch.Call(&wire.Appoint{Participant: member.ID.String(), Role: wire.RoleCohost})
	cm.Call(&wire.Lock{Locked: true})
	cm.Refused(wire.CodeForbidden, &wire.Appoint{Participant: inv.invitee.String(), Role: wire.RoleCohost})
	cm.Refused(wire.CodeForbidden, &wire.Remove{Participant: id})
	ch.Refused(wire.CodeForbidden, &wire.Appoint{Participant: inv.invitee.String(), Role: wire.RoleCohost})
}

func TestModeration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, b, late := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station), h.person(t, "lagos", account.Station)
	room := h.group(t, host, b, late)
	ch, cb, cl := h.dial(t, host), h.dial(t, b), h.dial(t, late)
	ch.Join(room.String(), 2, wire.Microphone)
	cb.Join(room.String(), 2, wire.Microphone)
	id := b.ID.String()

	ch.Call(&wire.Mute{Everyone: true, Source: wire.Microphone})
	signalingtest.Await(cb, "the mute", func(m *wire.Muted) bool { return m.Source == wire.Microphone && m.By == host.ID.String() })
	signalingtest.Await(ch, "the muted state", participant(id, func(p wire.Participant) bool { return p.Sources[0].Muted && !p.Sources[0].Live }))
	ch.Call(&wire.AskUnmute{Participant: id, Source: wire.Microphone})
	signalingtest.Await(cb, "the question", anyOf[*wire.UnmuteAsked])
	cb.Call(&wire.SetSource{Source: wire.Microphone, Live: true, Lift: true})
	signalingtest.Await(ch, "the opened microphone", participant(id, func(p wire.Participant) bool { return p.Sources[0].Live && !p.Sources[0].Muted }))

	ch.Call(&wire.Lock{Locked: true})
	signalingtest.Await(cb, "the lock", func(m *wire.MeetingChanged) bool { return m.Meeting.Locked })
	if _, failure := cl.TryJoin(room.String(), 2); failure == nil || failure.Code != wire.CodeLocked {
		t.Errorf("a locked meeting let somebody in: %+v", failure)
	}
	ch.Call(&wire.Lock{Locked: false})
	ch.Call(&wire.Remove{Participant: id, Block: true})
	signalingtest.Await(cb, "the removal", func(m *wire.Removed) bool { return m.Reason == wire.RemovedByHost })
	if _, failure := cb.TryJoin(room.String(), 2); failure == nil || failure.Code != wire.CodeForbidden {
		t.Errorf("who was put out came back: %+v", failure)
	}
	cl.Join(room.String(), 2)
	ch.Call(&wire.Appoint{Participant: late.ID.String(), Role: wire.RoleHost})
	signalingtest.Await(cl, "the new role", participant(late.ID.String(), func(p wire.Participant) bool { return p.Role == wire.RoleHost }))
	cl.Call(&wire.End{})
	signalingtest.Await(ch, "the end", func(m *wire.Removed) bool { return m.Reason == wire.RemovedEnded })
}

func TestLeavingHostHasASuccessor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, host, b)
	ch, cb := h.dial(t, host), h.dial(t, b)
	ch.Join(room.String(), 2)
	cb.Join(room.String(), 2)
	ch.Call(&wire.Leave{})
	signalingtest.Await(cb, "the succession", participant(b.ID.String(), func(p wire.Participant) bool { return p.Role == wire.RoleHost }))
}

func TestStrangersStayOutside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, stranger := h.person(t, "linyue", account.Staff), h.person(t, "outsider", account.Ambassador)
	inv := h.guestMeeting(t, host)
	other := h.guestMeeting(t, host)
	ch := h.dial(t, host)
	ch.Join(inv.room.String(), 2)
	cs := h.dial(t, stranger)
	guest := h.dialGuest(t, h.enter(t, other))
	for name, c := range map[string]*signalingtest.Client{"account": cs, "guest of another meeting": guest} {
		if _, failure := c.TryJoin(inv.room.String(), 2); failure == nil || failure.Code != wire.CodeNotFound {
			t.Errorf("%s joined: %+v", name, failure)
		}
		c.Refused(wire.CodeNotFound, &wire.Knock{Room: inv.room.String()})
		c.Refused(wire.CodeNotFound, &wire.Post{Room: inv.room.String(), ClientID: "x", Text: "x", Mentions: []string{}})
		c.Refused(wire.CodeNotInMeeting, &wire.Lock{Locked: true})
	}
}

func TestLinksAreMeasuredForThoseInTheMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station), h.person(t, "paris", account.Station)
	room := h.group(t, a, b, c)
	ca, cb, cc := h.dial(t, a), h.dial(t, b), h.dial(t, c)
	ca.Join(room.String(), 2)
	cb.Join(room.String(), 2)
	m, ok := ca.Call(&wire.Measure{Participant: b.ID.String()}).(*wire.Measured)
	if !ok || m.Up.Grade == "" || m.Down.Grade == "" {
		t.Errorf("measured: %+v", m)
	}
	ca.Refused(wire.CodeNotFound, &wire.Measure{Participant: c.ID.String()})
	cc.Refused(wire.CodeNotInMeeting, &wire.Measure{Participant: b.ID.String()})
}
