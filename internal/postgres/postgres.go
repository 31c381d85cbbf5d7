// Package postgres opens the database, brings its schema up to date and, for
// the embedded default, runs a private server. It holds no feature's SQL but
// the migrations, which have one order.
package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open connects a pool and checks that the server answers. Sessions speak UTC,
// and a statement that takes longer than 30 s is a fault. Who waits longer than
// acquireTimeout for a connection gets ErrBusy.
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err)
	}
	cfg.MaxConns = maxConns
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = "30000"
	cfg.ConnConfig.RuntimeParams["application_name"] = "yunqiao"
	cfg.ConnConfig.Tracer = new(door)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return pool, nil
}

// Migrate applies all migrations that are missing, forward only. A session
// lock makes several nodes that start together wait for one another.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("make migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return migrateJobs(ctx, pool)
}

// migrateJobs applies the job queue's own migrations, under a lock of ours that
// lies on a connection beside the pool. They are in no transaction together: a
// new value of an enum is only usable in the next.
func migrateJobs(ctx context.Context, pool *pgxpool.Pool) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("read job migrations: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect for job migrations: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // and with it the lock ends
	const q = `select pg_advisory_lock(hashtextextended('yunqiao job migrations', 0))`
	if _, err := conn.Exec(ctx, q); err != nil {
		return fmt.Errorf("lock job migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate jobs: %w", err)
	}
	return nil
}

// Durable returns an error when the server may lose what it acknowledged, or
// cannot search Chinese text.
func Durable(ctx context.Context, pool *pgxpool.Pool) error {
	var fsync, commit string
	const q = `select current_setting('fsync'), current_setting('synchronous_commit')`
	if err := pool.QueryRow(ctx, q).Scan(&fsync, &commit); err != nil {
		return fmt.Errorf("read durability settings: %w", err)
	}
	if fsync != "on" {
		return fmt.Errorf("the database runs with fsync=%s: acknowledged messages could be lost; set fsync=on", fsync)
	}
	if commit == "off" {
		return fmt.Errorf("the database runs with synchronous_commit=off: acknowledged messages could be lost; set it to on")
	}
	return nil
}
