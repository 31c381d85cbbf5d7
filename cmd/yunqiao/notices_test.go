package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// Whoever is told of a room's messages is told of each once, however often the
// node is killed while it tells.
func TestKillTellsEachNoticeOnce(t *testing.T) {
	t.Parallel()
	p, admin := startFirst(t)
	h := &house{url: p.url}
	var made struct {
		Account struct {
			ID uuid.UUID `json:"id"`
		} `json:"account"`
		Link string `json:"link"`
	}
	h.request(t, admin, http.MethodPost, "/api/accounts", map[string]any{"name": "读者", "user_name": "reader", "email": "", "role": "ambassador"}, http.StatusOK, &made)
	_, token, _ := strings.Cut(made.Link, "#")
	reader := p.post(t, nil, "/api/invitation", map[string]any{
		"token": token, "name": "读者", "user_name": "reader", "email": "", "password": testPassword, "language": "zh-CN", "time_zone": "UTC",
	}, nil)
	var room struct {
		ID uuid.UUID `json:"id"`
	}
	p.post(t, admin, "/api/rooms", map[string]any{"title": "大使群", "members": []uuid.UUID{made.Account.ID}}, &room)

	w := &writer{acked: map[string]int64{}}
	for range 3 {
		c := signalingtest.Dial(t, p.url, admin, wire.Hello{As: wire.AsAccount})
		before := w.count()
		var writing sync.WaitGroup
		writing.Go(func() { w.run(context.WithoutCancel(t.Context()), c, room.ID.String(), "w") })
		waitUntil(t, "the writer has posted", func() bool { return w.count() > before+100 })
		p.kill(syscall.SIGKILL)
		writing.Wait()
		p = p.startAgain(t)
	}
	c := signalingtest.Dial(t, p.url, admin, wire.Hello{As: wire.AsAccount})
	head := 0
	for _, r := range c.Welcome.Rooms {
		head = int(r.Seq)
	}
	list := func(before int64) notify.NoticePage {
		var page notify.NoticePage
		_, data := h.send(t, reader, http.MethodGet, fmt.Sprintf("/api/notices?limit=100&before=%d", before), nil)
		if err := json.Unmarshal(data, &page); err != nil {
			t.Fatal(err)
		}
		return page
	}
	waitUntil(t, "everything is told", func() bool { return list(0).Unread >= head })
	told := map[uuid.UUID]bool{}
	for before, more := int64(0), true; more; {
		page := list(before)
		for _, n := range page.Items {
			before = n.ID
			if told[*n.Message] {
				t.Errorf("%s is told twice", n.Text)
			}
			told[*n.Message] = true
		}
		more = page.More
	}
	if len(told) != head || head < w.count() {
		t.Errorf("%d messages, %d acknowledged, %d told", head, w.count(), len(told))
	}
}

// Hooks are for administrators, who never see their secrets again.
func TestHooksKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.person(t, "admin", account.Admin)
	draft := map[string]any{
		"name": "群机器人", "kind": "dingtalk", "url": "https://robot.example.org/send?access_token=hidden-token", "secret": "SEC-hidden-secret",
		"with_text": false, "enabled": true,
	}
	response, made := h.send(t, admin.cookies, http.MethodPost, "/api/hooks", jsonOf(t, draft))
	_, listed := h.send(t, admin.cookies, http.MethodGet, "/api/hooks", nil)
	_, audited := h.send(t, admin.cookies, http.MethodGet, "/api/audit", nil)
	if response.StatusCode != http.StatusOK || !strings.Contains(string(listed), "robot.example.org") {
		t.Fatalf("made %s, listed %s", made, listed)
	}
	if !strings.Contains(string(audited), "hooks.create") {
		t.Errorf("the audit does not tell of it: %s", audited)
	}
	for _, text := range []string{string(made), string(listed), string(audited)} {
		if strings.Contains(text, "hidden") {
			t.Errorf("a secret is shown: %s", text)
		}
	}
}

func jsonOf(t *testing.T, v any) *strings.Reader {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(string(data))
}
