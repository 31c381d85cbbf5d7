package chat

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// found searches as somebody and returns what the hits say, newest first.
func (h *house) found(t *testing.T, c Caller, q Search) []string {
	t.Helper()
	page, err := h.store.Search(t.Context(), c, q)
	if err != nil {
		t.Fatalf("search %+v: %v", q, err)
	}
	all := []string{}
	for _, hit := range page.Hits {
		all = append(all, hit.Message.Text)
	}
	return all
}

func TestSearchFindsMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	h.store.Files = cabinet{}
	h.post(t, 0, "1", "归侨座谈会三点开始")
	h.post(t, 1, "2", "座谈以后再开谈会")
	h.post(t, 1, "3", "歸僑名單 Müller 請 Zoom 聯繫")
	_, err := h.store.Post(t.Context(), h.people[0], NewMessage{
		Room: h.room, ClientID: "4", Text: "见附件", Topic: "春季招聘", TextEN: "see the attachment", Attachments: []uuid.UUID{uuid.New()},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		q    Search
		want []string
	}{
		{Search{Text: "侨"}, []string{"歸僑名單 Müller 請 Zoom 聯繫", "归侨座谈会三点开始"}},
		{Search{Text: "座談會"}, []string{"归侨座谈会三点开始"}},
		{Search{Text: "座谈"}, []string{"座谈以后再开谈会", "归侨座谈会三点开始"}},
		{Search{Text: "zoo"}, []string{"歸僑名單 Müller 請 Zoom 聯繫"}},
		{Search{Text: "oom"}, []string{}},
		{Search{Text: "muller"}, []string{"歸僑名單 Müller 請 Zoom 聯繫"}},
		{Search{Text: "归侨 名单"}, []string{"歸僑名單 Müller 請 Zoom 聯繫"}},
		{Search{Text: "attach"}, []string{"见附件"}},
		{Search{Text: "合影"}, []string{"见附件"}},
		{Search{Text: "招聘"}, []string{"见附件"}},
		{Search{Text: "合影", Names: true}, []string{"见附件"}},
		{Search{Text: "附件", Names: true}, []string{}},
		{Search{HasFile: true}, []string{"见附件"}},
		{Search{Topic: "春季招聘"}, []string{"见附件"}},
		{Search{Text: "座谈", By: &h.people[1].ID}, []string{"座谈以后再开谈会"}},
		{Search{Text: "座谈", To: time.Now().Add(-time.Hour)}, []string{}},
		{Search{Text: "座谈", From: time.Now().Add(-time.Hour), Limit: 1}, []string{"座谈以后再开谈会"}},
		{Search{Text: "座谈", Room: new(uuid.New())}, []string{}},
		{Search{Text: "。"}, []string{}},
		{Search{Text: "' & | ! ( \\ :* <->"}, []string{}},
	} {
		if got := h.found(t, h.people[0], test.q); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.q, got, test.want)
		}
	}
}

func TestSearchFollowsEditsAndDeletions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	m := h.post(t, 0, "1", "旧的说法").Message
	if _, err := h.store.Edit(t.Context(), h.people[0], h.room, m.ID, Revision{Text: "新的词句"}); err != nil {
		t.Fatal(err)
	}
	if got := h.found(t, h.people[1], Search{Text: "说法"}); len(got) != 0 {
		t.Errorf("found by what it said before: %q", got)
	}
	if got := h.found(t, h.people[1], Search{Text: "词句"}); len(got) != 1 {
		t.Errorf("not found by what it says: %q", got)
	}
	if _, err := h.store.Delete(t.Context(), h.people[0], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.found(t, h.people[1], Search{Text: "词句"}); len(got) != 0 {
		t.Errorf("found after it was taken back: %q", got)
	}
	var lexemes string
	if err := h.pool.QueryRow(t.Context(), `select search::text from messages where id = $1`, m.ID).Scan(&lexemes); err != nil || lexemes != "" {
		t.Errorf("its lexemes stay: %q, %v", lexemes, err)
	}
}

