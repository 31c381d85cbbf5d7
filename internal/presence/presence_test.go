package presence

import (
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func TestLeasesRunOutByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := New(pool, ""), New(pool, "")
	lin, weiss := uuid.New(), uuid.New()
	renew := func(l *Leases, here ...uuid.UUID) []uuid.UUID {
		t.Helper()
		elsewhere, err := l.Renew(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		return elsewhere
	}
	renew(a, lin, weiss)
	if got := renew(b, weiss); len(got) != 2 || !slices.Contains(got, lin) || !slices.Contains(got, weiss) {
		t.Errorf("b hears of %v, want both of a's", got)
	}
	if got := renew(a); !slices.Equal(got, []uuid.UUID{weiss}) {
		t.Errorf("a hears of %v, want b's one", got)
	}
	renew(a, lin)
	age := func(l *Leases, by string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), `update presence set renewed_at = renewed_at - $2::interval where node = $1`, l.node, by); err != nil {
			t.Fatal(err)
		}
	}
	age(a, "11 seconds") // as if a had been killed
	if got := renew(b); len(got) != 0 {
		t.Errorf("a's lease has run out, and b still hears of %v", got)
	}
	renew(a, lin) // it was only paused
	if got := renew(b); !slices.Equal(got, []uuid.UUID{lin}) {
		t.Errorf("a is back, and b hears of %v", got)
	}
	if err := a.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := renew(b); len(got) != 0 {
		t.Errorf("a has ended, and b still hears of %v", got)
	}
}
