package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// canary is a word that is nowhere but where a test puts it.
const canary = "金丝雀"

// kindsFound searches as somebody and returns the kinds of what is found.
func (h *house) kindsFound(t *testing.T, p person, query url.Values) string {
	t.Helper()
	var answer struct {
		Groups []struct {
			Kind   string           `json:"kind"`
			Items  []map[string]any `json:"items"`
			Failed bool             `json:"failed"`
		} `json:"groups"`
	}
	h.request(t, p.cookies, http.MethodGet, "/api/search?"+query.Encode(), nil, http.StatusOK, &answer)
	kinds := []string{}
	for _, g := range answer.Groups {
		if g.Failed {
			t.Errorf("%s failed", g.Kind)
		}
		kinds = append(kinds, g.Kind)
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " ")
}

// hide puts the canary into one thing of every kind, all of them the owner's.
func (h *house) hide(t *testing.T, owner, member person) (room uuid.UUID) {
	t.Helper()
	room, err := h.chat.CreateGroup(t.Context(), owner.ID, canary+"群", []uuid.UUID{member.ID})
	if err != nil {
		t.Fatal(err)
	}
	file := h.upload(t, owner.cookies, canary+".txt", []byte("abc"))
	client := h.dial(t, owner)
	for i, post := range []*wire.Post{{Text: "看见" + canary + "了", Topic: ""}, {Attachments: []string{file}}} {
		post.Room, post.ClientID, post.Mentions = room.String(), string(rune('a'+i)), []string{}
		if _, failure := client.Try(post); failure != nil {
			t.Fatal(failure.Message)
		}
	}
	var meeting struct {
		ID uuid.UUID `json:"id"`
	}
	h.request(t, owner.cookies, http.MethodPost, "/api/meetings", map[string]any{
		"title": canary + "座谈", "agenda": []any{}, "host_id": owner.ID, "starts_at": nextYear + "T10:00", "ends_at": nextYear + "T11:00",
		"time_zone": "Asia/Shanghai", "may_be_recorded": false, "note": "",
		"invitees": []map[string]any{{"kind": "account", "ref": member.ID, "name": member.Name}},
	}, http.StatusCreated, &meeting)
	h.request(t, owner.cookies, http.MethodPost, "/api/meetings/"+meeting.ID.String()+"/minutes", nil, http.StatusOK, nil)
	h.request(t, owner.cookies, http.MethodPost, "/api/contacts", map[string]any{
		"kind": "person", "name": canary, "name_latin": "", "title": "", "categories": []any{}, "country_code": "", "city": "", "aliases": []any{},
		"language": "zh-CN", "time_zone": "Asia/Shanghai", "notes": "", "fields": []any{},
	}, http.StatusCreated, nil)
	return room
}

// TestNobodyFindsWhatTheyMayNotRead searches a word that is in everything.
func TestNobodyFindsWhatTheyMayNotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, member := h.person(t, "owner", account.Staff), h.person(t, "member", account.Ambassador)
	ambassador, station, staff := h.person(t, "dashi", account.Ambassador), h.person(t, "berlin", account.Station), h.person(t, "staff", account.Staff)
	room := h.hide(t, owner, member)
	for name, test := range map[string]struct {
		p    person
		want string
	}{
		"the owner":                           {owner, "contacts files meetings messages minutes rooms"},
		"a member and invitee, no writer":     {member, "files meetings messages rooms"},
		"an ambassador outside":               {ambassador, ""},
		"a station outside, without contacts": {station, ""},
		"staff outside":                       {staff, "contacts"},
	} {
		for _, q := range []string{canary, "丝", "金絲雀", "絲雀"} {
			if got := h.kindsFound(t, test.p, url.Values{"q": {q}}); got != test.want {
				t.Errorf("%s finds %q by %q, want %q", name, got, q, test.want)
			}
		}
		for _, filter := range []url.Values{
			{"room": {room.String()}},
			{"has_file": {"true"}},
			{"by": {owner.ID.String()}},
			{"q": {canary}, "room": {room.String()}},
			{"q": {canary}, "from": {"2020-01-01T00:00:00Z"}},
		} {
			got := h.kindsFound(t, test.p, filter)
			if inside := strings.Contains(test.want, "messages"); inside != strings.Contains(got, "files") {
				t.Errorf("%s finds %q by %v", name, got, filter)
			}
		}
	}
	// By pinyin and initials: the contact, and the room by its name.
	if got := h.kindsFound(t, owner, url.Values{"q": {"jsq"}}); got != "contacts meetings rooms" && got != "contacts rooms" {
		t.Errorf("by initials the owner finds %q", got)
	}
	if got := h.kindsFound(t, ambassador, url.Values{"q": {"jsq"}}); got != "" {
		t.Errorf("by initials an ambassador outside finds %q", got)
	}
	if err := h.chat.RemoveMember(t.Context(), owner.ID, room, member.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.kindsFound(t, member, url.Values{"q": {canary}, "in": {"messages", "files", "rooms"}}); got != "" {
		t.Errorf("who was taken out finds %q", got)
	}
}

// A guest's meeting is not searched by the guests of another, nor is there a
// search for guests at all: it is for accounts.
func TestGuestsDoNotSearch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	cookies := h.enter(t, h.guestMeeting(t, host))
	h.letIn(t, cookies)
	h.request(t, cookies, http.MethodGet, "/api/search?q=x", nil, http.StatusUnauthorized, nil)
	guest := chat.Caller{Person: chat.Person{ID: uuid.New(), Kind: chat.GuestPerson}}
	if hits, err := h.chat.Search(t.Context(), guest, chat.Search{Text: "会"}); err != nil || len(hits.Hits) != 0 {
		t.Errorf("a guest in the lobby finds %v, %v", hits, err)
	}
}
