package contacts

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// benchContacts is how many contacts the house promises to search.
const benchContacts = 100_000

// fillContacts makes contacts of common surnames, a tenth with Latin names.
func fillContacts(b *testing.B, pool *pgxpool.Pool, c *Contacts) {
	b.Helper()
	surnames := []rune("李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
	given := []rune("明哲雨桐思远佳宁子轩若兰景行书瑶文博清扬海燕建国晓峰静怡志远婉清崇宇立新春晖国梁楚")
	cities := []string{"墨西哥城", "圣保罗", "法兰克福", "曼谷", "Toronto"}
	if _, err := pool.Exec(b.Context(), `create table made (id uuid, name text, text text, pinyin text, phone text, sort text, lexemes text[])`); err != nil {
		b.Fatal(err)
	}
	columns := []string{"id", "name", "text", "pinyin", "phone", "sort", "lexemes"}
	_, err := pool.CopyFrom(b.Context(), pgx.Identifier{"made"}, columns, pgx.CopyFromSlice(benchContacts, func(i int) ([]any, error) {
		name := string([]rune{surnames[i%len(surnames)], given[i*7%len(given)], given[i*i%len(given)]})
		if i%10 == 9 {
			name = fmt.Sprint([]string{"Elena", "Marco", "Sofia", "Daniel"}[i/10%4], " ", []string{"Rossi", "Keller", "Navarro"}[i/10%3], i%977)
		}
		k := c.reader.Keys(textsearch.Named{
			Person: true, Names: []string{name}, Texts: []string{cities[i%5], fmt.Sprint("工程机械有限公司", i%997)}, Phones: []string{fmt.Sprintf("+86 516 %07d", i*37)},
		})
		return []any{uuid.New(), name, k.Text, k.Pinyin, k.Phone, k.Sort, c.reader.Lexemes(k)}, nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{
		`
insert into contacts (id, kind, name, name_latin, aliases, title, organisation_name, country_code, city, language, time_zone, notes,
    search_text, search_pinyin, search_phone, sort_key, search)
select id, 'person', name, '', '{}', '', '', 'CN', '', 'zh-CN', '', '', text, pinyin, phone, sort, array_to_tsvector(lexemes) from made`,
		`vacuum analyze contacts`,
	} {
		if _, err := pool.Exec(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch searches as many contacts as the house promises, in the one
// search box (find) and in the list of contacts, which counts them too.
func BenchmarkSearch(b *testing.B) {
	pool := pgtest.New(b)
	c := New(pool, account.NewStore(pool), nil, audit.New(pool))
	fillContacts(b, pool, c)
	ctx := account.WithAccount(context.Background(), account.Account{ID: uuid.New(), Role: account.Staff})
	for _, query := range []string{"徐", "楚", "崇宇", "xuchongyu", "xcy", "x", "xc", "7773", "rossi", "墨西哥", "工程机械 李", ""} {
		b.Run("find/q="+query, func(b *testing.B) {
			measure(b, func() error { _, err := c.Find(ctx, query, 8); return err })
		})
		b.Run("list/q="+query, func(b *testing.B) {
			measure(b, func() error { _, err := c.List(ctx, Filter{Query: query}); return err })
		})
	}
}

func measure(b *testing.B, search func() error) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := search(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(0, "ns/op")
}
