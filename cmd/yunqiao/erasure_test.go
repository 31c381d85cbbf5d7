package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/erasure"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// What the person to be erased is called: in an account, as a guest, by others.
const (
	oldName  = "岑若兰 O'Brien"
	oldLogin = "canary"
	oldEmail = "canary@example.net"
)

// erasureCase is a house in which somebody left traces wherever people leave some.
type erasureCase struct {
	*house
	t                *testing.T
	admin, lin, gone person
	inv              invited
	form             map[string]any // the meeting as a page holds it that was opened before
}

func (h *house) traces(t *testing.T) *erasureCase {
	t.Helper()
	e := &erasureCase{house: h, t: t, admin: h.person(t, "admin", account.Admin), lin: h.person(t, "linyue", account.Staff)}
	if _, err := h.accounts.Create(t.Context(), account.New{Name: oldName, UserName: oldLogin, Email: oldEmail, Role: account.Staff, Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"wrong", testPassword} {
		a, token, err := h.accounts.SignIn(t.Context(), oldLogin, password, account.Device{Name: "of " + oldLogin, Address: "elsewhere"})
		if (err == nil) != (password == testPassword) {
			t.Fatal(err)
		}
		e.gone = person{a, []*http.Cookie{{Name: account.AccountCookie, Value: token}}}
	}
	e.inviteThrice()
	e.write()
	e.notice()
	return e
}

// inviteThrice invites the account, and the same person as an address and as a contact.
func (e *erasureCase) inviteThrice() {
	e.t.Helper()
	var contact struct {
		ID uuid.UUID `json:"id"`
	}
	e.request(e.t, e.lin.cookies, http.MethodPost, "/api/contacts", map[string]any{
		"kind": "person", "name": oldName, "title": "professor", "fields": []map[string]any{{"kind": "email", "value": oldEmail}},
	}, http.StatusCreated, &contact)
	invitees := []map[string]any{
		{"kind": "contact", "ref": contact.ID},
		{"kind": "address", "name": oldName, "email": strings.ToUpper(oldEmail), "language": "en", "time_zone": "Europe/Berlin"},
		{"kind": "address", "name": "Dr. Hannah Weiss", "email": "weiss@example.org", "language": "en"},
	}
	e.inv = e.guestMeetingWith(e.t, e.lin, map[string]any{
		"title": "海外专家交流会", "invitees": append([]map[string]any{{"kind": "account", "ref": e.gone.ID}}, invitees...),
	})
	e.form = map[string]any{"invitees": invitees}
	const q = `select id from invitees where kind = 'address' and name = $1`
	if err := e.pool.QueryRow(e.t.Context(), q, oldName).Scan(&e.inv.invitee); err != nil {
		e.t.Fatal(err)
	}
	var err error
	if e.inv.token, _, err = e.guests.Token(e.t.Context(), e.inv.invitee); err != nil {
		e.t.Fatal(err)
	}
}

// write has the person say things, as an account and as a guest, and others speak of
// them.
func (e *erasureCase) write() {
	e.t.Helper()
	room := e.group(e.t, e.lin, e.gone, e.admin).String()
	lin, gone := e.dial(e.t, e.lin), e.dial(e.t, e.gone)
	file := e.upload(e.t, e.gone.cookies, oldLogin+".txt", []byte(oldLogin))
	own := gone.Call(&wire.Post{Room: room, ClientID: "1", Text: oldLogin, Topic: oldLogin, Attachments: []string{file}, Mentions: []string{e.lin.ID.String()}}).(*wire.Posted)
	gone.Call(&wire.Edit{Room: room, Message: own.Event.Message.ID, Text: "I am " + oldLogin})
	theirs := lin.Call(&wire.Post{Room: room, ClientID: "2", Text: "@" + oldName, Mentions: []string{e.gone.ID.String()}, ReplyTo: own.Event.Message.ID}).(*wire.Posted)
	gone.Call(&wire.React{Room: room, Message: theirs.Event.Message.ID, Emoji: "👍", On: true})
	lin.Call(&wire.Post{Room: e.group(e.t, e.lin, e.admin).String(), ClientID: "3", Mentions: []string{}, Forward: &wire.ForwardOf{Room: room, Message: own.Event.Message.ID}})
	e.request(e.t, e.gone.cookies, http.MethodPost, "/api/scheduled", map[string]any{
		"id": uuid.New(), "room": room, "content": map[string]any{"text": oldLogin}, "send_at": time.Now().Add(time.Hour),
	}, http.StatusOK, nil)
	cookies := e.enterAs(oldLogin + " at home")
	e.letIn(e.t, cookies)
	e.dialGuest(e.t, cookies).Call(&wire.Post{Room: e.inv.room.String(), ClientID: "4", Text: oldLogin + " as a guest", Mentions: []string{}})
	if _, err := e.pool.Exec(e.t.Context(), `update meetings set state = 'planned' where id = $1`, e.inv.meeting); err != nil {
		e.t.Fatal(err)
	}
}

func (e *erasureCase) enterAs(name string) []*http.Cookie {
	e.t.Helper()
	return e.request(e.t, nil, http.MethodPost, "/api/guest/session", map[string]any{
		"token": e.inv.token, "name": name, "language": "en", "time_zone": "Europe/Berlin",
	}, http.StatusOK, nil).Cookies()
}

// notice tells others of the person, with what a mail server said.
func (e *erasureCase) notice() {
	e.t.Helper()
	e.inTx(e.t, func(tx pgx.Tx) error {
		job := notify.Job{Letter: notify.Invitation, Meeting: e.inv.meeting, Invitee: e.inv.invitee}
		notices, err := e.schedule.Undelivered(e.t.Context(), tx, job, "550 no such user "+oldEmail)
		if err != nil || len(notices) != 1 {
			e.t.Fatalf("%d notices, %v", len(notices), err)
		}
		return e.notices.Tell(e.t.Context(), tx, notices...)
	})
	e.inTx(e.t, func(tx pgx.Tx) error {
		const q = `
insert into river_job (kind, args, errors, max_attempts, queue, state, finalized_at) values
('letter', jsonb_build_object('invitee', $1::uuid), array[jsonb_build_object('error', $2::text)], 12, 'default', 'discarded', now())`
		_, err := tx.Exec(e.t.Context(), q, e.inv.invitee, "550 "+oldEmail)
		return err
	})
	direct := e.direct(e.lin, e.gone)
	caller := e.dial(e.t, e.gone)
	call := ring(caller, direct, e.lin)
	caller.Call(&wire.CancelCall{Call: call.ID})
	e.request(e.t, e.lin.cookies, http.MethodPost, "/api/notices/reminders",
		map[string]any{"room": direct, "at": time.Now().Add(time.Hour)}, http.StatusNoContent, nil)
}

// direct returns the room of two.
func (e *erasureCase) direct(a, b person) (room uuid.UUID) {
	e.t.Helper()
	var made struct {
		ID uuid.UUID `json:"id"`
	}
	e.request(e.t, a.cookies, http.MethodPost, "/api/rooms/direct", map[string]any{"account": b.ID}, http.StatusOK, &made)
	return made.ID
}

// rows counts the rows of every table that still name the person.
func (e *erasureCase) rows() map[string]int {
	e.t.Helper()
	return e.naming(e.t, "岑若兰", "O'Brien", oldLogin)
}

// naming counts the rows of every table in which one of these words stands, in whatever
// column.
func (h *house) naming(t *testing.T, words ...string) map[string]int {
	t.Helper()
	rows, _ := h.pool.Query(t.Context(), `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, table := range tables {
		var n int
		q := `select count(*) from ` + pgx.Identifier{table}.Sanitize() + ` t where t::text ilike any (select '%' || w || '%' from unnest($1::text[]) w)`
		if err := h.pool.QueryRow(t.Context(), q, words).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found[table] = n
		}
	}
	return found
}

// erase erases the person, and returns the proof.
func (e *erasureCase) erase() erasure.Erasure {
	e.t.Helper()
	var proof erasure.Erasure
	e.request(e.t, e.admin.cookies, http.MethodPost, "/api/erasures",
		map[string]any{"person_kind": "account", "person_id": e.gone.ID, "reason": "本人要求"}, http.StatusOK, &proof)
	return proof
}

// TestNothingIsLeftOfWhoWasErased looks into every table after somebody was erased who
// had an account, was invited by name as well, wrote and was written to.
func TestNothingIsLeftOfWhoWasErased(t *testing.T) {
	t.Parallel()
	e := newHouse(t).traces(t)
	before := e.rows()
	for _, table := range []string{
		"accounts", "sessions", "sign_in_failures", "guest_links", "guest_sessions", "invitees", "messages", "message_versions",
		"reactions", "scheduled_messages", "files", "notices", "river_job", "contacts", "contact_fields", "audit",
	} {
		if before[table] == 0 {
			t.Errorf("the test left no trace in %s: %v", table, before)
		}
	}
	proof := e.erase()
	if proof.FinishedAt == nil {
		t.Errorf("not finished: %+v", proof.Proof)
	}
	// What another wrote of them, what was done, and the contact that is deleted where
	// contacts are.
	want := map[string]int{"messages": 1, "audit": before["audit"], "contacts": 1, "contact_fields": 1}
	e.proves(proof, want)
	e.saveAgain(want)
	again := e.erase()
	if again.FinishedAt == nil || !slices.Equal(again.Proof.Found, proof.Proof.Found) {
		t.Errorf("once more: %+v, was %+v", again.Proof, proof.Proof)
	}
}

// proves compares a proof with what stands in the tables, and that with what may.
func (e *erasureCase) proves(proof erasure.Erasure, want map[string]int) {
	e.t.Helper()
	left := e.rows()
	for table, n := range left {
		if want[table] != n && !varies(table) {
			e.t.Errorf("%d rows of %s still name the person", n, table)
		}
	}
	said := map[string]bool{}
	for _, p := range proof.Proof.Found {
		if said[p.Table] = true; p.Kept == "" {
			e.t.Errorf("found in %s.%s, from where it should be gone", p.Table, p.Column)
		}
	}
	for table := range left {
		if !said[table] {
			e.t.Errorf("the proof says nothing of %s, where it is still found", table)
		}
	}
	var titles int
	if err := e.pool.QueryRow(e.t.Context(), `select count(*) from notices where title like '%岑若兰%'`).Scan(&titles); err != nil || titles != 0 {
		e.t.Errorf("%d notices are headed by the person's name, %v", titles, err)
	}
	parts := map[string]bool{}
	for _, p := range proof.Proof.Parts {
		parts[p.Part] = true
	}
	for _, h := range erasure.Columns() {
		if h.Part != "" && !parts[h.Part] {
			e.t.Errorf("%s is erased by %q, which is no part", h.Table, h.Part)
		}
	}
}

// varies says whether how many rows there are is a matter of the moment: of what others
// were told of what others wrote, and of who did what.
func varies(table string) bool { return table == "notices" || table == "audit" }

// saveAgain saves the meeting as it is now, and from a page that was opened before.
func (e *erasureCase) saveAgain(want map[string]int) {
	e.t.Helper()
	path := "/api/meetings/" + e.inv.meeting.String()
	for _, fresh := range []bool{true, false, false} {
		var m map[string]any
		e.request(e.t, e.lin.cookies, http.MethodGet, path, nil, http.StatusOK, &m)
		body := changed(m)
		maps.Copy(body, e.form)
		if fresh {
			body["invitees"] = asShown(m)
		}
		e.request(e.t, e.lin.cookies, http.MethodPut, path, body, http.StatusOK, &m)
		if got := len(m["invitees"].([]any)); got != 3 {
			e.t.Errorf("%d are invited", got)
		}
		for table, n := range e.rows() {
			if n != want[table] && !varies(table) {
				e.t.Errorf("saved (fresh: %v): %d rows of %s name the person again", fresh, n, table)
			}
		}
	}
}

// asShown are the guests of a meeting as a page that was opened now sends them back.
func asShown(m map[string]any) []any {
	var invitees []any
	for _, i := range m["invitees"].([]any) {
		i := i.(map[string]any)
		if i["kind"] == "account" {
			continue // is no account any more
		}
		shown := map[string]any{}
		for _, field := range []string{"kind", "ref", "name", "email", "language", "time_zone"} {
			if v, ok := i[field]; ok && v != nil {
				shown[field] = v
			}
		}
		invitees = append(invitees, shown)
	}
	return invitees
}

// TestAGuestIsErasedFromEveryInvitation erases somebody who was invited twice.
func TestAGuestIsErasedFromEveryInvitation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, lin := h.person(t, "admin", account.Admin), h.person(t, "linyue", account.Staff)
	namesake := []map[string]any{{"kind": "address", "name": "Dr. Hannah Weiss", "email": "another@example.org"}}
	h.guestMeetingWith(t, lin, map[string]any{"invitees": namesake})
	first, second := h.guestMeeting(t, lin), h.guestMeeting(t, lin)
	h.request(t, nil, http.MethodPost, "/api/guest/session", map[string]any{
		"token": second.token, "name": "Hanni", "language": "en", "time_zone": "Europe/Berlin",
	}, http.StatusOK, nil)
	for _, part := range []string{"hannah w", "WEISS@example", "hanni"} { // the last is as the guest came in
		if found := h.guestsFound(t, admin, part); len(found) == 0 || !slices.ContainsFunc(found, func(g erasure.GuestFound) bool { return g.ID == second.invitee }) {
			t.Errorf("%q finds %+v", part, found)
		}
	}
	found := h.guestsFound(t, admin, "weiss@example.org")
	if len(found) != 1 || found[0].Meetings != 2 {
		t.Fatalf("one person, invited twice, is found as %+v", found)
	}
	var proof erasure.Erasure
	h.request(t, admin.cookies, http.MethodPost, "/api/erasures",
		map[string]any{"person_kind": "guest", "person_id": found[0].ID, "reason": "本人要求"}, http.StatusOK, &proof)
	if proof.FinishedAt == nil || len(proof.Proof.Parts) != 12 {
		t.Errorf("the proof: %+v", proof)
	}
	left := h.naming(t, "Weiss")
	if delete(left, "audit"); !maps.Equal(left, map[string]int{"invitees": 1, "guest_links": 1}) { // the namesake's
		t.Errorf("left: %v", left)
	}
	if left := h.guestsFound(t, admin, "weiss@example.org"); len(left) != 0 {
		t.Errorf("still found: %+v", left)
	}
	if left := h.guestsFound(t, admin, "Hannah"); len(left) != 1 || left[0].Email != "another@example.org" {
		t.Errorf("of the namesake, is found: %+v", left)
	}
	if left := h.naming(t, "weiss@example.org"); len(left) != 0 {
		t.Errorf("the address is left in %v", left)
	}
	for _, inv := range []invited{first, second} {
		h.request(t, nil, http.MethodPost, "/api/guest/session", map[string]any{
			"token": inv.token, "name": "Hannah Weiss", "language": "en", "time_zone": "Europe/Berlin",
		}, http.StatusNotFound, nil)
	}
}

// guestsFound are the guests an administrator finds by a part of a name or an address.
func (h *house) guestsFound(t *testing.T, admin person, part string) (found []erasure.GuestFound) {
	t.Helper()
	h.request(t, admin.cookies, http.MethodGet, "/api/erasures/guests?q="+url.QueryEscape(part), nil, http.StatusOK, &found)
	return found
}

// TestWhoLookedForGuestsIsNoted: the audit says who was shown, and not by which words.
func TestWhoLookedForGuestsIsNoted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.person(t, "admin", account.Admin)
	inv := h.guestMeeting(t, h.person(t, "linyue", account.Staff))
	h.guestsFound(t, admin, "weiss@")
	var details string
	const q = `select details::text from audit where action = 'guests.find' and account_id = $1`
	if err := h.pool.QueryRow(t.Context(), q, admin.ID).Scan(&details); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(details, inv.invitee.String()) || strings.Contains(details, "weiss") {
		t.Errorf("noted: %s", details)
	}
	for _, bad := range []string{"", "%20", "%00"} {
		h.request(t, admin.cookies, http.MethodGet, "/api/erasures/guests?q="+bad, nil, http.StatusUnprocessableEntity, nil)
	}
}
