package main

import (
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus/redistest"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// reachableNodes are two nodes on one database that reach each other.
func reachableNodes(t *testing.T, redisURL string) (a, b *house) {
	t.Helper()
	url := pgtest.URL(t)
	return reachableNode(t, url, redisURL), reachableNode(t, url, redisURL)
}

func reachableNode(t *testing.T, databaseURL, redisURL string) *house {
	t.Helper()
	cfg := houseConfig(t, databaseURL, redisURL)
	cfg.Cluster.Addr = ownAddress
	return startHouse(t, cfg)
}

// apart are two people of one room, each with a socket at a node of their own.
type apart struct {
	a, b       *house
	lin, weiss person
	room       uuid.UUID
	ca, cb     *signalingtest.Client // of lin at a, of weiss at b
}

func newApart(t *testing.T, redisURL string) (p apart) {
	t.Helper()
	p.a, p.b = reachableNodes(t, redisURL)
	p.lin, p.weiss = p.a.person(t, "linyue", account.Staff), p.a.person(t, "weiss", account.Ambassador)
	p.room = p.a.group(t, p.lin, p.weiss)
	p.ca, p.cb = dialAt(t, p.a, p.lin), dialAt(t, p.b, p.weiss)
	return p
}

// sentTo is the node at which the room's meeting is, as another one says.
func sentTo(t *testing.T, c *signalingtest.Client, room string) (node string) {
	t.Helper()
	_, f := c.TryJoin(room, 2)
	if f == nil || f.Code != wire.CodeElsewhere || f.Node == "" || f.Node == c.Welcome.Node {
		t.Fatalf("a join at another node was answered with %+v", f)
	}
	if _, g := c.Try(&wire.Knock{Room: room}); g == nil || g.Code != wire.CodeElsewhere || g.Node != f.Node {
		t.Fatalf("a knock at another node was answered with %+v, the join with %+v", g, f)
	}
	return f.Node
}

// dialNode opens a socket of a node by way of another one.
func dialNode(t *testing.T, via, node string, cookies []*http.Cookie, hello wire.Hello) *signalingtest.Client {
	t.Helper()
	c, err := signalingtest.TryDialNode(t, via, node, cookies, hello)
	if err != nil {
		t.Fatalf("a socket at node %s by way of %s: %v", node, via, err)
	}
	if c.Welcome.Node != node {
		t.Fatalf("the socket is at node %s, want %s", c.Welcome.Node, node)
	}
	return c
}

var asAccount = wire.Hello{As: wire.AsAccount}

// People at different nodes are in one meeting, see each other's state, and come
// back to it over whatever node.
func TestPeopleOfDifferentNodesMeet(t *testing.T) {
	t.Parallel()
	p := newApart(t, "")
	room := p.room.String()
	begun := p.ca.Join(room, 2).Snapshot.Meeting.ID
	moved := dialNode(t, p.b.url, sentTo(t, p.cb, room), p.weiss.cookies, asAccount)
	snapshot := moved.Join(room, 2).Snapshot
	if snapshot.Meeting.ID != begun || len(snapshot.Participants) != 2 {
		t.Errorf("the second is in meeting %s of %d, want %s of 2", snapshot.Meeting.ID, len(snapshot.Participants), begun)
	}
	signalingtest.Await(p.ca, "the newcomer", func(m *wire.Roster) bool {
		return len(m.Participants) == 1 && m.Participants[0].ID == p.weiss.ID.String()
	})
	moved.Call(&wire.Hand{Raised: true})
	signalingtest.Await(p.ca, "the hand", func(m *wire.Roster) bool { return len(m.Participants) == 1 && m.Participants[0].HandRaisedAt != nil })
	moved.Drop()
	back := dialNode(t, p.b.url, moved.Welcome.Node, p.weiss.cookies, wire.Hello{As: wire.AsAccount, Resume: moved.Welcome.Session})
	if !back.Welcome.Resumed || back.Welcome.Snapshot == nil || len(back.Welcome.Snapshot.Participants) != 2 {
		t.Errorf("who comes back over another node is welcomed with %+v", back.Welcome)
	}
	back.Drop()
	other := signalingtest.Dial(t, p.b.url, p.weiss.cookies, wire.Hello{As: wire.AsAccount, Resume: back.Welcome.Session})
	if other.Welcome.Resumed {
		t.Error("a node resumed what is held at another")
	}
	if node := sentTo(t, other, room); node != moved.Welcome.Node {
		t.Errorf("sent to %s, want %s", node, moved.Welcome.Node)
	}
}

// That a meeting goes on, and of how many, is seen from every node; also when the
// bus loses everything.
func TestAMeetingIsSeenFromOtherNodes(t *testing.T) {
	t.Parallel()
	for name, redisURL := range buses(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := reachableNodes(t, redisURL)
			lin, weiss, stranger := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador), a.person(t, "stranger", account.Ambassador)
			room := a.group(t, lin, weiss)
			ca, cb, outside := dialAt(t, a, lin), dialAt(t, b, weiss), dialAt(t, b, stranger)
			ca.Join(room.String(), 2)
			signalingtest.Await(cb, "the meeting at the other node", func(m *wire.RoomLive) bool {
				return m.Room == room.String() && m.Live && m.Participants == 1
			})
			if count, live := b.hub.Participants(room); count != 1 || !live {
				t.Errorf("the other node shows %d, live %t", count, live)
			}
			ca.Call(&wire.Leave{})
			signalingtest.Await(cb, "its end", func(m *wire.RoomLive) bool { return m.Room == room.String() && !m.Live })
			if n := signalingtest.Heard(outside, func(*wire.RoomLive) bool { return true }); n != 0 {
				t.Errorf("a stranger heard of it %d times", n)
			}
		})
	}
}

