package httpd

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// noStore keeps answers out of caches, where the next person at a browser, or a
// proxy, would find them. Handlers of files say otherwise for themselves.
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// bodyWithin is how long the body of a request may take to come: the largest
// is a megabyte.
const bodyWithin = 30 * time.Second

// bodyIn ends requests whose body does not come in time, so that nobody keeps a
// connection open by sending nothing.
func bodyIn(within time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body != nil && r.Body != http.NoBody {
				control := http.NewResponseController(w)
				if err := control.SetReadDeadline(time.Now().Add(within)); err == nil {
					// What comes after the body is no longer bounded: an answer may take its time.
					r.Body = &timedBody{r.Body, func() { _ = control.SetReadDeadline(time.Time{}) }}
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// timedBody lifts its deadline when it has been read to its end, and only then:
// what is left of a body the server waits for before it answers.
type timedBody struct {
	io.ReadCloser
	done func()
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.done()
	}
	return n, err
}
