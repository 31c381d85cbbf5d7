package chat

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// newManagedHouse has an owner, a moderator, two members and a stranger.
func newManagedHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, 5)
	if err := h.store.SetRole(t.Context(), h.people[0].ID, h.room, h.people[1].ID, Moderator); err != nil {
		t.Fatal(err)
	}
	return h
}

// wants fails when an error does not have the code; "" is no error.
func wants(t *testing.T, what string, err error, code string) {
	t.Helper()
	if got := problem.Code(err); got != code || code == "" && err != nil {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// What each may do with a room: the owner, the moderator, a member, a stranger.
func TestWhoMayChangeARoom(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		want [4]string
		do   func(h *house, by uuid.UUID) error
	}{
		"title": {[4]string{"", "forbidden", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.UpdateRoom(t.Context(), by, h.room, RoomChange{Title: new("新名"), TitleEN: new("New")})
		}},
		"posting": {[4]string{"", "forbidden", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.UpdateRoom(t.Context(), by, h.room, RoomChange{Posting: new(PostingManagers)})
		}},
		"archive": {[4]string{"", "forbidden", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.UpdateRoom(t.Context(), by, h.room, RoomChange{Archived: new(true)})
		}},
		"role": {[4]string{"", "forbidden", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.SetRole(t.Context(), by, h.room, h.people[3].ID, Moderator)
		}},
		"invite": {[4]string{"", "", "", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.Invite(t.Context(), by, h.room, []uuid.UUID{h.people[4].ID})
		}},
		"remove a member": {[4]string{"", "", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.RemoveMember(t.Context(), by, h.room, h.people[3].ID)
		}},
		"remove the owner": {[4]string{"", "forbidden", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.RemoveMember(t.Context(), by, h.room, h.people[0].ID)
		}},
		"remove nobody": {[4]string{"member_not_found", "member_not_found", "forbidden", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.RemoveMember(t.Context(), by, h.room, uuid.New())
		}},
		"notify": {[4]string{"", "", "", "room_not_found"}, func(h *house, by uuid.UUID) error {
			return h.store.SetNotify(t.Context(), by, h.room, NotifyMentions)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, who := range []int{0, 1, 2, 4} {
				h := newManagedHouse(t)
				wants(t, []string{"owner", "moderator", "member", "stranger"}[i], row.do(h, h.people[who].ID), row.want[i])
			}
		})
	}
}

func TestBadRoomChangesNameTheirField(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	owner := h.people[0].ID
	for field, err := range map[string]error{
		"title":   h.store.UpdateRoom(t.Context(), owner, h.room, RoomChange{Title: new(" ")}),
		"posting": h.store.UpdateRoom(t.Context(), owner, h.room, RoomChange{Posting: new(Posting("nobody"))}),
		"role":    h.store.SetRole(t.Context(), owner, h.room, h.people[2].ID, "king"),
		"notify":  h.store.SetNotify(t.Context(), owner, h.room, "loud"),
	} {
		wants(t, field, err, "invalid")
	}
	direct, err := h.store.FindDirect(t.Context(), owner, h.people[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "rename two people", h.store.UpdateRoom(t.Context(), owner, direct, RoomChange{Title: new("x")}), "not_a_group")
	wants(t, "invite a third", h.store.Invite(t.Context(), owner, direct, []uuid.UUID{h.people[2].ID}), "not_a_group")
}

// However owners step down at the same time, one remains.
func TestOneOwnerRemains(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx, a, b := t.Context(), h.people[0].ID, h.people[1].ID
	if err := h.store.SetRole(ctx, a, h.room, b, Owner); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	failures := make(chan error, 2)
	for _, who := range []uuid.UUID{a, b} {
		both.Go(func() { failures <- h.store.SetRole(ctx, who, h.room, who, Member) })
	}
	both.Wait()
	codes := []string{problem.Code(<-failures), problem.Code(<-failures)}
	slices.Sort(codes)
	if codes[0] != "" || codes[1] != "last_owner" {
		t.Errorf("stepping down gave %q, want one refusal", codes)
	}
	members, err := h.store.Members(ctx, h.room)
	owners := slices.DeleteFunc(members, func(m RoomMember) bool { return m.Role != Owner })
	if err != nil || len(owners) != 1 {
		t.Errorf("%d owners, err %v", len(owners), err)
	}
}

func TestAModeratorFollowsTheLastOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 5)
	ctx, owner, moderator := t.Context(), h.people[0].ID, h.people[3].ID
	if err := h.store.SetRole(ctx, owner, h.room, moderator, Moderator); err != nil {
		t.Fatal(err)
	}
	if err := h.store.RemoveMember(ctx, owner, h.room, owner); err != nil {
		t.Fatal(err)
	}
	if r, err := h.store.Room(ctx, moderator, h.room); err != nil || r.Role != Owner {
		t.Errorf("the moderator is %q, err %v", r.Role, err)
	}
}

