package chat

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// older moves a message's time back by days.
func (h *house) older(t *testing.T, message uuid.UUID, days int) {
	t.Helper()
	const q = `update messages set posted_at = posted_at - make_interval(days => $2) where id = $1`
	if _, err := h.pool.Exec(t.Context(), q, message, days); err != nil {
		t.Fatal(err)
	}
}

// replay is what a client holds that knew the room at one moment and applied
// every event since.
func (h *house) replay(t *testing.T, page Page) []Message {
	t.Helper()
	known := map[uuid.UUID]Message{}
	for _, m := range page.Messages {
		known[m.ID] = m
	}
	events, more, err := h.store.Events(t.Context(), h.people[0], h.room, page.Head, maxPage)
	if err != nil || more {
		t.Fatalf("events: more %v, err %v", more, err)
	}
	for i, e := range events {
		if e.Seq != page.Head+int64(i)+1 {
			t.Fatalf("event %d after %d has number %d", i, page.Head, e.Seq)
		}
		apply(known, e)
	}
	var list []Message
	for _, m := range known {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Message) int { return int(a.Seq - b.Seq) })
	return list
}

func (h *house) history(t *testing.T) Page {
	t.Helper()
	page, err := h.store.History(t.Context(), h.people[0], h.room, Part{Limit: maxPage})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestRetentionRemovesWhatIsOlder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	old := h.post(t, 0, "old", "旧消息 canary").Message
	e, err := h.store.Post(t.Context(), h.people[1], NewMessage{Room: h.room, ClientID: "reply", Text: "回复", ReplyTo: &old.ID})
	if err != nil {
		t.Fatal(err)
	}
	reply := e.Message.ID
	if _, err := h.store.Edit(t.Context(), h.people[0], h.room, old.ID, Revision{Text: "改过的旧消息 canary"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.React(t.Context(), h.people[1], h.room, old.ID, "👍", true); err != nil {
		t.Fatal(err)
	}
	h.older(t, old.ID, 31)
	before := h.history(t)
	if n, err := h.store.Retain(t.Context()); n != 0 || err != nil {
		t.Fatalf("without a rule %d messages are removed, err %v", n, err)
	}
	if err := h.store.SetRetention(t.Context(), Retention{Kind: Group, Days: 30}); err != nil {
		t.Fatal(err)
	}
	if err := h.store.SetRetention(t.Context(), Retention{Kind: Direct, Days: 1}); err != nil {
		t.Fatal(err)
	}
	if n, err := h.store.Retain(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d messages are removed, err %v; want 1", n, err)
	}
	if n, err := h.store.Retain(t.Context()); n != 0 || err != nil {
		t.Errorf("again %d messages are removed, err %v", n, err)
	}
	now := h.history(t)
	if m := now.Messages[0]; !m.Deleted || m.Removed != RemovedByAge || m.Text != "" || len(m.Reactions) != 0 {
		t.Errorf("the old message is now %+v", m)
	}
	if m := now.Messages[1]; m.ID != reply || m.ReplyTo == nil || m.ReplyTo.Text != "" {
		t.Errorf("the reply still quotes %+v", m.ReplyTo)
	}
	if replayed := h.replay(t, before); len(replayed) != 2 || replayed[0].Text != "" || replayed[0].Removed != RemovedByAge {
		t.Errorf("a client that was there holds %+v", replayed)
	}
	h.holdsNowhere(t, "canary")
}

// holdsNowhere looks for a word in every row of the chat.
func (h *house) holdsNowhere(t *testing.T, word string) {
	t.Helper()
	for _, table := range []string{"messages", "message_versions", "room_events", "reactions", "scheduled_messages"} {
		var n int
		if err := h.pool.QueryRow(t.Context(), `select count(*) from `+table+` x where to_jsonb(x)::text like '%' || $1 || '%'`, word).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Errorf("%d rows of %s still hold %q", n, table, word)
		}
	}
}

func TestRulesOfRetentionAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	for field, rule := range map[string]Retention{"kind": {Kind: "x", Days: 1}, "days": {Kind: Group, Days: -1}} {
		err := h.store.SetRetention(t.Context(), rule)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != field {
			t.Errorf("%+v: %v, want %s named", rule, err, field)
		}
	}
	for _, days := range []int{90, 0} {
		if err := h.store.SetRetention(t.Context(), Retention{Kind: Meeting, Days: days}); err != nil {
			t.Fatal(err)
		}
		rules, err := h.store.Retentions(t.Context())
		if err != nil || len(rules) != 4 || rules[3] != (Retention{Kind: Meeting, Days: days}) {
			t.Errorf("rules %+v, err %v", rules, err)
		}
	}
}

func TestErasureLeavesNothingOfAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4)
	ctx := t.Context()
	who, other := h.people[1], h.people[0]
	const name = "成员1"
	mine := h.post(t, 1, "mine", "我的话 canary").Message
	gone := h.post(t, 1, "gone", "收回的话").Message
	theirs := h.post(t, 0, "theirs", "别人的话").Message
	for what, do := range map[string]func() error{
		"edit": func() error {
			_, err := h.store.Edit(ctx, who, h.room, mine.ID, Revision{Text: "改过 canary"})
			return err
		},
		"delete": func() error { _, err := h.store.Delete(ctx, who, h.room, gone.ID); return err },
		"react":  func() error { _, err := h.store.React(ctx, who, h.room, theirs.ID, "👍", true); return err },
		"call": func() error {
			record := &CallRecord{ID: uuid.New(), By: other.Person, People: []CallPerson{{Person: who.Person, State: "missed"}}}
			_, err := h.store.Post(ctx, other, NewMessage{Room: h.room, ClientID: "call", Call: record})
			return err
		},
		"forward": func() error {
			_, err := h.store.Post(ctx, other, NewMessage{Room: h.room, ClientID: "forward", Forward: &ForwardOf{h.room, mine.ID}})
			return err
		},
	} {
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	before := h.history(t)
	const called = "已注销 Erased"
	e, err := h.store.Erase(ctx, who.ID, called)
	if err != nil {
		t.Fatal(err)
	}
	if e.Messages != 3 || e.Reactions != 1 || e.Memberships != 1 || e.Digest == "" {
		t.Errorf("erased %+v", e)
	}
	remains, err := h.store.RemainsOf(ctx, who.ID, called)
	for what, n := range remains {
		if n != 0 {
			t.Errorf("%d %s remain", n, what)
		}
	}
	if err != nil || len(remains) == 0 {
		t.Errorf("remains %v, err %v", remains, err)
	}
	h.holdsNowhere(t, "canary")
	h.holdsNowhere(t, name)
	fresh := h.history(t).Messages
	for i, m := range h.replay(t, before) {
		if m.Text != fresh[i].Text || m.Author.Name != fresh[i].Author.Name || m.Removed != fresh[i].Removed || len(m.Reactions) != len(fresh[i].Reactions) {
			t.Errorf("a client that was there holds %+v\nfresh %+v", m, fresh[i])
		}
	}
	if m := fresh[2]; m.ID != theirs.ID || m.Text != "别人的话" || m.Removed != "" {
		t.Errorf("what somebody else said is now %+v", m)
	}
	again, err := h.store.Erase(ctx, who.ID, called)
	if err != nil || again.Messages != 0 || again.Digest != e.Digest {
		t.Errorf("again: %+v, err %v", again, err)
	}
	if _, err := h.store.History(ctx, who, h.room, Part{}); !errors.Is(err, ErrNoRoom) {
		t.Errorf("the erased may still read: %v", err)
	}
	if strings.Contains(called, name) {
		t.Fatal("the pseudonym gives the name away")
	}
}

func TestMessagesTellWhyTheyAreGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	for who, want := range map[int]Removal{1: RemovedByAuthor, 0: RemovedByManager} {
		m := h.post(t, 1, string(want), "x").Message
		e, err := h.store.Delete(t.Context(), h.people[who], h.room, m.ID)
		if err != nil || e.Message.Removed != want {
			t.Errorf("removed %q, err %v; want %q", e.Message.Removed, err, want)
		}
	}
}
