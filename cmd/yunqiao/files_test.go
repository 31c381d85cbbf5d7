package main

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// tus makes one request of an upload.
func (h *house) tus(t *testing.T, cookies []*http.Cookie, method, path string, body []byte, header map[string]string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	for _, c := range cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}

// upload sends a file and returns its id.
func (h *house) upload(t *testing.T, cookies []*http.Cookie, name string, content []byte) string {
	t.Helper()
	created := h.tus(t, cookies, http.MethodPost, "/api/uploads", nil, map[string]string{
		"Upload-Length": strconv.Itoa(len(content)), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name)),
	})
	if created.StatusCode != http.StatusCreated {
		t.Fatalf("begin upload: %s", created.Status)
	}
	at := created.Header.Get("Location")
	sent := h.tus(t, cookies, http.MethodPatch, at, content, map[string]string{
		"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
	})
	if sent.StatusCode != http.StatusNoContent {
		t.Fatalf("send: %s", sent.Status)
	}
	return strings.TrimPrefix(at, "/api/uploads/")
}

// From one browser to another: a file larger than any other request, posted
// without a word, read by the members and by nobody else.
func TestAFileGoesWithAMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, chen, outsider := h.person(t, "linyue", account.Staff), h.person(t, "chenhao", account.Ambassador), h.person(t, "zhao", account.Admin)
	inv := h.guestMeeting(t, lin)
	guest := h.enter(t, inv)
	room := h.group(t, lin, chen)
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // 3.2 MB
	file := h.upload(t, lin.cookies, "名单 终稿.bin", content)
	path := "/api/files/" + file
	read := func(cookies []*http.Cookie) int {
		response, body := h.send(t, cookies, http.MethodGet, path, nil)
		if response.StatusCode == http.StatusOK && !bytes.Equal(body, content) {
			t.Errorf("other bytes come back: %d", len(body))
		}
		return response.StatusCode
	}
	if read(lin.cookies) != http.StatusOK || read(chen.cookies) != http.StatusNotFound {
		t.Error("before it is posted the file is not its uploader's alone")
	}
	client := h.dial(t, lin)
	post := &wire.Post{Room: room.String(), ClientID: "1", Mentions: []string{}, Attachments: []string{file}}
	if _, failure := h.dial(t, chen).Try(post); failure == nil || failure.Code != wire.CodeNotFound {
		t.Errorf("somebody else posts it: %+v", failure)
	}
	m, failure := client.Try(post)
	if failure != nil {
		t.Fatalf("post: %s", failure.Message)
	}
	message := m.(*wire.Posted).Event.Message
	if len(message.Attachments) != 1 || message.Attachments[0].Name != "名单 终稿.bin" || message.Attachments[0].Size != int64(len(content)) {
		t.Fatalf("posted with %+v", message.Attachments)
	}
	if read(lin.cookies) != http.StatusOK || read(chen.cookies) != http.StatusOK {
		t.Error("the members do not get it")
	}
	for name, cookies := range map[string][]*http.Cookie{"an administrator outside": outsider.cookies, "a guest": guest, "nobody": nil} {
		if got := read(cookies); got == http.StatusOK {
			t.Errorf("%s reads it", name)
		}
	}
	if err := h.chat.RemoveMember(t.Context(), lin.ID, room, chen.ID); err != nil {
		t.Fatal(err)
	}
	if read(chen.cookies) != http.StatusNotFound {
		t.Error("who was taken out of the room still reads it")
	}
	if _, failure := client.Try(&wire.Delete{Room: room.String(), Message: message.ID}); failure != nil {
		t.Fatal(failure.Message)
	}
	if read(lin.cookies) != http.StatusNotFound {
		t.Error("it is read after it was taken back")
	}
}

// letIn admits the device with a guest's cookie into its live meeting, as a host does.
func (h *house) letIn(t *testing.T, cookies []*http.Cookie) {
	t.Helper()
	for _, c := range cookies {
		if c.Name != account.GuestCookie {
			continue
		}
		g, err := h.guests.BySession(t.Context(), c.Value)
		if err == nil {
			_, err = h.pool.Exec(t.Context(), `update meetings set state = 'live' where id = $1`, g.MeetingID)
		}
		if err == nil {
			err = h.guests.Admit(t.Context(), g.SessionID, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A guest sends and reads files in its meeting's chat, once it is let in.
func TestAGuestSendsFilesIntoItsMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	inv, other := h.guestMeeting(t, host), h.guestMeeting(t, host)
	cookies := h.enter(t, inv)
	refused := h.tus(t, cookies, http.MethodPost, "/api/uploads", nil, map[string]string{"Upload-Length": "3", "Upload-Metadata": "filename YQ=="})
	if refused.StatusCode != http.StatusForbidden {
		t.Errorf("from the lobby: %s", refused.Status)
	}
	h.letIn(t, cookies)
	file := h.upload(t, cookies, "a.txt", []byte("abc"))
	client := h.dialGuest(t, cookies)
	post := func(room uuid.UUID) *wire.Failure {
		_, failure := client.Try(&wire.Post{Room: room.String(), ClientID: "1", Mentions: []string{}, Attachments: []string{file}})
		return failure
	}
	if failure := post(other.room); failure == nil {
		t.Error("posted into another meeting's room")
	}
	if failure := post(inv.room); failure != nil {
		t.Fatalf("post: %s", failure.Message)
	}
	if response, body := h.send(t, host.cookies, http.MethodGet, "/api/files/"+file, nil); string(body) != "abc" {
		t.Errorf("the host gets %s", response.Status)
	}
	stranger := h.enter(t, other)
	h.letIn(t, stranger)
	if response, _ := h.send(t, stranger, http.MethodGet, "/api/files/"+file, nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("a guest of another meeting gets %s", response.Status)
	}
}

// Pages of other origins may not begin uploads with a signed-in browser.
func TestOtherSitesDoNotUpload(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	response := h.tus(t, p.cookies, http.MethodPost, "/api/uploads", nil, map[string]string{
		"Upload-Length": "3", "Upload-Metadata": "filename YQ==", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site",
	})
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("answered %s", response.Status)
	}
}
