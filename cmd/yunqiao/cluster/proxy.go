// Package cluster shows several nodes on one machine behind one address: for
// trying out what happens when one of them dies. It is no way to run a hub for
// others; a load balancer in front of the nodes is.
package cluster

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// cookie keeps a browser at its node, as long as that answers.
const cookie = "yunqiao_node"

// retryAfter is how long a node that did not answer is left out.
const retryAfter = time.Second

// Proxy spreads browsers over nodes.
type Proxy struct {
	nodes []*target
	next  atomic.Uint64
}

type target struct {
	proxy *httputil.ReverseProxy
	// downUntil is when to try it again, in Unix nanoseconds.
	downUntil atomic.Int64
}

// NewProxy makes a proxy before the nodes at these addresses.
func NewProxy(log *slog.Logger, nodes ...*url.URL) *Proxy {
	p := &Proxy{}
	for _, address := range nodes {
		t := &target{}
		t.proxy = &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(address)
				r.SetXForwarded()
				r.Out.Host = r.In.Host // pages and sockets are of one origin
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				if r.Context().Err() == nil {
					t.downUntil.Store(time.Now().Add(retryAfter).UnixNano())
					log.WarnContext(r.Context(), "node does not answer", "node", address.Host, "err", err)
				}
				http.Error(w, "the node does not answer, try again", http.StatusBadGateway)
			},
		}
		p.nodes = append(p.nodes, t)
	}
	return p
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, kept := p.choose(r)
	if !kept {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: strconv.Itoa(i), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	p.nodes[i].proxy.ServeHTTP(w, r)
}

// choose returns the browser's node, or the next one when it has none that
// answers.
func (p *Proxy) choose(r *http.Request) (i int, kept bool) {
	if c, err := r.Cookie(cookie); err == nil {
		if i, err := strconv.Atoi(c.Value); err == nil && i >= 0 && i < len(p.nodes) && p.nodes[i].up() {
			return i, true
		}
	}
	for range p.nodes {
		i = int(p.next.Add(1) % uint64(len(p.nodes))) //nolint:gosec // far below the limit
		if p.nodes[i].up() {
			break
		}
	}
	return i, false
}

func (t *target) up() bool { return time.Now().UnixNano() >= t.downUntil.Load() }
