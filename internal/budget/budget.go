// Package budget says how much one person, one link or one network may ask of
// the hub. Each door of the hub has a budget of its own: so much a second, and so
// much at once. It knows no clock: time is an argument.
package budget

import (
	"math"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Limit is what one key may spend: Rate a second for ever, and Burst at once.
type Limit struct{ Rate, Burst float64 }

// maxKeys is how many keys one door remembers. Keys beyond share one bucket until
// others have been quiet for long enough to be forgotten.
const maxKeys = 50_000

// shared is the bucket of the keys that are one too many; no key is empty.
const shared = ""

// Door is one way into the hub, with a bucket for each key.
type Door struct {
	// Name is what metrics call it.
	Name  string
	limit Limit

	refused atomic.Uint64

	mu      sync.Mutex
	buckets map[string]bucket // Guarded by mu.
}

// bucket holds what is left, as of a moment.
type bucket struct {
	left float64
	at   time.Time
}

// NewDoor makes a door.
func NewDoor(name string, limit Limit) *Door {
	return &Door{Name: name, limit: limit, buckets: make(map[string]bucket)}
}

// Ask spends a cost of a key's. When too little is left nothing is spent, and the
// error is a problem with the code rate and retry_after, in seconds. What costs
// more than the whole burst is let in by a full bucket, and empties it below
// nothing.
func (d *Door) Ask(now time.Time, key string, cost float64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, known := d.buckets[key]
	if !known {
		if len(d.buckets) >= maxKeys {
			d.forget(now)
		}
		if len(d.buckets) >= maxKeys {
			key = shared
			b, known = d.buckets[key]
		}
		if !known {
			b = bucket{d.limit.Burst, now}
		}
	}
	b = d.filled(b, now)
	if missing := min(cost, d.limit.Burst) - b.left; missing > 1e-9 {
		d.refused.Add(1)
		wait := int(math.Ceil(missing / d.limit.Rate))
		return problem.New(http.StatusTooManyRequests, "rate", "too much at once; wait a moment").With("retry_after", max(1, wait))
	}
	b.left -= cost
	d.buckets[key] = b
	return nil
}

// filled is a bucket with what has come in since. A clock that goes back changes
// nothing.
func (d *Door) filled(b bucket, now time.Time) bucket {
	if since := now.Sub(b.at); since > 0 {
		b.left, b.at = min(d.limit.Burst, b.left+since.Seconds()*d.limit.Rate), now
	}
	return b
}

// forget drops the buckets that are full again: a new one would be the same.
func (d *Door) forget(now time.Time) {
	for key, b := range d.buckets {
		if d.filled(b, now).left >= d.limit.Burst {
			delete(d.buckets, key)
		}
	}
}

// Refused counts what was refused.
func (d *Door) Refused() uint64 { return d.refused.Load() }

// Places are how much of a kind one key may hold at the same time.
type Places struct {
	// Name is what metrics call them.
	Name string

	refused atomic.Uint64

	mu    sync.Mutex
	taken map[string]int // Guarded by mu.
}

// NewPlaces makes places.
func NewPlaces(name string) *Places { return &Places{Name: name, taken: make(map[string]int)} }

// Take takes one of the places of a key, of which there are so many, and returns
// how it is given back, once.
func (p *Places) Take(key string, most int) (leave func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[key] >= most {
		p.refused.Add(1)
		return nil, false
	}
	p.taken[key]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.taken[key]--; p.taken[key] <= 0 {
			delete(p.taken, key)
		}
	}, true
}

// Refused counts what was refused.
func (p *Places) Refused() uint64 { return p.refused.Load() }

// Network is what one customer of a provider has: an IPv4 address, or the /64
// of an IPv6 address, all of whose addresses are theirs.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
