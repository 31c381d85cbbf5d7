package minutes_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/minutes"
)

// do sends a request as a caller.
func (h *house) do(ctx context.Context, t *testing.T, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	mux := chi.NewMux()
	minutes.NewHTTP(h.book).Register(humachi.New(mux, huma.DefaultConfig("test", "1")))
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), ":null") {
		t.Errorf("%s %s answers with null: %s", method, path, w.Body)
	}
	return w
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	meeting := "/api/meetings/" + uuid.NewString() + "/minutes"
	w := h.do(h.staff, t, http.MethodPost, meeting, "")
	var m minutes.Minutes
	if err := json.Unmarshal(w.Body.Bytes(), &m); w.Code != http.StatusOK || err != nil {
		t.Fatalf("begun: %d %s", w.Code, w.Body)
	}
	path := "/api/minutes/" + m.ID.String()
	block := path + "/blocks/" + m.Blocks[0].ID.String()
	for _, request := range []struct {
		who                context.Context //nolint:containedctx // the caller of a test
		method, path, body string
		want               int
		holds              string
	}{
		{h.staff, http.MethodGet, meeting, "", http.StatusOK, m.ID.String()},
		{h.station, http.MethodGet, meeting, "", http.StatusOK, "[]"},
		{h.staff, http.MethodGet, path, "", http.StatusOK, `"may":{"edit":true`},
		{h.staff, http.MethodPatch, path, `{"revision":1,"place":"徐州","absent":null}`, http.StatusOK, `"place":"徐州"`},
		{h.staff, http.MethodPatch, path, `{"revision":1,"place":"x"}`, http.StatusConflict, `"current":{`},
		{h.staff, http.MethodPatch, path, `{"revision":2,"present":[{"name":"甲","unit":"","title":""}]}`, http.StatusOK, `"甲"`},
		{h.staff, http.MethodPost, path + "/blocks", `{"kind":"action","text":"办","owner":"陈浩","due":"2026-12-24","after":null}`, http.StatusCreated, `"due":"2026-12-24"`},
		{h.staff, http.MethodPost, path + "/blocks", `{"kind":"action","text":"办","due":"soon"}`, http.StatusUnprocessableEntity, "due"},
		{h.staff, http.MethodPut, block, `{"revision":1,"kind":"discussion","text":"甲","owner":"","due":null}`, http.StatusOK, `"revision":2`},
		{h.other, http.MethodPut, block, `{"revision":1,"kind":"discussion","text":"乙","owner":"","due":null}`, http.StatusConflict, `"current":{`},
		{h.staff, http.MethodGet, block + "/versions", "", http.StatusOK, `"text":"甲"`},
		{h.staff, http.MethodDelete, block, "", http.StatusUnprocessableEntity, "revision"},
		{h.staff, http.MethodDelete, block + "?revision=2", "", http.StatusNoContent, ""},
		{h.staff, http.MethodPost, path + "/sign", "", http.StatusConflict, "minutes_not_in_review"},
		{h.staff, http.MethodPost, path + "/submit", "", http.StatusOK, `"state":"review"`},
		{h.staff, http.MethodPost, path + "/return", `{"reason":"补"}`, http.StatusOK, `"state":"draft"`},
		{h.staff, http.MethodPost, path + "/submit", "", http.StatusOK, `"state":"review"`},
		{h.staff, http.MethodPost, path + "/sign", "", http.StatusOK, "徐侨联纪要〔2026〕1号"},
		{h.staff, http.MethodPatch, path, `{"revision":9}`, http.StatusConflict, "minutes_signed"},
		{h.station, http.MethodGet, path + "/document.docx", "", http.StatusOK, "word/document.xml"},
		{h.staff, http.MethodPost, path + "/correct", "", http.StatusOK, `"version":2`},
		{h.ambassador, http.MethodGet, path, "", http.StatusNotFound, "minutes_not_found"},
	} {
		w := h.do(request.who, t, request.method, request.path, request.body)
		if w.Code != request.want || !strings.Contains(w.Body.String(), request.holds) {
			t.Errorf("%s %s %s: %d, want %d with %s: %.300s", request.method, request.path, request.body, w.Code, request.want, request.holds, w.Body)
		}
	}
}
