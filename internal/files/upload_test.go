package files

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

func TestAnUploadComesInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	content := bytes.Repeat([]byte("侨联文件\n"), 5000)
	at := h.begin(t, "lin", named("纪要 草稿.txt"), len(content))
	offset := func() string {
		response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil)
		return response.Header.Get("Upload-Offset")
	}
	if got := offset(); got != "0" {
		t.Errorf("a fresh upload stands at %q", got)
	}
	if status, _ := h.send(t, "lin", at, 0, content[:1000]); status != http.StatusNoContent {
		t.Fatalf("first piece: %d", status)
	}
	for wrong, piece := range map[int][]byte{0: content[:10], 999: content[999:1200], 1001: content[1001:1200]} {
		if status, code := h.send(t, "lin", at, wrong, piece); status != http.StatusConflict || code != "wrong_offset" {
			t.Errorf("a piece at %d: %d %s", wrong, status, code)
		}
	}
	// Another process on the same folder goes on where this one stopped.
	again, err := New(h.files.Deps)
	if err != nil {
		t.Fatal(err)
	}
	h.files = again
	h.serve(t)
	if got := offset(); got != "1000" {
		t.Errorf("after a restart it stands at %q", got)
	}
	id := uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/"))
	if h.status(t, "lin", id) != http.StatusNotFound {
		t.Error("an unfinished file is served")
	}
	if status, code := h.send(t, "lin", at, 1000, content[1000:]); status != http.StatusNoContent {
		t.Fatalf("last piece: %d %s", status, code)
	}
	response, body := h.ask(t, "lin", http.MethodGet, h.path(id), nil, nil)
	if response.StatusCode != http.StatusOK || !bytes.Equal(body, content) {
		t.Errorf("the file comes back as %s, %d bytes", response.Status, len(body))
	}
	if got := offset(); got != strconv.Itoa(len(content)) {
		t.Errorf("a finished upload stands at %q", got)
	}
}

func TestACutOffPieceIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	content := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 20_000)
	at := h.begin(t, "lin", named("a.bin"), len(content))
	// A client that promises more than it sends, and is gone.
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn, "PATCH "+at+" HTTP/1.1\r\nHost: x\r\nX-Who: lin\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: "+strconv.Itoa(len(content))+"\r\n\r\n"+string(content[:60_000]))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil { // until the server has given up
		t.Log("reading the answer:", err)
	}
	conn.Close()
	response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil)
	reached, err := strconv.Atoi(response.Header.Get("Upload-Offset"))
	if err != nil || reached != 60_000 {
		t.Fatalf("the upload stands at %q", response.Header.Get("Upload-Offset"))
	}
	if status, code := h.send(t, "lin", at, reached, content[reached:]); status != http.StatusNoContent {
		t.Fatalf("the rest: %d %s", status, code)
	}
}

