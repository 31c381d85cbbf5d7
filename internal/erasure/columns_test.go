package erasure_test

import (
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/erasure"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// Whoever adds a column in which words could stand says what becomes of it when a
// person's data is erased.
func TestEveryColumnIsDeclared(t *testing.T) {
	t.Parallel()
	declared := map[string]int{}
	for _, h := range erasure.Columns() {
		for _, column := range h.Columns {
			declared[h.Table+"."+column]++
		}
	}
	const q = `
select c.table_name || '.' || c.column_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.udt_name not in ('uuid', '_uuid', 'bool', 'int2', 'int4', 'int8',
    'float4', 'float8', 'numeric', 'date', 'time', 'timestamp', 'timestamptz', 'interval')`
	rows, _ := pgtest.New(t).Query(t.Context(), q)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < 100 {
		t.Fatalf("read the schema: %d columns, %v", len(columns), err)
	}
	for _, column := range columns {
		if declared[column] != 1 {
			t.Errorf("%s is declared %d times: say in erasure.Columns what becomes of it when a person's data is erased", column, declared[column])
		}
	}
	for column := range declared {
		if !slices.Contains(columns, column) {
			t.Errorf("%s is declared, and not there", column)
		}
	}
}

// A name is found as JSON and arrays write it, too.
func TestSearchFindsWhatIsCalled(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const name = `岑 "Canary" \O'Brien_%`
	for _, q := range []string{
		`insert into audit (name, address, action, object, details) values ('', '', 'x', '', jsonb_build_object('to', $1::text))`,
		`insert into sign_in_failures (key, failures, last_at) values ('name:' || upper($1::text), 1, now())`,
	} {
		if _, err := pool.Exec(t.Context(), q, name); err != nil {
			t.Fatal(err)
		}
	}
	found, err := erasure.Search(t.Context(), pool, []string{name, "nobody else"})
	want := []erasure.Place{
		{Table: "sign_in_failures", Column: "key", Rows: 1}, {Table: "audit", Column: "details", Rows: 1, Kept: "audit"},
	}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("found %+v, %v", found, err)
	}
}
