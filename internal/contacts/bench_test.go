package contacts

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// BenchmarkSearch searches as many contacts as the house has.
func BenchmarkSearch(b *testing.B) {
	pool := pgtest.New(b)
	c := New(pool, account.NewStore(pool), nil, audit.New(pool))
	surnames := []rune("李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
	given := []rune("明哲雨桐思远佳宁子轩若兰景行书瑶文博清扬海燕建国晓峰静怡志远婉清崇宇立新春晖国梁")
	columns := []string{
		"id", "kind", "name", "name_latin", "aliases", "title", "organisation_name", "country_code", "city", "language",
		"time_zone", "notes", "search_text", "search_pinyin", "search_phone", "sort_key",
	}
	_, err := pool.CopyFrom(b.Context(), pgx.Identifier{"contacts"}, columns, pgx.CopyFromSlice(24_000, func(i int) ([]any, error) {
		name := string([]rune{surnames[i%len(surnames)], given[i*7%len(given)], given[i*i%len(given)]})
		k := c.reader.Keys(textsearch.Named{Person: true, Names: []string{name}, Phones: []string{fmt.Sprintf("+86 516 %07d", i*37)}})
		return []any{
			uuid.New(), "person", name, "", []string{}, "", "", "CN", "", "zh-CN", "", "", k.Text, k.Pinyin, k.Phone, k.Sort,
		}, nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `analyze contacts`); err != nil {
		b.Fatal(err)
	}
	ctx := account.WithAccount(context.Background(), account.Account{ID: uuid.New(), Role: account.Staff})
	for _, query := range []string{"徐", "崇宇", "xuchongyu", "xcy", "x", "7773", ""} {
		b.Run("q="+query, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.List(ctx, Filter{Query: query}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
