package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// delivery is what a receiver got.
type delivery struct {
	header http.Header
	query  map[string][]string
	body   string
}

// receiver is a program or a robot outside.
type receiver struct {
	url    string
	got    chan delivery
	status atomic.Int64
	answer atomic.Value
	// refused is a word that messages are refused for, with status 400.
	refused string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{got: make(chan delivery, 64)}
	r.status.Store(http.StatusOK)
	r.answer.Store(`{"errcode":0,"errmsg":"ok"}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		if r.refused != "" && strings.Contains(string(body), r.refused) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(int(r.status.Load()))
		_, _ = io.WriteString(w, r.answer.Load().(string))
		r.got <- delivery{q.Header, q.URL.Query(), string(body)}
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/robot?key=very-secret-key"
	return r
}

func (r *receiver) hook(t *testing.T, n *notify.Notices, d notify.HookDraft) notify.Hook {
	t.Helper()
	d.Name, d.URL, d.Enabled = "推送", r.url, true
	h, err := n.CreateHook(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const hookSecret = "a secret of some length"

func TestHooksSpeakTheirReceiversWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author := w.person(t, "author", "UTC", notify.Member{})
	wecom, dingtalk, generic, silent := newReceiver(t), newReceiver(t), newReceiver(t), newReceiver(t)
	wecom.hook(t, n, notify.HookDraft{Kind: notify.WeCom, WithText: true})
	dingtalk.hook(t, n, notify.HookDraft{Kind: notify.DingTalk, Secret: hookSecret, Room: &w.room, WithText: true})
	generic.hook(t, n, notify.HookDraft{Kind: notify.Generic, Secret: hookSecret})
	silent.hook(t, n, notify.HookDraft{Kind: notify.WeCom, WithText: true})
	w.run(t, n, notify.Config{})
	w.run(t, n, notify.Config{})
	const text = "大家好 <@all>\n[点这里](https://evil.example)"
	e := w.say(notify.Event{Author: author, AuthorName: "林*悦", Text: text})
	w.bring(t, n)

	got := <-wecom.got
	var robot struct {
		Type     string `json:"msgtype"`
		Markdown struct{ Content, Title, Text string }
	}
	if err := json.Unmarshal([]byte(got.body), &robot); err != nil || robot.Type != "markdown" {
		t.Fatalf("WeCom got %s, %v", got.body, err)
	}
	if c := robot.Markdown.Content; strings.Contains(c, "<@all>") || !strings.Contains(c, "［点这里］([https://evil.example](https://evil.example))") || !strings.Contains(c, "大家好") ||
		!strings.Contains(c, "**林＊悦 · 柏林站**") || !strings.HasSuffix(c, "[打开云侨](https://hub.example.org/rooms/"+w.room.String()+")") {
		t.Errorf("WeCom shows %s", c)
	}

	got = <-dingtalk.got
	if err := json.Unmarshal([]byte(got.body), &robot); err != nil || robot.Markdown.Title == "" || !strings.Contains(robot.Markdown.Text, "大家好") {
		t.Errorf("DingTalk got %s, %v", got.body, err)
	}
	stamp := got.query["timestamp"][0]
	mac := hmac.New(sha256.New, []byte(hookSecret))
	fmt.Fprintf(mac, "%s\n%s", stamp, hookSecret)
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.query["sign"][0] != want || got.query["key"][0] != "very-secret-key" {
		t.Errorf("DingTalk's signature %v, want %s", got.query, want)
	}

	got = <-generic.got
	at, sum, _ := strings.Cut(got.header.Get("X-Yunqiao-Signature"), ",v1=")
	mac = hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(strings.TrimPrefix(at, "t=") + "." + got.body))
	if hex.EncodeToString(mac.Sum(nil)) != sum {
		t.Errorf("the signature %q does not fit %s", got.header.Get("X-Yunqiao-Signature"), got.body)
	}
	if key := got.header.Get("Idempotency-Key"); !strings.HasSuffix(key, e.Message.String()) || strings.Contains(got.body, "大家好") || strings.Contains(got.body, `"text"`) {
		t.Errorf("without words: %s under %q", got.body, key)
	}
	<-silent.got
	w.until(t, "all deliveries", `select count(*) = 4 from river_job where kind = 'hook' and state = 'completed'`)
	if n := len(wecom.got) + len(dingtalk.got) + len(generic.got) + len(silent.got); n != 0 {
		t.Errorf("%d deliveries too many", n)
	}
}

func TestWhatTwoSayDoesNotLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author := w.person(t, "author", "UTC", notify.Member{})
	r := newReceiver(t)
	r.hook(t, n, notify.HookDraft{Kind: notify.WeCom})
	w.r.Direct = true
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "你我之间"})
	w.bring(t, n)
	w.until(t, "no delivery", `select count(*) = 0 from river_job`)
	if _, err := n.CreateHook(t.Context(), notify.HookDraft{Name: "x", Kind: notify.WeCom, URL: r.url, Room: &w.room}); problem.Code(err) != "invalid" {
		t.Errorf("a hook of a room of two: %v", err)
	}
}

func TestAHookThatFailsIsTriedAndThenSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	admin := w.person(t, "admin", "UTC", notify.Member{Role: "admin"})
	author := w.person(t, "author", "UTC", notify.Member{})
	r := newReceiver(t)
	h := r.hook(t, n, notify.HookDraft{Kind: notify.WeCom})
	r.answer.Store(`{"errcode":93000,"errmsg":"invalid webhook url"}`)
	w.run(t, n, notify.Config{})
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "一"})
	w.bring(t, n)
	<-r.got
	w.until(t, "noting the failure", `select failures = 1 and last_error like '%93000%' and next_try_at > now() and enabled from hooks`)
	r.answer.Store(`{"errcode":0}`)
	w.exec(t, `update river_job set scheduled_at = now() where state = 'retryable'`)
	w.until(t, "succeeding", `select failures = 0 and last_error = '' and last_ok_at is not null and next_try_at is null from hooks`)

	r.status.Store(http.StatusBadGateway)
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "二"})
	w.bring(t, n)
	w.until(t, "the first failure", `select bool_or(state = 'retryable') from river_job`)
	w.exec(t, `update river_job set scheduled_at = now(), attempt = max_attempts - 1 where state = 'retryable'`)
	w.until(t, "switching off", `select not enabled from hooks`)
	w.bring(t, n)
	if got := w.list(t, n, admin); len(got) == 0 || !strings.HasPrefix(got[0], "hook_off 推送: the receiver answers with status 502") {
		t.Errorf("administrators are told %q", got)
	}
	if got := w.list(t, n, author); len(got) != 0 {
		t.Errorf("others are told %q", got)
	}
	// Switched on again, it begins anew.
	again, err := n.UpdateHook(t.Context(), h.ID, notify.HookDraft{Name: "推送", Kind: notify.WeCom, Enabled: true})
	if err != nil || again.Failures != 0 || again.LastError != "" || again.Host != h.Host {
		t.Errorf("switched on again: %+v, %v", again, err)
	}
	var secrets int
	w.one(t, &secrets, `select (select count(*) from river_job where errors::text like '%very-secret-key%')
    + (select count(*) from audit where details::text like '%very-secret-key%') + (select count(*) from hooks where last_error like '%very-secret-key%')`)
	if secrets != 0 {
		t.Errorf("the robot's key stands in %d places", secrets)
	}
}

// A receiver that is away for a minute gets everything that was said in it.
func TestABusyMinuteLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author := w.person(t, "author", "UTC", notify.Member{})
	r := newReceiver(t)
	r.hook(t, n, notify.HookDraft{Kind: notify.WeCom})
	r.status.Store(http.StatusServiceUnavailable)
	w.run(t, n, notify.Config{})
	const messages = 60
	for range messages {
		w.say(notify.Event{Author: author, AuthorName: "林", Text: "忙"})
	}
	w.bring(t, n)
	for range messages {
		<-r.got
	}
	w.until(t, "noting the failures", `select count(*) = $1 from river_job where state = 'retryable' or state = 'available' or attempt > 1`, messages)
	w.until(t, "keeping the hook", `select enabled and failures >= $1 from hooks`, messages)
	r.status.Store(http.StatusOK)
	go func() { // what comes is counted below
		for range r.got {
		}
	}()
	w.exec(t, `update river_job set scheduled_at = now() where state = 'retryable'`)
	w.until(t, "delivering", `select count(*) = $1 from river_job where state = 'completed'`, messages)
	w.until(t, "working again", `select enabled and failures = 0 and last_error = '' from hooks`)
}

// One message that the receiver never takes keeps no other from it.
func TestOneBadMessageIsPutAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	admin := w.person(t, "admin", "UTC", notify.Member{Role: "admin"})
	author := w.person(t, "author", "UTC", notify.Member{})
	r := newReceiver(t)
	r.refused = "坏"
	r.hook(t, n, notify.HookDraft{Kind: notify.WeCom, WithText: true})
	w.run(t, n, notify.Config{})
	bad := w.say(notify.Event{Author: author, AuthorName: "林", Text: "坏"})
	w.bring(t, n)
	w.until(t, "refusing it", `select bool_or(state = 'retryable') from river_job`)
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "好"})
	w.bring(t, n)
	<-r.got
	w.until(t, "delivering the other", `select bool_or(state = 'completed') from river_job`)
	w.exec(t, `update river_job set scheduled_at = now(), attempt = max_attempts - 1 where state = 'retryable'`)
	w.until(t, "putting it aside", `select bool_or(state = 'cancelled') from river_job`)
	w.until(t, "a line in the audit", `select count(*) = 1 from audit where action = 'hooks.put_aside' and (details ->> 'seq')::bigint = $1`, bad.Seq)
	w.until(t, "keeping the hook", `select enabled from hooks`)
	w.bring(t, n)
	if got := w.list(t, n, admin); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "hook_off") }) {
		t.Errorf("administrators are told %q", got)
	}
}

// A node that dies between the receiver's answer and its note of it delivers
// again under the same key.
func TestADeliveryMadeTwiceHasOneKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author := w.person(t, "author", "UTC", notify.Member{})
	r := newReceiver(t)
	r.hook(t, n, notify.HookDraft{Kind: notify.Generic, Secret: hookSecret})
	w.exec(t, `create function broken() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$`)
	w.exec(t, `create trigger broken before update on hooks for each row execute function broken()`)
	w.run(t, n, notify.Config{})
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "一"})
	w.bring(t, n)
	first := <-r.got
	w.until(t, "trying again", `select bool_or(state = 'retryable') from river_job`)
	w.exec(t, `drop trigger broken on hooks`)
	w.exec(t, `update river_job set scheduled_at = now() where state = 'retryable'`)
	second := <-r.got
	if a, b := first.header.Get("Idempotency-Key"), second.header.Get("Idempotency-Key"); a != b || a == "" {
		t.Errorf("keys %q and %q", a, b)
	}
}

func TestHooksOfThisHouseAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	n.Outside = notify.NewOutside(nil)
	draft := notify.HookDraft{Name: "x", Kind: notify.WeCom, Enabled: true}
	for _, address := range []string{
		"", "http://robot.example.org/", "https://", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1:5432/", "https://[::ffff:192.168.0.1]/",
		"https://169.254.169.254/latest", "https://user:pass@robot.example.org/", "file:///etc/passwd", "https://robot.example.org/#x", "gopher://x",
		"https://" + strings.Repeat("x", 3000),
	} {
		draft.URL = address
		if _, err := n.CreateHook(t.Context(), draft); problem.Code(err) != "invalid" || !strings.Contains(err.Error(), "url") {
			t.Errorf("%.60s: %v", address, err)
		}
	}
	for name, spoil := range map[string]func(d *notify.HookDraft){
		"name":   func(d *notify.HookDraft) { d.Name = " " },
		"kind":   func(d *notify.HookDraft) { d.Kind = "slack" },
		"secret": func(d *notify.HookDraft) { d.Kind, d.Secret = notify.Generic, "short" },
		"room":   func(d *notify.HookDraft) { id := uuid.New(); d.Room = &id },
	} {
		d := notify.HookDraft{Name: "x", Kind: notify.WeCom, URL: "https://robot.example.org/"}
		spoil(&d)
		if _, err := n.CreateHook(t.Context(), d); problem.Code(err) != "invalid" || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Names that lead into this house, and redirects, are refused when it is dialled.
func TestNothingInsideIsReached(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 8)
	inside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	t.Cleanup(inside.Close)
	outside := notify.NewOutside(nil)
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	for _, address := range []string{inside.URL + "/ip", "http://localhost" + port + "/name", "http://0.0.0.0" + port + "/zero", "http://[::ffff:127.0.0.1]" + port + "/mapped"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := outside.Do(r); err == nil {
			response.Body.Close()
			t.Errorf("%s was reached", address)
		}
	}
	redirect := httptest.NewServer(http.RedirectHandler(inside.URL+"/redirected", http.StatusTemporaryRedirect))
	t.Cleanup(redirect.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, redirect.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := notify.NewOutsideForTests().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTemporaryRedirect || len(asked) != 0 {
		t.Errorf("status %d, asked %d times", response.StatusCode, len(asked))
	}
}

func TestAnAdministratorTriesAHook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	r := newReceiver(t)
	h := r.hook(t, n, notify.HookDraft{Kind: notify.WeCom})
	w.run(t, n, notify.Config{})
	if err := n.TestHook(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-r.got:
		if !strings.Contains(got.body, "测试消息") {
			t.Errorf("tried with %s", got.body)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
	if err := n.DeleteHook(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	if err := n.TestHook(t.Context(), h.ID); problem.Code(err) != "hook_not_found" {
		t.Errorf("one that is gone: %v", err)
	}
}
