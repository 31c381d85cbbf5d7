package files

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/files/picture"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == picture.Command { // the hub starts itself to draw previews
		os.Exit(picture.Main(os.Stdin, os.Stdout))
	}
	httpd.Prepare(slog.New(slog.DiscardHandler))
	os.Exit(pgtest.Run(m))
}

// messages stands for the chat: which file is carried, and by whom it is read.
type messages struct {
	mu      sync.Mutex
	readers map[uuid.UUID][]uuid.UUID
}

func (m *messages) carry(file uuid.UUID, readers ...uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readers[file] = readers
}

// MayRead implements Messages.
func (m *messages) MayRead(_ context.Context, by Person, file uuid.UUID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.readers[file], by.ID) {
		return nil
	}
	return problem.NotFound("file")
}

// Carried implements Messages.
func (m *messages) Carried(_ context.Context, files []uuid.UUID) (carried []uuid.UUID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range files {
		if len(m.readers[id]) > 0 {
			carried = append(carried, id)
		}
	}
	return carried, nil
}

type meetings struct{ room uuid.UUID }

// RoomOf implements Meetings.
func (m meetings) RoomOf(context.Context, uuid.UUID) (uuid.UUID, error) { return m.room, nil }

// audited remembers what was noted.
type audited struct {
	mu    sync.Mutex
	notes []string
}

// RecordOnce implements Audit.
func (a *audited) RecordOnce(context.Context, string, string, map[string]any) error { return nil }

// Record implements Audit.
func (a *audited) Record(_ context.Context, action, _ string, details map[string]any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes = append(a.notes, fmt.Sprint(action, " ", details["virus"]))
	return nil
}

// house is a server with nothing but files. Who asks is said in a header.
type house struct {
	files    *Files
	messages *messages
	audit    *audited
	room     uuid.UUID
	url      string
	accounts map[string]account.Account
	guests   map[string]account.Guest
	ids      map[string]uuid.UUID
}

func newHouse(t *testing.T, change func(*Deps)) *house {
	t.Helper()
	h := &house{messages: &messages{readers: map[uuid.UUID][]uuid.UUID{}}, audit: &audited{}, room: uuid.New()}
	h.accounts, h.guests, h.ids = map[string]account.Account{}, map[string]account.Guest{}, map[string]uuid.UUID{}
	for _, name := range []string{"lin", "chen"} {
		a := account.Account{ID: uuid.New(), Name: name, Role: account.Staff}
		h.accounts[name], h.ids[name] = a, a.ID
	}
	for name, admitted := range map[string]bool{"guest": true, "lobby": false} {
		g := account.Guest{ID: uuid.New(), MeetingID: uuid.New(), Name: name, Admitted: admitted}
		h.guests[name], h.ids[name] = g, g.ID
	}
	disk, err := NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deps := Deps{
		Pool: pgtest.New(t), Storage: disk, Dir: t.TempDir(), Messages: h.messages, Meetings: meetings{h.room}, Audit: h.audit,
		Limits: Limits{Size: 1 << 20, Quota: 3 << 20}, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&deps)
	}
	if h.files, err = New(deps); err != nil {
		t.Fatal(err)
	}
	h.serve(t)
	return h
}

func (h *house) serve(t *testing.T) {
	t.Helper()
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who := r.Header.Get("X-Who")
			if a, known := h.accounts[who]; known {
				r = r.WithContext(account.WithAccount(r.Context(), a))
			}
			if g, known := h.guests[who]; known {
				r = r.WithContext(account.WithGuest(r.Context(), g))
			}
			next.ServeHTTP(w, r)
		})
	})
	h.files.Mount(r)
	NewHTTP(h.files).Register(httpd.NewAPI(r, "1"))
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	h.url = s.URL
}

// ask makes a request as somebody and returns the answer with its body.
func (h *house) ask(t *testing.T, who, method, path string, body io.Reader, header map[string]string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Who", who)
	r.Header.Set("Tus-Resumable", tusVersion)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, data
}

func named(name string, more ...string) string {
	pairs := []string{"filename " + base64.StdEncoding.EncodeToString([]byte(name))}
	return strings.Join(append(pairs, more...), ",")
}

// begin creates an upload and returns its address.
func (h *house) begin(t *testing.T, who, metadata string, size int) string {
	t.Helper()
	response, body := h.ask(t, who, http.MethodPost, uploadsPath, nil, map[string]string{
		"Upload-Length": strconv.Itoa(size), "Upload-Metadata": metadata,
	})
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("begin upload: %s: %s", response.Status, body)
	}
	return response.Header.Get("Location")
}

// send appends a piece and returns the status and the error's code.
func (h *house) send(t *testing.T, who, at string, offset int, piece []byte) (int, string) {
	t.Helper()
	response, body := h.ask(t, who, http.MethodPatch, at, bytes.NewReader(piece), map[string]string{
		"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
	})
	return response.StatusCode, codeOf(body)
}

func codeOf(body []byte) string {
	_, after, _ := bytes.Cut(body, []byte(`"code":"`))
	code, _, _ := bytes.Cut(after, []byte(`"`))
	return string(code)
}

// upload sends a whole file and returns its id.
func (h *house) upload(t *testing.T, who, metadata string, content []byte) uuid.UUID {
	t.Helper()
	at := h.begin(t, who, metadata, len(content))
	if status, code := h.send(t, who, at, 0, content); status != http.StatusNoContent {
		t.Fatalf("upload: %d %s", status, code)
	}
	return uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/"))
}

// claim posts files, as the chat does, and lets some people read them.
func (h *house) claim(t *testing.T, who string, readers []string, ids ...uuid.UUID) ([]File, error) {
	t.Helper()
	by := Person{ID: h.ids[who], Kind: AccountPerson}
	if who == "guest" {
		by.Kind, by.Room = GuestPerson, h.room
	}
	var claimed []File
	err := pgx.BeginFunc(t.Context(), h.files.Pool, func(tx pgx.Tx) (err error) {
		claimed, err = h.files.Claim(t.Context(), tx, by, ids)
		return err
	})
	if err == nil {
		var all []uuid.UUID
		for _, r := range readers {
			all = append(all, h.ids[r])
		}
		for _, id := range ids {
			h.messages.carry(id, all...)
		}
	}
	return claimed, err
}

func (h *house) path(id uuid.UUID) string { return "/api/files/" + id.String() }

// status asks for a file as somebody.
func (h *house) status(t *testing.T, who string, id uuid.UUID) int {
	t.Helper()
	response, _ := h.ask(t, who, http.MethodGet, h.path(id), nil, nil)
	return response.StatusCode
}

// holds says whether the storage holds a content.
func (h *house) holds(t *testing.T, id uuid.UUID) bool {
	t.Helper()
	in, err := h.files.Storage.Open(t.Context(), contentName(id))
	if err != nil {
		return false
	}
	in.Close()
	return true
}
