package chat

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestIsEmoji(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"👍": true, "❤️": true, "👩‍💻": true, "🇨🇳": true, "㊗️": true, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": true, "👍🏽": true, "©": true, "‼️": true,
		"": false, "好": false, "ok": false, "1": false, "한": false, "ア": false, "。好": false, "\x00": false, "\u202e": false,
		"\ufffd": false, "１": false, "　": false, "\ue000": false, strings.Repeat("👍", 9): false,
	} {
		if IsEmoji(text) != want {
			t.Errorf("IsEmoji(%q) = %v", text, !want)
		}
	}
}

func TestReactionsToAMessageAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	m := h.post(t, 0, "1", "你好").Message.ID
	for i := range maxReactions {
		if _, err := h.store.React(t.Context(), h.people[0], h.room, m, string(rune('🐀'+i)), true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.store.React(t.Context(), h.people[0], h.room, m, "👍", true); problem.Code(err) != "too_many_reactions" {
		t.Errorf("one more: %v", err)
	}
	if _, err := h.store.React(t.Context(), h.people[0], h.room, m, "🐀", true); err != nil {
		t.Errorf("one that is there: %v", err)
	}
}

func TestAGroupKeepsAnOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4) // the last of them is no member
	owner, next := h.people[0].ID, h.people[1].ID
	if err := h.store.RemoveMember(t.Context(), owner, h.room, owner); err != nil {
		t.Fatal(err)
	}
	for _, who := range []uuid.UUID{next, h.people[2].ID} {
		r, err := h.store.Room(t.Context(), who, h.room)
		if err != nil || (r.Role == Owner) != (who == next) {
			t.Errorf("after the owner left, %s is %s, err %v", who, r.Role, err)
		}
	}
}

func TestMentionsNameMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	member, outsider, guest := h.people[1].ID, h.people[2].ID, uuid.New()
	e, err := h.store.Post(t.Context(), h.people[0], NewMessage{
		Room: h.room, ClientID: "1", Text: "@", Mentions: []uuid.UUID{guest, outsider, member, member},
	})
	if err != nil || len(e.Message.Mentions) != 2 || e.Message.Mentions[0] != guest || e.Message.Mentions[1] != member {
		t.Errorf("mentions %v, err %v; want the guest and the member", e.Message.Mentions, err)
	}
}

func TestTitlesArePlain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	for _, title := range []string{"", " ", "a\x00b", "\u202eevil", "two\nlines", strings.Repeat("长", maxTitle+1)} {
		if _, err := h.store.CreateGroup(t.Context(), h.people[0].ID, title, nil); problem.Code(err) != "invalid" {
			t.Errorf("title %.20q: %v", title, err)
		}
	}
}
