package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// poolSize is how many connections the hub's work has; jobs have their own.
const poolSize = 20

// database is the configured Postgres, or the private one.
type database struct {
	pool *pgxpool.Pool
	url  string
	// where says in words which database it is, without secrets.
	where string
	// private is nil when DATABASE_URL was given.
	private *postgres.Server
	// lock keeps the data folder; nil for a task beside a running hub.
	lock *os.File
}

func postgresDir(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "postgres") }

// openDatabase opens the database, starting the private server when none was
// given, and brings it up to date.
func openDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) (*database, error) {
	d := &database{url: cfg.DatabaseURL, where: "DATABASE_URL"}
	if d.url == "" {
		if err := makeDataDir(cfg.DataDir); err != nil {
			return nil, err
		}
		dir := postgresDir(cfg)
		server, err := (&postgres.Private{Dir: dir, Log: log}).Start(ctx)
		if err != nil {
			return nil, err
		}
		d.private, d.url, d.where = server, server.URL, "a private Postgres in "+dir
	}
	var err error
	if d.pool, err = postgres.Open(ctx, d.url, poolSize); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if err := postgres.Migrate(ctx, d.pool); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openOwn opens the database and takes the data folder for this process, until the
// database is closed.
func openOwn(ctx context.Context, cfg *config.Config, log *slog.Logger) (*database, error) {
	lock, err := lockDataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	d, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	d.lock = lock
	return d, nil
}

// makeDataDir makes the data folder. Others may pass through it, since the
// private server runs as another user; what lies in it is closed to them.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // see above
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}

func (d *database) close() error {
	if d.pool != nil {
		d.pool.Close()
	}
	var err error
	if d.private != nil {
		err = d.private.Stop()
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}