func TestAnnouncementRoomsAreForManagers(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx := t.Context()
	if err := h.store.UpdateRoom(ctx, h.people[0].ID, h.room, RoomChange{Posting: new(PostingManagers)}); err != nil {
		t.Fatal(err)
	}
	for who, code := range map[int]string{0: "", 1: "", 2: "forbidden", 4: "room_not_found"} {
		_, err := h.store.Post(ctx, h.people[who], NewMessage{Room: h.room, ClientID: "通知", Text: "通知", TextEN: "Notice"})
		wants(t, h.people[who].Name, err, code)
	}
	wants(t, "a member invites", h.store.Invite(ctx, h.people[2].ID, h.room, []uuid.UUID{h.people[4].ID}), "forbidden")
	m := h.post(t, 0, "2", "请阅").Message
	if _, err := h.store.React(ctx, h.people[2], h.room, m.ID, "👍", true); err != nil {
		t.Errorf("a member may not even react: %v", err)
	}
}

// Whatever is tried on a room that is archived: it is read, and left.
func TestArchivedRoomsAreOnlyRead(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx, owner := t.Context(), h.people[0]
	m := h.post(t, 0, "1", "你好").Message
	archive := func(on bool) {
		t.Helper()
		if err := h.store.UpdateRoom(ctx, owner.ID, h.room, RoomChange{Archived: new(on)}); err != nil {
			t.Fatal(err)
		}
	}
	archive(true)
	_, post := h.store.Post(ctx, owner, NewMessage{Room: h.room, ClientID: "2", Text: "x"})
	_, edit := h.store.Edit(ctx, owner, h.room, m.ID, Revision{Text: "x"})
	_, react := h.store.React(ctx, owner, h.room, m.ID, "👍", true)
	_, pin := h.store.Pin(ctx, owner, h.room, m.ID, true)
	invite := h.store.Invite(ctx, owner.ID, h.room, []uuid.UUID{h.people[4].ID})
	role := h.store.SetRole(ctx, owner.ID, h.room, h.people[2].ID, Moderator)
	for what, err := range map[string]error{"post": post, "edit": edit, "react": react, "pin": pin, "invite": invite, "role": role} {
		wants(t, what, err, "room_archived")
	}
	if page, err := h.store.History(ctx, h.people[2], h.room, Part{}); err != nil || len(page.Messages) != 1 {
		t.Errorf("history: %d messages, err %v", len(page.Messages), err)
	}
	wants(t, "leave", h.store.RemoveMember(ctx, h.people[3].ID, h.room, h.people[3].ID), "")
	if r, err := h.store.Room(ctx, owner.ID, h.room); err != nil || r.ArchivedAt == nil {
		t.Errorf("archived %v, err %v", r.ArchivedAt, err)
	}
	archive(false)
	h.post(t, 0, "3", "又来了")
}

func TestRoomsOfStationsAreTheAdministrators(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	ctx := t.Context()
	accounts := account.NewStore(h.pool)
	var room uuid.UUID
	var people [2]uuid.UUID
	for i, role := range []account.Role{account.Admin, account.Staff} {
		a, err := accounts.Create(ctx, account.New{Name: "某", UserName: string(role), Role: role})
		if err != nil {
			t.Fatal(err)
		}
		people[i] = a.ID
	}
	station := uuid.New()
	tx, err := h.pool.Begin(ctx)
	if err == nil {
		room, err = h.store.CreateRoom(ctx, tx, NewRoom{Kind: Station, Title: "柏林站", StationID: &station})
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	archive := RoomChange{Archived: new(true)}
	wants(t, "staff archives", h.store.UpdateRoom(ctx, people[1], room, archive), "forbidden")
	wants(t, "an administrator renames", h.store.UpdateRoom(ctx, people[0], room, RoomChange{Title: new("x")}), "not_a_group")
	wants(t, "an administrator archives", h.store.UpdateRoom(ctx, people[0], room, archive), "")
}

// Who changed a room, and who acted on somebody else's message, is in the audit.
func TestManagersLeaveATrace(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	log := audit.New(h.pool)
	h.store.Audit = log
	ctx := account.WithAccount(t.Context(), account.Account{ID: h.people[0].ID, Name: "主人", Role: account.Admin})
	others, own := h.post(t, 2, "1", "某人的").Message, h.post(t, 0, "2", "自己的").Message
	for _, m := range []Message{others, own} {
		if _, err := h.store.Pin(ctx, h.people[0], h.room, m.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := h.store.Delete(ctx, h.people[0], h.room, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		h.store.UpdateRoom(ctx, h.people[0].ID, h.room, RoomChange{Title: new("新名"), Archived: new(false)}),
		h.store.Invite(ctx, h.people[0].ID, h.room, []uuid.UUID{h.people[4].ID}),
		h.store.SetRole(ctx, h.people[0].ID, h.room, h.people[4].ID, Moderator),
		h.store.RemoveMember(ctx, h.people[0].ID, h.room, h.people[4].ID),
		// What is refused leaves none.
		ignore(h.store.SetRole(ctx, h.people[0].ID, h.room, h.people[0].ID, Member)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := log.List(ctx, audit.Query{Object: h.room.String()})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, e := range slices.Backward(page.Items) {
		actions = append(actions, e.Action)
	}
	want := []string{"messages.pin", "messages.delete", "rooms.change", "rooms.invite", "rooms.role", "rooms.remove"}
	if !slices.Equal(actions, want) {
		t.Errorf("the audit has %q, want %q", actions, want)
	}
}

// ignore turns the refusal that a test provokes into nothing, and success into a failure.
func ignore(err error) error {
	if problem.Code(err) == "last_owner" {
		return nil
	}
	return problem.New(500, "not_refused", "stepping down as the last owner was not refused: %v", err)
}
