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
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// BenchmarkPostDurable posts into one room from many writers at once, on a
// server that waits for the disk. It reports posts per second of that room.
func BenchmarkPostDurable(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { benchmarkDurable(b, writers) })
	}
}

// durable starts a server that waits for the disk.
func durable(b *testing.B) *pgxpool.Pool {
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
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	pool, err := postgres.Open(b.Context(), server.URL, 20)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	if err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	if err := postgres.Durable(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	return pool
}

func benchmarkDurable(b *testing.B, writers int) {
	b.Helper()
	store, caller, room := benchmarkRoom(b, durable(b))
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

// BenchmarkMarkRead has 500 members read a message that was just posted, 1 and
// 16 at a time, on a server that waits for the disk. Every turn is one round of
// all of them.
func BenchmarkMarkRead(b *testing.B) {
	for _, atOnce := range []int{1, 16} {
		b.Run(fmt.Sprintf("at_once=%d", atOnce), func(b *testing.B) { benchmarkMarks(b, atOnce) })
	}
}

func benchmarkMarks(b *testing.B, atOnce int) {
	b.Helper()
	const members = 500
	pool := durable(b)
	store, caller, room := benchmarkRoom(b, pool)
	readers := addReaders(b, pool, room, members)
	rounds := 0
	for b.Loop() {
		rounds++
		e, err := store.Post(b.Context(), caller, NewMessage{Room: room, ClientID: fmt.Sprint(rounds), Text: "请查收。"})
		if err != nil {
			b.Fatal(err)
		}
		var next atomic.Int64
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for i := next.Add(1); i <= members; i = next.Add(1) {
					if err := store.MarkRead(b.Context(), readers[i-1], room, e.Seq); err != nil {
						b.Errorf("mark: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	b.ReportMetric(float64(rounds*members)/b.Elapsed().Seconds(), "marks/s")
	marks, newest, err := store.Marks(b.Context(), caller, room, 0)
	if err != nil || newest != int64(rounds*members) || len(marks) != members+1 {
		b.Errorf("%d marks, the newest %d, err %v; want %d", len(marks), newest, err, rounds*members)
	}
}

// addReaders fills a room with members.
func addReaders(b *testing.B, pool *pgxpool.Pool, room uuid.UUID, count int) []Caller {
	b.Helper()
	const accounts = `
insert into accounts (id, name, user_name, role) select gen_random_uuid(), 'r' || i, 'r' || i, 'ambassador' from generate_series(1, $1) i`
	if _, err := pool.Exec(b.Context(), accounts, count); err != nil {
		b.Fatal(err)
	}
	const members = `insert into room_members (room_id, account_id) select $1, id from accounts where role = 'ambassador' returning account_id`
	rows, _ := pool.Query(b.Context(), members, room)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		b.Fatal(err)
	}
	readers := make([]Caller, 0, count)
	for _, id := range ids {
		readers = append(readers, Caller{Person: Person{ID: id, Kind: AccountPerson}})
	}
	return readers
}
