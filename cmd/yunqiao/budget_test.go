package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// withoutBudgets lets everybody ask for everything, where a test is about what
// is asked.
func (h *house) withoutBudgets() {
	free := budget.NewDoor("free", budget.Limit{Rate: 1e9, Burst: 1e9})
	b := h.hub.Budgets
	b.Accept, b.Messages, b.Knocks, b.Offers, b.Reactions, b.Cheers = free, free, free, free, free, free
	b.Announcements, b.Appliances, b.ApplianceOffers = free, free, free
	h.requests.Networks, h.requests.Strangers, h.requests.People = free, free, free
}

// A link has some sockets, not a thousand, and one that is closed makes room.
func TestAGuestHasSomeSockets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	inv := h.guestMeeting(t, h.person(t, "linyue", account.Staff))
	cookies := h.enter(t, inv)
	var open []*signalingtest.Client
	for {
		c, err := signalingtest.TryDial(t, h.url, cookies, wire.Hello{As: wire.AsGuest})
		if err != nil {
			break
		}
		if open = append(open, c); len(open) > 100 {
			t.Fatal("a guest has a hundred sockets")
		}
	}
	if len(open) < 3 {
		t.Fatalf("a guest has only %d sockets", len(open))
	}
	open[0].Close()
	for again := false; !again; { // until the hub has seen it
		_, err := signalingtest.TryDial(t, h.url, cookies, wire.Hello{As: wire.AsGuest})
		again = err == nil
	}
	if h.hub.Budgets.Open.Refused() == 0 {
		t.Error("it is not counted")
	}
}

// However often somebody knocks whom nobody let in, the host hears of it once.
func TestKnocksAreToldTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.person(t, "linyue", account.Staff)
	inv := h.guestMeeting(t, owner)
	host := h.dial(t, owner)
	host.Join(inv.room.String(), 1)
	cookies := h.enter(t, inv)
	refused := 0
	for range 8 {
		c := h.dialGuest(t, cookies)
		for range 20 {
			if _, failure := c.Try(&wire.Knock{Room: inv.room.String()}); failure != nil {
				if failure.Code != wire.CodeRate {
					t.Fatalf("%+v", failure)
				}
				refused++
			}
		}
	}
	signalingtest.Await(host, "who waits", func(m *wire.Lobby) bool { return len(m.Waiting) == 1 })
	if n := signalingtest.Heard(host, anyOf[*wire.Lobby]); n > 3 {
		t.Errorf("160 knocks make %d lobby frames", n)
	}
	if refused < 100 {
		t.Errorf("%d knocks are refused", refused)
	}
}

// Reactions and offers have a budget of their own, which one person spends over
// all windows; reading and writing go on beside it.
func TestReactionsAndOffersHaveABudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, me, other).String()
	listener, c := h.dial(t, other), h.dial(t, me)
	listener.Join(room, 1)
	c.Join(room, 1)
	refused := 0
	for range 50 {
		if _, failure := c.Try(&wire.Cheer{Emoji: "👏"}); failure != nil {
			refused++
		}
	}
	listener.Call(&wire.Ping{})
	if heard := signalingtest.Heard(listener, anyOf[*wire.Cheered]); refused < 10 || heard > 40 || heard < 10 {
		t.Errorf("of 50 cheers %d are refused and %d heard", refused, heard)
	}
	offer := wire.Offer{SDP: "v=0", Sources: []wire.SourceOffer{}, Seats: make([]wire.SeatOffer, 100)}
	read := 0
	for range 40 {
		if _, failure := c.Try(&wire.Renegotiate{Offer: offer}); failure == nil || failure.Code != wire.CodeRate {
			read++
		}
	}
	if read < 5 || read > 30 {
		t.Errorf("of 40 offers of 100 seats %d are read", read)
	}
	if _, failure := c.Try(&wire.Post{Room: room, ClientID: uuid.NewString(), Text: "继续"}); failure != nil {
		t.Errorf("writing beside it: %+v", failure)
	}
}

// once is a door that never fills up again.
func once(burst float64) *budget.Door {
	return budget.NewDoor("once", budget.Limit{Rate: 1e-6, Burst: burst})
}

// Whoever asks for too much is told when to come again, and nobody else waits.
// Dear operations use the budget up sooner.
func TestRequestsHaveABudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Staff)
	h.requests.People = once(100)
	asked := 0
	for {
		response, body := h.send(t, me.cookies, http.MethodGet, "/api/search?q=x", nil)
		if response.StatusCode == http.StatusTooManyRequests {
			if response.Header.Get("Retry-After") == "" || !strings.Contains(string(body), `"code":"rate"`) {
				t.Errorf("refused with %v %s", response.Header, body)
			}
			break
		}
		if asked++; asked > 100 {
			t.Fatal("searching costs nothing more than reading")
		}
	}
	if asked < 5 {
		t.Errorf("%d searches", asked)
	}
	h.request(t, other.cookies, http.MethodGet, "/api/search?q=x", nil, http.StatusOK, nil)
	if h.requests.People.Refused() != 1 {
		t.Error("it is not counted")
	}
}

