package notify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Who is told of what follows from the member's level and from whom it is for.
func TestWhoIsToldOfWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	levels := map[string]uuid.UUID{}
	for name, m := range map[string]notify.Member{
		"author": {}, "all": {Role: "ambassador"}, "mentions": {Role: "ambassador", Level: notify.LevelMentions},
		"none": {Role: "ambassador", Level: notify.LevelNone}, "manager": {Role: "station", Level: notify.LevelMentions, Manager: true},
		"reader": {Role: "ambassador", Read: 1 << 40},
	} {
		levels[name] = w.person(t, name, "UTC", m)
	}
	for name, test := range map[string]struct {
		event  notify.Event
		room   func(r *notify.Room)
		expect map[string]notify.NoticeKind
	}{
		"plain":      {notify.Event{}, nil, map[string]notify.NoticeKind{"all": notify.Message}},
		"of a call":  {notify.Event{Call: true}, nil, nil},
		"taken back": {notify.Event{Deleted: true}, nil, nil},
		"imported":   {notify.Event{At: time.Now().Add(-25 * time.Hour)}, nil, nil},
		"archived":   {notify.Event{}, func(r *notify.Room) { r.Archived = true }, nil},
		"direct": {notify.Event{}, func(r *notify.Room) { r.Direct = true }, map[string]notify.NoticeKind{
			"all": notify.Message, "mentions": notify.Message, "manager": notify.Message,
		}},
		"mention": {notify.Event{Mentions: []uuid.UUID{levels["mentions"], levels["none"], levels["reader"], levels["author"]}}, nil, map[string]notify.NoticeKind{
			"all": notify.Message, "mentions": notify.Mention,
		}},
		"everyone": {notify.Event{MentionGroups: []string{"everyone"}}, nil, map[string]notify.NoticeKind{
			"all": notify.Mention, "mentions": notify.Mention, "manager": notify.Mention,
		}},
		"managers": {notify.Event{MentionGroups: []string{"managers"}}, nil, map[string]notify.NoticeKind{
			"all": notify.Message, "manager": notify.Mention,
		}},
		"ambassadors": {notify.Event{MentionGroups: []string{"ambassador"}}, nil, map[string]notify.NoticeKind{
			"all": notify.Mention, "mentions": notify.Mention,
		}},
		"to confirm": {notify.Event{MustConfirm: true}, nil, map[string]notify.NoticeKind{
			"all": notify.MustConfirm, "mentions": notify.MustConfirm, "manager": notify.MustConfirm, "none": notify.MustConfirm,
		}},
	} {
		before := w.r
		if test.room != nil {
			test.room(&w.r)
		}
		test.event.Author, test.event.AuthorName, test.event.Text = levels["author"], "林", "您好"
		e := w.say(test.event)
		w.bring(t, n)
		w.r = before
		rows, _ := w.pool.Query(t.Context(), `select a.name, n.kind from notices n join accounts a on a.id = n.account_id where n.message_id = $1`, e.Message)
		got := map[string]notify.NoticeKind{}
		var who string
		var kind notify.NoticeKind
		if _, err := pgx.ForEachRow(rows, []any{&who, &kind}, func() error { got[who] = kind; return nil }); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(test.expect) {
			t.Errorf("%s: told %v, want %v", name, got, test.expect)
		}
		for who, kind := range test.expect {
			if got[who] != kind {
				t.Errorf("%s: %s hears %q, want %q", name, who, got[who], kind)
			}
		}
	}
}

// However many nodes turn events into notices at once, and however often, each
// is told once and none is left out.
func TestEachIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, reader := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "reader", "UTC", notify.Member{})
	const said = 350
	var both sync.WaitGroup
	for range 3 {
		n := w.notices(t, notify.Config{})
		both.Go(func() {
			for range said / 2 {
				if err := errors.Join(n.CatchUp(context.Background()), n.Release(context.Background())); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range said {
		w.say(notify.Event{Author: author, AuthorName: "林", Text: "好"})
	}
	both.Wait()
	n := w.notices(t, notify.Config{})
	w.bring(t, n)
	page, err := n.List(t.Context(), reader, 0, 10)
	if err != nil || page.Unread != said || len(page.Items) != 10 || !page.More {
		t.Errorf("%d unread, %d on the page, %v", page.Unread, len(page.Items), err)
	}
	older, err := n.List(t.Context(), reader, page.Items[9].ID, 10)
	if err != nil || len(older.Items) != 10 || older.Items[0].ID >= page.Items[9].ID {
		t.Errorf("the next page %+v, %v", older.Items, err)
	}
}

// A node that dies while it adds notices has added none and moved no cursor.
func TestHalfADispatchIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, reader := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "reader", "UTC", notify.Member{})
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "一"})
	n := w.notices(t, notify.Config{})
	// The last statement of the transaction fails, as if the connection broke there.
	w.exec(t, `create function broken() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$`)
	w.exec(t, `create trigger broken before update on notice_cursors for each row execute function broken()`)
	if err := n.CatchUp(t.Context()); err == nil {
		t.Fatal("nothing was broken")
	}
	w.exec(t, `drop trigger broken on notice_cursors`)
	w.bring(t, n)
	w.bring(t, n)
	if got := w.list(t, n, reader); !slices.Equal(got, []string{"message 林 · 柏林站: 一"}) {
		t.Errorf("told %q", got)
	}
}

