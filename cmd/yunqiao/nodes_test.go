package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus/redistest"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// twoNodes are two nodes on one database, joined by Redis, or by nothing: then
// everything that one says to the other is lost.
func twoNodes(t *testing.T, redisURL string) (a, b *house) {
	t.Helper()
	url := pgtest.URL(t)
	return newHouseWith(t, url, redisURL), newHouseWith(t, url, redisURL)
}

// dialAt opens a socket at one of the nodes: a sign-in is good at all of them.
func dialAt(t *testing.T, h *house, p person) *signalingtest.Client {
	t.Helper()
	return signalingtest.Dial(t, h.url, p.cookies, wire.Hello{As: wire.AsAccount})
}

func hearsPresence(c *signalingtest.Client, who person, online bool) {
	signalingtest.Await(c, fmt.Sprint("presence of ", who.UserName), func(m *wire.Presence) bool {
		return m.Account == who.ID.String() && m.Online == online
	})
}

func TestPresenceOverNodes(t *testing.T) {
	t.Parallel()
	for name, redisURL := range map[string]string{"redis": redistest.Start(t).URL, "no bus": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := twoNodes(t, redisURL)
			lin, weiss := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador)
			ca := dialAt(t, a, lin)
			first := dialAt(t, b, weiss)
			hearsPresence(ca, weiss, true)
			second := dialAt(t, a, weiss) // on another device, at another node
			if !slices.Contains(second.Welcome.Online, lin.ID.String()) {
				t.Error("the welcome does not name who is at the same node")
			}
			witness := dialAt(t, b, lin)
			first.Close()
			second.Close()
			hearsPresence(ca, weiss, false)
			hearsPresence(witness, weiss, false)
			if n := signalingtest.Heard(ca, func(m *wire.Presence) bool { return m.Account == weiss.ID.String() }); n != 0 {
				t.Errorf("the account moved %d more times", n)
			}
			late := dialAt(t, b, weiss)
			if !slices.Contains(late.Welcome.Online, lin.ID.String()) {
				t.Error("the welcome does not name who is online at any node")
			}
		})
	}
}

// Without any bus messages, news, new rooms and the end of a membership still
// arrive: everything is found in Postgres.
func TestEverythingArrivesWithoutABus(t *testing.T) {
	t.Parallel()
	a, b := twoNodes(t, "")
	lin, weiss, gone := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador), a.person(t, "gone", account.Ambassador)
	room := a.group(t, lin, weiss, gone)
	ca, cb, cg := dialAt(t, a, lin), dialAt(t, b, weiss), dialAt(t, b, gone)
	post := func(id string) {
		t.Helper()
		ca.Call(&wire.Post{Room: room.String(), ClientID: id, Text: "在吗", Mentions: []string{}})
	}
	hears := func(c *signalingtest.Client, id string) {
		t.Helper()
		signalingtest.Await(c, id, func(m *wire.Happened) bool { return m.Event.Message.ClientID == id })
	}
	for i := range 3 {
		post(fmt.Sprint(i))
		hears(cb, fmt.Sprint(i))
	}
	a.request(t, lin.cookies, http.MethodDelete, "/api/rooms/"+room.String()+"/members/"+gone.ID.String(), nil, http.StatusNoContent, nil)
	signalingtest.Await(cg, "the end of the membership", func(m *wire.RoomsChanged) bool { return m.Room == room.String() })
	post("secret")
	hears(cb, "secret")
	if n := signalingtest.Heard(cg, func(m *wire.Happened) bool { return m.Event.Message.ClientID == "secret" }); n != 0 {
		t.Error("who was taken out still hears")
	}
	another := a.group(t, lin, weiss) // a room that b does not know of yet
	signalingtest.Await(cb, "the new room", func(m *wire.RoomsChanged) bool { return m.Room == another.String() })
	if _, err := a.chat.Post(t.Context(), chat.Caller{Person: chat.Person{ID: lin.ID, Kind: chat.AccountPerson, Name: lin.Name}},
		chat.NewMessage{Room: another, ClientID: uuid.NewString(), Text: "新群"}); err != nil {
		t.Fatal(err)
	}
	signalingtest.Await(cb, "news of the new room", func(m *wire.Happened) bool { return m.Event.Room == another.String() })
}
