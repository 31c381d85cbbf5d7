package notify_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// browser is one that subscribes, with the push service it belongs to.
type browser struct {
	key    *ecdh.PrivateKey
	secret []byte
	server *httptest.Server
	got    chan map[string]string // payloads
	header chan http.Header
	answer int
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{key: key, secret: make([]byte, 16), got: make(chan map[string]string, 8), header: make(chan http.Header, 8), answer: http.StatusCreated}
	_, _ = rand.Read(b.secret)
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(b.answer)
		b.header <- r.Header
		b.got <- b.decrypt(t, body)
	}))
	t.Cleanup(b.server.Close)
	return b
}

// decrypt reads a push as a browser does (RFC 8291 section 3, RFC 8188).
func (b *browser) decrypt(t *testing.T, body []byte) map[string]string {
	t.Helper()
	salt, keyLen := body[:16], int(body[20])
	sender, sealed := body[21:21+keyLen], body[21+keyLen:]
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		t.Error(err)
		return nil
	}
	shared, err := b.key.ECDH(public)
	if err != nil {
		t.Error(err)
		return nil
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		key, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Error(err)
		}
		return key
	}
	input := derive(shared, b.secret, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(sender), 32)
	block, err := aes.NewCipher(derive(input, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Error(err)
		return nil
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Error(err)
		return nil
	}
	plain, err := gcm.Open(nil, derive(input, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	var payload map[string]string
	if err := json.Unmarshal([]byte(strings.TrimRight(string(plain), "\x00\x02")), &payload); err != nil {
		t.Error(err)
	}
	return payload
}

func (b *browser) subscription() notify.NewPushBrowser {
	return notify.NewPushBrowser{
		Endpoint: b.server.URL + "/push/1", P256dh: base64.RawURLEncoding.EncodeToString(b.key.PublicKey().Bytes()),
		Auth: base64.RawURLEncoding.EncodeToString(b.secret),
	}
}

// signIn gives an account a sign-in session.
func (w *world) signIn(t *testing.T, account uuid.UUID) uuid.UUID {
	t.Helper()
	id := uuid.New()
	w.exec(t, `insert into sessions (id, account_id, token_hash, device, address, expires_at)
values ($1, $2, $3, 'Firefox', '', now() + interval '1 day')`, id, account, id[:])
	return id
}

func (w *world) subscribe(t *testing.T, n *notify.Notices, account uuid.UUID, b *browser) (session uuid.UUID) {
	t.Helper()
	session = w.signIn(t, account)
	if err := n.Subscribe(t.Context(), account, session, b.subscription()); err != nil {
		t.Fatal(err)
	}
	return session
}

func TestAPushIsForItsBrowserAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author, me := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "me", "UTC", notify.Member{Language: "en"})
	b := newBrowser(t)
	session := w.subscribe(t, n, me, b)
	w.set(t, n, me, quietNow(true)) // urgent passes
	w.run(t, n, notify.Config{})
	w.run(t, n, notify.Config{})
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "机密", MustConfirm: true, Urgent: true})
	w.bring(t, n)
	payload, header := <-b.got, <-b.header
	if payload["title"] != "A notice asks for your confirmation" || payload["body"] != "" || payload["path"] != "/rooms/"+w.room.String() {
		t.Errorf("pushed %v", payload)
	}
	if !strings.HasPrefix(header.Get("Authorization"), "vapid t=") || !strings.HasSuffix(header.Get("Authorization"), "k="+n.PushKey()) ||
		header.Get("Urgency") != "high" {
		t.Errorf("with %v", header)
	}
	s := quietNow(true)
	s.WithText = true
	w.set(t, n, me, s)
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "机密二", MustConfirm: true, Urgent: true})
	w.bring(t, n)
	if payload := <-b.got; payload["body"] != "林 · Berlin: 机密二" {
		t.Errorf("with words, as was chosen: %v", payload)
	}
	// Signing out ends it.
	w.exec(t, `delete from sessions where id = $1`, session)
	if list, err := n.Subscriptions(t.Context(), me, session); err != nil || len(list) != 0 {
		t.Errorf("after signing out: %v, %v", list, err)
	}
}

func TestQuietAndReadThingsAreNotPushed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author, me, asleep := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "me", "UTC", notify.Member{}), w.person(t, "asleep", "UTC", notify.Member{})
	mine, theirs := newBrowser(t), newBrowser(t)
	w.subscribe(t, n, me, mine)
	w.subscribe(t, n, asleep, theirs)
	w.set(t, n, me, quietNow(false))
	w.set(t, n, asleep, quietNow(true))
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "一"})
	w.bring(t, n)
	w.marks[me] = 1
	w.exec(t, `update river_job set scheduled_at = now() where args->>'subscription' in (select id::text from push_subscriptions where account_id = $1)`, me)
	w.run(t, n, notify.Config{})
	w.until(t, "dropping what was read", `select count(*) = 1 from river_job where state = 'cancelled'`)
	var hours float64
	w.one(t, &hours, `select extract(epoch from scheduled_at - now()) / 3600 from river_job where state in ('scheduled', 'available')`)
	if hours < 1 || hours > 2.1 {
		t.Errorf("who sleeps two hours more is pushed to in %f hours", hours)
	}
	if len(mine.got)+len(theirs.got) != 0 {
		t.Error("something was pushed")
	}
}

