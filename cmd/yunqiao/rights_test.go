package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
)

// refusals say what each caller gets who may not do an operation. Callers are
// nobody, a guest, an ambassador, a station and a member of staff, none of
// whom has anything to do with the objects. An operation without a row fails.
//
// "-" means that the operation is this caller's to use.
func refusals() map[string]string {
	const (
		none     = "-"
		signedIn = "401 401 - - -"       // for every account
		staff    = "401 401 403 403 -"   // for staff and administrators
		admin    = "401 401 403 403 403" // for administrators
		others   = "401 401 404 404 404" // of objects that are others'
		house    = "401 401 403 - -"     // for stations, too
		scoped   = "401 401 403 403 404" // a station without contacts of its own has none
		public   = none + " - - - -"     // before anybody signs in
		guests   = "401 - 401 401 401"   // for guests alone
		visitors = "401 403 404 404 404" // guests' too, once they are let in
		stations = "401 401 403 403 404" // staff's, and no such object
	)
	return map[string]string{
		"readServer": public, "signIn": public, "forgotPassword": public, "lookAtInvitation": public, "acceptInvitation": public,
		"lookAtGuestLink": public, "enterAsGuest": public, "currentGuest": guests, "guestCalendar": guests,
		"currentSession": signedIn, "signOut": signedIn, "listSessions": signedIn, "updateOwnAccount": signedIn,
		"changePassword": signedIn, "revokeSession": others, "listAccounts": signedIn,
		"createAccount": admin, "updateAccount": admin, "renewAccountLink": admin, "listAudit": admin,
		"listCategories": house, "createCategory": staff, "listContacts": house, "createContact": house,
		"getContact": scoped, "updateContact": scoped, "searchPeople": signedIn,
		"listStations": signedIn, "createStation": admin, "updateStation": stations,
		"listMeetings": signedIn, "createMeeting": house, "getMeeting": others, "updateMeeting": others,
		"cancelMeeting": others, "listAttendance": others, "getMeetingCalendar": others, "getInviteeLink": others,
		"renewInviteeLink": others, "revokeInviteeLink": others, "listMinutes": others, "startMinutes": others,
		"listRecordings": others, "getRecordingArchive": others, "getRecordingFile": others, "deleteRecording": others,
		"getMinutes": others, "updateMinutes": others, "createBlock": others, "deleteBlock": others, "updateBlock": others,
		"listBlockVersions": others, "correctMinutes": others, "getMinutesDocument": others, "returnMinutes": others,
		"signMinutes": others, "submitMinutes": others,
		"listRooms": signedIn, "createGroup": signedIn, "openDirectRoom": signedIn, "readRoom": others,
		"updateRoom": others, "inviteToGroup": others, "removeFromGroup": others, "setRoomRole": others,
		"setRoomNotify": others, "listMessageVersions": others, "listTopics": others, "listPins": others,
		"listReaders": others, "chaseReaders": others,
		"listScheduled": signedIn, "schedule": others, "reschedule": others, "unschedule": others,
		"exportRoom": others, "checkExport": others, "listRetention": signedIn, "setRetention": admin,
		"listErasures": admin, "findGuestsToErase": admin, "erasePerson": admin, "getErasure": admin,
		"getFile": visitors, "getFilePreview": visitors,
		"listNotices": signedIn, "readNotices": signedIn, "createReminder": others,
		"listReminders": signedIn, "deleteReminder": others,
		"readNoticeSettings": signedIn, "updateNoticeSettings": signedIn,
		"listPushSubscriptions": signedIn, "subscribeToPush": signedIn, "unsubscribeFromPush": others,
		"search": signedIn, "listHooks": admin, "createHook": admin, "updateHook": admin, "deleteHook": admin, "testHook": admin,
	}
}

// operation is one of the REST interface, as its own description says.
type operation struct{ id, method, path string }

func operations(t *testing.T, h *house) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	h.request(t, nil, http.MethodGet, "/api/openapi.json", nil, http.StatusOK, &doc)
	var list []operation
	for path, methods := range doc.Paths {
		for method, o := range methods {
			list = append(list, operation{o.OperationID, strings.ToUpper(method), path})
		}
	}
	if len(list) < 50 {
		t.Fatalf("the description has %d operations", len(list))
	}
	return list
}

// TestWhoMayNot calls every operation as everybody, on objects that exist and
// are somebody else's.
func TestWhoMayNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.person(t, "owner", account.Staff)
	inv := h.guestMeeting(t, owner)
	other := h.guestMeeting(t, owner)
	objects := h.objects(t, owner, inv)
	callers := [][]*http.Cookie{
		nil, h.enter(t, other), h.person(t, "dashi", account.Ambassador).cookies,
		h.person(t, "berlin", account.Station).cookies, h.person(t, "staff", account.Staff).cookies,
	}
	rows := refusals()
	for _, o := range operations(t, h) {
		row, known := rows[o.id]
		if !known {
			t.Errorf("%s (%s %s) has no row: who may not?", o.id, o.method, o.path)
			continue
		}
		for i, want := range strings.Fields(row) {
			if want == "-" {
				continue
			}
			if got := h.status(t, callers[i], o, objects); got != want {
				t.Errorf("caller %d gets %s for %s (%s %s), want %s", i, got, o.id, o.method, o.path, want)
			}
		}
	}
}