func TestTwoRequestsDoNotSendTheSameUpload(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.begin(t, "lin", named("a.bin"), 100)
	p, err := h.files.parts.open(uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/")))
	if err != nil {
		t.Fatal(err)
	}
	if status, code := h.send(t, "lin", at, 0, make([]byte, 100)); status != http.StatusLocked || code != "upload_busy" {
		t.Errorf("a second request: %d %s", status, code)
	}
	p.Close()
	if status, _ := h.send(t, "lin", at, 0, make([]byte, 100)); status != http.StatusNoContent {
		t.Errorf("after the first has ended: %d", status)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, test := range map[string]struct {
		who, length, metadata string
		status                int
		code                  string
	}{
		"nobody":           {"", "5", named("a"), http.StatusUnauthorized, "signed_out"},
		"guest outside":    {"lobby", "5", named("a"), http.StatusForbidden, "forbidden"},
		"no length":        {"lin", "", named("a"), http.StatusUnprocessableEntity, "invalid"},
		"negative length":  {"lin", "-1", named("a"), http.StatusUnprocessableEntity, "invalid"},
		"empty file":       {"lin", "0", named("a"), http.StatusUnprocessableEntity, "empty"},
		"too large":        {"lin", strconv.Itoa(1<<20 + 1), named("a"), http.StatusRequestEntityTooLarge, "too_large"},
		"no name":          {"lin", "5", "", http.StatusUnprocessableEntity, "invalid"},
		"control in name":  {"lin", "5", named("a\u0007b"), http.StatusUnprocessableEntity, "invalid"},
		"turned name":      {"lin", "5", named("a\u202egpj.exe"), http.StatusUnprocessableEntity, "invalid"},
		"long name":        {"lin", "5", named(strings.Repeat("侨", 256)), http.StatusUnprocessableEntity, "name_too_long"},
		"longest name":     {"lin", "5", named(strings.Repeat("侨", 251) + ".txt"), http.StatusCreated, ""},
		"unseen name":      {"lin", "5", named("\u200b\u3164"), http.StatusUnprocessableEntity, "invalid"},
		"unknown metadata": {"lin", "5", named("a", "owner bGlu"), http.StatusUnprocessableEntity, "invalid"},
		"bad base64":       {"lin", "5", "filename ???", http.StatusUnprocessableEntity, "invalid"},
	} {
		response, body := h.ask(t, test.who, http.MethodPost, uploadsPath, nil, map[string]string{
			"Upload-Length": test.length, "Upload-Metadata": test.metadata,
		})
		if response.StatusCode != test.status || codeOf(body) != test.code {
			t.Errorf("%s: %s %s", name, response.Status, body)
		}
	}
	response, body := h.ask(t, "lin", http.MethodPost, uploadsPath, nil, map[string]string{"Tus-Resumable": "0.2", "Upload-Length": "5"})
	if response.StatusCode != http.StatusPreconditionFailed || response.Header.Get("Tus-Version") != tusVersion {
		t.Errorf("another version: %s %s", response.Status, body)
	}
}

func TestMoreThanWasAnnouncedIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.begin(t, "lin", named("a.bin"), 10)
	response, body := h.ask(t, "lin", http.MethodPatch, at, iotest.OneByteReader(strings.NewReader("0123456789x")), map[string]string{
		"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
	})
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("one byte more: %s %s", response.Status, body)
	}
	if status, code := h.send(t, "lin", at, 0, []byte("0123456789")); status != http.StatusNoContent {
		t.Errorf("the announced ten: %d %s", status, code)
	}
}

func TestAnUploadIsItsOwners(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.begin(t, "lin", named("a.bin"), 10)
	for _, who := range []string{"chen", "guest"} {
		if response, _ := h.ask(t, who, http.MethodHead, at, nil, nil); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s asks for it: %s", who, response.Status)
		}
		if status, _ := h.send(t, who, at, 0, []byte("0123456789")); status != http.StatusNotFound {
			t.Errorf("%s sends: %d", who, status)
		}
		if response, _ := h.ask(t, who, http.MethodDelete, at, nil, nil); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s deletes: %s", who, response.Status)
		}
	}
	if response, _ := h.ask(t, "lin", http.MethodDelete, at, nil, nil); response.StatusCode != http.StatusNoContent {
		t.Errorf("the owner deletes: %s", response.Status)
	}
	if response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("after deletion: %s", response.Status)
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Limits = Limits{Size: 100, Quota: 250} })
	h.begin(t, "lin", named("a"), 100)
	second := h.begin(t, "lin", named("b"), 100)
	response, body := h.ask(t, "lin", http.MethodPost, uploadsPath, nil, map[string]string{"Upload-Length": "51", "Upload-Metadata": named("c")})
	if response.StatusCode != http.StatusRequestEntityTooLarge || codeOf(body) != "quota_exceeded" {
		t.Errorf("beyond the quota: %s %s", response.Status, body)
	}
	h.begin(t, "chen", named("d"), 100) // another's room is another's
	h.ask(t, "lin", http.MethodDelete, second, nil, nil)
	h.begin(t, "lin", named("c"), 100)
}

func TestTooManyOpenUploads(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for range maxOpen {
		h.begin(t, "lin", named("a"), 1)
	}
	response, body := h.ask(t, "lin", http.MethodPost, uploadsPath, nil, map[string]string{"Upload-Length": "1", "Upload-Metadata": named("c")})
	if response.StatusCode != http.StatusTooManyRequests || codeOf(body) != "too_many_uploads" {
		t.Errorf("one more: %s %s", response.Status, body)
	}
}

