package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

func (h *house) later(t *testing.T, who int, text string) Scheduled {
	t.Helper()
	m, err := h.store.Schedule(t.Context(), h.people[who], Scheduled{ID: uuid.New(), Room: h.room, Content: Content{Text: text}, SendAt: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// passes lets the hours pass until everything is due.
func (h *house) passes(t *testing.T) {
	t.Helper()
	if _, err := h.pool.Exec(t.Context(), `update scheduled_messages set send_at = send_at - interval '1 year'`); err != nil {
		t.Fatal(err)
	}
}

func (h *house) directOf(t *testing.T, a, b int) uuid.UUID {
	t.Helper()
	room, err := h.store.FindDirect(t.Context(), h.people[a].ID, h.people[b].ID)
	if err != nil {
		t.Fatal(err)
	}
	return room
}

func (h *house) texts(t *testing.T) (texts []string) {
	t.Helper()
	page, err := h.store.History(t.Context(), h.people[0], h.room, Part{Limit: maxPage})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func (h *house) waiting(t *testing.T, who int) []Scheduled {
	t.Helper()
	list, err := h.store.ScheduledBy(t.Context(), h.people[who].ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestScheduledMessagesArePostedWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	h.later(t, 0, "以后")
	if err := h.store.PostDue(ctx); err != nil || len(h.texts(t)) != 0 {
		t.Fatalf("before its time: %q, err %v", h.texts(t), err)
	}
	full := Content{
		Text: "春季招聘会", TextEN: "Spring fair", Topic: "招聘", Mentions: []uuid.UUID{h.people[1].ID},
		MentionGroups: []MentionGroup{MentionEveryone}, MustConfirm: true, Urgent: true,
	}
	if _, err := h.store.Schedule(ctx, h.people[0], Scheduled{ID: uuid.New(), Room: h.room, Content: full, SendAt: time.Now().Add(2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	h.passes(t)
	if err := h.store.PostDue(ctx); err != nil {
		t.Fatal(err)
	}
	page, err := h.store.History(ctx, h.people[1], h.room, Part{})
	if err != nil || len(page.Messages) != 2 || page.Messages[0].Text != "以后" {
		t.Fatalf("posted %+v, err %v", page.Messages, err)
	}
	m := page.Messages[1]
	if m.TextEN != "Spring fair" || m.Topic != "招聘" || len(m.Mentions) != 1 || len(m.MentionGroups) != 1 || m.Confirmation == nil || !m.Confirmation.Urgent {
		t.Errorf("posted %+v", m)
	}
	if left := h.waiting(t, 0); len(left) != 0 {
		t.Errorf("%d still wait", len(left))
	}
}

// A forward waits like any other message, and takes what is there when its
// time has come, with the rights of then.
func TestForwardsAreSentLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4)
	ctx := t.Context()
	source := h.post(t, 1, "source", "原话").Message
	elsewhere := h.directOf(t, 0, 2)
	forward := func(who int, message uuid.UUID) (Scheduled, error) {
		return h.store.Schedule(ctx, h.people[who], Scheduled{
			ID:   uuid.New(),
			Room: elsewhere, Content: Content{Forward: &ForwardOf{h.room, message}}, SendAt: time.Now().Add(time.Hour),
		})
	}
	m, err := forward(0, source.ID)
	if err != nil || m.Forwards == nil || m.Forwards.Text != "原话" || m.Forwards.Author.ID != h.people[1].ID {
		t.Fatalf("waits as %+v, err %v", m, err)
	}
	_, err = forward(0, uuid.New())
	wants(t, "a forward of nothing", err, "message_not_found")
	_, err = h.store.Schedule(ctx, h.people[3], Scheduled{ // who may write to somebody, and not read the source
		ID: uuid.New(), Room: h.directOf(t, 3, 2), Content: Content{Forward: &ForwardOf{h.room, source.ID}}, SendAt: time.Now().Add(time.Hour),
	})
	wants(t, "a forward of what one may not read", err, "room_not_found")
	_, err = h.store.Schedule(ctx, h.people[0], Scheduled{
		ID:   uuid.New(),
		Room: elsewhere, Content: Content{Text: "x", Forward: &ForwardOf{h.room, source.ID}}, SendAt: time.Now().Add(time.Hour),
	})
	wants(t, "a forward with words of one's own", err, "invalid")
	later := m.SendAt.Add(time.Hour)
	if m, err = h.store.Reschedule(ctx, h.people[0], m.ID, nil, &later); err != nil || m.Content.Forward == nil || m.Forwards == nil {
		t.Errorf("put off: %+v, err %v", m, err)
	}
	if _, err := h.store.Edit(ctx, h.people[1], h.room, source.ID, Revision{Text: "改过的话"}); err != nil {
		t.Fatal(err)
	}
	if list := h.waiting(t, 0); len(list) != 1 || list[0].Forwards == nil || list[0].Forwards.Text != "改过的话" {
		t.Errorf("waiting: %+v", list)
	}
	h.passes(t)
	if err := h.store.PostDue(ctx); err != nil {
		t.Fatal(err)
	}
	page, err := h.store.History(ctx, h.people[2], elsewhere, Part{})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Text != "改过的话" || page.Messages[0].Forwarded == nil ||
		page.Messages[0].Forwarded.Author.ID != h.people[1].ID {
		t.Errorf("posted %+v, err %v", page.Messages, err)
	}
}

// What was taken back is not forwarded any more; what was forwarded before a
// crash stays forwarded, whatever became of its source.
func TestForwardsOfWhatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	source := h.post(t, 1, "source", "原话").Message
	var both []Scheduled
	for range 2 {
		m, err := h.store.Schedule(ctx, h.people[0], Scheduled{
			ID:   uuid.New(),
			Room: h.room, Content: Content{Forward: &ForwardOf{h.room, source.ID}}, SendAt: time.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, m)
	}
	// The first is posted by a node that dies then.
	if err := h.store.postCarrying(ctx, h.people[0], both[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Delete(ctx, h.people[1], h.room, source.ID); err != nil {
		t.Fatal(err)
	}
	h.passes(t)
	if err := h.store.PostDue(ctx); err != nil {
		t.Fatal(err)
	}
	if got := h.texts(t); !slices.Equal(got, []string{"", "原话"}) {
		t.Errorf("the room has %q", got)
	}
	if list := h.waiting(t, 0); len(list) != 1 || list[0].ID != both[1].ID || list[0].Refused != "message_deleted" || list[0].Forwards != nil {
		t.Errorf("still waiting: %+v", list)
	}
}

// A node that dies between posting a message and forgetting that it waited
// leaves it to the next, which posts nothing twice.
func TestACrashAfterPostingPostsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	ctx := t.Context()
	for i := range 5 {
		m := h.later(t, 0, fmt.Sprint(i))
		// Posted, and then nothing more happened.
		if refused, err := h.store.postScheduled(ctx, due{scheduledRow: scheduledRow{ID: m.ID, Room: m.Room, Content: m.kept()}, AuthorID: h.people[0].ID, AuthorName: h.people[0].Name}); err != nil || refused != "" {
			t.Fatal(refused, err)
		}
	}
	if left := h.waiting(t, 0); len(left) != 5 {
		t.Fatalf("%d wait after the crash, want 5", len(left))
	}
	h.passes(t)
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			if err := h.store.PostDue(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	if got := h.texts(t); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
		t.Errorf("the room has %q", got)
	}
	if left := h.waiting(t, 0); len(left) != 0 {
		t.Errorf("%d still wait", len(left))
	}
}

// A node that dies while it holds a message has posted nothing of it that the
// next would not find.
func TestAHeldMessageIsSkippedAndReleased(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	ctx := t.Context()
	m := h.later(t, 0, "甲")
	h.later(t, 0, "乙")
	h.passes(t)
	dying, err := h.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dying.Exec(ctx, `select from scheduled_messages where id = $1 for update`, m.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.store.PostDue(ctx); err != nil || !slices.Equal(h.texts(t), []string{"乙"}) {
		t.Errorf("beside a held one: %q, err %v", h.texts(t), err)
	}
	if err := dying.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.store.PostDue(ctx); err != nil || !slices.Equal(h.texts(t), []string{"乙", "甲"}) {
		t.Errorf("after it was released: %q, err %v", h.texts(t), err)
	}
}

// What a node took to post is not changed any more; should the node have died,
// another one posts it after a while.
func TestWhatIsBeingPostedIsNotChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	ctx := t.Context()
	m := h.later(t, 0, "甲")
	h.passes(t)
	taken := func(at string) {
		t.Helper()
		if _, err := h.pool.Exec(ctx, `update scheduled_messages set taken_at = `+at+` where id = $1`, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	taken("now()")
	if err := h.store.PostDue(ctx); err != nil || len(h.texts(t)) != 0 {
		t.Errorf("posted twice: %q, err %v", h.texts(t), err)
	}
	at := time.Now().Add(time.Hour)
	if _, err := h.store.Reschedule(ctx, h.people[0], m.ID, nil, &at); problem.Code(err) != "being_posted" {
		t.Errorf("change: %v", err)
	}
	if err := h.store.Unschedule(ctx, h.people[0].ID, m.ID); problem.Code(err) != "scheduled_not_found" {
		t.Errorf("take back: %v", err)
	}
	taken("now() - interval '2 minutes'")
	if err := h.store.PostDue(ctx); err != nil || !slices.Equal(h.texts(t), []string{"甲"}) {
		t.Errorf("after the node died: %q, err %v", h.texts(t), err)
	}
}

// The rights are those of the moment of sending, and what is refused waits for
// its author with the reason.
func TestRightsAreThoseOfTheMoment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code   string
		change func(h *house) error
	}{
		"taken out": {"room_not_found", func(h *house) error {
			return h.store.RemoveMember(t.Context(), h.people[0].ID, h.room, h.people[1].ID)
		}},
		"announcements": {"forbidden", func(h *house) error {
			return h.store.UpdateRoom(t.Context(), h.people[0].ID, h.room, RoomChange{Posting: new(PostingManagers)})
		}},
		"archived": {"room_archived", func(h *house) error {
			return h.store.UpdateRoom(t.Context(), h.people[0].ID, h.room, RoomChange{Archived: new(true)})
		}},
		"disabled": {"account_disabled", func(h *house) error {
			_, err := h.pool.Exec(t.Context(), `update accounts set disabled = true where id = $1`, h.people[1].ID)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, 3)
			m := h.later(t, 1, "我还能说吗")
			h.later(t, 0, "另一条")
			if err := c.change(h); err != nil {
				t.Fatal(err)
			}
			h.passes(t)
			if err := h.store.PostDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(h.texts(t), "我还能说吗") {
				t.Error("it was posted")
			}
			left := h.waiting(t, 1)
			if len(left) != 1 || left[0].ID != m.ID || left[0].Refused != c.code {
				t.Errorf("its author sees %+v, want %s", left, c.code)
			}
			if err := h.store.PostDue(t.Context()); err != nil || len(h.waiting(t, 1)) != 1 {
				t.Errorf("it is tried again by itself: err %v", err)
			}
		})
	}
}

func TestScheduledMessagesAreTheirAuthors(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	m := h.later(t, 0, "草稿")
	if left := h.waiting(t, 1); len(left) != 0 {
		t.Errorf("somebody else sees %+v", left)
	}
	_, err := h.store.Reschedule(ctx, h.people[1], m.ID, &Content{Text: "篡改"}, nil)
	wants(t, "somebody else changes it", err, "scheduled_not_found")
	wants(t, "somebody else takes it back", h.store.Unschedule(ctx, h.people[1].ID, m.ID), "scheduled_not_found")
	at := time.Now().Add(3 * time.Hour).Truncate(time.Millisecond)
	changed, err := h.store.Reschedule(ctx, h.people[0], m.ID, &Content{Text: "定稿"}, &at)
	if err != nil || changed.Content.Text != "定稿" || !h.waiting(t, 0)[0].SendAt.Equal(at) {
		t.Errorf("changed to %+v, err %v", changed, err)
	}
	wants(t, "taken back", h.store.Unschedule(ctx, h.people[0].ID, m.ID), "")
	wants(t, "taken back twice", h.store.Unschedule(ctx, h.people[0].ID, m.ID), "scheduled_not_found")
}

// Who does not hear the answer asks again, perhaps after another thought, and
// perhaps only when the message has been posted.
func TestSchedulingAgainKeepsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	m := Scheduled{ID: uuid.New(), Room: h.room, Content: Content{Text: "一"}, SendAt: time.Now().Add(time.Hour)}
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if _, err := h.store.Schedule(ctx, h.people[0], m); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	m.Content.Text, m.SendAt = "二", m.SendAt.Add(time.Hour)
	if got, err := h.store.Schedule(ctx, h.people[0], m); err != nil || got.Content.Text != "二" {
		t.Errorf("with other words: %+v, err %v", got, err)
	}
	if list := h.waiting(t, 0); len(list) != 1 || list[0].Content.Text != "二" || !list[0].SendAt.Equal(m.SendAt.Truncate(time.Microsecond)) {
		t.Errorf("waits: %+v", list)
	}
	_, err := h.store.Schedule(ctx, h.people[1], m)
	wants(t, "another's id", err, "invalid")
	h.passes(t)
	if err := h.store.PostDue(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Schedule(ctx, h.people[0], m); err != nil {
		t.Fatal(err)
	}
	if list := h.waiting(t, 0); len(list) != 0 {
		t.Errorf("after it was posted there waits %+v", list)
	}
	if texts := h.texts(t); len(texts) != 1 || texts[0] != "二" {
		t.Errorf("posted %q", texts)
	}
}

func TestBadScheduledMessagesNameTheirField(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	soon := time.Now().Add(time.Hour)
	for field, m := range map[string]Scheduled{
		"id":          {SendAt: soon, Content: Content{Text: "x"}},
		"text":        {SendAt: soon, Content: Content{Text: " "}},
		"topic":       {SendAt: soon, Content: Content{Text: "x", Topic: strings.Repeat("x", maxTopic+1)}},
		"attachments": {SendAt: soon, Content: Content{Text: "x", Attachments: make([]uuid.UUID, 21)}},
		"send_at":     {SendAt: time.Now().Add(-time.Hour), Content: Content{Text: "x"}},
	} {
		m.Room = h.room
		if field != "id" {
			m.ID = uuid.New()
		}
		_, err := h.store.Schedule(t.Context(), h.people[0], m)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := h.store.Schedule(t.Context(), h.people[0], Scheduled{ID: uuid.New(), Room: h.room, SendAt: soon.AddDate(2, 0, 0), Content: Content{Text: "x"}})
	wants(t, "in two years", err, "invalid")
	_, err = h.store.Schedule(t.Context(), h.people[2], Scheduled{ID: uuid.New(), Room: h.room, SendAt: soon, Content: Content{Text: "x"}})
	wants(t, "a stranger", err, "room_not_found")
}

func TestScheduledMessagesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	const fill = `
insert into scheduled_messages (id, author_id, room_id, content, send_at)
select gen_random_uuid(), @author, @room, '{"text":"x"}', now() + interval '1 day' from generate_series(1, @n)`
	args := pgx.NamedArgs{"author": h.people[0].ID, "room": h.room, "n": maxScheduled - 1}
	if _, err := h.pool.Exec(t.Context(), fill, args); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	codes := make(chan string, 4)
	for range 4 {
		both.Go(func() {
			_, err := h.store.Schedule(t.Context(), h.people[0], Scheduled{ID: uuid.New(), Room: h.room, SendAt: time.Now().Add(time.Hour), Content: Content{Text: "x"}})
			codes <- problem.Code(err)
		})
	}
	both.Wait()
	close(codes)
	good := 0
	for code := range codes {
		if code == "" {
			good++
		} else if code != "too_many_scheduled" {
			t.Errorf("refused with %q", code)
		}
	}
	if good != 1 {
		t.Errorf("%d more were taken, want 1", good)
	}
}

// shelf gives everybody the files that they ask for, once.
type shelf struct {
	mu    sync.Mutex
	given map[uuid.UUID]bool
}

func (s *shelf) Claim(_ context.Context, _ pgx.Tx, _ Caller, ids []uuid.UUID) ([]Attachment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Attachment
	for _, id := range ids {
		if s.given[id] {
			return nil, problem.Invalid("attachments", "given already")
		}
		s.given[id] = true
		list = append(list, Attachment{ID: id, Name: "计划.pdf", Type: "application/pdf", Size: 7})
	}
	return list, nil
}

// Files are given to a message when it is put in, not when it is posted: they
// are kept until then, and nobody posts them elsewhere meanwhile.
func TestScheduledMessagesKeepTheirFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	h.store.Files = &shelf{given: map[uuid.UUID]bool{}}
	ctx, file, later := t.Context(), uuid.New(), uuid.New()
	put := Scheduled{ID: uuid.New(), Room: h.room, Content: Content{Attachments: []uuid.UUID{file}}, SendAt: time.Now().Add(time.Hour)}
	m, err := h.store.Schedule(ctx, h.people[0], put)
	if err != nil || len(m.Carried) != 1 {
		t.Fatalf("scheduled %+v, err %v", m, err)
	}
	again := put
	again.ID = uuid.New()
	_, err = h.store.Schedule(ctx, h.people[0], again)
	wants(t, "the same file twice", err, "invalid")
	if m, err = h.store.Schedule(ctx, h.people[0], put); err != nil || len(m.Carried) != 1 {
		t.Fatalf("asked again: %+v, err %v", m, err)
	}
	m, err = h.store.Reschedule(ctx, h.people[0], m.ID, &Content{Text: "见附件", Attachments: []uuid.UUID{file, later}}, nil)
	if err != nil || len(m.Carried) != 2 {
		t.Fatalf("with one more: %+v, err %v", m, err)
	}
	if kept, err := h.store.CarriedFiles(ctx, []uuid.UUID{file, later, uuid.New()}); err != nil || len(kept) != 2 {
		t.Errorf("while it waits %d files are carried, err %v", len(kept), err)
	}
	h.passes(t)
	if err := h.store.PostDue(ctx); err != nil {
		t.Fatal(err)
	}
	page, err := h.store.History(ctx, h.people[0], h.room, Part{})
	if err != nil || len(page.Messages) != 1 || len(page.Messages[0].Attachments) != 2 || page.Messages[0].Attachments[0].Name != "计划.pdf" {
		t.Errorf("posted %+v, err %v; left %+v", page.Messages, err, h.waiting(t, 0))
	}
}
