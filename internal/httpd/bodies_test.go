package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// A body that never comes ends its request; one that came leaves the answer
// all the time it needs.
func TestBodiesComeInTime(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	ended := make(chan error, 1)
	server := httptest.NewServer(bodyIn(50 * time.Millisecond)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
		if err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
			return
		}
		wait, cancel := context.WithTimeout(r.Context(), 200*time.Millisecond)
		defer cancel()
		<-wait.Done()
		ended <- r.Context().Err()
	})))
	t.Cleanup(server.Close)
	slow, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slow.Close() })
	fmt.Fprint(slow, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a body that does not come: %v", err)
	}
	if answer, err := io.ReadAll(slow); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408") {
		t.Errorf("the connection ends with %q, %v", answer, err)
	}
	response, err := http.Post(server.URL, "text/plain", strings.NewReader("all of it"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := <-read; err != nil {
		t.Errorf("a body that came: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the answer was cut off: %v", err)
	}
}
