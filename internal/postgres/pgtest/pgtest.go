// Package pgtest gives each test a database of its own: a clone of a migrated
// template on one private server per test binary.
package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// shared is the one server of a test binary. It ends with the binary: the
// kernel signals it when its parent is gone, and Run stops it before that.
type shared struct {
	once   sync.Once
	dir    string
	server *postgres.Server
	err    error
}

var server shared //nolint:gochecknoglobals // one server per test binary is the point

// Run is for TestMain: it runs the tests, then stops the server and removes
// its folder.
func Run(m *testing.M) int {
	defer server.stop()
	return m.Run()
}

// New returns a pool on a fresh, migrated database, dropped when the test ends.
func New(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return Open(tb, URL(tb))
}

// Open returns a further pool on a test's database, closed when the test ends.
func Open(tb testing.TB, url string) *pgxpool.Pool {
	tb.Helper()
	pool, err := postgres.Open(tb.Context(), url, 8)
	if err != nil {
		tb.Fatalf("open test database: %v", err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// URL returns the address of a fresh, migrated database, dropped when the test
// ends; for tests that start the whole program.
func URL(tb testing.TB) string {
	tb.Helper()
	server.once.Do(server.start)
	if server.err != nil {
		tb.Fatalf("start Postgres for tests: %v", server.err)
	}
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := server.exec(tb.Context(), "create database "+name+" template yunqiao"); err != nil {
		tb.Fatalf("clone the template database: %v", err)
	}
	tb.Cleanup(func() {
		if err := server.exec(context.Background(), "drop database "+name+" with (force)"); err != nil {
			tb.Errorf("drop test database: %v", err)
		}
	})
	return strings.Replace(server.server.URL, "/yunqiao?", "/"+name+"?", 1)
}

func (s *shared) start() {
	s.err = func() error {
		dir, err := os.MkdirTemp("", "yunqiao-test-")
		if err != nil {
			return err
		}
		s.dir = dir
		if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the server's user must pass through
			return err
		}
		private := postgres.Private{Dir: dir + "/pg", Unsafe: true, Log: slog.Default()}
		if s.server, err = private.Start(context.Background()); err != nil {
			return err
		}
		pool, err := postgres.Open(context.Background(), s.server.URL, 4)
		if err != nil {
			return err
		}
		defer pool.Close()
		return postgres.Migrate(context.Background(), pool)
	}()
}

func (s *shared) stop() {
	if s.server != nil {
		if err := s.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
		}
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// exec runs a statement on the maintenance database.
func (s *shared) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, strings.Replace(s.server.URL, "/yunqiao?", "/postgres?", 1))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
