package main

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// traces name the line that each changing operation leaves in the audit. Own
// settings leave none: they concern nobody else. An operation without a row fails.
func traces() map[string]string {
	const none = "-"
	return map[string]string{
		"signIn": "accounts.sign_in", "signOut": "accounts.sign_out", "revokeSession": "accounts.sign_out",
		"changePassword": "accounts.password", "updateOwnAccount": "accounts.change", "acceptInvitation": "accounts.link_used",
		"createAccount": "accounts.create", "updateAccount": "accounts.change", "renewAccountLink": "accounts.link", "forgotPassword": "accounts.password_asked",
		"lookAtInvitation": none, "lookAtGuestLink": none, // they only read
		"enterAsGuest":   "guests.enter",
		"createCategory": "categories.create", "createContact": "contacts.create", "updateContact": "contacts.update",
		"createStation": "stations.create", "updateStation": "stations.update",
		"createMeeting": "meetings.arrange", "updateMeeting": "meetings.change", "cancelMeeting": "meetings.cancel",
		"renewInviteeLink": "links.renew", "revokeInviteeLink": "links.revoke", "deleteRecording": "recording.delete",
		"startMinutes": "minutes.start", "updateMinutes": "minutes.change", "createBlock": none, "deleteBlock": none,
		"updateBlock":    none, // each version is kept with its writer
		"correctMinutes": "minutes.correct", "returnMinutes": "minutes.return", "signMinutes": "minutes.sign", "submitMinutes": "minutes.submit",
		"createGroup": "rooms.create", "updateRoom": "rooms.change", "inviteToGroup": "rooms.invite", "removeFromGroup": "rooms.remove",
		"setRoomRole": "rooms.role", "openDirectRoom": none, "setRoomNotify": none, "chaseReaders": none, // everybody in the room sees it
		"schedule": none, "reschedule": none, "unschedule": none, // one's own messages
		"setRetention": "retention.set", "erasePerson": "person.erase",
		"readNotices": none, "createReminder": none, "deleteReminder": none, "updateNoticeSettings": none,
		"subscribeToPush": none, "unsubscribeFromPush": none,
		"createHook": "hooks.create", "updateHook": "hooks.update", "deleteHook": "hooks.delete", "testHook": "hooks.test",
	}
}

// socketTraces are traces of the messages of the socket.
func socketTraces() map[string]string {
	const (
		none   = "-" // it only asks, or is one's own
		shown  = "-" // the room's conversation holds it with its writer
		moment = "-" // without an effect beyond the moment
	)
	return map[string]string{
		"hello": none, "ping": none, "knock": none, "join": none, "leave": none, "offer": none, "view": none, "source": none,
		"measure": none, "hand": moment, "cheer": none, "quality": none, "typing": none, "history": none, "catch_up": none,
		"catch_up_rooms": none, "get_marks": none, "read": none, "post": shown, "edit": shown, "react": shown, "confirm": shown,
		"delete": "messages.delete", "pin": "messages.pin", "ring": moment, "answer_call": moment, "cancel_call": moment,
		"mute": moment, "ask_unmute": moment, "admit": "guests.admit", "refuse": "meetings.refuse", "remove": "meetings.remove",
		"lock": "meetings.lock", "appoint": "meetings.appoint", "record": "recording.record", "end": "meetings.end",
	}
}

// TestWhatChangesLeavesATrace: every changing operation and every message says what
// it leaves, and somewhere in the program that is written.
func TestWhatChangesLeavesATrace(t *testing.T) {
	t.Parallel()
	source := sources(t)
	rows := traces()
	for _, o := range operations(t, newHouse(t)) {
		action, known := rows[o.id]
		switch {
		case o.method == http.MethodGet:
		case !known:
			t.Errorf("%s (%s %s) has no row: what trace does it leave?", o.id, o.method, o.path)
		case action != "-" && !strings.Contains(source, `"`+action+`"`):
			t.Errorf("%s should leave %s, which nothing writes", o.id, action)
		}
	}
	messages := socketTraces()
	for _, typ := range wire.ClientTypes() {
		switch action, known := messages[typ]; {
		case !known:
			t.Errorf("the message %s has no row: what trace does it leave?", typ)
		case action != "-" && !strings.Contains(source, `"`+action+`"`):
			t.Errorf("the message %s should leave %s, which nothing writes", typ, action)
		}
	}
}

