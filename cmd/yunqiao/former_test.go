package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// secret stands in everything that a former member must not read any more.
const secret = "绝密招才事项"

// ways are how somebody stops belonging to a meeting and its room.
func ways() map[string]func(f *formerCase) {
	return map[string]func(f *formerCase){
		"moved to another station": func(f *formerCase) { f.patch(map[string]any{"station_id": f.station(f.t, "lagos")}) },
		"made ambassador":          func(f *formerCase) { f.patch(map[string]any{"role": "ambassador"}) },
		"invited no more":          func(f *formerCase) { f.change(func(m map[string]any) { m["invitees"] = []any{} }) },
		"host no more": func(f *formerCase) {
			f.change(func(m map[string]any) { m["host_id"], m["invitees"] = f.member.ID, []any{} })
			f.change(func(m map[string]any) { m["host_id"] = f.owner.ID })
		},
	}
}

// formerCase is a meeting of an owner, to which a station's account belongs.
type formerCase struct {
	*house
	t                    *testing.T
	admin, owner, member person
	inv                  invited
}

func (h *house) station(t *testing.T, name string) uuid.UUID {
	t.Helper()
	admin, err := h.accounts.ByUserName(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.contacts.CreateStation(account.WithAccount(t.Context(), admin), contacts.NewStation{
		Name: name, NameEN: name, City: name, CityEN: name, Country: "x", CountryEN: "x", CountryCode: "DE", TimeZone: "Europe/Berlin",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

func (f *formerCase) patch(change map[string]any) {
	f.t.Helper()
	f.request(f.t, f.admin.cookies, http.MethodPatch, "/api/accounts/"+f.member.ID.String(), change, http.StatusOK, nil)
}

// change saves the meeting with something different.
func (f *formerCase) change(alter func(m map[string]any)) {
	f.t.Helper()
	path := "/api/meetings/" + f.inv.meeting.String()
	var m map[string]any
	f.request(f.t, f.owner.cookies, http.MethodGet, path, nil, http.StatusOK, &m)
	body := changed(m)
	alter(body)
	f.request(f.t, f.owner.cookies, http.MethodPut, path, body, http.StatusOK, nil)
}

// changed is a meeting as it is, fit for saving, without invitees.
func changed(m map[string]any) map[string]any {
	const layout = "2006-01-02T15:04"
	start := time.Now().UTC().Add(time.Hour)
	return map[string]any{
		"title": m["title"], "agenda": []any{}, "host_id": m["host"].(map[string]any)["id"], "starts_at": start.Format(layout),
		"ends_at": start.Add(time.Hour).Format(layout), "time_zone": "UTC", "may_be_recorded": true, "note": "",
		"sequence": m["sequence"], "invitees": []any{},
	}
}

func (h *house) former(t *testing.T) *formerCase {
	t.Helper()
	f := &formerCase{house: h, t: t, admin: h.person(t, "admin", account.Admin), owner: h.person(t, "owner", account.Staff)}
	station := h.station(t, "berlin")
	f.member = h.person(t, "keeper", account.Station)
	f.patch(map[string]any{"station_id": station})
	f.inv = h.guestMeetingWith(t, f.owner, map[string]any{
		"title": secret, "invitees": []map[string]any{{"kind": "station", "ref": station, "name": "柏林"}},
	})
	by := chat.Caller{Person: chat.Person{ID: f.owner.ID, Kind: chat.AccountPerson, Name: f.owner.Name}}
	if _, err := h.chat.Post(t.Context(), by, chat.NewMessage{Room: f.inv.room, ClientID: "1", Text: secret, Mentions: []uuid.UUID{f.member.ID}}); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFormerMembersMayNothing asks for every operation and every message as
// somebody who belonged to the objects until a moment ago.
func TestFormerMembersMayNothing(t *testing.T) {
	t.Parallel()
	for name, leave := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newHouse(t).former(t)
			objects := f.objects(t, f.owner, f.inv)
			c := f.dial(t, f.member)
			for _, path := range []string{"/api/meetings/" + f.inv.meeting.String(), "/api/rooms/" + f.inv.room.String(), "/api/meetings/" + f.inv.meeting.String() + "/minutes"} {
				f.request(t, f.member.cookies, http.MethodGet, path, nil, http.StatusOK, nil)
			}
			c.Call(&wire.History{Room: f.inv.room.String()})
			leave(f)
			f.member.cookies = f.signIn(t, "keeper")
			f.checkREST(t, objects)
			m := &socketMatrix{house: f.house, inv: f.inv, owner: f.owner}
			m.checkAs(t, 2, f.dial(t, f.member))
		})
	}
}

// TestWhoArrangedAMeetingDoesNotKeepIt: it is for their station that they arranged it,
// and somebody else hosts it.
func TestWhoArrangedAMeetingDoesNotKeepIt(t *testing.T) {
	t.Parallel()
	for name, leave := range ways() {
		if !strings.HasPrefix(name, "moved") && !strings.HasPrefix(name, "made") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newHouse(t).former(t)
			f.inv = f.guestMeetingWith(t, f.member, map[string]any{"title": secret, "host_id": f.owner.ID})
			path := "/api/meetings/" + f.inv.meeting.String()
			f.request(t, f.member.cookies, http.MethodGet, path, nil, http.StatusOK, nil)
			objects := f.objects(t, f.owner, f.inv)
			leave(f)
			f.member.cookies = f.signIn(t, "keeper")
			f.checkREST(t, objects)
			m := &socketMatrix{house: f.house, inv: f.inv, owner: f.owner}
			m.checkAs(t, 2, f.dial(t, f.member))
			if leads, err := f.schedule.Leads(t.Context(), f.inv.meeting, f.member.ID); err != nil || leads {
				t.Errorf("who arranged it leads it: %v, %v", leads, err)
			}
			f.change(func(m map[string]any) { m["host_id"] = f.owner.ID })
			f.request(t, f.member.cookies, http.MethodGet, "/api/rooms/"+f.inv.room.String(), nil, http.StatusNotFound, nil)
		})
	}
}