// FuzzMetadata: whatever a header says, a name that is taken is short text
// without controls.
func FuzzMetadata(f *testing.F) {
	for _, s := range []string{named("纪要.docx"), named(`C:\a\b.txt`, "voice", "duration_ms MTIwMA=="), "filename", "filename !", ",", named(".."), named("\xff")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		m, err := parseMetadata(header)
		if err != nil {
			return
		}
		if m.Name == "" || utf8.RuneCountInString(m.Name) > maxName || !utf8.ValidString(m.Name) || strings.ContainsAny(m.Name, "/\\\x00\n") {
			t.Fatalf("%q gives the name %q", header, m.Name)
		}
		if m.DurationMS < 0 || m.DurationMS > maxDurationMS {
			t.Fatalf("%q lasts %d", header, m.DurationMS)
		}
	})
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	ms := base64.StdEncoding.EncodeToString([]byte("4200"))
	m, err := parseMetadata(named(`C:\照片\合影.jpg`, "filetype aW1hZ2UvanBlZw==", "voice", "duration_ms "+ms))
	if err != nil || m.Name != "合影.jpg" || !m.Voice || m.DurationMS != 4200 {
		t.Errorf("%+v, %v", m, err)
	}
}

// A guest's link fills a part of what an account may, whatever one begins.
func TestAGuestKeepsLessThanAnAccount(t *testing.T) {
	t.Parallel()
	const piece = 100 << 20
	h := newHouse(t, func(d *Deps) { d.Limits = Limits{Size: piece, Quota: 10 << 30} })
	begun := func(by Person) (n int) {
		for n < 20 {
			if _, err := h.files.begin(t.Context(), by, metadata{Name: "a.bin"}, piece); err != nil {
				if !errors.Is(err, ErrQuota) {
					t.Fatal(err)
				}
				break
			}
			n++
		}
		return n
	}
	if n := begun(Person{ID: uuid.New(), Kind: GuestPerson, Room: uuid.New()}); n != 5 {
		t.Errorf("a guest begins %d files of 100 MiB, want 5", n)
	}
	if n := begun(Person{ID: uuid.New(), Kind: AccountPerson}); n != 20 {
		t.Errorf("an account begins %d, want 20", n)
	}
}

// A file under which the process died twice is not looked at a third time.
func TestADeadlyFileIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	content := picturetest.JPEG(t, 20, 20)
	died := func(times int) string {
		at := h.begin(t, "lin", named("a.jpg"), len(content))
		const q = `update files set looks = $2 where id = $1`
		if _, err := h.files.Pool.Exec(t.Context(), q, strings.TrimPrefix(at, uploadsPath+"/"), times); err != nil {
			t.Fatal(err)
		}
		return at
	}
	if status, code := h.send(t, "lin", died(1), 0, content); status != http.StatusNoContent {
		t.Errorf("after one death: %d %s", status, code)
	}
	at := died(2)
	if status, code := h.send(t, "lin", at, 0, content); status != http.StatusUnprocessableEntity || code != "deadly" {
		t.Errorf("after two deaths: %d %s", status, code)
	}
	if response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("it is kept: %s", response.Status)
	}
	// Whoever is refused for another reason has not died of it.
	h.files.Scanner = &Clamd{network: "unix", address: "/nowhere"}
	at = h.begin(t, "lin", named("a.jpg"), len(content))
	if status, code := h.send(t, "lin", at, 0, content); code != "scanner_unavailable" {
		t.Errorf("while the scanner is away: %d %s", status, code)
	}
	for range 3 {
		if status, code := h.send(t, "lin", at, len(content)-1, content[len(content)-1:]); code != "scanner_unavailable" {
			t.Errorf("while the scanner is away: %d %s", status, code)
		}
	}
	h.files.Scanner = nil
	if status, code := h.send(t, "lin", at, len(content)-1, content[len(content)-1:]); status != http.StatusNoContent {
		t.Errorf("when it is back: %d %s", status, code)
	}
}
