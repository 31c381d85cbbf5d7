package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// acquireTimeout is how long work waits for a connection. What waits longer
// would only make the next wait longer: its caller is told to come back.
const acquireTimeout = 5 * time.Second

var (
	// ErrBusy is the error of work that found no free connection in time: all
	// of them are at work. Unavailable knows it.
	ErrBusy = errors.New("no database connection became free in time")
	// ErrNested is the error of work that holds one connection, in a
	// transaction, and asks for another. Enough of it at the same moment would
	// hold every connection while it waits for one more, for ever; so it is a
	// fault wherever it is found, not only when the pool is empty.
	ErrNested = errors.New("inside a transaction only the transaction is used: a second connection was asked for")
)

// InTx runs do in a transaction, which is committed when do returns nil. The
// context that do gets knows of the transaction: whatever asks a pool for a
// connection with it is refused with ErrNested.
func InTx(ctx context.Context, pool *pgxpool.Pool, do func(ctx context.Context, tx pgx.Tx) error) error {
	return InTxAs(ctx, pool, pgx.TxOptions{}, do)
}

// InTxAs is InTx with a transaction of another kind.
func InTxAs(ctx context.Context, pool *pgxpool.Pool, kind pgx.TxOptions, do func(ctx context.Context, tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, pool, kind, func(tx pgx.Tx) error {
		open := new(atomic.Bool)
		open.Store(true)
		defer open.Store(false) // what goes on with the context afterwards is free
		return do(context.WithValue(ctx, txKey{}, open), tx)
	})
}

// txKey is the key of whether a context's transaction is open.
type txKey struct{}

func inTx(ctx context.Context) bool {
	open, is := ctx.Value(txKey{}).(*atomic.Bool)
	return is && open.Load()
}

// acquiring is the context of waiting for a connection. It says why the wait
// ended, where the pool itself would only say that it did.
type acquiring struct {
	context.Context
	cancel context.CancelFunc
}

// Err implements context.Context.
func (a acquiring) Err() error {
	if cause := context.Cause(a.Context); errors.Is(cause, ErrBusy) || errors.Is(cause, ErrNested) {
		return cause
	}
	return a.Context.Err()
}

// door stands before a pool: it is asked whenever the pool is asked for a
// connection, and counts what was refused.
type door struct{ busy, nested atomic.Uint64 }

// TraceAcquireStart implements pgxpool.AcquireTracer.
func (d *door) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	if inTx(ctx) {
		refused, refuse := context.WithCancelCause(ctx)
		refuse(ErrNested)
		return acquiring{refused, func() {}}
	}
	waiting, cancel := context.WithTimeoutCause(ctx, acquireTimeout, ErrBusy)
	return acquiring{waiting, cancel}
}

// TraceAcquireEnd implements pgxpool.AcquireTracer.
func (d *door) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, end pgxpool.TraceAcquireEndData) {
	if a, ok := ctx.(acquiring); ok {
		a.cancel()
	}
	switch {
	case errors.Is(end.Err, ErrBusy):
		d.busy.Add(1)
	case errors.Is(end.Err, ErrNested):
		d.nested.Add(1)
	}
}

// TraceQueryStart implements pgx.QueryTracer, which a pool's tracer has to be:
// statements are not traced.
func (*door) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*door) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Collector gives a pool's metrics: its connections, and the work that got none.
func Collector(pool *pgxpool.Pool) prometheus.Collector { return &collector{pool} }

type collector struct{ pool *pgxpool.Pool }

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	stat := c.pool.Stat()
	connections := prometheus.NewDesc("yunqiao_database_connections", "Connections to the database, by what they do.", []string{"state"}, nil)
	for state, n := range map[string]int32{"busy": stat.AcquiredConns(), "idle": stat.IdleConns(), "most": stat.MaxConns()} {
		ch <- prometheus.MustNewConstMetric(connections, prometheus.GaugeValue, float64(n), state)
	}
	d, ok := c.pool.Config().ConnConfig.Tracer.(*door)
	if !ok {
		return
	}
	refused := prometheus.NewDesc("yunqiao_database_refused_total", "Work that got no connection, by reason.", []string{"reason"}, nil)
	for reason, n := range map[string]uint64{"busy": d.busy.Load(), "nested": d.nested.Load()} {
		ch <- prometheus.MustNewConstMetric(refused, prometheus.CounterValue, float64(n), reason)
	}
}