func (h *house) signIn(t *testing.T, login string) []*http.Cookie {
	t.Helper()
	_, token, err := h.accounts.SignIn(t.Context(), login, testPassword, account.Device{Name: "again", Address: "again"})
	if err != nil {
		t.Fatal(err)
	}
	return []*http.Cookie{{Name: account.AccountCookie, Value: token}}
}

// TestAMeetingOfWhoIsGoneIsChanged: an invited account that was closed, or erased,
// keeps nobody from changing the meeting, and is not invited anew.
func TestAMeetingOfWhoIsGoneIsChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, owner := h.person(t, "admin", account.Admin), h.person(t, "owner", account.Staff)
	for n, own := range []bool{true, false} {
		name := "dashi" + strconv.Itoa(n)
		closed, gone := h.person(t, name, account.Ambassador), h.person(t, name+"b", account.Ambassador)
		both := []map[string]any{{"kind": "account", "ref": closed.ID, "name": "x"}, {"kind": "account", "ref": gone.ID, "name": "x"}}
		different := map[string]any{"invitees": both}
		if !own {
			different["room_id"] = h.group(t, owner, closed, gone)
		}
		f := &formerCase{house: h, t: t, owner: owner, inv: h.guestMeetingWith(t, owner, different)}
		h.request(t, admin.cookies, http.MethodPatch, "/api/accounts/"+closed.ID.String(), map[string]any{"disabled": true}, http.StatusOK, nil)
		body := map[string]any{"person_kind": "account", "person_id": gone.ID, "reason": "asked"}
		h.request(t, admin.cookies, http.MethodPost, "/api/erasures", body, http.StatusOK, nil)
		f.change(func(m map[string]any) { m["invitees"] = both })
		f.change(func(map[string]any) {})
		path := "/api/meetings/" + f.inv.meeting.String()
		var m map[string]any
		h.request(t, owner.cookies, http.MethodGet, path, nil, http.StatusOK, &m)
		again := changed(m)
		again["invitees"] = both
		h.request(t, owner.cookies, http.MethodPut, path, again, http.StatusUnprocessableEntity, nil)
	}
}

// checkREST asks as the former member for what is refused to strangers, and looks
// for the secret in what is not.
func (f *formerCase) checkREST(t *testing.T, objects map[string]string) {
	t.Helper()
	rows := refusals()
	for _, o := range operations(t, f.house) {
		row := strings.Fields(rows[o.id])
		if len(row) == 5 && row[3] == "404" {
			if got := f.status(t, f.member.cookies, o, objects); got != "404" {
				t.Errorf("a former member gets %s for %s (%s %s)", got, o.id, o.method, o.path)
			}
			continue
		}
		if o.method != http.MethodGet || strings.Contains(o.path, "{") || o.id == "search" {
			continue
		}
		if _, body := f.send(t, f.member.cookies, http.MethodGet, o.path, nil); bytes.Contains(body, []byte(secret)) {
			t.Errorf("a former member reads in %s: %s", o.path, body)
		}
	}
	_, body := f.send(t, f.member.cookies, http.MethodGet, "/api/search?q="+secret, nil)
	var found map[string]any
	if err := json.Unmarshal(body, &found); err != nil || strings.Contains(string(body), f.inv.room.String()) || strings.Contains(string(body), f.inv.meeting.String()) {
		t.Errorf("a former member finds %s: %v", body, err)
	}
}

// A meeting in a room of others gets no host from outside.
func TestTheHostIsInTheRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, outsider := h.person(t, "owner", account.Staff), h.person(t, "dashi", account.Ambassador)
	room := h.group(t, owner)
	inv := h.guestMeetingWith(t, owner, map[string]any{"room_id": room, "invitees": []any{}})
	f := &formerCase{house: h, t: t, owner: owner, inv: inv}
	var m map[string]any
	h.request(t, owner.cookies, http.MethodGet, "/api/meetings/"+inv.meeting.String(), nil, http.StatusOK, &m)
	body := changed(m)
	body["host_id"] = outsider.ID
	h.request(t, owner.cookies, http.MethodPut, "/api/meetings/"+inv.meeting.String(), body, http.StatusUnprocessableEntity, nil)
	h.request(t, outsider.cookies, http.MethodGet, "/api/meetings/"+f.inv.meeting.String(), nil, http.StatusNotFound, nil)
}

// Who comes to a station comes to its meetings, with the room.
func TestWhoComesToAStationComesToItsMeetings(t *testing.T) {
	t.Parallel()
	f := newHouse(t).former(t)
	other := f.person(t, "newkeeper", account.Station)
	f.request(t, other.cookies, http.MethodGet, "/api/meetings/"+f.inv.meeting.String(), nil, http.StatusNotFound, nil)
	var station uuid.UUID
	if err := f.pool.QueryRow(t.Context(), `select station_id from accounts where id = $1`, f.member.ID).Scan(&station); err != nil {
		t.Fatal(err)
	}
	f.request(t, f.admin.cookies, http.MethodPatch, "/api/accounts/"+other.ID.String(), map[string]any{"station_id": station}, http.StatusOK, nil)
	f.request(t, other.cookies, http.MethodGet, "/api/rooms/"+f.inv.room.String(), nil, http.StatusOK, nil)
}
