package search

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// source answers with one item after a while, or fails.
type source struct {
	after  time.Duration
	err    error
	next   string
	deaf   bool // understands no filters
	got    chan Asked
	nobody bool
}

func (s source) Understands(a Asked) bool { return !s.deaf || !a.narrowed() }

func (s source) Find(ctx context.Context, a Asked) (Found, error) {
	if s.got != nil {
		s.got <- a
	}
	select {
	case <-time.After(s.after):
	case <-ctx.Done():
		return Found{}, ctx.Err()
	}
	if s.nobody {
		return Found{}, s.err
	}
	return Found{Items: []Hit{{ID: uuid.New(), Title: []textsearch.Piece{{Text: a.Text, Hit: true}}}}, Next: s.next}, s.err
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestSlowAndFailingSourcesLeaveTheOthersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet(), map[Kind]Source{
			Messages: source{after: time.Hour}, Rooms: source{after: time.Second, next: "more"}, People: source{},
			Minutes: source{err: errors.New("broken"), nobody: true}, Files: source{nobody: true},
		})
		begin := time.Now()
		groups := s.Find(t.Context(), Kinds(), Asked{Text: "侨"})
		if took := time.Since(begin); took != patience {
			t.Errorf("it took %v, want what the slowest may take", took)
		}
		var told []string
		for _, g := range groups {
			told = append(told, string(g.Kind)+map[bool]string{true: "!"}[g.Failed])
		}
		if got := strings.Join(told, " "); got != "people rooms minutes! messages!" {
			t.Errorf("groups: %s", got)
		}
		if groups[1].NextCursor == nil || *groups[1].NextCursor != "more" || groups[0].NextCursor != nil {
			t.Error("the cursor is lost, or made up")
		}
	})
}

// serve runs the operation for a signed-in account.
func serve(t *testing.T, s *Search) func(query url.Values) (int, Hits) {
	t.Helper()
	httpd.Prepare(quiet())
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(account.WithAccount(r.Context(), account.Account{ID: uuid.New(), Role: account.Staff})))
		})
	})
	NewHTTP(s).Register(httpd.NewAPI(r, "1"))
	return func(query url.Values) (int, Hits) {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/search?"+query.Encode(), nil))
		var a Hits
		if w.Code == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
		}
		return w.Code, a
	}
}

func TestWhatIsAsked(t *testing.T) {
	got := make(chan Asked, 1)
	ask := serve(t, New(quiet(), map[Kind]Source{Messages: source{got: got}, People: source{deaf: true}}))
	room, by := uuid.New(), uuid.New()
	status, answer := ask(url.Values{
		"q": {"  座谈会 "}, "room": {room.String()}, "by": {by.String()}, "from": {"2026-01-01T00:00:00+08:00"}, "has_file": {"true"},
		"topic": {"春季"}, "limit": {"3"},
	})
	a := <-got
	if status != http.StatusOK || a.Text != "座谈会" || *a.Room != room || *a.By != by || !a.HasFile || a.Topic != "春季" || a.Limit != 3 ||
		!a.From.Equal(time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC)) || !a.To.IsZero() {
		t.Errorf("%d, asked %+v", status, a)
	}
	if len(answer.Groups) != 1 || answer.Groups[0].Kind != Messages {
		t.Errorf("answered %+v: people know nothing of rooms", answer.Groups)
	}
	if status, answer = ask(url.Values{}); status != http.StatusOK || len(answer.Groups) != 0 {
		t.Errorf("nothing asked: %d %+v", status, answer)
	}
}

func TestBadQuestionsAreRefused(t *testing.T) {
	ask := serve(t, New(quiet(), map[Kind]Source{Messages: source{}}))
	for name, query := range map[string]url.Values{
		"too long":          {"q": {strings.Repeat("侨", maxTyped+1)}},
		"no text":           {"q": {"a\x00b"}},
		"unknown kind":      {"q": {"x"}, "in": {"secrets"}},
		"room":              {"q": {"x"}, "room": {"1"}},
		"person":            {"q": {"x"}, "by": {"' or true"}},
		"time":              {"q": {"x"}, "from": {"yesterday"}},
		"limit":             {"q": {"x"}, "limit": {"51"}},
		"cursor with many":  {"q": {"x"}, "cursor": {"abc"}},
		"cursor with two":   {"q": {"x"}, "cursor": {"abc"}, "in": {"messages,files"}},
		"has_file is a yes": {"q": {"x"}, "has_file": {"maybe"}},
	} {
		if status, _ := ask(query); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
	}
}
