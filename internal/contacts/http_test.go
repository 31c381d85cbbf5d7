package contacts_test

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

	"github.com/yunqiao/yunqiao/internal/contacts"
)

// client speaks to the handlers as one caller.
type client struct {
	handler http.Handler
	ctx     context.Context //nolint:containedctx // the caller of a test
}

func (h *house) client(ctx context.Context) client {
	r := chi.NewMux()
	contacts.NewHTTP(h.contacts).Register(humachi.New(r, huma.DefaultConfig("test", "1")))
	return client{r, ctx}
}

// do sends a request and decodes the answer, whatever it is.
func (c client) do(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(c.ctx, method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), ":null") {
		t.Errorf("%s %s answers with null: %s", method, path, w.Body)
	}
	answer := map[string]any{}
	if raw := w.Body.Bytes(); len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return w.Code, answer
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.client(h.staff)
	status, created := staff.do(t, http.MethodPost, "/api/contacts", `{"kind":"person","name":"徐崇宇",
		"organisation_id":null,"fields":[{"kind":"phone","value":"+86 516 1234","verified_at":null}]}`)
	if status != http.StatusCreated || created["version"] != float64(1) || created["language"] != "zh-CN" {
		t.Fatalf("created: %d %v", status, created)
	}
	path := "/api/contacts/" + created["id"].(string)
	if status, found := staff.do(t, http.MethodGet, "/api/contacts?q=xcy&kind=person&limit=5", ""); status != http.StatusOK || found["total"] != float64(1) {
		t.Errorf("found: %d %v", status, found)
	}
	if status, changed := staff.do(t, http.MethodPut, path, `{"kind":"person","name":"许崇宇","version":1}`); status != http.StatusOK || changed["version"] != float64(2) {
		t.Errorf("changed: %d %v", status, changed)
	}
	for _, request := range []struct {
		who                context.Context //nolint:containedctx // the caller of a test
		method, path, body string
		want               int
	}{
		{h.staff, http.MethodPut, path, `{"kind":"person","name":"x","version":1}`, http.StatusConflict},
		{h.staff, http.MethodPut, path, `{"kind":"person","name":"x"}`, http.StatusUnprocessableEntity},
		{h.staff, http.MethodPost, "/api/contacts", `{"kind":"ghost","name":"x"}`, http.StatusUnprocessableEntity},
		{h.staff, http.MethodPost, "/api/contacts", `{"kind":"person","name":"x","country_code":"mx"}`, http.StatusUnprocessableEntity},
		{h.staff, http.MethodGet, "/api/contacts?station=x", "", http.StatusUnprocessableEntity},
		{h.staff, http.MethodGet, "/api/contacts?limit=0", "", http.StatusUnprocessableEntity},
		{h.staff, http.MethodGet, "/api/contacts?q=%00%ff", "", http.StatusOK},
		{h.staff, http.MethodGet, "/api/contacts/018f0000-0000-7000-8000-000000000001", "", http.StatusNotFound},
		{h.staff, http.MethodGet, "/api/people?q=x", "", http.StatusOK},
		{h.staff, http.MethodGet, "/api/stations", "", http.StatusOK},
		{h.staff, http.MethodGet, "/api/categories", "", http.StatusOK},
		{h.staff, http.MethodPost, "/api/categories", `{"name_zh":"新","name_en":"New"}`, http.StatusCreated},
		{h.staff, http.MethodPatch, "/api/stations/" + h.station.ID.String(), `{"city":"城二","office_hours":null}`, http.StatusOK},
		{h.staff, http.MethodPatch, "/api/stations/" + h.station.ID.String(), `{"office_hours":[{"day":8,"from":"9","to":"10:00"}]}`, http.StatusUnprocessableEntity},
		{h.staff, http.MethodPost, "/api/stations", `{"name":"x","name_en":"x","city":"x","city_en":"x","country":"x","country_en":"x","country_code":"MX","time_zone":"UTC"}`, http.StatusForbidden},
		{h.ambassador, http.MethodGet, "/api/contacts", "", http.StatusForbidden},
		{context.Background(), http.MethodGet, "/api/contacts", "", http.StatusUnauthorized},
	} {
		if status, answer := h.client(request.who).do(t, request.method, request.path, request.body); status != request.want {
			t.Errorf("%s %s %s: %d, want %d: %v", request.method, request.path, request.body, status, request.want, answer)
		}
	}
}
