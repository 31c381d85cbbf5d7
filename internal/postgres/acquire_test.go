package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

// However many connections are free: one that holds a connection gets no other.
func TestInATransactionOnlyTheTransactionIsUsed(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var kept context.Context
	err := postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		kept = ctx //nolint:fatcontext // to see what it may afterwards
		if _, err := tx.Exec(ctx, "select 1"); err != nil {
			t.Errorf("the transaction itself: %v", err)
		}
		_, err := pool.Exec(context.WithoutCancel(ctx), "select 1")
		return err
	})
	if !errors.Is(err, postgres.ErrNested) || errors.Is(err, context.Canceled) {
		t.Errorf("a second connection gives %v", err)
	}
	if _, err := pool.Exec(kept, "select 1"); err != nil {
		t.Errorf("after the transaction: %v", err)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(postgres.Collector(pool))
	metrics, err := registry.Gather()
	if err != nil || len(metrics) != 2 || !strings.Contains(metrics[1].String(), `value:"nested"`) || !strings.Contains(metrics[1].String(), "value:1") {
		t.Errorf("metrics %v, %v", metrics, err)
	}
}

// Who finds no free connection is told so, in time and as what it is.
func TestWaitingForAConnectionEnds(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	held, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	_, err = pool.Exec(t.Context(), "select 1")
	if !errors.Is(err, postgres.ErrBusy) {
		t.Fatalf("waiting ends with %v", err)
	}
	if p, _ := postgres.Problem(err); p.Status != 503 || p.GetHeaders().Get("Retry-After") == "" {
		t.Errorf("its caller is told %v", p)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Exec(gone, "select 1"); !errors.Is(err, context.Canceled) || errors.Is(err, postgres.ErrBusy) {
		t.Errorf("who gives up gets %v", err)
	}
}
