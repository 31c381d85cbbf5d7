package chat

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// eventKinds are the kinds that chat.go declares, read from the source: one
// that is added there cannot be forgotten here.
func eventKinds(t *testing.T) []EventKind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "chat.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []EventKind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); named && kind.Name == "EventKind" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, EventKind(text))
		}
		return true
	})
	return kinds
}

// walk changes a room at random and knows which messages there are.
type walk struct {
	h      *house
	random *rand.Rand
	posts  int
	alive  []Message
}

// revision changes the text and sometimes the English and the mentions.
func (w *walk) revision() Revision {
	r := Revision{Text: fmt.Sprint("改过了", w.random.Int())}
	if w.random.IntN(2) == 0 {
		r.TextEN = new([]string{"", "changed"}[w.random.IntN(2)])
		r.Mentions, r.MentionGroups = []uuid.UUID{w.h.people[0].ID}, []MentionGroup{}
	}
	return r
}

// any returns a message that was not taken back.
func (w *walk) any() Message { return w.alive[w.random.IntN(len(w.alive))] }

// steps has a case for every kind of event.
func (w *walk) steps(t *testing.T) map[EventKind]func() error {
	t.Helper()
	ctx := t.Context()
	authorOf := func(m Message) Caller {
		i := slices.IndexFunc(w.h.people, func(c Caller) bool { return c.ID == m.Author.ID })
		return w.h.people[i]
	}
	return map[EventKind]func() error{
		Posted: func() error {
			w.posts++
			n := NewMessage{Room: w.h.room, ClientID: fmt.Sprint(w.posts), Text: fmt.Sprint("消息", w.posts), Topic: "春季招聘"}
			who := w.random.IntN(2)
			if who == 0 { // the owner
				n.TextEN, n.MustConfirm, n.MentionGroups = fmt.Sprint("message", w.posts), true, []MentionGroup{MentionEveryone}
			}
			if len(w.alive) > 0 && w.random.IntN(3) == 0 {
				n.ReplyTo = new(w.any().ID)
			}
			if w.random.IntN(3) == 0 { // nothing but a file
				n.Text, n.TextEN, n.Attachments = "", "", []uuid.UUID{uuid.New()}
			}
			if len(w.alive) > 0 && w.random.IntN(5) == 0 {
				n = NewMessage{Room: n.Room, ClientID: n.ClientID, Forward: &ForwardOf{w.h.room, w.any().ID}}
			}
			e, err := w.h.store.Post(ctx, w.h.people[who], n)
			w.alive = append(w.alive, e.Message)
			return err
		},
		Edited: func() error {
			m := w.any()
			if m.Forwarded != nil {
				return nil // it stays as it is
			}
			_, err := w.h.store.Edit(ctx, authorOf(m), w.h.room, m.ID, w.revision())
			return err
		},
		Deleted: func() error {
			i := w.random.IntN(len(w.alive))
			m := w.alive[i]
			w.alive = slices.Delete(w.alive, i, i+1)
			_, err := w.h.store.Delete(ctx, authorOf(m), w.h.room, m.ID)
			return err
		},
		Reacted: func() error {
			emoji := []string{"👍", "❤️", "🎉"}[w.random.IntN(3)]
			_, err := w.h.store.React(ctx, w.h.people[w.random.IntN(2)], w.h.room, w.any().ID, emoji, w.random.IntN(3) > 0)
			return err
		},
		Pinned: func() error {
			_, err := w.h.store.Pin(ctx, w.h.people[0], w.h.room, w.any().ID, w.random.IntN(3) > 0)
			return err
		},
		Confirmed: func() error {
			asking := slices.DeleteFunc(slices.Clone(w.alive), func(m Message) bool { return m.Confirmation == nil })
			if len(asking) == 0 {
				return nil
			}
			_, err := w.h.store.Confirm(ctx, w.h.people[1], w.h.room, asking[w.random.IntN(len(asking))].ID)
			return err
		},
	}
}