// Two who begin a meeting at the same time at different nodes begin one.
func TestAMeetingBegunAtTwoNodesIsAtOne(t *testing.T) {
	t.Parallel()
	a, b := reachableNodes(t, "")
	lin, weiss := a.person(t, "linyue", account.Staff), a.person(t, "weiss", account.Ambassador)
	for range 5 {
		room := a.group(t, lin, weiss).String()
		clients := []*signalingtest.Client{dialAt(t, a, lin), dialAt(t, b, weiss)}
		failures := make([]*wire.Failure, 2)
		var both sync.WaitGroup
		for i, c := range clients {
			_, offer := signalingtest.NewOffer(t, 2)
			both.Go(func() {
				_, failures[i] = c.Try(&wire.Join{Room: room, Offer: offer, Live: []wire.Source{}})
			})
		}
		both.Wait()
		for i, f := range failures {
			in := clients[1-i]
			if f != nil && (f.Code != wire.CodeElsewhere || f.Node != in.Welcome.Node || failures[1-i] != nil) {
				t.Errorf("joins at both nodes were answered with %+v and %+v", failures[0], failures[1])
			}
		}
		if failures[0] == nil && failures[1] == nil {
			t.Error("the meeting is at both nodes")
		}
	}
}

func TestACallAcceptedAtAnotherNodeMeets(t *testing.T) {
	t.Parallel()
	p := newApart(t, redistest.Start(t).URL)
	caller, callee, room := p.ca, p.cb, p.room
	call := ring(caller, room)
	caller.Join(room.String(), 2)
	callee.Call(&wire.AnswerCall{Call: rung(callee).ID, Accept: true})
	stands(caller, p.weiss, wire.CallAccepted)
	moved := dialNode(t, p.b.url, sentTo(t, callee, room.String()), p.weiss.cookies, asAccount)
	if got := moved.Join(room.String(), 2).Snapshot.Participants; len(got) != 2 {
		t.Errorf("call %s: %d are in its meeting, want 2", call.ID, len(got))
	}
}

// A guest knocks where the meeting is; who may not come in is not told where.
func TestGuestsAndStrangersAtAnotherNode(t *testing.T) {
	t.Parallel()
	a, b := reachableNodes(t, redistest.Start(t).URL)
	lin, stranger := a.person(t, "linyue", account.Staff), a.person(t, "stranger", account.Ambassador)
	inv := a.guestMeeting(t, lin)
	room := inv.room.String()
	outside := dialAt(t, b, stranger)
	outside.Refused(wire.CodeNotFound, &wire.Knock{Room: room})
	var claimed int
	if err := a.pool.QueryRow(t.Context(), `select count(*) from live_rooms`).Scan(&claimed); err != nil || claimed != 0 {
		t.Errorf("a stranger took %d rooms for its node (err %v)", claimed, err)
	}
	host := dialAt(t, a, lin)
	host.Join(room, 2)
	outside.Refused(wire.CodeNotFound, &wire.Knock{Room: room})
	cookies := a.enter(t, inv)
	guest := b.dialGuest(t, cookies)
	guest = dialNode(t, b.url, sentTo(t, guest, room), cookies, wire.Hello{As: wire.AsGuest})
	if k := guest.Call(&wire.Knock{Room: room}).(*wire.Knocked); k.Admitted || !k.Live {
		t.Fatalf("knocked %+v", k)
	}
	waiting := signalingtest.Await(host, "the guest in the lobby", func(m *wire.Lobby) bool { return len(m.Waiting) == 1 }).Waiting[0]
	host.Call(&wire.Admit{People: []string{waiting.ID}})
	signalingtest.Await(guest, "being let in", func(m *wire.Admitted) bool { return m.Room == room })
	if got := guest.Join(room, 2).Snapshot.Participants; len(got) != 2 {
		t.Errorf("%d are in the guest's meeting, want 2", len(got))
	}
}