// objects are the owner's: one of each kind that a path can name.
func (h *house) objects(t *testing.T, owner person, inv invited) map[string]string {
	t.Helper()
	var minutes struct {
		ID uuid.UUID `json:"id"`
	}
	h.request(t, owner.cookies, http.MethodPost, "/api/meetings/"+inv.meeting.String()+"/minutes", nil, http.StatusOK, &minutes)
	reminder := map[string]any{"room": inv.room, "at": time.Now().Add(time.Hour)}
	h.request(t, owner.cookies, http.MethodPost, "/api/notices/reminders", reminder, http.StatusNoContent, nil)
	var reminders []struct {
		ID int64 `json:"id"`
	}
	h.request(t, owner.cookies, http.MethodGet, "/api/notices/reminders", nil, http.StatusOK, &reminders)
	none := uuid.NewString()
	return map[string]string{
		"{reminder}":         strconv.FormatInt(reminders[0].ID, 10),
		"/api/meetings/{id}": inv.meeting.String(), "{meeting}": inv.meeting.String(), "{invitee}": inv.invitee.String(),
		"/api/minutes/{id}": minutes.ID.String(), "/api/rooms/{id}": inv.room.String(), "{account}": owner.ID.String(),
		"{id}": none, "{kind}": "group", "{block}": none, "{file}": none, "{message}": none,
	}
}

// status makes a request whose body is right in form.
func (h *house) status(t *testing.T, cookies []*http.Cookie, o operation, objects map[string]string) string {
	t.Helper()
	path := o.path
	switch o.id {
	case "deleteBlock":
		path += "?revision=1"
	case "findGuestsToErase":
		path += "?q=weiss"
	}
	for prefix, id := range objects {
		if strings.HasPrefix(prefix, "/api") && strings.HasPrefix(path, prefix) {
			path = strings.Replace(path, "{id}", id, 1)
		}
	}
	for name, id := range objects {
		if strings.HasPrefix(name, "{") {
			path = strings.ReplaceAll(path, name, id)
		}
	}
	body := "{}"
	if sample, ok := bodies()[o.id]; ok {
		body = sample
	}
	response, _ := h.send(t, cookies, o.method, path, strings.NewReader(body))
	return response.Status[:3]
}

// bodies are well-formed bodies of the operations that demand members: rights
// are looked at after the form.
func bodies() map[string]string {
	const id = `"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21"`
	meeting := `{"title":"x","agenda":[],"host_id":` + id + `,"starts_at":"` + nextYear + `T10:00","ends_at":"` + nextYear + `T11:00","time_zone":"Asia/Shanghai","invitees":[],"may_be_recorded":false,"note":""`
	const contact = `{"kind":"person","name":"x","name_latin":"","title":"","categories":[],"country_code":"","city":"","aliases":[],"language":"zh-CN","time_zone":"Asia/Shanghai","notes":"","fields":[]`
	tomorrow := time.Now().Add(24 * time.Hour).Format(time.RFC3339)
	const hook = `{"name":"x","kind":"wecom","url":"https://robot.example.org/x","secret":"","with_text":false,"enabled":true}`
	const block = `{"kind":"decision","text":"x","owner":""`
	return map[string]string{
		"createAccount":  `{"name":"x","user_name":"xyz","email":"","role":"admin"}`,
		"createCategory": `{"name_zh":"x","name_en":"x"}`, "createContact": contact + "}", "updateContact": contact + `,"version":1}`,
		"createStation": `{"name":"x","name_en":"x","city":"x","city_en":"x","country":"x","country_en":"x","country_code":"DE","time_zone":"Europe/Berlin","office_hours":[]}`,
		"createMeeting": meeting + "}", "updateMeeting": meeting + `,"sequence":0}`, "cancelMeeting": `{"reason":"x"}`,
		"updateMinutes": `{"revision":1}`, "createBlock": block + "}", "updateBlock": block + `,"revision":1}`, "returnMinutes": `{"reason":"x"}`,
		"updateRoom": `{"title":"x"}`, "setRoomRole": `{"role":"owner"}`, "setRoomNotify": `{"notify":"all"}`,
		"chaseReaders": `{"urgent":true}`, "schedule": `{"id":` + id + `,"room":` + id + `,"content":{"text":"x"},"send_at":"` + tomorrow + `"}`,
		"inviteToGroup": `{"accounts":[` + id + `]}`,
		"readNotices":   `{"id":1,"up_to":true}`, "createReminder": `{"room":` + id + `,"at":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`,
		"updateNoticeSettings": `{"mail":true,"with_text":false,"quiet":true,"quiet_from":1320,"quiet_to":420}`,
		"subscribeToPush":      `{"endpoint":"https://push.example.org/x","p256dh":"x","auth":"x"}`,
		"setRetention":         `{"days":30}`, "erasePerson": `{"person_kind":"account","person_id":` + id + `,"reason":"x"}`,
		"createHook": hook, "updateHook": hook,
		"changePassword": `{"current":"x","new":"x"}`, "createGroup": `{"title":"x","members":[]}`, "openDirectRoom": `{"account":` + id + `}`,
	}
}

// The description that clients are generated from is the one that is served.
func TestDescriptionIsCommitted(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../web/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	for _, o := range operations(t, h) {
		if doc.Paths[o.path] == nil {
			t.Errorf("%s is missing in web/openapi.json: run make gen", o.path)
		}
	}
}