// Who is named again and again is not buzzed again and again: what is too much
// waits, and what a newer one would be shown in place of is not sent at all.
func TestAPocketIsNotFlooded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	n.Pushes = budget.NewDoor("pushes", budget.Limit{Rate: 1e-6, Burst: 2})
	author, me := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "me", "UTC", notify.Member{})
	b := newBrowser(t)
	w.subscribe(t, n, me, b)
	w.set(t, n, me, quietNow(false))
	for range 6 {
		w.say(notify.Event{Author: author, AuthorName: "林", Text: "在吗"})
	}
	w.bring(t, n)
	w.exec(t, `update river_job set state = 'available', scheduled_at = now()`)
	w.run(t, n, notify.Config{})
	w.until(t, "each to be tried", `select count(*) = 0 from river_job where kind = 'push' and state in ('available', 'running')`)
	if len(b.got) != 2 {
		t.Errorf("pushed %d times, want 2", len(b.got))
	}
	var waiting, dropped int
	w.one(t, &waiting, `select count(*) from river_job where state = 'scheduled'`)
	w.one(t, &dropped, `select count(*) from river_job where state = 'cancelled'`)
	if waiting+dropped != 4 || waiting > 1 {
		t.Errorf("%d wait and %d are dropped, want the newest to wait at most", waiting, dropped)
	}
	var newest string
	w.one(t, &newest, `select state from river_job where kind = 'push' order by (args->>'notice')::bigint desc limit 1`)
	if newest == "cancelled" {
		t.Error("the newest is dropped")
	}
}

// A call rings where the page is closed, too, as long as it rings at all.
func TestACallRingsInClosedPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	me, asleep := w.person(t, "me", "UTC", notify.Member{}), w.person(t, "asleep", "UTC", notify.Member{})
	mine, theirs := newBrowser(t), newBrowser(t)
	w.subscribe(t, n, me, mine)
	w.subscribe(t, n, asleep, theirs)
	w.set(t, n, me, quietNow(false))
	w.set(t, n, asleep, quietNow(true))
	ring := func(until time.Duration) {
		t.Helper()
		r := notify.Ringing{Call: uuid.New(), Room: w.room, Accounts: []uuid.UUID{me, asleep}, Until: time.Now().Add(until)}
		if err := n.Ring(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	w.run(t, n, notify.Config{})
	ring(45 * time.Second)
	payload, header := <-mine.got, <-mine.header
	if payload["title"] != "来电" || payload["body"] != "" || payload["path"] != "/rooms/"+w.room.String() || header.Get("Urgency") != "high" {
		t.Errorf("rung with %v, %v", payload, header)
	}
	ring(-time.Second)
	w.mu.Lock()
	w.answered = true
	w.mu.Unlock()
	ring(45 * time.Second)
	w.until(t, "dropping what does not ring any more", `select count(*) = 2 from river_job where kind = 'ring' and state = 'cancelled'`)
	if len(mine.got)+len(theirs.got) != 0 {
		t.Errorf("rung %d times too often, %d in quiet hours", len(mine.got), len(theirs.got))
	}
}

func TestABrowserThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusGone, http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden} {
		w := newWorld(t)
		n := w.notices(t, notify.Config{})
		me := w.person(t, "me", "UTC", notify.Member{})
		b := newBrowser(t)
		b.answer = status
		w.subscribe(t, n, me, b)
		w.tell(t, n, notify.Notice{Account: me, Kind: notify.MissedCall, Key: "1", Title: "林", Urgent: true})
		w.bring(t, n)
		w.run(t, n, notify.Config{})
		w.until(t, "forgetting the browser", `select count(*) = 0 from push_subscriptions`)
	}
}

func TestSubscriptionsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	me, other := w.person(t, "me", "UTC", notify.Member{}), w.person(t, "other", "UTC", notify.Member{})
	session := w.signIn(t, me)
	good := newBrowser(t).subscription()
	for field, spoil := range map[string]func(s *notify.NewPushBrowser){
		"endpoint": func(s *notify.NewPushBrowser) { s.Endpoint = "ftp://push.example.org/1" },
		"p256dh":   func(s *notify.NewPushBrowser) { s.P256dh = base64.RawURLEncoding.EncodeToString(make([]byte, 65)) },
		"auth":     func(s *notify.NewPushBrowser) { s.Auth = "AAAA" },
	} {
		s := good
		spoil(&s)
		if err := n.Subscribe(t.Context(), me, session, s); problem.Code(err) != "invalid" || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := n.Subscribe(t.Context(), other, session, good); err == nil {
		t.Error("subscribed for somebody else's sign-in")
	}
	if err := n.Subscribe(t.Context(), me, session, good); err != nil {
		t.Fatal(err)
	}
	list, err := n.Subscriptions(t.Context(), me, session)
	if err != nil || len(list) != 1 || !list[0].Current {
		t.Fatalf("subscribed %+v, %v", list, err)
	}
	if err := n.Unsubscribe(t.Context(), other, list[0].ID); problem.Code(err) != "subscription_not_found" {
		t.Errorf("somebody else ends it: %v", err)
	}
	if err := n.Unsubscribe(t.Context(), me, list[0].ID); err != nil {
		t.Error(err)
	}
}

func FuzzSubscription(f *testing.F) {
	f.Add("https://push.example.org/1", "BAAA", "AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("https://[fe80::1%25eth0]/", "", "=")
	f.Add("https://user@10.0.0.1:99999/#x", "\xff", "\x00")
	outside := notify.NewOutside(nil)
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		err := notify.CheckPushBrowser(outside, notify.NewPushBrowser{Endpoint: endpoint, P256dh: p256dh, Auth: auth})
		if err != nil && problem.Code(err) != "invalid" {
			t.Errorf("an error that names no field: %v", err)
		}
	})
}