// sources is the program's source, without tests.
func sources(t *testing.T) string {
	t.Helper()
	var source strings.Builder
	for _, root := range []string{"../../internal", "../../chat", "../../signaling"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			data, err := os.ReadFile(path)
			source.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return source.String()
}

// TestAccountsLeaveATrace does to accounts what can be done, and reads the audit.
func TestAccountsLeaveATrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, second, p := h.person(t, "admin", account.Admin), h.person(t, "second", account.Admin), h.person(t, "linyue", account.Staff)
	id, path := p.ID.String(), "/api/accounts/"+p.ID.String()
	body := map[string]any{"login": "linyue", "password": "wrong"}
	h.request(t, nil, http.MethodPost, "/api/session", body, http.StatusUnauthorized, nil)
	h.request(t, p.cookies, http.MethodPut, "/api/account/password", map[string]any{"current": testPassword, "new": "another long password"}, http.StatusNoContent, nil)
	h.request(t, p.cookies, http.MethodDelete, "/api/session", nil, http.StatusOK, nil)
	h.request(t, admin.cookies, http.MethodPatch, path, map[string]any{"role": "admin"}, http.StatusOK, nil)
	var made struct {
		Link string `json:"link"`
	}
	h.request(t, second.cookies, http.MethodPost, path+"/link", nil, http.StatusOK, &made)
	_, token, _ := strings.Cut(made.Link, "#")
	h.request(t, nil, http.MethodPost, "/api/invitation", map[string]any{
		"token": token, "name": "", "user_name": "", "email": "", "password": "a third long password", "language": "en", "time_zone": "UTC",
	}, http.StatusOK, nil)
	h.request(t, admin.cookies, http.MethodPatch, path, map[string]any{"disabled": true}, http.StatusOK, nil)
	h.request(t, admin.cookies, http.MethodPatch, path, map[string]any{"disabled": false}, http.StatusOK, nil)

	type line struct {
		By     *uuid.UUID `json:"by"`
		Action string     `json:"action"`
	}
	var page struct {
		Items []line `json:"items"`
	}
	h.request(t, admin.cookies, http.MethodGet, "/api/audit?limit=200&object="+id, nil, http.StatusOK, &page)
	var got []string
	for _, e := range slices.Backward(page.Items) {
		who := "nobody"
		switch {
		case e.By == nil:
		case *e.By == p.ID:
			who = "owner"
		case *e.By == admin.ID:
			who = "admin"
		case *e.By == second.ID:
			who = "second"
		}
		got = append(got, who+" "+e.Action)
	}
	want := []string{
		"nobody accounts.create", "owner accounts.sign_in", "nobody accounts.sign_in_failed", "owner accounts.password", "owner accounts.sign_out",
		"admin accounts.change", "second accounts.link", "owner accounts.link_used", "owner accounts.sign_in", "admin accounts.change", "admin accounts.change",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the audit holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var told int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from notices where account_id = $1 and kind = 'link_made' and title = $2`, p.ID, second.Name).Scan(&told); err != nil || told != 1 {
		t.Errorf("the owner was told %d times of the link: %v", told, err)
	}
}

// traced lists who left which lines on an object, the oldest first.
func (h *house) traced(t *testing.T, object string) []string {
	t.Helper()
	const q = `select name || ' ' || action || ' ' || details::text from audit where object = $1 order by id`
	rows, _ := h.pool.Query(t.Context(), q, object)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestModeratorsLeaveATrace does over the socket what moderators may, and reads the audit.
func TestModeratorsLeaveATrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, other := h.person(t, "linyue", account.Staff), h.person(t, "dashi", account.Ambassador)
	inv := h.guestMeeting(t, host, other)
	room := inv.room.String()
	c := h.dial(t, host)
	c.Join(room, 1)
	h.dial(t, other).Join(room, 1)
	guest := h.dialGuest(t, h.enter(t, inv))
	guest.Call(&wire.Knock{Room: room})
	c.Call(&wire.Refuse{Person: inv.invitee.String()})
	guest.Call(&wire.Knock{Room: room})
	c.Call(&wire.Admit{All: true, People: []string{}})
	signalingtest.Await(guest, "the admission", anyOf[*wire.Admitted])
	guest.Join(room, 1)
	var device string
	if err := h.pool.QueryRow(t.Context(), `select id from guest_sessions where invitee_id = $1`, inv.invitee).Scan(&device); err != nil {
		t.Fatal(err)
	}
	c.Call(&wire.Mute{Everyone: true, Source: wire.Microphone})
	c.Call(&wire.Lock{Locked: true})
	c.Call(&wire.Appoint{Participant: other.ID.String(), Role: wire.RoleCohost})
	c.Call(&wire.Remove{Participant: inv.invitee.String(), Block: true})
	c.Call(&wire.End{})

	guests := h.traced(t, inv.invitee.String())
	want := host.Name + ` guests.admit {"device": "` + device + `", "meeting": "` + inv.meeting.String() + `"}`
	if !slices.Contains(guests, want) {
		t.Errorf("of the guest the audit holds\n%s\nwant\n%s", strings.Join(guests, "\n"), want)
	}
	var got []string
	for _, line := range h.traced(t, inv.meeting.String()) {
		if !strings.Contains(line, "meetings.arrange") {
			got = append(got, line)
		}
	}
	wantAll := []string{
		host.Name + ` meetings.refuse {"person": "` + inv.invitee.String() + `"}`, host.Name + ` meetings.lock {"locked": true}`,
		host.Name + ` meetings.appoint {"role": "cohost", "person": "` + other.ID.String() + `"}`,
		host.Name + ` meetings.remove {"block": true, "person": "` + inv.invitee.String() + `"}`, host.Name + ` meetings.end {}`,
	}
	if !slices.Equal(got, wantAll) {
		t.Errorf("of the meeting the audit holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantAll, "\n"))
	}
}

// TestReadingAFileLeavesOneTrace: the first access of a person counts, whatever part
// of the file it asks for, and without its line no byte goes out.
func TestReadingAFileLeavesOneTrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, reader := h.person(t, "linyue", account.Staff), h.person(t, "dashi", account.Ambassador)
	room := h.group(t, owner, reader)
	file := h.upload(t, owner.cookies, "a.bin", []byte("0123456789"))
	h.dial(t, owner).Call(&wire.Post{Room: room.String(), ClientID: "1", Mentions: []string{}, Attachments: []string{file}})
	read := func(by person, part string) int {
		return h.tus(t, by.cookies, http.MethodGet, "/api/files/"+file, nil, map[string]string{"Range": part}).StatusCode
	}
	var want []string
	for _, by := range []person{reader, owner} {
		for _, part := range []string{"bytes=1-", "bytes=-1", "bytes=00-", "bytes=0-", "bytes=5-6"} {
			if got := read(by, part); got != http.StatusPartialContent {
				t.Errorf("%s gets %d", part, got)
			}
		}
		want = append(want, by.Name+" file.read {}")
	}
	if got := h.traced(t, file); !slices.Equal(got, want) {
		t.Errorf("the audit holds %q, want %q", got, want)
	}
	if _, err := h.pool.Exec(t.Context(), `alter table audit rename to audit_away`); err != nil {
		t.Fatal(err)
	}
	if got := read(reader, "bytes=1-"); got != http.StatusInternalServerError {
		t.Errorf("without the audit a file is answered with %d", got)
	}
}
