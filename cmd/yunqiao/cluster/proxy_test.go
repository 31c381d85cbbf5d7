package cluster

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestABrowserKeepsToItsNodeUntilThatIsGone(t *testing.T) {
	t.Parallel()
	var nodes []*httptest.Server
	var addresses []*url.URL
	for _, name := range []string{"one", "two"} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" "+r.Host)
		}))
		defer node.Close()
		address, err := url.Parse(node.URL)
		if err != nil {
			t.Fatal(err)
		}
		nodes, addresses = append(nodes, node), append(addresses, address)
	}
	front := httptest.NewServer(NewProxy(slog.New(slog.DiscardHandler), addresses...))
	defer front.Close()
	browser := func() func() (status int, body string) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		return func() (int, string) {
			response, err := client.Get(front.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode, string(body)
		}
	}
	first, second := browser(), browser()
	_, a := first()
	_, b := second()
	if host := front.Listener.Addr().String(); a == b || a[4:] != host || b[4:] != host {
		t.Fatalf("two browsers are at %q and %q, want different nodes that know the common address", a, b)
	}
	if _, again := first(); again != a {
		t.Errorf("the first browser moved from %q to %q", a, again)
	}
	gone, left := nodes[0], b
	if a[:3] == "two" {
		gone = nodes[1]
	}
	gone.Close()
	if status, _ := first(); status != http.StatusBadGateway {
		t.Errorf("a node that is gone is answered with %d", status)
	}
	if status, moved := first(); status != http.StatusOK || moved != left {
		t.Errorf("the first browser is at %q (%d), want %q", moved, status, left)
	}
}
