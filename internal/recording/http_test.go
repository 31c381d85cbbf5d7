package recording

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/recording/webm"
)

// guard lets the caller do what the request says it may.
type guard struct{}

type mayKey struct{}

func (guard) may(ctx context.Context, what string) error {
	if list, _ := ctx.Value(mayKey{}).([]string); !slices.Contains(list, what) {
		return problem.Forbidden("not for you")
	}
	return nil
}

func (g guard) MayView(ctx context.Context, _ uuid.UUID) error   { return g.may(ctx, "view") }
func (g guard) MayManage(ctx context.Context, _ uuid.UUID) error { return g.may(ctx, "manage") }

// book is an Audit that keeps the actions.
type book struct {
	mu      sync.Mutex
	actions []string
	once    map[string]bool
}

func (b *book) RecordOnce(ctx context.Context, action, object string, details map[string]any) error {
	key := fmt.Sprint(action, object, details)
	b.mu.Lock()
	noted := b.once[key]
	if b.once == nil {
		b.once = map[string]bool{}
	}
	b.once[key] = true
	b.mu.Unlock()
	if noted {
		return nil
	}
	return b.Record(ctx, action, object, details)
}

func (b *book) Record(_ context.Context, action, _ string, _ map[string]any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.actions = append(b.actions, action)
	return nil
}

type site struct {
	t    *testing.T
	mux  *chi.Mux
	book *book
}

func newSite(t *testing.T, r *Recorder) *site {
	t.Helper()
	s := &site{t: t, mux: chi.NewMux(), book: &book{}}
	s.mux.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), mayKey{}, req.Header.Values("May"))))
		})
	})
	NewHTTP(r, guard{}, s.book, quiet()).Register(humachi.New(s.mux, huma.DefaultConfig("x", "1")))
	return s
}

func (s *site) ask(method, path string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	req := httptest.NewRequestWithContext(s.t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, req)
	return w
}

func text(res *httptest.ResponseRecorder) []byte { return res.Body.Bytes() }

// recorded puts a finished recording of two files in place, without media.
func recorded(t *testing.T, r *Recorder, id uuid.UUID) uuid.UUID {
	t.Helper()
	a := r.newActive(uuid.Must(uuid.NewV7()), time.Now(), request(id, nil))
	must(t, r.folder.root.MkdirAll(a.sum.dir(), 0o700))
	must(t, r.store.insert(t.Context(), a, request(id, nil)))
	for i, key := range []fileKey{{"a", Person}, {"a", Screen}} {
		f := a.newFile(key)
		for n := range 300 {
			at := time.Duration(n)*20*ms + time.Duration(i)*time.Second
			f.push(rtpPacket{sequence: uint16(n), ts: uint32(n * 960), arrived: at, payload: []byte("\xf8sound")}, false, 1)
		}
		must(t, f.finish())
		a.live[key] = f
	}
	must(t, r.end(t.Context(), a, nil))
	return a.id
}

func TestReadingRecordings(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	r := open(t, pool, dir)
	id := meeting(t, pool)
	rec := recorded(t, r, id)
	s := newSite(t, r)
	list := fmt.Sprintf("/api/meetings/%s/recordings", id)

	res := s.ask("GET", list, "May", "view")
	var got []Recording
	must(t, json.Unmarshal(text(res), &got))
	if len(got) != 1 || got[0].ID != rec || got[0].StartedByName != "主持人" || got[0].DurationMS != 6980 || len(got[0].Files) != 2 {
		t.Fatalf("%+v", got)
	}
	f, screen := got[0].Files[0], got[0].Files[1]
	if f.Kind != Person || screen.Kind != Screen || screen.OffsetMS != 1000 || f.Bytes+screen.Bytes != got[0].Bytes || f.HasVideo {
		t.Errorf("%+v", got[0].Files)
	}
	for _, part := range []string{"bytes=1-", "bytes=-5", "bytes=00-", "bytes=0-"} { // whatever it asks for first
		if res := s.ask("GET", f.URL, "May", "view", "Range", part); res.Code != http.StatusPartialContent || !slices.Equal(s.book.actions, []string{"recording.view"}) {
			t.Errorf("%s: %d, audit %v", part, res.Code, s.book.actions)
		}
	}
	whole := text(s.ask("GET", f.URL, "May", "view"))
	if c, err := webm.Read(bytes.NewReader(whole), int64(len(whole)), nil); err != nil || !c.Finished {
		t.Errorf("%+v %v", c, err)
	}
	res = s.ask("GET", f.URL, "May", "view", "Range", "bytes=10-19")
	if part := text(res); res.Code != http.StatusPartialContent || !bytes.Equal(part, whole[10:20]) {
		t.Errorf("a range: %d, %d bytes", res.Code, len(part))
	}
	res = s.ask("GET", screen.URL+"?download=true", "May", "view")
	kind, params, err := mime.ParseMediaType(res.Header().Get("Content-Disposition"))
	if err != nil || kind != "attachment" || !bytes.Contains([]byte(params["filename"]), []byte("名-a-screen")) {
		t.Errorf("download as %q: %v", res.Header().Get("Content-Disposition"), err)
	}
	raw := text(s.ask("GET", fmt.Sprintf("/api/recordings/%s/archive", rec), "May", "view"))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(t, err)
	if len(z.File) != 3 || z.File[0].Method != zip.Store || z.File[2].Name != manifestName {
		t.Errorf("archive of %d files", len(z.File))
	}
	if want := []string{"recording.view", "recording.download", "recording.download"}; !slices.Equal(s.book.actions, want) {
		t.Errorf("audit %v", s.book.actions)
	}
}

