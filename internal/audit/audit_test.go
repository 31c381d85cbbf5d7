package audit_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func TestRecordAndList(t *testing.T) {
	t.Parallel()
	log := audit.New(pgtest.New(t))
	admin := account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Name: "管理员", Role: account.Admin})
	for range 3 {
		if err := log.Record(admin, "contacts.open", "c1", map[string]any{"count": 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Record(t.Context(), "sweep", "meetings", nil); err != nil {
		t.Fatal(err)
	}
	first, err := log.List(admin, audit.Query{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Items) != 2 || first.NextCursor == nil || first.Items[0].Name != "system" {
		t.Fatalf("first page: %+v", first)
	}
	second, err := log.List(admin, audit.Query{Limit: 2, Cursor: *first.NextCursor})
	if err != nil || len(second.Items) != 2 || second.NextCursor != nil {
		t.Fatalf("second page: %+v, %v", second, err)
	}
	only, err := log.List(admin, audit.Query{Action: "sweep"})
	if err != nil || len(only.Items) != 1 {
		t.Fatalf("by action: %+v, %v", only, err)
	}
}

func TestListRefusals(t *testing.T) {
	t.Parallel()
	log := audit.New(pgtest.New(t))
	for _, role := range []account.Role{account.Staff, account.Station, account.Ambassador} {
		ctx := account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Role: role})
		if _, err := log.List(ctx, audit.Query{}); problem.Code(err) != "forbidden" {
			t.Errorf("%s reads the audit: %v", role, err)
		}
	}
	if _, err := log.List(t.Context(), audit.Query{}); !errors.Is(err, account.ErrSignedOut) {
		t.Errorf("a stranger reads the audit: %v", err)
	}
	admin := account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Role: account.Admin})
	if _, err := log.List(admin, audit.Query{Cursor: "x"}); problem.Code(err) != "invalid" {
		t.Errorf("a bad cursor: %v", err)
	}
}

func TestOneReadingIsOneLine(t *testing.T) {
	t.Parallel()
	log := audit.New(pgtest.New(t))
	admin := account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Role: account.Admin, Name: "a"})
	other := account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Role: account.Staff, Name: "b"})
	guest := account.WithGuest(t.Context(), account.Guest{ID: uuid.New(), Name: "c"})
	for range 3 {
		for _, ctx := range []context.Context{admin, other, guest, t.Context()} {
			for _, file := range []string{"x", "y"} {
				if err := log.RecordOnce(ctx, "recording.view", "r", map[string]any{"file": file}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	page, err := log.List(admin, audit.Query{Action: "recording.view"})
	if err != nil || len(page.Items) != 8 {
		t.Errorf("%d lines, %v: want one for each person and file", len(page.Items), err)
	}
}

func TestEntriesStay(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if err := audit.New(pool).Record(t.Context(), "a", "b", nil); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`update audit set name = 'x'`, `delete from audit`, `truncate audit`} {
		if _, err := pool.Exec(t.Context(), q); err == nil {
			t.Errorf("%s was let through", q)
		}
	}
}
