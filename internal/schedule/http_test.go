package schedule_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/yunqiao/yunqiao/internal/schedule"
)

// do sends a request as somebody.
func (h *house) do(t *testing.T, who, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	mux := chi.NewMux()
	schedule.NewHTTP(h.schedule).Register(humachi.New(mux, huma.DefaultConfig("test", "1")))
	ctx := t.Context()
	if who != "" {
		ctx = h.as(t, who)
	}
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
	plan, err := json.Marshal(h.plan())
	if err != nil {
		t.Fatal(err)
	}
	w := h.do(t, "linyue", http.MethodPost, "/api/meetings", string(plan))
	var m schedule.Meeting
	if err := json.Unmarshal(w.Body.Bytes(), &m); w.Code != http.StatusCreated || err != nil {
		t.Fatalf("arranged: %d %s", w.Code, w.Body)
	}
	path := "/api/meetings/" + m.ID.String()
	link := path + "/invitees/" + m.Invitees[1].ID.String() + "/link"
	for _, request := range []struct {
		who, method, path, body string
		want                    int
		holds                   string
	}{
		{"linyue", http.MethodGet, "/api/meetings?from=2026-01-01T00:00:00Z&to=2099-01-01T00:00:00Z", "", http.StatusOK, m.ID.String()},
		{"linyue", http.MethodGet, "/api/meetings", "", http.StatusOK, m.ID.String()},
		{"ambassador", http.MethodGet, "/api/meetings", "", http.StatusOK, "[]"},
		{"linyue", http.MethodGet, "/api/meetings?from=yesterday", "", http.StatusUnprocessableEntity, "from"},
		{"mexico", http.MethodGet, path, "", http.StatusOK, `"may":{"edit":false`},
		{"mexico", http.MethodGet, path + "/calendar.ics", "", http.StatusOK, "BEGIN:VTIMEZONE"},
		{"mexico", http.MethodGet, path + "/attendance", "", http.StatusOK, "[]"},
		{"mexico", http.MethodGet, link, "", http.StatusForbidden, "forbidden"},
		{"linyue", http.MethodGet, link, "", http.StatusOK, "/join#"},
		{"linyue", http.MethodPost, link + "/renew", "", http.StatusOK, "/join#"},
		{"linyue", http.MethodPost, link + "/revoke", "", http.StatusNoContent, ""},
		{"linyue", http.MethodPut, path, string(plan), http.StatusUnprocessableEntity, "sequence"},
		{"linyue", http.MethodPut, path, strings.Replace(string(plan), "{", `{"sequence":7,`, 1), http.StatusConflict, "meeting_changed"},
		{"linyue", http.MethodPut, path, strings.Replace(string(plan), "{", `{"sequence":0,`, 1), http.StatusOK, `"sequence":1`},
		{"ambassador", http.MethodPost, "/api/meetings", string(plan), http.StatusForbidden, "forbidden"},
		{"linyue", http.MethodPost, "/api/meetings", `{"title":"x"}`, http.StatusUnprocessableEntity, "host_id"},
		{"linyue", http.MethodPost, path + "/cancel", `{"reason":"台风"}`, http.StatusOK, `"state":"cancelled"`},
		{"linyue", http.MethodPost, path + "/cancel", `{}`, http.StatusConflict, "meeting_over"},
		{"linyue", http.MethodGet, "/api/meetings/x", "", http.StatusUnprocessableEntity, "id"},
		{"", http.MethodGet, path, "", http.StatusUnauthorized, "signed_out"},
	} {
		w := h.do(t, request.who, request.method, request.path, request.body)
		if w.Code != request.want || !strings.Contains(w.Body.String(), request.holds) {
			t.Errorf("%s %s %s: %d, want %d with %s: %s", request.who, request.method, request.path, w.Code, request.want, request.holds, w.Body)
		}
	}
}