func TestDeletingRecordings(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	r := open(t, pool, dir)
	id := meeting(t, pool)
	rec := recorded(t, r, id)
	s := newSite(t, r)
	path := fmt.Sprintf("/api/recordings/%s", rec)
	if res := s.ask("DELETE", path, "May", "manage"); res.Code != http.StatusNoContent {
		t.Fatalf("delete: %d %s", res.Code, text(res))
	}
	if res := s.ask("DELETE", path, "May", "manage"); res.Code != http.StatusNotFound {
		t.Errorf("delete again: %d", res.Code)
	}
	left := 0
	must(t, filepath.WalkDir(filepath.Join(dir, "recordings"), func(string, fs.DirEntry, error) error { left++; return nil }))
	if left != 1 {
		t.Errorf("%d files and folders left", left-1)
	}
	if !slices.Equal(s.book.actions, []string{"recording.delete"}) {
		t.Errorf("audit %v", s.book.actions)
	}
}

// What was deleted at another node does not stay on the disk of the one that made
// it; what nobody deleted stays, though its rows are gone.
func TestDeletedElsewhereIsRemovedHere(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	there, here := open(t, pool, dir), open(t, pool, t.TempDir())
	id := meeting(t, pool)
	gone, lost := recorded(t, there, id), recorded(t, there, id)
	s := newSite(t, here)
	if res := s.ask("DELETE", fmt.Sprintf("/api/recordings/%s", gone), "May", "manage"); res.Code != http.StatusNoContent {
		t.Fatalf("delete: %d %s", res.Code, text(res))
	}
	_, err := pool.Exec(t.Context(), `delete from recordings where id = $1`, lost) // a database that was put back, say
	must(t, err)
	must(t, there.removeDeleted(t.Context()))
	must(t, here.removeDeleted(t.Context()))
	for rec, want := range map[any]bool{gone: false, lost: true} {
		_, err := os.Stat(filepath.Join(dir, "recordings", id.String(), fmt.Sprint(rec)))
		if (err == nil) != want {
			t.Errorf("recording %v: %v", rec, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := open(t, pool, t.TempDir())
	id := meeting(t, pool)
	rec := recorded(t, r, id)
	list, err := r.store.list(t.Context(), id)
	must(t, err)
	s := newSite(t, r)
	for _, c := range []struct {
		method, path, may string
		want              int
	}{
		{"GET", fmt.Sprintf("/api/meetings/%s/recordings", id), "manage", http.StatusForbidden},
		{"GET", list[0].Files[0].URL, "", http.StatusForbidden},
		{"GET", fmt.Sprintf("/api/recordings/%s/archive", rec), "", http.StatusForbidden},
		{"DELETE", fmt.Sprintf("/api/recordings/%s", rec), "view", http.StatusForbidden},
		{"GET", fmt.Sprintf("/api/recordings/%s/files/%s", rec, uuid.New()), "view", http.StatusNotFound},
		{"GET", fmt.Sprintf("/api/recordings/%s/files/%s", uuid.New(), uuid.New()), "view", http.StatusNotFound},
		{"GET", fmt.Sprintf("/api/recordings/%s/files/..%%2f..%%2fmanifest.json", rec), "view", http.StatusUnprocessableEntity},
	} {
		if res := s.ask(c.method, c.path, "May", c.may); res.Code != c.want {
			t.Errorf("%s %s with %q: %d, want %d", c.method, c.path, c.may, res.Code, c.want)
		}
	}
	if len(s.book.actions) != 0 {
		t.Errorf("audit %v", s.book.actions)
	}
}

func TestRunningRecordingIsNotDeleted(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := open(t, pool, t.TempDir())
	st, err := newStudio()
	must(t, err)
	defer st.close()
	id := meeting(t, pool)
	a, err := r.Start(t.Context(), request(id, st.meeting))
	must(t, err)
	s := newSite(t, r)
	for method, path := range map[string]string{"DELETE": "", "GET": "/archive"} {
		if res := s.ask(method, fmt.Sprintf("/api/recordings/%s%s", a.ID(), path), "May", "view", "May", "manage"); res.Code != http.StatusConflict {
			t.Errorf("%s: %d", method, res.Code)
		}
	}
	must(t, a.Stop(t.Context()))
	list, err := r.store.list(t.Context(), id)
	must(t, err)
	if len(list) != 1 || list[0].State != Done || len(list[0].Files) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestRepairLeavesOtherMachinesAlone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	here, there := open(t, pool, t.TempDir()), open(t, pool, t.TempDir())
	st, err := newStudio()
	must(t, err)
	defer st.close()
	id := meeting(t, pool)
	a, err := there.Start(t.Context(), request(id, st.meeting))
	must(t, err)
	must(t, here.Repair(t.Context()))
	list, err := here.store.list(t.Context(), id)
	must(t, err)
	if len(list) != 1 || list[0].State != Running {
		t.Errorf("%+v", list)
	}
	must(t, a.Stop(t.Context()))
	if _, err := os.Stat("recordings"); err == nil {
		t.Error("something was written beside the data folder")
	}
}
