package transcript

import (
	"net/http"
	"sync"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// maxPrepared is how many archives a node prepares at a time. Each reads a whole
// room and writes it to the disk twice.
const maxPrepared = 2

var (
	errOneAtATime = problem.New(http.StatusTooManyRequests, "export_running", "one export of a person's at a time: wait for the one that runs")
	errManyNow    = problem.New(http.StatusServiceUnavailable, "exports_busy", "others export now; try again in a moment").With("retry_after", 10)
)

// gate lets exports in: one of each person's, from its beginning until it is
// sent, and few that load the hub. Nobody waits at it.
type gate struct {
	mu        sync.Mutex
	inside    map[uuid.UUID]bool // Guarded by mu.
	preparing int                // Guarded by mu.
}

// enter begins an export of a person's.
func (g *gate) enter(person uuid.UUID) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside[person] {
		return nil, errOneAtATime
	}
	if g.inside == nil {
		g.inside = make(map[uuid.UUID]bool)
	}
	g.inside[person] = true
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.inside, person)
	}, nil
}

// free is nil when a person's export could begin now.
func (g *gate) free(person uuid.UUID) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.inside[person]:
		return errOneAtATime
	case g.preparing >= maxPrepared:
		return errManyNow
	}
	return nil
}

// work begins the part of an export that loads the hub.
func (g *gate) work() (done func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.preparing >= maxPrepared {
		return nil, errManyNow
	}
	g.preparing++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.preparing--
	}, nil
}