// Every operation and every handler of another kind is behind both doors: that of
// the network before anybody is looked up, and that of who asks.
func TestEveryRequestIsBehindTheDoors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me := h.person(t, "admin", account.Admin)
	guest := h.enter(t, h.guestMeeting(t, me))
	list := append(operations(t, h),
		operation{"upload", http.MethodPost, "/api/uploads"}, operation{"import", http.MethodPost, "/api/rooms/import"},
		operation{"socket", http.MethodGet, "/api/socket"})
	networks := h.requests.Networks
	shut := once(1)
	if err := shut.Ask(time.Now(), "127.0.0.1", 1); err != nil {
		t.Fatal(err)
	}
	h.requests.People, h.requests.Strangers = once(1), shut
	h.send(t, me.cookies, http.MethodGet, "/api/session", nil)
	h.send(t, guest, http.MethodGet, "/api/guest/session", nil)
	refused := func(cookies []*http.Cookie, o operation) bool {
		return h.status(t, cookies, o, nil) == "429"
	}
	for _, o := range list {
		h.requests.Networks = networks
		guests := strings.HasPrefix(o.path, "/api/guest") || strings.HasPrefix(o.path, "/api/files") || o.id == "upload"
		if !refused(me.cookies, o) || guests && !refused(guest, o) || guests && !refused(nil, o) {
			t.Errorf("%s (%s %s) asks no budget of its caller's", o.id, o.method, o.path)
		}
		h.requests.Networks = shut
		before := h.requests.People.Refused()
		if !refused(me.cookies, o) || h.requests.People.Refused() != before {
			t.Errorf("%s (%s %s) asks no budget of the network's", o.id, o.method, o.path)
		}
	}
	for _, path := range []string{"/whip", "/whep"} {
		if !refused(nil, operation{path, http.MethodPost, path}) {
			t.Errorf("%s asks no budget of the network's", path)
		}
	}
	h.request(t, nil, http.MethodGet, "/healthz", nil, http.StatusOK, nil)
}

// Encoders and players have budgets by network, whatever token they show, and by
// link: one that is wound up disturbs no other.
func TestAppliancesHaveABudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv, other := h.guestMeeting(t, host), h.guestMeeting(t, host)
	h.hub.Budgets.ApplianceOffers, h.hub.Budgets.Appliances = once(2), once(8)
	const offer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n"
	try := func(token string) *http.Response {
		return newMachine(t, h, token).send(http.MethodPost, "/whip", "application/sdp", offer)
	}
	for range 2 {
		if res := try(inv.token); res.StatusCode == http.StatusTooManyRequests {
			t.Fatal("refused at once")
		}
	}
	if res := try(inv.token); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("the third offer of a link: %s", res.Status)
	}
	if res := try(other.token); res.StatusCode == http.StatusTooManyRequests {
		t.Error("another link is refused too")
	}
	for range 4 {
		if res := try("nobody's"); res.StatusCode == http.StatusTooManyRequests {
			t.Fatal("the network is refused too soon")
		}
	}
	if res := try("nobody's"); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the ninth request of a network: %s", res.Status)
	}
}

// What rings at everybody's has a budget of its own; other words go on.
func TestAnnouncementsHaveABudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me := h.person(t, "linyue", account.Staff)
	room := h.group(t, me).String()
	h.hub.Budgets.Announcements = once(3)
	c := h.dial(t, me)
	loud := []wire.Post{{MustConfirm: true}, {Urgent: true, MustConfirm: true}, {MentionGroups: []wire.MentionGroup{wire.MentionEveryone}}, {MustConfirm: true}}
	for i, p := range loud {
		p.Room, p.ClientID, p.Text = room, uuid.NewString(), "请周知"
		_, failure := c.Try(&p)
		if refused := failure != nil && failure.Code == wire.CodeRate; refused != (i == 3) {
			t.Errorf("announcement %d: %+v", i+1, failure)
		}
	}
	if _, failure := c.Try(&wire.Post{Room: room, ClientID: uuid.NewString(), Text: "好的"}); failure != nil {
		t.Errorf("a plain message: %+v", failure)
	}
}

// signedIn makes accounts that are signed in, without the work of passwords.
func (h *house) signedIn(t *testing.T, n int) []person {
	t.Helper()
	people := make([]person, n)
	for i := range people {
		name := fmt.Sprint("staff", i)
		a, err := h.accounts.Create(t.Context(), account.New{Name: name, UserName: name, Role: account.Staff})
		if err != nil {
			t.Fatal(err)
		}
		token := uuid.NewString()
		hash := sha256.Sum256([]byte(token))
		const q = `
insert into sessions (id, account_id, token_hash, device, address, expires_at) values ($1, $2, $3, 'test', '', now() + interval '1 day')`
		if _, err := h.pool.Exec(t.Context(), q, uuid.New(), a.ID, hash[:]); err != nil {
			t.Fatal(err)
		}
		people[i] = person{a, []*http.Cookie{{Name: account.AccountCookie, Value: token}}}
	}
	return people
}

// An organisation of 200 people behind one address reads, comes in and chats, all
// at the same moment.
func TestAnOrganisationBehindOneAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	people := h.signedIn(t, 200)
	room := h.group(t, people[0], people[1:]...).String()
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			for _, path := range []string{"/api/server", "/api/session", "/api/rooms", "/api/meetings", "/api/notices"} {
				if response, body := h.send(t, p.cookies, http.MethodGet, path, nil); response.StatusCode != http.StatusOK {
					t.Errorf("%s: %s %s", path, response.Status, body)
				}
			}
			c, err := signalingtest.TryDial(t, h.url, p.cookies, wire.Hello{As: wire.AsAccount})
			if err != nil {
				t.Error(err)
				return
			}
			if _, failure := c.Try(&wire.Post{Room: room, ClientID: uuid.NewString(), Text: "大家好"}); failure != nil {
				t.Errorf("post: %+v", failure)
			}
		})
	}
	all.Wait()
}
