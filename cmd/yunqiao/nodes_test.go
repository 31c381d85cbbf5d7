package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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

// buses are what there may be between nodes: Redis, and nothing.
func buses(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"redis": redistest.Start(t).URL, "no bus": ""}
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
	for name, redisURL := range buses(t) {
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

// Whoever comes back to 10,000 missed messages in 500 rooms gets them in pages,
// and what is said meanwhile neither twice nor never.
func TestALongAbsenceIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	const rooms, missed, said = 500, 20, 100
	h.inTx(t, func(tx pgx.Tx) error {
		for _, q := range []string{
			`insert into rooms (id, kind, title, seq) select gen_random_uuid(), 'group', 'g', 20 from generate_series(1, 500) where $1::uuid is not null`,
			`insert into room_members (room_id, account_id) select id, $1 from rooms`,
			`insert into messages (id, room_id, seq, client_id, author_id, author_kind, author_name, text)
				select gen_random_uuid(), r.id, n, n, $1, 'account', 'x', '各位下午好 ' || n from rooms r, generate_series(1, 20) n`,
			`insert into room_events (room_id, seq, kind, message_id, actor_id) select room_id, seq, 'posted', id, $1 from messages`,
		} {
			if _, err := tx.Exec(t.Context(), q, p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	ids, err := h.chat.RoomIDs(t.Context(), chat.Caller{Person: chat.Person{ID: p.ID, Kind: chat.AccountPerson}})
	if err != nil || len(ids) != rooms {
		t.Fatalf("%d rooms, err %v", len(ids), err)
	}
	var talk sync.WaitGroup
	talk.Go(func() {
		caller := chat.Caller{Person: chat.Person{ID: p.ID, Kind: chat.AccountPerson, Name: p.Name}}
		for i := range said {
			n := chat.NewMessage{Room: ids[i], ClientID: "live", Text: "正在说"}
			if _, err := h.chat.Post(context.WithoutCancel(t.Context()), caller, n); err != nil {
				t.Errorf("post: %v", err)
			}
		}
	})
	a := newAgent("lin", p.cookies, []string{h.url}, "", 1)
	a.violate = t.Errorf
	begin := time.Now()
	s := a.come(t.Context())
	if s == nil {
		t.Fatal("it could not catch up")
	}
	defer s.Drop()
	t.Logf("%d messages in %d rooms took %s", rooms*missed, rooms, time.Since(begin))
	talk.Wait()
	waitUntil(t, "everything is here", func() bool {
		for i, id := range ids {
			want := int64(missed)
			if i < said {
				want++
			}
			if a.behind(id.String(), want) {
				return false
			}
		}
		return true
	})
}
