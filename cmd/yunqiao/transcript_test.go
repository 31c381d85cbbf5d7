package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat/transcript"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// unzip returns the entries of an archive.
func unzip(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	opened, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string][]byte{}
	for _, f := range opened.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if entries[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	return entries
}

// A room's history leaves with its files, whole and readable, and comes into
// another room without pretending to be anybody's.
func TestARoomGoesOutAndComesIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lin, chen, admin := h.person(t, "linyue", account.Staff), h.person(t, "chenhao", account.Ambassador), h.person(t, "admin", account.Admin)
	room := h.group(t, lin, chen).String()
	c, co := h.dial(t, lin), h.dial(t, chen)
	content := []byte("%PDF-1.4 名单")
	file := h.upload(t, lin.cookies, `名单"<b>.pdf`, content)
	first := c.Call(&wire.Post{
		Room: room, ClientID: "1", Text: "**名单**在此 <script>alert(1)</script> ![x](https://evil.example/p.png) [y](javascript:alert(1))",
		Attachments: []string{file}, Mentions: []string{}, Topic: "春季招聘",
	}).(*wire.Posted).Event.Message
	co.Call(&wire.Post{Room: room, ClientID: "2", Text: "收到", ReplyTo: first.ID, Mentions: []string{}})
	co.Call(&wire.React{Room: room, Message: first.ID, Emoji: "👍", On: true})
	back := co.Call(&wire.Post{Room: room, ClientID: "3", Text: "写错了", Mentions: []string{}}).(*wire.Posted).Event.Message
	co.Call(&wire.Delete{Room: room, Message: back.ID})

	h.request(t, chen.cookies, http.MethodGet, "/api/rooms/"+room+"/export", nil, http.StatusForbidden, nil)
	h.request(t, admin.cookies, http.MethodGet, "/api/rooms/"+room+"/export", nil, http.StatusNotFound, nil)
	response, archive := h.send(t, lin.cookies, http.MethodGet, "/api/rooms/"+room+"/export", nil)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("export: %s", response.Status)
	}
	entries := unzip(t, archive)
	checkManifest(t, entries)
	var out transcript.Room
	if err := json.Unmarshal(entries["room.json"], &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Messages) != 3 || len(out.Messages[0].Files) != 1 || len(out.Messages[0].Reactions) != 1 || out.Messages[2].Removed != "author" {
		t.Fatalf("exported %+v", out.Messages)
	}
	if got := entries[out.Messages[0].Files[0].Path]; !bytes.Equal(got, content) {
		t.Errorf("the file is %q", got)
	}
	page := string(entries["history.html"])
	for _, want := range []string{"<strong>名单</strong>", "收到", "春季招聘", "作者已撤回", "Asia/Shanghai", "名单&#34;&lt;b&gt;.pdf"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	for _, bad := range []string{"<script>", "evil.example", "javascript:", "写错了"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	h.importArchive(t, lin, archive, http.StatusForbidden, nil)
	var made struct {
		ID       uuid.UUID `json:"id"`
		Messages int       `json:"messages"`
	}
	h.importArchive(t, admin, archive, http.StatusCreated, &made)
	if made.Messages != 2 {
		t.Errorf("%d messages came in", made.Messages)
	}
	h.checkImported(t, admin, made.ID.String(), content)
}

func checkManifest(t *testing.T, entries map[string][]byte) {
	t.Helper()
	var manifest struct {
		SHA256 map[string]string `json:"sha256"`
	}
	if err := json.Unmarshal(entries["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	for name, content := range entries {
		sum := sha256.Sum256(content)
		if name != "manifest.json" && manifest.SHA256[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("the manifest has another sum for %s", name)
		}
	}
	if len(entries) != len(manifest.SHA256)+1 || len(entries) < 4 {
		t.Errorf("%d entries, %d sums", len(entries), len(manifest.SHA256))
	}
}

func (h *house) importArchive(t *testing.T, p person, archive []byte, status int, into any) {
	t.Helper()
	response, body := h.send(t, p.cookies, http.MethodPost, "/api/rooms/import", bytes.NewReader(archive))
	if response.StatusCode != status {
		t.Fatalf("import: %s: %s", response.Status, body)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *house) checkImported(t *testing.T, p person, room string, content []byte) {
	t.Helper()
	messages := h.dial(t, p).Call(&wire.History{Room: room}).(*wire.HistoryPage).Messages
	if len(messages) != 2 {
		t.Fatalf("the room has %d messages", len(messages))
	}
	first, reply := messages[0], messages[1]
	switch {
	case first.Author.Kind != wire.PersonGuest || first.Author.Name != "名 linyue":
		t.Errorf("the author is %+v: nobody may be impersonated", first.Author)
	case first.Topic != "春季招聘" || len(first.Attachments) != 1 || len(first.Reactions) != 1 || first.Reactions[0].By[0].Name != "名 chenhao":
		t.Errorf("the message came in as %+v", first)
	case reply.ReplyTo == nil || reply.ReplyTo.ID != first.ID || reply.Text != "收到":
		t.Errorf("the reply came in as %+v", reply)
	case first.PostedAt.After(reply.PostedAt):
		t.Error("the times are not those of then")
	}
	_, got := h.send(t, p.cookies, http.MethodGet, "/api/files/"+first.Attachments[0].ID, nil)
	if !bytes.Equal(got, content) {
		t.Errorf("the file came in as %q", got)
	}
}

func TestBadArchivesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.person(t, "admin", account.Admin)
	pack := func(room string) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		entry, err := w.Create("room.json")
		if err == nil {
			_, err = entry.Write([]byte(room))
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	const message = `{"id":"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21","seq":1,"author":{"id":"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21","kind":"account","name":"x"},"posted_at":"2026-11-25T08:00:00Z","text":"x"`
	head := `{"format":"yunqiao-room","version":1,"title":"x","messages":[`
	for name, archive := range map[string][]byte{
		"no archive": []byte("hello"), "empty": pack(""), "another format": pack(`{"format":"x","version":1,"title":"x","messages":[]}`),
		"another version": pack(`{"format":"yunqiao-room","version":9,"title":"x","messages":[]}`), "no title": pack(`{"format":"yunqiao-room","version":1}`),
		"no name": pack(head + strings.Replace(message, `"name":"x"`, `"name":" "`, 1) + `}]}`), "no time": pack(head + strings.Replace(message, `"posted_at":"2026-11-25T08:00:00Z",`, "", 1) + `}]}`),
		"a bad emoji": pack(head + message + `,"reactions":[{"emoji":"abc","by":[{"id":"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21","name":"x"}]}]}]}`),
		"too long":    pack(head + strings.Replace(message, `"text":"x"`, `"text":"`+strings.Repeat("x", 10_001)+`"`, 1) + `}]}`),
		"NUL":         pack(head + strings.Replace(message, `"text":"x"`, `"text":"\u0000"`, 1) + `}]}`),
	} {
		h.importArchive(t, admin, archive, http.StatusUnprocessableEntity, nil)
		var rooms []struct{}
		if h.request(t, admin.cookies, http.MethodGet, "/api/rooms", nil, http.StatusOK, &rooms); len(rooms) != 0 {
			t.Fatalf("%s: a room was made all the same", name)
		}
	}
}

// A person's data is erased on demand, with a proof that nothing is left.
func TestAPersonIsErasedWithProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, lin, gone := h.person(t, "admin", account.Admin), h.person(t, "linyue", account.Staff), h.person(t, "canary", account.Ambassador)
	room := h.group(t, lin, gone).String()
	c, co := h.dial(t, lin), h.dial(t, gone)
	file := h.upload(t, gone.cookies, "canary.txt", []byte("canary"))
	co.Call(&wire.Post{Room: room, ClientID: "1", Text: "canary", Attachments: []string{file}, Mentions: []string{}})
	ask := map[string]any{"person_kind": "account", "person_id": gone.ID, "reason": "本人要求"}
	var proof struct {
		ID         uuid.UUID `json:"id"`
		FinishedAt *string   `json:"finished_at"`
		Proof      struct {
			Parts []struct {
				Part    string           `json:"part"`
				Remains map[string]int64 `json:"remains"`
			} `json:"parts"`
		} `json:"proof"`
	}
	h.request(t, admin.cookies, http.MethodPost, "/api/erasures", ask, http.StatusOK, &proof)
	if proof.FinishedAt == nil || len(proof.Proof.Parts) != 6 {
		t.Fatalf("the proof: %+v", proof)
	}
	for _, part := range proof.Proof.Parts {
		for what, n := range part.Remains {
			if n != 0 {
				t.Errorf("%s: %d %s remain", part.Part, n, what)
			}
		}
	}
	co.Closed()
	h.request(t, gone.cookies, http.MethodGet, "/api/session", nil, http.StatusUnauthorized, nil)
	h.request(t, lin.cookies, http.MethodGet, "/api/files/"+file, nil, http.StatusNotFound, nil)
	page := c.Call(&wire.History{Room: room}).(*wire.HistoryPage)
	if m := page.Messages[0]; m.Text != "" || m.Removed != wire.RemovedByErasure || m.Author.Name == "canary" {
		t.Errorf("the message is now %+v", m)
	}
	h.request(t, admin.cookies, http.MethodGet, "/api/erasures/"+proof.ID.String(), nil, http.StatusOK, &proof)
	_, list := h.send(t, admin.cookies, http.MethodGet, "/api/erasures", nil)
	if strings.Contains(string(list), "canary") {
		t.Error("the proof names the person")
	}
	for field, bad := range map[string]map[string]any{
		"reason":    {"person_kind": "account", "person_id": lin.ID, "reason": " "},
		"person_id": {"person_kind": "account", "person_id": admin.ID, "reason": "x"},
	} {
		response, body := h.send(t, admin.cookies, http.MethodPost, "/api/erasures", bytes.NewReader(mustJSON(t, bad)))
		if response.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body), field) {
			t.Errorf("%s: %s %s", field, response.Status, body)
		}
	}
	h.request(t, admin.cookies, http.MethodPost, "/api/erasures",
		map[string]any{"person_kind": "guest", "person_id": uuid.New(), "reason": "x"}, http.StatusNotFound, nil)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
