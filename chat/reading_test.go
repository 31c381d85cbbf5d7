package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// bell remembers whom it was to tell.
type bell struct {
	rung    []Chase
	settled [][2]uuid.UUID
}

func (b *bell) Chase(_ context.Context, _ pgx.Tx, chases []Chase) error {
	b.rung = append(b.rung, chases...)
	return nil
}

func (b *bell) Settled(_ context.Context, _ pgx.Tx, message, account uuid.UUID) error {
	b.settled = append(b.settled, [2]uuid.UUID{message, account})
	return nil
}

func (h *house) ask(t *testing.T, who int, n NewMessage) Message {
	t.Helper()
	n.Room, n.ClientID, n.Text, n.MustConfirm = h.room, uuid.NewString(), "请确认", true
	e, err := h.store.Post(t.Context(), h.people[who], n)
	if err != nil {
		t.Fatal(err)
	}
	return e.Message
}

// moves puts people into a zone.
func (h *house) moves(t *testing.T, who int, zone string) {
	t.Helper()
	if _, err := h.pool.Exec(t.Context(), `update accounts set time_zone = $2 where id = $1`, h.people[who].ID, zone); err != nil {
		t.Fatal(err)
	}
}

func TestTheReadListNamesEverybody(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx := t.Context()
	m := h.ask(t, 1, NewMessage{})
	h.moves(t, 2, "America/Mexico_City")
	if err := h.store.MarkRead(ctx, h.people[0], h.room, m.Seq); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Confirm(ctx, h.people[2], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	list, err := h.store.Readers(ctx, h.people[3], h.room, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !list.MustConfirm || list.MayChase || list.ChasedAt != nil || len(list.Readers) != 3 {
		t.Errorf("the list is %+v", list)
	}
	for who, want := range map[int][2]bool{0: {true, false}, 2: {true, true}, 3: {false, false}} {
		i := slices.IndexFunc(list.Readers, func(r Reader) bool { return r.ID == h.people[who].ID })
		if i < 0 {
			t.Fatalf("person %d is missing", who)
		}
		r := list.Readers[i]
		if r.Read != want[0] || (r.ConfirmedAt != nil) != want[1] || (r.TimeZone == "America/Mexico_City") != (who == 2) {
			t.Errorf("person %d: %+v", who, r)
		}
	}
	for who, may := range map[int]bool{0: true, 1: true, 2: false} { // the owner, the author, a member
		if list, err := h.store.Readers(ctx, h.people[who], h.room, m.ID); err != nil || list.MayChase != may {
			t.Errorf("person %d may chase: %v, err %v", who, list.MayChase, err)
		}
	}
	guest := Caller{Person: Person{ID: uuid.New(), Kind: GuestPerson}, GuestRoom: h.room}
	_, err = h.store.Readers(ctx, guest, h.room, m.ID)
	wants(t, "a guest of the room", err, "forbidden")
	_, err = h.store.Readers(ctx, h.people[4], h.room, m.ID)
	wants(t, "a stranger", err, "room_not_found")
	_, err = h.store.Readers(ctx, h.people[0], h.room, uuid.New())
	wants(t, "of no message", err, "message_not_found")
}

// Who came after a message is no reader of it, however far their mark stands.
// They may confirm it, and so they are reminded like everybody.
func TestWhoJoinedLaterIsNoReader(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t) // the fifth is in no room
	h.store.Chaser = &bell{}
	ctx := t.Context()
	before := h.ask(t, 0, NewMessage{})
	if err := h.store.Invite(ctx, h.people[0].ID, h.room, []uuid.UUID{h.people[4].ID}); err != nil {
		t.Fatal(err)
	}
	after := h.ask(t, 0, NewMessage{})
	newcomer := func(m Message) Reader {
		t.Helper()
		list, err := h.store.Readers(ctx, h.people[0], h.room, m.ID)
		i := slices.IndexFunc(list.Readers, func(r Reader) bool { return r.ID == h.people[4].ID })
		if err != nil || i < 0 || len(list.Readers) != 4 {
			t.Fatalf("the list is %+v, err %v", list, err)
		}
		for j, r := range list.Readers {
			if j != i && r.JoinedLater {
				t.Errorf("%s was there from the beginning", r.Name)
			}
		}
		return list.Readers[i]
	}
	if r := newcomer(before); r.Read || !r.JoinedLater {
		t.Errorf("of what was there before: %+v", r)
	}
	if r := newcomer(after); r.Read || r.JoinedLater {
		t.Errorf("of what came after: %+v", r)
	}
	if err := h.store.MarkRead(ctx, h.people[4], h.room, after.Seq); err != nil {
		t.Fatal(err)
	}
	if r := newcomer(before); r.Read || !r.JoinedLater {
		t.Errorf("having read everything, of what was there before: %+v", r)
	}
	if r := newcomer(after); !r.Read || r.JoinedLater {
		t.Errorf("having read everything, of what came after: %+v", r)
	}
	if chased, err := h.store.ChaseUnconfirmed(ctx, h.people[0], h.room, before.ID, false); err != nil || len(chased) != 4 {
		t.Errorf("reminded %+v, err %v; want the newcomer, too", chased, err)
	}
	if _, err := h.store.Confirm(ctx, h.people[4], h.room, before.ID); err != nil {
		t.Fatal(err)
	}
	if r := newcomer(before); !r.Read || r.JoinedLater || r.ConfirmedAt == nil {
		t.Errorf("having confirmed: %+v", r)
	}
	members, err := h.store.Members(ctx, h.room)
	for _, m := range members {
		if late := m.ID == h.people[4].ID; late != (m.Joined >= before.Seq) {
			t.Errorf("%s joined at %d, the message is %d", m.Name, m.Joined, before.Seq)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestOnlyWhoHasNotConfirmedIsChased(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	b := &bell{}
	h.store.Chaser = b
	ctx := t.Context()
	m := h.ask(t, 1, NewMessage{})
	if _, err := h.store.Confirm(ctx, h.people[2], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	chased, err := h.store.ChaseUnconfirmed(ctx, h.people[1], h.room, m.ID, false)
	if err != nil || len(chased) != 2 || len(b.rung) != 2 {
		t.Fatalf("chased %+v and told %+v, err %v; want the owner and one member", chased, b.rung, err)
	}
	for _, c := range b.rung {
		if c.Account == h.people[1].ID || c.Account == h.people[2].ID || c.Message != m.ID || c.Text != "请确认" || !strings.HasPrefix(c.Key, "chase:") {
			t.Errorf("told %+v", c)
		}
	}
	_, err = h.store.ChaseUnconfirmed(ctx, h.people[0], h.room, m.ID, true)
	wants(t, "at once again", err, "chased_recently")
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Extra["retry_after"].(int) < 290 {
		t.Errorf("again in %v s", p.Extra["retry_after"])
	}
	if _, err := h.pool.Exec(ctx, `update chases set at = at - interval '5 minutes'`); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.ChaseUnconfirmed(ctx, h.people[0], h.room, m.ID, true); err != nil {
		t.Errorf("five minutes later: %v", err)
	}
	if _, err := h.store.Confirm(ctx, h.people[3], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Delete(ctx, h.people[1], h.room, m.ID); err != nil {
		t.Fatal(err)
	}
	if want := [][2]uuid.UUID{{m.ID, h.people[2].ID}, {m.ID, h.people[3].ID}, {m.ID, uuid.Nil}}; !slices.Equal(b.settled, want) {
		t.Errorf("settled %v, want %v", b.settled, want)
	}
	if len(b.rung) != 4 || b.rung[0].Key == b.rung[2].Key || !b.rung[2].Urgent {
		t.Errorf("the second round told %+v", b.rung[2:])
	}
}

func TestWhoMayChase(t *testing.T) {
	t.Parallel()
	for who, row := range map[int][3]string{ // author's message: quietly, urgently; the owner's, which was urgent
		0: {"", "", ""}, 1: {"", "", ""}, 2: {"forbidden", "forbidden", "forbidden"}, 4: {"room_not_found", "room_not_found", "room_not_found"},
	} {
		for i, want := range row {
			h := newManagedHouse(t)
			h.store.Chaser = &bell{}
			m := h.ask(t, i/2, NewMessage{Urgent: i == 2})
			_, err := h.store.ChaseUnconfirmed(t.Context(), h.people[who], h.room, m.ID, i > 0)
			wants(t, fmt.Sprintf("person %d, case %d", who, i), err, want)
		}
	}
	h := newManagedHouse(t)
	m := h.ask(t, 0, NewMessage{})
	_, err := h.store.ChaseUnconfirmed(t.Context(), h.people[0], h.room, m.ID, false)
	wants(t, "with nobody to tell it", err, "no_reminders")
	h.store.Chaser = &bell{}
	_, err = h.store.ChaseUnconfirmed(t.Context(), h.people[0], h.room, h.post(t, 0, "p", "x").Message.ID, false)
	wants(t, "of a message that does not ask", err, "nothing_to_confirm")
}

// An author who is no manager wakes nobody for what was not urgent.
func TestAuthorsWakeNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	h.store.Chaser = &bell{}
	direct, err := h.store.FindDirect(t.Context(), h.people[0].ID, h.people[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	h.room = direct
	calm, urgent := h.ask(t, 0, NewMessage{}), h.ask(t, 0, NewMessage{Urgent: true})
	_, err = h.store.ChaseUnconfirmed(t.Context(), h.people[0], direct, calm.ID, true)
	wants(t, "a calm one urgently", err, "forbidden")
	_, err = h.store.ChaseUnconfirmed(t.Context(), h.people[0], direct, urgent.ID, true)
	wants(t, "an urgent one", err, "")
}

func TestDueWithinTheDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, zone, want string
		urgent, asleep  bool
	}{
		{"2026-11-25T04:00:00Z", "Asia/Shanghai", "2026-11-25T04:00:00Z", false, false},         // noon
		{"2026-11-25T00:00:00Z", "Asia/Shanghai", "2026-11-25T00:00:00Z", false, false},         // eight sharp
		{"2026-11-25T14:00:00Z", "Asia/Shanghai", "2026-11-26T00:00:00Z", false, true},          // ten in the evening
		{"2026-11-25T13:59:59Z", "Asia/Shanghai", "2026-11-25T13:59:59Z", false, false},         // a second before
		{"2026-11-25T20:00:00Z", "Asia/Shanghai", "2026-11-26T00:00:00Z", false, true},          // four in the morning
		{"2026-11-25T20:00:00Z", "Asia/Shanghai", "2026-11-25T20:00:00Z", true, true},           // urgently
		{"2027-03-27T22:00:00Z", "Europe/Berlin", "2027-03-28T06:00:00Z", false, true},          // into summer time
		{"2026-10-24T21:00:00Z", "Europe/Berlin", "2026-10-25T07:00:00Z", false, true},          // out of it
		{"2026-11-25T03:00:00Z", "America/Mexico_City", "2026-11-25T03:00:00Z", false, false},   // 21:00 the day before
		{"2026-11-25T06:00:00Z", "America/Mexico_City", "2026-11-25T14:00:00Z", false, true},    // midnight there
		{"2026-12-31T16:30:00Z", "Pacific/Auckland", "2026-12-31T19:00:00Z", false, true},       // 5:30 in the new year
		{"2026-11-25T23:00:00Z", "Nowhere/Never", "2026-11-26T08:00:00Z", false, true},          // by UTC
		{"2026-11-25T17:30:00Z", "Asia/Kathmandu", "2026-11-26T02:15:00Z", false, true},         // three quarters
		{"2026-11-25T08:00:00+08:00", "America/New_York", "2026-11-25T00:00:00Z", false, false}, // 19:00
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		at, asleep := dueAt(now, c.zone, c.urgent)
		if got := at.UTC().Format(time.RFC3339); got != c.want || asleep != c.asleep {
			t.Errorf("%s in %s, urgent %v: %s, asleep %v; want %s, %v", c.now, c.zone, c.urgent, got, asleep, c.want, c.asleep)
		}
	}
}

func TestTopicsAreListedByTheirNewestMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	say := func(who int, topic string) Message {
		t.Helper()
		e, err := h.store.Post(ctx, h.people[who], NewMessage{Room: h.room, ClientID: uuid.NewString(), Text: "x", Topic: topic})
		if err != nil {
			t.Fatal(err)
		}
		return e.Message
	}
	for _, topic := range []string{"签证", "", "春季招聘", "签证", " 春季  招聘 ", "差旅"} {
		say(0, topic)
	}
	gone := say(1, "收回的")
	if _, err := h.store.Delete(ctx, h.people[1], h.room, gone.ID); err != nil {
		t.Fatal(err)
	}
	say(1, "签证")
	names := func(topics []Topic) (list []string) {
		for _, topic := range topics {
			list = append(list, fmt.Sprint(topic.Name, " ", topic.Messages))
		}
		return list
	}
	first, more, err := h.store.Topics(ctx, h.people[0], h.room, 0, 2)
	if err != nil || !more || !slices.Equal(names(first), []string{"签证 3", "差旅 1"}) || first[0].LastAuthor.ID != h.people[1].ID {
		t.Errorf("first page %+v, more %v, err %v", first, more, err)
	}
	rest, more, err := h.store.Topics(ctx, h.people[0], h.room, first[1].LastSeq, 2)
	if err != nil || more || !slices.Equal(names(rest), []string{"春季 招聘 1", "春季招聘 1"}) {
		t.Errorf("second page %q, more %v, err %v", names(rest), more, err)
	}
	page, err := h.store.History(ctx, h.people[0], h.room, Part{Topic: "签证", Limit: 2})
	if err != nil || len(page.Messages) != 2 || !page.More {
		t.Errorf("a topic's history has %d messages, more %v, err %v", len(page.Messages), page.More, err)
	}
}

func TestPinsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 3)
	ctx := t.Context()
	a, b := h.post(t, 1, "1", strings.Repeat("长", 400)).Message, h.post(t, 1, "2", "乙").Message
	for _, m := range []Message{b, a} {
		if _, err := h.store.Pin(ctx, h.people[0], h.room, m.ID, true); err != nil {
			t.Fatal(err)
		}
	}
	pins, err := h.store.Pins(ctx, h.people[1], h.room)
	if err != nil || len(pins) != 2 || pins[0].ID != a.ID || pins[1].Pin.By.ID != h.people[0].ID || len([]rune(pins[0].Text)) != 300 {
		t.Errorf("pins %+v, err %v", pins, err)
	}
	if _, err := h.store.Delete(ctx, h.people[1], h.room, a.ID); err != nil {
		t.Fatal(err)
	}
	if pins, err = h.store.Pins(ctx, h.people[1], h.room); err != nil || len(pins) != 1 {
		t.Errorf("after one was taken back: %+v, err %v", pins, err)
	}
}

func TestEditsKeepBothLanguages(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx := t.Context()
	e, err := h.store.Post(ctx, h.people[0], NewMessage{
		Room: h.room, ClientID: "1", Text: "周五放假", TextEN: "Friday is off", MentionGroups: []MentionGroup{MentionEveryone},
	})
	if err != nil {
		t.Fatal(err)
	}
	edit := func(who int, r Revision) (Message, error) {
		e, err := h.store.Edit(ctx, h.people[who], h.room, e.Message.ID, r)
		return e.Message, err
	}
	m, err := edit(0, Revision{Text: "周四放假"})
	if err != nil || m.TextEN != "Friday is off" || len(m.MentionGroups) != 1 {
		t.Errorf("what was not edited went: %+v, err %v", m, err)
	}
	m, err = edit(0, Revision{
		Text: "周四放假", TextEN: new("Thursday is off"), MentionGroups: []MentionGroup{},
		Mentions: []uuid.UUID{h.people[1].ID, h.people[4].ID, h.people[1].ID},
	})
	if err != nil || m.TextEN != "Thursday is off" || len(m.MentionGroups) != 0 || !slices.Equal(m.Mentions, []uuid.UUID{h.people[1].ID}) {
		t.Errorf("edited to %+v, err %v", m, err)
	}
	if !slices.Equal(m.MentionsLate, []uuid.UUID{h.people[1].ID}) || len(m.GroupsLate) != 0 {
		t.Errorf("named since the edit: %v, %v", m.MentionsLate, m.GroupsLate)
	}
	if m, err = edit(0, Revision{Text: "周四放假", TextEN: new("")}); err != nil || m.TextEN != "" {
		t.Errorf("without English: %+v, err %v", m, err)
	}
	versions, err := h.store.Versions(ctx, h.people[2], h.room, m.ID)
	if err != nil || len(versions) != 3 || versions[0].TextEN != "Friday is off" || versions[2].TextEN != "Thursday is off" {
		t.Errorf("versions %+v, err %v", versions, err)
	}
	_, err = edit(0, Revision{Text: "x", TextEN: new(strings.Repeat("x", maxText+1))})
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != "text_en" {
		t.Errorf("too much English: %v", err)
	}
	_, err = edit(0, Revision{Text: "x", MentionGroups: []MentionGroup{"nobody"}})
	wants(t, "an unknown group", err, "invalid")
	own := h.post(t, 2, "own", "我的").Message
	_, err = h.store.Edit(ctx, h.people[2], h.room, own.ID, Revision{Text: "@所有人", MentionGroups: []MentionGroup{MentionEveryone}})
	wants(t, "a member mentions everyone afterwards", err, "forbidden")
}

// What cannot be posted is refused with the field at fault, whatever it is.
func TestBadMessagesNameTheirField(t *testing.T) {
	t.Parallel()
	h := newManagedHouse(t)
	ctx := t.Context()
	foreign, err := h.store.CreateGroup(ctx, h.people[4].ID, "别人的群", nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := h.store.Post(ctx, h.people[4], NewMessage{Room: foreign, ClientID: "1", Text: "秘密"})
	if err != nil {
		t.Fatal(err)
	}
	gone := h.post(t, 0, "gone", "收回").Message
	if _, err := h.store.Delete(ctx, h.people[0], h.room, gone.ID); err != nil {
		t.Fatal(err)
	}
	there := h.post(t, 0, "there", "在").Message
	for name, c := range map[string]struct {
		code, field string
		n           NewMessage
	}{
		"long topic":            {"invalid", "topic", NewMessage{Text: "x", Topic: strings.Repeat("长", maxTopic+1)}},
		"topic with controls":   {"invalid", "topic", NewMessage{Text: "x", Topic: "a\x07b"}},
		"empty English":         {"invalid", "text_en", NewMessage{Text: "x", TextEN: "  "}},
		"NUL in English":        {"invalid", "text_en", NewMessage{Text: "x", TextEN: "a\x00"}},
		"English alone":         {"invalid", "text", NewMessage{TextEN: "x"}},
		"unknown group":         {"invalid", "mention_groups", NewMessage{Text: "x", MentionGroups: []MentionGroup{"admins"}}},
		"a group twice":         {"invalid", "mention_groups", NewMessage{Text: "x", MentionGroups: []MentionGroup{"managers", "managers"}}},
		"everyone":              {"forbidden", "mention_groups", NewMessage{Text: "x", MentionGroups: []MentionGroup{MentionEveryone}}},
		"must confirm":          {"forbidden", "must_confirm", NewMessage{Text: "x", MustConfirm: true}},
		"urgent alone":          {"invalid", "urgent", NewMessage{Text: "x", Urgent: true}},
		"21 attachments":        {"invalid", "attachments", NewMessage{Text: "x", Attachments: make([]uuid.UUID, 21)}},
		"no files here":         {"invalid", "attachments", NewMessage{Attachments: make([]uuid.UUID, 1)}},
		"forward with text":     {"invalid", "forward", NewMessage{Text: "x", Forward: &ForwardOf{h.room, there.ID}}},
		"forward of others'":    {"room_not_found", "", NewMessage{Forward: &ForwardOf{foreign, secret.Message.ID}}},
		"forward by wrong room": {"message_not_found", "", NewMessage{Forward: &ForwardOf{h.room, secret.Message.ID}}},
		"forward of nothing":    {"message_not_found", "", NewMessage{Forward: &ForwardOf{h.room, uuid.New()}}},
		"forward of deleted":    {"message_deleted", "", NewMessage{Forward: &ForwardOf{h.room, gone.ID}}},
	} {
		c.n.Room, c.n.ClientID = h.room, name
		_, err := h.store.Post(ctx, h.people[2], c.n)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != c.code || p.Field != c.field {
			t.Errorf("%s: %v, want %s at %q", name, err, c.code, c.field)
		}
	}
	if e, err := h.store.Post(ctx, h.people[2], NewMessage{Room: h.room, ClientID: "f", Forward: &ForwardOf{h.room, there.ID}}); err != nil ||
		e.Message.Text != "在" || e.Message.Forwarded == nil || e.Message.Forwarded.Author.ID != h.people[0].ID {
		t.Errorf("a good forward: %+v, err %v", e.Message, err)
	}
}
