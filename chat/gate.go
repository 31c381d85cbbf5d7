package chat

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// gate lets in one at a time of those who change the same room. They would wait
// for each other in the database anyhow, at the room's row, each with a connection
// in hand: a busy room would take all of them from everybody. Here they wait
// without one. Posts do not come by: their line (posting.go) is one at a time.
type gate struct {
	mu    sync.Mutex
	rooms map[uuid.UUID]*turn // those that somebody is at; Guarded by mu.
}

type turn struct {
	taken chan struct{} // of length one: full while somebody is inside
	at    int           // how many are inside or wait; guarded by the gate's mu
}

// turnTimeout is how long somebody waits for their turn.
const turnTimeout = 10 * time.Second

// enter waits until nobody else is in. What takes too long is a problem with the
// code unavailable.
func (g *gate) enter(ctx context.Context, room uuid.UUID) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	t := g.come(room)
	select {
	case t.taken <- struct{}{}:
		return func() {
			<-t.taken
			g.gone(room, t)
		}, nil
	case <-ctx.Done():
		g.gone(room, t)
		return nil, problem.Unavailable()
	}
}

func (g *gate) come(room uuid.UUID) *turn {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.rooms[room]
	if t == nil {
		if g.rooms == nil {
			g.rooms = make(map[uuid.UUID]*turn)
		}
		t = &turn{taken: make(chan struct{}, 1)}
		g.rooms[room] = t
	}
	t.at++
	return t
}

func (g *gate) gone(room uuid.UUID, t *turn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.at--; t.at == 0 {
		delete(g.rooms, room)
	}
}

// inTurn runs a transaction that locks something of a room's, when it is its turn.
func (s *Store) inTurn(ctx context.Context, g *gate, room uuid.UUID, do func(context.Context, pgx.Tx) error) error {
	leave, err := g.enter(ctx, room)
	if err != nil {
		return err
	}
	defer leave()
	return postgres.InTx(ctx, s.pool, do)
}
