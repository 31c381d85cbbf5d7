package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// house is a database with a few accounts and one group of theirs.
type house struct {
	pool   *pgxpool.Pool
	store  *Store
	feed   *Feed
	people []Caller
	room   uuid.UUID
}

func newHouse(t *testing.T, people int) *house {
	t.Helper()
	h := &house{pool: pgtest.New(t)}
	h.feed = NewFeed(bus.NewLocal(), slog.New(slog.DiscardHandler))
	h.store = NewStore(h.pool, h.feed)
	h.feed.Serve(h.store)
	accounts := account.NewStore(h.pool)
	var members []uuid.UUID
	for i := range people {
		a, err := accounts.Create(t.Context(), account.New{Name: fmt.Sprintf("成员%d", i), UserName: fmt.Sprintf("user%d", i), Role: account.Ambassador})
		if err != nil {
			t.Fatal(err)
		}
		h.people = append(h.people, Caller{Person: Person{ID: a.ID, Kind: AccountPerson, Name: a.Name}})
		members = append(members, a.ID)
	}
	var err error
	if h.room, err = h.store.CreateGroup(t.Context(), members[0], "大使群", members[:len(members)-1]); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) post(t *testing.T, who int, id, text string) Event {
	t.Helper()
	e, err := h.store.Post(t.Context(), h.people[who], NewMessage{Room: h.room, ClientID: id, Text: text})
	if err != nil {
		t.Fatalf("post %q: %v", id, err)
	}
	return e
}

func TestPostingAgainReturnsTheFirstResult(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	first := h.post(t, 0, "c1", "你好")
	again := h.post(t, 0, "c1", "你好，再来一次")
	if first.Seq != again.Seq || first.Message.ID != again.Message.ID || again.Message.Text != "你好" {
		t.Errorf("posting again gave %+v, first was %+v", again, first)
	}
	other := h.post(t, 1, "c1", "同一个编号，另一个人")
	if other.Seq != first.Seq+1 {
		t.Errorf("somebody else's post has sequence %d, want %d", other.Seq, first.Seq+1)
	}
}

func TestManyWritersMakeOneGaplessOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 6)
	const each = 20
	var writers sync.WaitGroup
	for who := range 5 {
		for range 2 { // every post is sent twice at the same time
			writers.Go(func() {
				for i := range each {
					n := NewMessage{Room: h.room, ClientID: fmt.Sprint(i), Text: fmt.Sprintf("%d/%d", who, i)}
					if _, err := h.store.Post(context.WithoutCancel(t.Context()), h.people[who], n); err != nil {
						t.Errorf("post: %v", err)
					}
				}
			})
		}
	}
	writers.Wait()
	events, more, err := h.store.Events(t.Context(), h.people[0], h.room, 0, maxPage)
	if err != nil || more || len(events) != 5*each {
		t.Fatalf("%d events, more %v, err %v; want %d", len(events), more, err, 5*each)
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has sequence %d: the order has a gap", i, e.Seq)
		}
	}
}

func TestStrangersAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	m := h.post(t, 0, "c1", "只给成员看").Message
	guest := Caller{Person: Person{ID: uuid.New(), Kind: GuestPerson, Name: "来宾"}, GuestRoom: uuid.New()}
	unadmitted := Caller{Person: guest.Person}
	ctx := t.Context()
	for name, c := range map[string]Caller{"account outside": h.people[2], "guest of another room": guest, "guest in the lobby": unadmitted} {
		calls := map[string]func() error{
			"post": func() error {
				_, err := h.store.Post(ctx, c, NewMessage{Room: h.room, ClientID: "x", Text: "x"})
				return err
			},
			"edit":    func() error { _, err := h.store.Edit(ctx, c, h.room, m.ID, Revision{Text: "x"}); return err },
			"delete":  func() error { _, err := h.store.Delete(ctx, c, h.room, m.ID); return err },
			"react":   func() error { _, err := h.store.React(ctx, c, h.room, m.ID, "👍", true); return err },
			"history": func() error { _, err := h.store.History(ctx, c, h.room, Part{Limit: 10}); return err },
			"events":  func() error { _, _, err := h.store.Events(ctx, c, h.room, 0, 10); return err },
			"read":    func() error { return h.store.MarkRead(ctx, c, h.room, 1) },
			"typing":  func() error { return h.feed.SayTyping(ctx, c, h.room) },
			"marks":   func() error { _, _, err := h.store.Marks(ctx, c, h.room, 0); return err },
			"pin":     func() error { _, err := h.store.Pin(ctx, c, h.room, m.ID, true); return err },
			"confirm": func() error { _, err := h.store.Confirm(ctx, c, h.room, m.ID); return err },
			"topics":  func() error { _, _, err := h.store.Topics(ctx, c, h.room, 0, 10); return err },
			"pins":    func() error { _, err := h.store.Pins(ctx, c, h.room); return err },
		}
		for call, do := range calls {
			if err := do(); !errors.Is(err, ErrNoRoom) {
				t.Errorf("%s may %s: %v", name, call, err)
			}
		}
	}
}

