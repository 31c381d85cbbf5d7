package main

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// What is posted later is posted once, in whatever moment the program is killed.
func TestKillPostsEveryScheduledMessageOnce(t *testing.T) {
	t.Parallel()
	p, cookies := startFirst(t)
	var room struct {
		ID uuid.UUID `json:"id"`
	}
	p.post(t, cookies, "/api/rooms", map[string]any{"title": "大使群", "members": []string{}}, &room)
	const messages = 90
	due := time.Now().Add(3 * time.Second).Format(time.RFC3339Nano)
	for i := range messages {
		body := map[string]any{"id": uuid.New(), "room": room.ID, "content": map[string]any{"text": fmt.Sprint(i)}, "send_at": due}
		p.post(t, cookies, "/api/scheduled", body, nil)
	}
	// Killed while it posts them: at the first, in the middle, near the end.
	for _, after := range []int{1, 30, 75} {
		c := signalingtest.Dial(t, p.url, cookies, wire.Hello{As: wire.AsAccount})
		waitUntil(t, fmt.Sprint(after, " are posted"), func() bool { return posted(c) >= after })
		p.kill(syscall.SIGKILL)
		p = p.startAgain(t)
	}
	c := signalingtest.Dial(t, p.url, cookies, wire.Hello{As: wire.AsAccount})
	waitUntil(t, "all are posted", func() bool { return posted(c) >= messages })
	h := &house{url: p.url}
	waitUntil(t, "nothing waits", func() bool {
		var waiting []any
		h.request(t, cookies, http.MethodGet, "/api/scheduled", nil, http.StatusOK, &waiting)
		return len(waiting) == 0
	})
	page := c.Call(&wire.CatchUp{Room: room.ID.String(), Limit: 200}).(*wire.EventsPage)
	texts := map[string]int{}
	for _, e := range page.Events {
		texts[e.Message.Text]++
	}
	if len(page.Events) != messages || len(texts) != messages {
		t.Errorf("%d messages were posted, %d of them different, want %d", len(page.Events), len(texts), messages)
	}
}

// posted says how many events its room has, as far as a socket has heard.
func posted(c *signalingtest.Client) int {
	return int(c.Welcome.Rooms[0].Seq) + signalingtest.Heard(c, anyOf[*wire.Happened])
}
