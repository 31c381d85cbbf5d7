package signaling

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// What is too long and what does not come in time are two things.
func TestBodiesOfOffersAreJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   *http.Request
		status int
	}{
		"slow":  {httptest.NewRequest(http.MethodPost, "/whip", iotest.ErrReader(errors.New("i/o timeout"))), http.StatusRequestTimeout},
		"large": {httptest.NewRequest(http.MethodPost, "/whip", strings.NewReader(strings.Repeat("a", maxSDP+1))), http.StatusRequestEntityTooLarge},
		"wrong": {httptest.NewRequest(http.MethodPost, "/whip", strings.NewReader("hello")), http.StatusUnprocessableEntity},
	} {
		c.body.Header.Set("Content-Type", typeSDP)
		c.body.Header.Set("Authorization", "Bearer x")
		_, _, err := readSDP(c.body)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != c.status {
			t.Errorf("%s: %v, want status %d", name, err, c.status)
		}
	}
}