// An encoder is not passed on, and is told to try again.
func TestAnEncoderAtAnotherNodeTriesAgain(t *testing.T) {
	t.Parallel()
	a, b := reachableNodes(t, "")
	lin := a.person(t, "linyue", account.Staff)
	inv := a.guestMeeting(t, lin)
	dialAt(t, a, lin).Join(inv.room.String(), 2)
	m := newMachine(t, b, inv.token)
	m.encode()
	offer, err := m.pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	response := m.send(http.MethodPost, "/whip", "application/sdp", offer.SDP)
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "elsewhere") {
		t.Errorf("an encoder at another node is answered with %d %s (err %v)", response.StatusCode, body, err)
	}
}

// A passed-on socket is judged where it arrives, and ends like any other.
func TestRightsOfAPassedOnSocket(t *testing.T) {
	t.Parallel()
	a, b := reachableNodes(t, redistest.Start(t).URL)
	lin := a.person(t, "linyue", account.Staff)
	node := dialAt(t, a, lin).Welcome.Node
	for origin, allowed := range map[string]bool{b.url: true, "http://evil.example": false, a.url + ".evil.example": false, "null": false} {
		status, err := openBare(t, b.url, node, http.Header{"Origin": {origin}, "Cookie": {lin.cookies[0].Name + "=" + lin.cookies[0].Value}})
		if allowed != (err == nil) || !allowed && status != http.StatusForbidden {
			t.Errorf("a page of %q: status %d, err %v", origin, status, err)
		}
	}
	if _, err := signalingtest.TryDialNode(t, b.url, node, nil, asAccount); err == nil {
		t.Error("a socket without a cookie was welcomed at another node")
	}
	c := dialNode(t, b.url, node, lin.cookies, asAccount)
	b.request(t, lin.cookies, http.MethodDelete, "/api/session", nil, http.StatusOK, nil)
	if status := c.Closed(); status != revoked {
		t.Errorf("signed out, the passed-on socket was closed with %d, want %d", status, revoked)
	}
}

// openBare opens a socket with its own headers and closes it.
func openBare(t *testing.T, via, node string, header http.Header) (status int, err error) {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), strings.Replace(via, "http", "ws", 1)+"/api/socket?node="+node, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		_ = conn.CloseNow()
	}
	if response != nil {
		status = response.StatusCode
	}
	return status, err
}

// A node that nobody knows is not looked for, a wrong address makes no circle,
// and nobody says in a request where to go.
func TestSocketsThatCannotBePassedOn(t *testing.T) {
	t.Parallel()
	a, b := reachableNodes(t, "")
	lin := a.person(t, "linyue", account.Staff)
	own := dialAt(t, b, lin).Welcome.Node
	for _, node := range []string{"x", uuid.Nil.String(), uuid.NewString(), "../" + own, "http://evil.example", own, strings.Repeat("9", 4096)} {
		c, err := signalingtest.TryDialNode(t, b.url, node, lin.cookies, asAccount)
		if err != nil || c.Welcome.Node != own {
			t.Errorf("node %.40q: not served by the node itself: %v", node, err)
		}
	}
	say := func(node uuid.UUID, address string) {
		t.Helper()
		const q = `insert into presence (node, accounts, address, renewed_at) values ($1, '{}', $2, clock_timestamp())`
		if _, err := a.pool.Exec(t.Context(), q, node, address); err != nil {
			t.Fatal(err)
		}
	}
	circle, gone := uuid.New(), uuid.New()
	say(circle, b.url)
	say(gone, "http://"+freeAddr(t, "127.0.0.1:0"))
	for node, want := range map[uuid.UUID]int{circle: http.StatusLoopDetected, gone: http.StatusBadGateway} {
		if status, err := openBare(t, a.url, node.String(), http.Header{}); err == nil || status != want {
			t.Errorf("status %d, err %v, want %d", status, err, want)
		}
	}
	response, _ := b.send(t, lin.cookies, http.MethodGet, "/api/socket?node="+dialAt(t, a, lin).Welcome.Node, nil)
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("what is no socket was answered with %d, want %d", response.StatusCode, http.StatusUpgradeRequired)
	}
}