// A word nobody else knows is found by those who may read its room.
func TestSearchIsForThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4)
	h.post(t, 0, "1", "金丝雀 canary")
	guest := Caller{Person: Person{ID: uuid.New(), Kind: GuestPerson, Name: "来宾"}, GuestRoom: h.room}
	elsewhere, lobby := guest, guest
	elsewhere.GuestRoom, lobby.GuestRoom = uuid.New(), uuid.Nil
	if err := h.store.RemoveMember(t.Context(), h.people[2].ID, h.room, h.people[2].ID); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		c    Caller
		want int
	}{
		"a member": {h.people[1], 1}, "who has left": {h.people[2], 0}, "who never was in": {h.people[3], 0},
		"a guest of its meeting": {guest, 1}, "another's guest": {elsewhere, 0}, "a guest in the lobby": {lobby, 0},
	} {
		for _, q := range []Search{{Text: "丝"}, {Text: "canary"}, {}, {Room: &h.room}, {By: &h.people[0].ID}, {Text: "丝", Room: &h.room}} {
			if got := h.found(t, test.c, q); len(got) != test.want {
				t.Errorf("%s finds %q by %+v", name, got, q)
			}
		}
	}
}

func TestSearchPagesHaveNoGapsNorDoubles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	at := time.Now().Add(-time.Hour)
	for i := range 130 { // every third holds the parts only, and many are of the same moment
		text := fmt.Sprint("座谈会", i)
		if i%3 == 0 {
			text = fmt.Sprint("座谈", i, "谈会")
		}
		n := NewMessage{Room: h.room, ClientID: fmt.Sprint(i), Text: text, At: at.Add(time.Duration(i/10) * time.Second)}
		if _, err := h.store.Post(t.Context(), h.people[0], n); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	q := Search{Text: "座谈会", Limit: 7}
	for pages := 0; ; pages++ {
		page, err := h.store.Search(t.Context(), h.people[0], q)
		if err != nil || pages > 20 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, hit := range page.Hits {
			if seen[hit.Message.Text] || !strings.HasPrefix(hit.Message.Text, "座谈会") {
				t.Errorf("%q again, or wrongly", hit.Message.Text)
			}
			seen[hit.Message.Text] = true
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if len(seen) != 86 {
		t.Errorf("%d found, want 86", len(seen))
	}
	for _, bad := range []string{"x", "!!!", "MTIz", "enp6enp6enp6enp6enogMDE5MzVjMWUtN2I1YS03YzRlLTlhNTEtMWQxZjBhNmYzYjIx"} {
		if _, err := h.store.Search(t.Context(), h.people[0], Search{Text: "座", Cursor: bad}); problem.Code(err) != "invalid" {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestOldMessagesAreMadeSearchable(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	for i := range 1200 {
		h.post(t, 0, fmt.Sprint(i), fmt.Sprint("旧消息", i))
	}
	if _, err := h.pool.Exec(t.Context(), `update messages set search = null`); err != nil {
		t.Fatal(err)
	}
	if got := h.found(t, h.people[0], Search{Text: "旧"}); len(got) != 0 {
		t.Fatalf("%d found already", len(got))
	}
	if err := h.store.IndexOld(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := h.found(t, h.people[0], Search{Text: "旧消息7"}); len(got) != 20 {
		t.Errorf("%d found", len(got))
	}
	var left int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from messages where search is null`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d are left, %v", left, err)
	}
}

func TestRoomsAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	if _, err := h.store.CreateGroup(ctx, h.people[0].ID, "徐州產業園聯絡群", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.FindDirect(ctx, h.people[0].ID, h.people[1].ID); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"产业园": 1, "xzcyy": 1, "cyy": 1, "群": 2, "dsq": 1, "成员1": 1, "zzz": 0, "": 0} {
		if found, err := h.store.FindRooms(ctx, h.people[0], query, 10); err != nil || len(found) != want {
			t.Errorf("%q: %d rooms, %v; want %d", query, len(found), err, want)
		}
	}
	if found, err := h.store.FindRooms(ctx, h.people[2], "群", 10); err != nil || len(found) != 0 {
		t.Errorf("who is in no room finds %v, %v", found, err)
	}
}

// FuzzCursor: what is no cursor is refused, and nothing panics.
func FuzzCursor(f *testing.F) {
	f.Add(place{time.Unix(1, 0), uuid.New()}.cursor())
	f.Add("")
	f.Add("enp6")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parsePlace(cursor)
		if err != nil {
			return
		}
		if again, err := parsePlace(p.cursor()); err != nil || again != p {
			t.Fatalf("%q reads as %v, and that as %v, %v", cursor, p, again, err)
		}
	})
}
