package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const revoked = websocket.StatusCode(4003)

func left(id uuid.UUID) func(*wire.Roster) bool {
	return func(m *wire.Roster) bool { return slices.Contains(m.Left, id.String()) }
}

// A participant whose socket is away still sends and hears: the end of its
// rights must not wait for the socket.
func TestRightsEndWhileTheSocketIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, admin := h.person(t, "linyue", account.Staff), h.person(t, "admin", account.Admin)
	for name, end := range map[string]func(t *testing.T, room uuid.UUID, p person){
		"taken out of the room": func(t *testing.T, room uuid.UUID, p person) {
			t.Helper()
			h.request(t, host.cookies, http.MethodDelete, "/api/rooms/"+room.String()+"/members/"+p.ID.String(), nil, http.StatusNoContent, nil)
		},
		"disabled": func(t *testing.T, _ uuid.UUID, p person) {
			t.Helper()
			h.request(t, admin.cookies, http.MethodPatch, "/api/accounts/"+p.ID.String(), map[string]any{"disabled": true}, http.StatusOK, nil)
		},
		"signed out, and the bus lost it": func(t *testing.T, _ uuid.UUID, p person) {
			t.Helper()
			if _, err := h.pool.Exec(t.Context(), `delete from sessions where account_id = $1`, p.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.person(t, "p"+strings.ReplaceAll(uuid.NewString()[:8], "-", ""), account.Ambassador)
			room := h.group(t, host, p)
			ch, cp := h.dial(t, host), h.dial(t, p)
			ch.Join(room.String(), 1)
			cp.Join(room.String(), 1)
			cp.Drop()
			signalingtest.Await(ch, "the gap", participant(p.ID.String(), func(q wire.Participant) bool { return q.Connection == wire.Reconnecting }))
			end(t, room, p)
			signalingtest.Await(ch, "the end", left(p.ID))
			back, err := signalingtest.TryDial(t, h.url, p.cookies, wire.Hello{As: wire.AsAccount, Resume: cp.Welcome.Session})
			if err == nil && back.Welcome.Resumed {
				t.Error("came back to where it may not be")
			}
		})
	}
}

func TestDismissedGuestHearsNothingOnAnyDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, host)
	ch, room := h.dial(t, host), inv.room.String()
	ch.Join(room, 1)
	cookies := h.enter(t, inv)
	tab := h.dialGuest(t, cookies)
	tab.Call(&wire.Knock{Room: room})
	ch.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(tab, "the admission", anyOf[*wire.Admitted])
	guest := h.dialGuest(t, cookies) // a second tab, let in with the first
	guest.Join(room, 1)
	ch.Call(&wire.Post{Room: room, ClientID: "1", Text: "for all", Mentions: []string{}})
	signalingtest.Await(tab, "the message", func(m *wire.Happened) bool { return m.Event.Message.Text == "for all" })
	ch.Call(&wire.Remove{Participant: inv.invitee.String()})
	ch.Call(&wire.Post{Room: room, ClientID: "2", Text: "about the guest", Mentions: []string{}})
	tab.Refused(wire.CodeNotFound, &wire.Post{Room: room, ClientID: "3", Text: "still here", Mentions: []string{}})
	tab.Refused(wire.CodeNotFound, &wire.CatchUp{Room: room, Limit: 10})
	signalingtest.Await(ch, "the message", func(m *wire.Happened) bool { return m.Event.Message.Text == "about the guest" })
	for name, c := range map[string]*signalingtest.Client{"the tab that met": guest, "the other tab": tab} {
		c.Call(&wire.Ping{})
		if n := signalingtest.Heard(c, anyOf[*wire.Happened]); n > 1 || n == 1 && c == tab {
			t.Errorf("%s heard %d messages", name, n)
		}
	}
	ch.Call(&wire.Leave{})
}

func TestBlockedGuestIsCutOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, host)
	ch, room := h.dial(t, host), inv.room.String()
	ch.Join(room, 1)
	guest := h.dialGuest(t, h.enter(t, inv))
	guest.Call(&wire.Knock{Room: room})
	ch.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	guest.Join(room, 1)
	ch.Call(&wire.Remove{Participant: inv.invitee.String(), Block: true})
	if status := guest.Closed(); status != revoked {
		t.Errorf("closed with %d", status)
	}
}

