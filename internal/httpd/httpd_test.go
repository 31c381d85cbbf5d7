package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

func TestMain(m *testing.M) {
	Prepare(slog.New(slog.DiscardHandler))
	os.Exit(pgtest.Run(m))
}

// sample is a feature with one operation of each sort.
type sample struct{}

type sampleInput struct {
	Body struct {
		Name  string `json:"name" minLength:"2"`
		Count int    `json:"count"`
	}
}

func (sample) Register(api huma.API) {
	open := func(id, path string, do func() error) {
		huma.Register(api, account.Public(rest.Operation("sample", id, http.MethodPost, path, id)),
			func(context.Context, *sampleInput) (*rest.Empty, error) { return nil, do() })
	}
	open("fine", "/api/fine", func() error { return nil })
	open("secret", "/api/secret", func() error { return errors.New("password of the database is hunter2") })
	open("worded", "/api/worded", func() error {
		return fmt.Errorf("while looking: %w", problem.Invalid("name", "taken").With("current", "x"))
	})
	open("panics", "/api/panics", func() error { panic("boom") })
	huma.Register(api, rest.Operation("sample", "closed", http.MethodGet, "/api/closed", "needs an account"),
		func(context.Context, *struct{}) (*rest.Empty, error) { return nil, nil }) //nolint:nilnil // no output
}

func serve(t *testing.T) string {
	t.Helper()
	pool := pgtest.New(t)
	guests, err := account.NewGuests(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(New(Parts{
		Accounts: &account.HTTP{Store: account.NewStore(pool), Guests: guests},
		Budgets:  NewBudgets(), Features: []Feature{sample{}}, Raw: func(chi.Router) {}, Archives: func(chi.Router) {}, Open: func(chi.Router) {}, Log: slog.New(slog.DiscardHandler),
		Client: fstest.MapFS{"index.html": {Data: []byte("<title>page</title>")}, "assets/app-1a2b.js": {Data: []byte("x")}},
		Ready:  func(*http.Request) error { return nil },
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func ask(t *testing.T, method, url, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
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
	return response, string(data)
}

func TestErrorsAreProblemsAndHideWhatIsInside(t *testing.T) {
	t.Parallel()
	url := serve(t)
	const good = `{"name":"ok","count":1}`
	for _, test := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{http.MethodPost, "/api/fine", good, http.StatusNoContent, "", ""},
		{http.MethodPost, "/api/fine", `{"name":"x","count":1}`, http.StatusUnprocessableEntity, "invalid", "name"},
		{http.MethodPost, "/api/fine", `{"name":"ok","count":"many"}`, http.StatusUnprocessableEntity, "invalid", "count"},
		{http.MethodPost, "/api/fine", `{"name":"ok","count":1,"more":1}`, http.StatusUnprocessableEntity, "invalid", "more"},
		{http.MethodPost, "/api/fine", `{`, http.StatusBadRequest, "malformed", ""},
		{http.MethodPost, "/api/secret", good, http.StatusInternalServerError, "internal", ""},
		{http.MethodPost, "/api/worded", good, http.StatusUnprocessableEntity, "invalid", "name"},
		{http.MethodPost, "/api/panics", good, http.StatusInternalServerError, "internal", ""},
		{http.MethodGet, "/api/closed", "", http.StatusUnauthorized, "signed_out", ""},
		{http.MethodGet, "/api/nothing", "", http.StatusNotFound, "operation_not_found", ""},
	} {
		response, body := ask(t, test.method, url+test.path, test.body, nil)
		if response.StatusCode != test.status {
			t.Errorf("%s %s: status %d, want %d: %s", test.path, test.body, response.StatusCode, test.status, body)
			continue
		}
		if strings.Contains(body, "hunter2") || strings.Contains(body, "boom") {
			t.Errorf("%s shows what is inside: %s", test.path, body)
		}
		if test.code == "" {
			continue
		}
		var p struct {
			Code   string
			Errors []struct{ Location string }
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil || p.Code != test.code {
			t.Errorf("%s %s: %s, want code %q", test.path, test.body, body, test.code)
		}
		if test.field != "" && (len(p.Errors) == 0 || p.Errors[0].Location != test.field) {
			t.Errorf("%s %s: %s does not name %q", test.path, test.body, body, test.field)
		}
		if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
			t.Errorf("%s: content type %q", test.path, kind)
		}
	}
}

func TestOtherSitesMayNotAct(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, header := range []map[string]string{
		{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
	} {
		if response, _ := ask(t, http.MethodPost, url+"/api/fine", `{"name":"ok","count":1}`, header); response.StatusCode != http.StatusForbidden {
			t.Errorf("%v: status %d", header, response.StatusCode)
		}
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	body := `{"name":"` + strings.Repeat("x", maxBody) + `","count":1}`
	if response, text := ask(t, http.MethodPost, serve(t)+"/api/fine", body, nil); response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d: %s", response.StatusCode, text)
	}
}

func TestPagesAndAssets(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, test := range []struct {
		path   string
		status int
		cache  string
		body   string
	}{
		{"/", http.StatusOK, "no-cache", "page"},
		{"/meetings/new", http.StatusOK, "no-cache", "page"},
		{"/assets/app-1a2b.js", http.StatusOK, "immutable", "x"},
		{"/assets/gone-1a2b.js", http.StatusNotFound, "", "404"},
		{"/../../etc/passwd", http.StatusBadRequest, "", "invalid URL path"},
		{"/healthz", http.StatusOK, "", "ok"},
		{"/readyz", http.StatusOK, "", "ready"},
	} {
		response, body := ask(t, http.MethodGet, url+test.path, "", nil)
		if response.StatusCode != test.status || !strings.Contains(body, test.body) || !strings.Contains(response.Header.Get("Cache-Control"), test.cache) {
			t.Errorf("%s: %d, %q, %q", test.path, response.StatusCode, response.Header.Get("Cache-Control"), body)
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"} {
			if response.Header.Get(name) == "" {
				t.Errorf("%s has no %s", test.path, name)
			}
		}
	}
	if response, _ := ask(t, http.MethodPost, url+"/meetings", "", nil); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("posting to a page: %d", response.StatusCode)
	}
}