// Who is named by an edit is told then, also of a message read before; who is
// named no more is told of nothing that was still unread.
func TestAnEditTellsWhoIsNamedSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	author := w.person(t, "author", "UTC", notify.Member{})
	all := w.person(t, "all", "UTC", notify.Member{})
	quiet := w.person(t, "quiet", "UTC", notify.Member{Level: notify.LevelMentions})
	reader := w.person(t, "reader", "UTC", notify.Member{Level: notify.LevelMentions, Read: 1})
	silent := w.person(t, "silent", "UTC", notify.Member{Level: notify.LevelNone})
	named := w.person(t, "named", "UTC", notify.Member{Level: notify.LevelMentions})
	e := w.say(notify.Event{Author: author, AuthorName: "林", Text: "一", Mentions: []uuid.UUID{named}})
	w.bring(t, n)
	expect := func(want map[uuid.UUID]string) {
		t.Helper()
		for who, line := range want {
			if got := strings.Join(w.list(t, n, who), "; "); got != line {
				t.Errorf("told %q, want %q", got, line)
			}
		}
	}
	expect(map[uuid.UUID]string{all: "message 林 · 柏林站: 一", quiet: "", reader: "", silent: "", named: "mention 林 · 柏林站: 一"})
	late := []uuid.UUID{all, quiet, reader, silent, author}
	for range 2 { // a second edit of the words alone tells nobody again
		w.say(notify.Event{
			Kind: notify.EventEdited, Message: e.Message, MessageSeq: e.Seq, Author: author, AuthorName: "林", Text: "二",
			Mentions: late, MentionsLate: late,
		})
		w.bring(t, n)
	}
	const line = "mention 林 · 柏林站: 二"
	expect(map[uuid.UUID]string{all: line, quiet: line, reader: line, silent: "", named: "", author: ""})
	w.say(notify.Event{Kind: notify.EventEdited, Message: e.Message, MessageSeq: e.Seq, Author: author, AuthorName: "林", Text: "三"})
	w.bring(t, n)
	expect(map[uuid.UUID]string{all: "message 林 · 柏林站: 三", quiet: "", reader: "", named: ""})
}

func TestReadingARoomReadsItsNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.person(t, "author", "UTC", notify.Member{})
	reader, gone := w.person(t, "reader", "UTC", notify.Member{Language: "en"}), w.person(t, "gone", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	first := w.say(notify.Event{Author: author, AuthorName: "林", Text: "一"})
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "二"})
	w.bring(t, n)
	w.marks[reader] = 1
	if got := w.list(t, n, reader); !slices.Equal(got, []string{"message 林 · Berlin: 二", "message 林 · Berlin: 一 (read)"}) {
		t.Errorf("having read the first: %q", got)
	}
	delete(w.marks, gone)
	if got := w.list(t, n, gone); len(got) != 0 {
		t.Errorf("who was taken out of the room still has %q", got)
	}
	second := w.events[1]
	w.say(notify.Event{Kind: notify.EventEdited, Message: second.Message, MessageSeq: 2, Text: "二二", Author: author})
	w.say(notify.Event{Kind: notify.EventDeleted, Message: first.Message, MessageSeq: 1, Author: author, Deleted: true})
	w.bring(t, n)
	if got := w.list(t, n, reader); !slices.Equal(got, []string{"message 林 · Berlin: 二二"}) {
		t.Errorf("after an edit and a deletion: %q", got)
	}
	page, err := n.List(t.Context(), reader, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.MarkRead(t.Context(), author, page.Items[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if page, err = n.List(t.Context(), reader, 0, 0); err != nil || page.Unread != 1 {
		t.Errorf("somebody else has read them: %d unread, %v", page.Unread, err)
	}
	if err := n.MarkRead(t.Context(), reader, page.Items[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if page, err = n.List(t.Context(), reader, 0, 0); err != nil || page.Unread != 0 {
		t.Errorf("%d unread, %v", page.Unread, err)
	}
}

// Who has confirmed need not be told again that something waits for it.
func TestConfirmingReadsWhatAskedForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, me, other := w.person(t, "author", "UTC", notify.Member{}), w.person(t, "me", "UTC", notify.Member{}), w.person(t, "other", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	e := w.say(notify.Event{Author: author, AuthorName: "林", Text: "请确认", MustConfirm: true})
	w.bring(t, n)
	for _, who := range []uuid.UUID{me, other} {
		w.tell(t, n, notify.Notice{Account: who, Kind: notify.Chase, Key: "chase:1", Room: &w.room, Message: &e.Message, Title: "柏林站", Text: "请确认"})
	}
	w.say(notify.Event{Kind: notify.EventConfirmed, Message: e.Message, MessageSeq: e.MessageSeq, Author: author, Confirmed: []uuid.UUID{me}})
	w.bring(t, n)
	for who, want := range map[uuid.UUID]int{me: 0, other: 2} {
		if page, err := n.List(t.Context(), who, 0, 0); err != nil || page.Unread != want || len(page.Items) != 2 {
			t.Errorf("%d of %d unread, want %d, %v", page.Unread, len(page.Items), want, err)
		}
	}
}

func TestAReminderIsHeldUntilItIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(t, "me", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	at := time.Now().Add(time.Hour)
	for range 2 {
		if err := n.Remind(t.Context(), me, w.room, at); err != nil {
			t.Fatal(err)
		}
	}
	w.bring(t, n)
	if got := w.list(t, n, me); len(got) != 0 {
		t.Errorf("an hour early: %q", got)
	}
	w.exec(t, `update notices set due_at = due_at - interval '1 hour 1 second'`)
	w.bring(t, n)
	w.bring(t, n)
	if got := w.list(t, n, me); !slices.Equal(got, []string{"reminder 柏林站: "}) || w.announced[me] != 1 {
		t.Errorf("when it is due: %q, announced %d times", got, w.announced[me])
	}
	for name, bad := range map[string]func() error{
		"in the past":     func() error { return n.Remind(t.Context(), me, w.room, time.Now().Add(-time.Second)) },
		"too far ahead":   func() error { return n.Remind(t.Context(), me, w.room, time.Now().Add(15*24*time.Hour)) },
		"somebody else's": func() error { return n.Remind(t.Context(), uuid.New(), w.room, at) },
	} {
		if err := bad(); problem.Code(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRemindersAreListedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me, other := w.person(t, "me", "UTC", notify.Member{}), w.person(t, "other", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	for _, hours := range []int{5, 2} {
		if err := n.Remind(t.Context(), me, w.room, time.Now().Add(time.Duration(hours)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := n.Reminders(t.Context(), me)
	if err != nil || len(list) != 2 || !list[0].At.Before(list[1].At) || list[0].Title != "柏林站" || list[0].Room != w.room {
		t.Fatalf("to come: %+v, %v", list, err)
	}
	if theirs, err := n.Reminders(t.Context(), other); err != nil || len(theirs) != 0 {
		t.Errorf("to somebody else: %+v, %v", theirs, err)
	}
	if err := n.Unremind(t.Context(), other, list[0].ID); problem.Code(err) != "reminder_not_found" {
		t.Errorf("somebody else takes it back: %v", err)
	}
	if err := n.Unremind(t.Context(), me, list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.exec(t, `update notices set due_at = due_at - interval '6 hours'`)
	w.bring(t, n)
	if got := w.list(t, n, me); len(got) != 1 {
		t.Errorf("of one taken back and one that is due: %q", got)
	}
	if err := n.Unremind(t.Context(), me, list[1].ID); problem.Code(err) != "reminder_not_found" {
		t.Errorf("what was told is taken back: %v", err)
	}
}

func TestOldNoticesAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(t, "me", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	w.tell(t, n, notify.Notice{Account: me, Kind: notify.MissedCall, Key: "old", Title: "旧"}, notify.Notice{Account: me, Kind: notify.MissedCall, Key: "new", Title: "新"})
	w.bring(t, n)
	w.exec(t, `update notices set told_at = told_at - interval '91 days' where key = 'old'`)
	if err := n.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.list(t, n, me); !slices.Equal(got, []string{"missed_call 新: "}) {
		t.Errorf("left are %q", got)
	}
}

// What is said is kept short, in whole characters and on one line.
func TestNoticesAreShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(t, "me", "UTC", notify.Member{})
	n := w.notices(t, notify.Config{})
	w.tell(t, n, notify.Notice{Account: me, Kind: notify.Message, Key: "long", Title: "题", Text: strings.Repeat("长\n", 500)})
	w.bring(t, n)
	got := w.list(t, n, me)
	if len(got) != 1 || strings.Contains(got[0], "\n") || !strings.HasSuffix(got[0], "…") || len([]rune(got[0])) > 180 {
		t.Errorf("told %q", got)
	}
}