func TestNewPasswordEndsOtherSockets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	_, token, err := h.accounts.SignIn(t.Context(), "linyue", testPassword, account.Device{Name: "stolen", Address: "10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	stolen := signalingtest.Dial(t, h.url, []*http.Cookie{{Name: account.AccountCookie, Value: token}}, wire.Hello{As: wire.AsAccount})
	mine := h.dial(t, p)
	link, err := h.accounts.Invite(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.request(t, p.cookies, http.MethodPut, "/api/account/password", map[string]any{"current": testPassword, "new": "another long password"}, http.StatusNoContent, nil)
	if status := stolen.Closed(); status != revoked {
		t.Errorf("the other device was closed with %d", status)
	}
	mine.Call(&wire.Ping{})
	h.request(t, nil, http.MethodPost, "/api/invitation/look", map[string]any{"token": link}, http.StatusNotFound, nil)
	if link, err = h.accounts.Invite(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	h.request(t, nil, http.MethodPost, "/api/invitation", map[string]any{
		"token": link, "name": "", "user_name": "", "email": "", "password": "a third long password", "language": "en", "time_zone": "UTC",
	}, http.StatusOK, nil)
	if status := mine.Closed(); status != revoked {
		t.Errorf("a device of before the link was closed with %d", status)
	}
}

func TestWhoWasTakenOutOfAMeetingsRoomHearsNoMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, p := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	inv := h.guestMeeting(t, host, p)
	c := h.dial(t, p)
	h.inTx(t, func(tx pgx.Tx) error {
		return h.chat.SetMembers(t.Context(), tx, inv.room, host.ID, []uuid.UUID{host.ID})
	})
	h.announce.MembersChanged(t.Context(), inv.room, []uuid.UUID{host.ID}) // those who are in it now
	signalingtest.Await(c, "the change", func(m *wire.RoomsChanged) bool { return m.Room == inv.room.String() })
	caller := chat.Caller{Person: chat.Person{ID: host.ID, Kind: chat.AccountPerson, Name: host.Name}}
	if _, err := h.chat.Post(t.Context(), caller, chat.NewMessage{Room: inv.room, ClientID: "1", Text: "without you"}); err != nil {
		t.Fatal(err)
	}
	c.Refused(wire.CodeNotFound, &wire.History{Room: inv.room.String()})
	if n := signalingtest.Heard(c, anyOf[*wire.Happened]); n != 0 {
		t.Errorf("heard %d messages", n)
	}
}

func TestStationRoomsFollowTheRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, p := h.person(t, "admin", account.Admin), h.person(t, "linyue", account.Staff)
	station := uuid.New()
	var room uuid.UUID
	h.inTx(t, func(tx pgx.Tx) (err error) {
		room, err = h.chat.CreateRoom(t.Context(), tx, chat.NewRoom{Kind: chat.Station, Title: "柏林", StationID: &station})
		return err
	})
	isIn := func() bool {
		members, err := h.chat.MemberIDs(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(members, p.ID)
	}
	if !isIn() {
		t.Fatal("staff is not in a station's room")
	}
	set := func(change map[string]any) {
		h.request(t, admin.cookies, http.MethodPatch, "/api/accounts/"+p.ID.String(), change, http.StatusOK, nil)
	}
	if set(map[string]any{"role": "ambassador"}); isIn() {
		t.Error("an ambassador stays in a station's room")
	}
	if set(map[string]any{"role": "station", "station_id": station}); !isIn() {
		t.Error("a station is not in its own room")
	}
	if set(map[string]any{"station_id": uuid.New()}); isIn() {
		t.Error("a station's account stays in the room of another station")
	}
}

// A page of the longest messages is more than a client's queue holds.
func TestLongHistoryReachesItsReader(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, p, other)
	caller := chat.Caller{Person: chat.Person{ID: p.ID, Kind: chat.AccountPerson, Name: p.Name}}
	for i := range 60 {
		if _, err := h.chat.Post(t.Context(), caller, chat.NewMessage{Room: room, ClientID: string(rune('A' + i)), Text: strings.Repeat("长", 10_000)}); err != nil {
			t.Fatal(err)
		}
	}
	c := h.dial(t, other)
	seen, before := 0, int64(0)
	for {
		page := c.Call(&wire.History{Room: room.String(), Before: before, Limit: 200}).(*wire.HistoryPage)
		seen += len(page.Messages)
		if !page.More {
			break
		}
		before = page.Messages[0].Seq
	}
	caught, after := 0, int64(0)
	for {
		page := c.Call(&wire.CatchUp{Room: room.String(), After: after, Limit: 200}).(*wire.EventsPage)
		caught += len(page.Events)
		if !page.More {
			break
		}
		after = page.Events[len(page.Events)-1].Seq
	}
	if seen != 60 || caught != 60 {
		t.Errorf("read %d messages and caught up with %d, want 60", seen, caught)
	}
}
