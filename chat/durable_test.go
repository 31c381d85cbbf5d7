package chat

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// BenchmarkPostDurable posts into one room from many writers at once, on a
// server that waits for the disk. It reports posts per second of that room.
func BenchmarkPostDurable(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { benchmarkDurable(b, writers) })
	}
}

func benchmarkDurable(b *testing.B, writers int) {
	b.Helper()
	dir := b.TempDir()
	for up := dir; up != os.TempDir(); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			b.Fatal(err)
		}
	}
	private := postgres.Private{Dir: filepath.Join(dir, "pg"), Log: slog.New(slog.DiscardHandler)}
	server, err := private.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer server.Stop()
	pool, err := postgres.Open(b.Context(), server.URL, 20)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	if err := postgres.Durable(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	store, caller, room := benchmarkRoom(b, pool)
	b.ResetTimer()
	var next atomic.Int64
	var all sync.WaitGroup
	for range writers {
		all.Go(func() { postUntil(b, store, caller, room, &next) })
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

func postUntil(b *testing.B, store *Store, caller Caller, room uuid.UUID, next *atomic.Int64) {
	b.Helper()
	for {
		i := next.Add(1)
		if i > int64(b.N) {
			return
		}
		n := NewMessage{Room: room, ClientID: fmt.Sprint(i), Text: "各位下午好，会议三点开始。"}
		if _, err := store.Post(context.WithoutCancel(b.Context()), caller, n); err != nil {
			b.Errorf("post: %v", err)
			return
		}
	}
}