// When the node of a meeting is killed, the meeting goes on at another as soon
// as the lease has run out.
func TestAMeetingGoesOnWhenItsNodeIsKilled(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddr(t, "127.0.0.1:0")
	openPath(t, dir)
	url := durableDatabase(t, filepath.Join(dir, "db"))
	b := reachableNode(t, url, "")
	lin, weiss := b.person(t, "linyue", account.Staff), b.person(t, "weiss", account.Ambassador)
	room := b.group(t, lin, weiss).String()
	p := startProcess(t, filepath.Join(dir, "data"), addr, "DATABASE_URL="+url, "YUNQIAO_CLUSTER_ADDR=http://"+addr)
	ca := signalingtest.Dial(t, p.url, lin.cookies, asAccount)
	begun := ca.Join(room, 2).Snapshot.Meeting.ID
	cb := dialAt(t, b, weiss)
	moved := dialNode(t, b.url, sentTo(t, cb, room), weiss.cookies, asAccount)
	moved.Join(room, 2)
	p.kill(syscall.SIGKILL)
	moved.Closed()
	setClock(t, b.pool, ca.Welcome.Node, "0 seconds")
	if node := sentTo(t, cb, room); node != ca.Welcome.Node {
		t.Errorf("before the lease has run out one is sent to %s", node)
	}
	if _, err := signalingtest.TryDialNode(t, b.url, ca.Welcome.Node, weiss.cookies, asAccount); err == nil {
		t.Error("a killed node serves sockets")
	}
	setClock(t, b.pool, ca.Welcome.Node, "11 seconds")
	if got := cb.Join(room, 2).Snapshot.Meeting.ID; got != begun {
		t.Errorf("the meeting is %s, and was %s", got, begun)
	}
	back, err := signalingtest.TryDialNode(t, b.url, ca.Welcome.Node, lin.cookies, asAccount)
	if err != nil || back.Welcome.Node != cb.Welcome.Node {
		t.Fatalf("who asks for a node that is gone is not served: %v", err)
	}
	if got := back.Join(room, 2).Snapshot.Participants; len(got) != 2 {
		t.Errorf("%d are in the meeting, want 2", len(got))
	}
}

// durableDatabase starts a Postgres that the program itself accepts, which that
// of the other tests is not.
func durableDatabase(t *testing.T, dir string) (url string) {
	t.Helper()
	d, err := openDatabase(t.Context(), &config.Config{DataDir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Errorf("stop the database: %v", err)
		}
	})
	return d.url
}

// setClock makes a node last heard of so long ago.
func setClock(t *testing.T, pool *pgxpool.Pool, node, ago string) {
	t.Helper()
	for _, table := range []string{"presence", "live_rooms"} {
		if _, err := pool.Exec(t.Context(), `update `+table+` set renewed_at = clock_timestamp() - $2::interval where node = $1`, node, ago); err != nil {
			t.Fatal(err)
		}
	}
}

// A node that was not heard of for a while finds its room taken, and sends its
// people to where the others meet.
func TestANodeThatLostARoomGivesItUp(t *testing.T) {
	t.Parallel()
	p := newApart(t, "")
	room := p.room.String()
	begun := p.ca.Join(room, 2).Snapshot.Meeting.ID
	const take = `update live_rooms set node = $1, renewed_at = clock_timestamp()`
	if _, err := p.a.pool.Exec(t.Context(), take, p.cb.Welcome.Node); err != nil {
		t.Fatal(err)
	}
	if got := p.cb.Join(room, 2).Snapshot.Meeting.ID; got != begun {
		t.Errorf("the meeting is %s, and was %s", got, begun)
	}
	if status := p.ca.Closed(); status != websocket.StatusServiceRestart {
		t.Errorf("closed with %d", status)
	}
	p.ca = dialAt(t, p.a, p.lin)
	p.ca = dialNode(t, p.a.url, sentTo(t, p.ca, room), p.lin.cookies, asAccount)
	if got := p.ca.Join(room, 2).Snapshot.Participants; len(got) != 2 {
		t.Errorf("%d are in the meeting, want 2", len(got))
	}
}
