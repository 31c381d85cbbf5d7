package chat

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A room that everybody changes while its row is locked holds few connections:
// one for posts, one for changes, and marks have their own row. Others have the
// rest.
func TestABusyRoomHoldsFewConnections(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 5)
	ctx := t.Context()
	said := h.post(t, 0, "c0", "你好").Message.ID
	quiet, err := h.store.CreateGroup(ctx, h.people[0].ID, "另一个群", nil)
	if err != nil {
		t.Fatal(err)
	}
	holder, err := pgx.Connect(ctx, h.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Close(context.WithoutCancel(ctx)) }()
	tx, err := holder.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `select from rooms where id = $1 for update`, h.room); err != nil {
		t.Fatal(err)
	}
	me, title := h.people[0], "新群名"
	changes := []func() error{
		func() error { _, err := h.store.React(ctx, me, h.room, said, "👍", true); return err },
		func() error { _, err := h.store.Edit(ctx, me, h.room, said, Revision{Text: "您好"}); return err },
		func() error { return h.store.UpdateRoom(ctx, me.ID, h.room, RoomChange{Title: &title}) },
		func() error { return h.store.Invite(ctx, me.ID, h.room, []uuid.UUID{h.people[4].ID}) },
		func() error { return h.store.SetRole(ctx, me.ID, h.room, h.people[1].ID, Moderator) },
		func() error {
			_, err := h.store.Post(ctx, me, NewMessage{Room: h.room, ClientID: uuid.NewString(), Text: "忙"})
			return err
		},
	}
	var all sync.WaitGroup
	for i, change := range changes {
		for range 6 {
			all.Go(func() {
				if err := change(); err != nil {
					t.Errorf("change %d: %v", i, err)
				}
			})
		}
	}
	for h.store.changing.waiting(h.room) < 6*(len(changes)-1) { //nolint:revive // until they are there
	}
	if _, err := h.store.Post(ctx, me, NewMessage{Room: quiet, ClientID: "q", Text: "静"}); err != nil {
		t.Errorf("beside the busy room: %v", err)
	}
	if err := h.store.MarkRead(ctx, me, quiet, 1); err != nil {
		t.Errorf("beside the busy room: %v", err)
	}
	const q = `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
	var held int
	if err := holder.QueryRow(ctx, q).Scan(&held); err != nil {
		t.Fatal(err)
	}
	if held == 0 || held > 2 {
		t.Errorf("%d connections wait for the busy room, want at most two", held)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if n := h.store.changing.waiting(h.room); n != 0 {
		t.Errorf("%d are still at the gate", n)
	}
}

// Who waits for too long is told, and is no longer in the way.
func TestTurnsHaveAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		room, other := uuid.New(), uuid.New()
		leave, err := g.enter(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.enter(t.Context(), room); err == nil {
			t.Error("two are inside")
		}
		elsewhere, err := g.enter(t.Context(), other)
		if err != nil {
			t.Errorf("another room: %v", err)
		}
		elsewhere()
		leave()
		if leave, err = g.enter(t.Context(), room); err != nil {
			t.Errorf("after it is free: %v", err)
		}
		leave()
		if len(g.rooms) != 0 {
			t.Errorf("%d rooms are remembered", len(g.rooms))
		}
	})
}

// waiting is how many are at a room's gate.
func (g *gate) waiting(room uuid.UUID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.rooms[room]; t != nil {
		return t.at
	}
	return 0
}