func TestOnlyAuthorsEditAndOwnersDelete(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4)
	ctx := t.Context()
	m := h.post(t, 1, "c1", "原文").Message
	if _, err := h.store.Edit(ctx, h.people[0], h.room, m.ID, Revision{Text: "改"}); problem.Code(err) != "forbidden" {
		t.Errorf("the owner edited somebody else's message: %v", err)
	}
	if _, err := h.store.Delete(ctx, h.people[2], h.room, m.ID); problem.Code(err) != "forbidden" {
		t.Errorf("a member deleted somebody else's message: %v", err)
	}
	if _, err := h.store.Delete(ctx, h.people[0], h.room, m.ID); err != nil {
		t.Errorf("the owner may delete: %v", err)
	}
	if _, err := h.store.Edit(ctx, h.people[1], h.room, m.ID, Revision{Text: "改"}); !errors.Is(err, ErrDeleted) {
		t.Errorf("a deleted message was edited: %v", err)
	}
}

func TestBadPostsNameTheirField(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	long := make([]byte, maxClientID+1)
	for i := range long {
		long[i] = 'x'
	}
	for field, n := range map[string]NewMessage{
		"client_id": {ClientID: string(long), Text: "x"},
		"text":      {ClientID: "a", Text: " \n "},
		"mentions":  {ClientID: "b", Text: "x", Mentions: make([]uuid.UUID, maxMentions+1)},
	} {
		n.Room = h.room
		_, err := h.store.Post(t.Context(), h.people[0], n)
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Field != field {
			t.Errorf("bad %s: %v", field, err)
		}
	}
	if _, err := h.store.React(t.Context(), h.people[0], h.room, uuid.New(), "<b>", true); problem.Code(err) != "invalid" {
		t.Errorf("text as emoji: %v", err)
	}
}

func TestReadMarksNeverGoBackAndCountUnread(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	for i := range 4 {
		h.post(t, 0, fmt.Sprint(i), "x")
	}
	ctx := t.Context()
	unread := func() (int, int64) {
		r, err := h.store.Room(ctx, h.people[1].ID, h.room)
		if err != nil {
			t.Fatal(err)
		}
		return r.Unread, r.Read
	}
	if n, _ := unread(); n != 4 {
		t.Errorf("%d unread at first, want 4", n)
	}
	for _, seq := range []int64{3, 1, 99} {
		if err := h.store.MarkRead(ctx, h.people[1], h.room, seq); err != nil {
			t.Fatal(err)
		}
	}
	if n, read := unread(); n != 0 || read != 4 {
		t.Errorf("%d unread, read up to %d; want 0 and 4", n, read)
	}
}

func TestDirectRoomIsFoundAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	a, err := h.store.FindDirect(t.Context(), h.people[0].ID, h.people[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.store.FindDirect(t.Context(), h.people[1].ID, h.people[0].ID)
	if err != nil || a != b {
		t.Errorf("rooms %s and %s, err %v", a, b, err)
	}
	r, err := h.store.Room(t.Context(), h.people[0].ID, a)
	if err != nil || r.Counterpart == nil || r.Counterpart.ID != h.people[1].ID {
		t.Errorf("counterpart %+v, err %v", r.Counterpart, err)
	}
	if _, err := h.store.FindDirect(t.Context(), h.people[0].ID, uuid.New()); problem.Code(err) != "account_not_found" {
		t.Errorf("direct room with nobody: %v", err)
	}
}

func TestGroupsAreChangedByTheirOwners(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4)
	ctx, owner, member, outside := t.Context(), h.people[0].ID, h.people[1].ID, h.people[3].ID
	if err := h.store.UpdateRoom(ctx, member, h.room, RoomChange{Title: new("新名")}); problem.Code(err) != "forbidden" {
		t.Errorf("a member renamed the group: %v", err)
	}
	if err := h.store.Invite(ctx, outside, h.room, []uuid.UUID{outside}); !errors.Is(err, ErrNoRoom) {
		t.Errorf("a stranger let itself in: %v", err)
	}
	if err := h.store.RemoveMember(ctx, member, h.room, owner); problem.Code(err) != "forbidden" {
		t.Errorf("a member removed the owner: %v", err)
	}
	if err := h.store.Invite(ctx, member, h.room, []uuid.UUID{outside}); err != nil {
		t.Error(err)
	}
	if err := h.store.UpdateRoom(ctx, owner, h.room, RoomChange{Title: new("新名")}); err != nil {
		t.Error(err)
	}
	if err := h.store.RemoveMember(ctx, outside, h.room, outside); err != nil {
		t.Errorf("nobody may leave: %v", err)
	}
}
