package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// folder is one that the server's own user can reach.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for up := dir; up != os.TempDir(); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "pg")
}

func TestPrivateServerKeepsItsDataAndRefusesStrangers(t *testing.T) {
	t.Parallel()
	p := postgres.Private{Dir: folder(t), Log: slog.New(slog.DiscardHandler)}
	for start := range 2 {
		s, err := p.Start(t.Context())
		if err != nil {
			t.Fatalf("start %d: %v", start, err)
		}
		pool, err := postgres.Open(t.Context(), s.URL, 4)
		if err != nil {
			t.Fatal(err)
		}
		if err := postgres.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		if err := postgres.Durable(t.Context(), pool); err != nil {
			t.Errorf("the private server is not durable: %v", err)
		}
		var trigrams int
		if err := pool.QueryRow(t.Context(), `select cardinality(show_trgm('侨联'))`).Scan(&trigrams); err != nil || trigrams == 0 {
			t.Errorf("Chinese text has %d trigrams, err %v", trigrams, err)
		}
		pool.Close()
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	version := filepath.Join(p.Dir, "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Start(t.Context()); !errors.Is(err, postgres.ErrOtherVersion) {
		t.Errorf("another version's folder: %v", err)
	}
}

func TestStartStopsWaitingWhenAsked(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := postgres.Private{Dir: folder(t), Log: slog.New(slog.DiscardHandler)}
	if _, err := p.Start(ctx); err == nil {
		t.Error("started although nobody waits")
	}
}