// A page of history read at any moment, with the events after its head applied,
// equals a fresh page.
func TestHistoryPlusEventsEqualsFreshHistory(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &walk{h: newHouse(t, 3), random: rand.New(rand.NewPCG(seed, 0))}
	w.h.store.Files = cabinet{}
	steps, kinds := w.steps(t), eventKinds(t)
	for _, kind := range kinds {
		if steps[kind] == nil {
			t.Fatalf("no case for events of kind %q", kind)
		}
	}
	for range 5 {
		if err := steps[Posted](); err != nil {
			t.Fatal(err)
		}
	}
	var snapshots []Page
	for i := range 150 {
		if i%15 == 0 {
			snapshots = append(snapshots, w.page(t))
		}
		kind := kinds[w.random.IntN(len(kinds))]
		if len(w.alive) < 3 {
			kind = Posted
		}
		if err := steps[kind](); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	fresh := w.page(t)
	for _, old := range snapshots {
		w.compare(t, old, fresh)
	}
}

func (w *walk) page(t *testing.T) Page {
	t.Helper()
	page, err := w.h.store.History(t.Context(), w.h.people[0], w.h.room, Part{Limit: maxPage})
	if err != nil || page.More {
		t.Fatalf("history: more %v, err %v", page.More, err)
	}
	return page
}

// quoted is what a client quotes of a message.
func quoted(m Message) string {
	text := m.Text
	if text == "" && len(m.Attachments) > 0 {
		text = "[" + m.Attachments[0].Name + "]"
	}
	return string([]rune(text)[:min(120, utf8.RuneCountInString(text))])
}

// apply is what every client does with an event: it replaces the message, and
// what replies quote of it.
func apply(messages map[uuid.UUID]Message, e Event) {
	messages[e.Message.ID] = e.Message
	for id, m := range messages {
		if m.ReplyTo == nil || m.ReplyTo.ID != e.Message.ID {
			continue
		}
		quote := *m.ReplyTo
		quote.Text = quoted(e.Message)
		m.ReplyTo = &quote
		messages[id] = m
	}
}

func (w *walk) compare(t *testing.T, old, fresh Page) {
	t.Helper()
	byID := map[uuid.UUID]Message{}
	for _, m := range old.Messages {
		byID[m.ID] = m
	}
	events, more, err := w.h.store.Events(t.Context(), w.h.people[0], w.h.room, old.Head, maxPage)
	if err != nil || more || int64(len(events)) != fresh.Head-old.Head {
		t.Fatalf("%d events after %d, more %v, err %v; the head is %d", len(events), old.Head, more, err, fresh.Head)
	}
	for _, e := range events {
		apply(byID, e)
	}
	if len(byID) != len(fresh.Messages) {
		t.Errorf("replayed %d messages, fresh are %d", len(byID), len(fresh.Messages))
	}
	for _, m := range fresh.Messages {
		if !reflect.DeepEqual(m, byID[m.ID]) {
			t.Errorf("replayed %+v\n   fresh %+v", byID[m.ID], m)
		}
	}
}

// What a message said before it was edited is kept, until it is taken back.
func TestEditsLeaveATrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	m := h.post(t, 0, "1", "三点开会").Message
	versions := func() (texts []string) {
		list, err := h.store.Versions(t.Context(), h.people[0], h.room, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			texts = append(texts, v.Text)
		}
		return texts
	}
	for _, text := range []string{"四点开会", "五点开会"} {
		if _, err := h.store.Edit(t.Context(), h.people[0], h.room, m.ID, Revision{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	if got := versions(); !slices.Equal(got, []string{"三点开会", "四点开会"}) {
		t.Errorf("earlier versions %q", got)
	}
	if _, err := h.store.Versions(t.Context(), h.people[1], h.room, m.ID); !errors.Is(err, ErrNoRoom) {
		t.Errorf("a stranger may read them: %v", err)
	}
	if _, err := h.store.Delete(t.Context(), h.people[0], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	if got := versions(); len(got) != 0 {
		t.Errorf("after it was taken back, %q remain", got)
	}
}
