package chat

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

const (
	benchMessages = 1_000_000
	benchSamples  = 20_000
	benchRooms    = 500
)

// sentence invents a message: words of the house among others, by a falling
// frequency, some Latin and numbers.
func sentence(r *rand.Rand) string {
	common := strings.Fields("的 了 我们 请 会议 时间 明天 下午 联系 老师 您好 收到 谢谢 安排 材料 徐州 海外 人才 项目 名单 通知 工作站 大使 侨联 参加 确认 北京时间 视频")
	rare := strings.Fields("座谈会 产业园 签证 归侨 侨眷 纪要 博士后 新能源 工程机械 墨西哥城 圣保罗 曼谷 法兰克福 芭提雅 Zoom visa Berlin Workshop 邀请函 领事馆 春节 招才引智 航班 酒店 隔离 捐赠 族谱 宗祠 华校")
	var b strings.Builder
	for range 3 + r.IntN(10) {
		switch n := r.IntN(100); {
		case n < 62:
			b.WriteString(common[int(float64(len(common))*r.Float64()*r.Float64())])
		case n < 76:
			b.WriteString(rare[int(float64(len(rare))*r.Float64()*r.Float64())])
		case n < 80:
			fmt.Fprintf(&b, " %d ", r.IntN(3000))
		case n < 90:
			b.WriteRune(rune(0x4e00 + r.IntN(6000)))
			b.WriteRune(rune(0x4e00 + r.IntN(6000)))
		default:
			b.WriteString("，")
		}
	}
	return b.String()
}

// fillRooms makes rooms of very different sizes with a million messages over
// two years. It returns who is in all rooms, in every eighth, and in three.
func fillRooms(b *testing.B, pool *pgxpool.Pool, store *Store) map[string]Caller {
	b.Helper()
	accounts := account.NewStore(pool)
	askers := map[string]Caller{}
	rooms := make([]uuid.UUID, benchRooms)
	for i := range rooms {
		rooms[i] = uuid.Must(uuid.NewV7())
	}
	exec := func(q string, args ...any) {
		b.Helper()
		if _, err := pool.Exec(b.Context(), q, args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(`set statement_timeout = 0`)
	exec(`insert into rooms (id, kind, title) select id, 'group', '群' from unnest($1::uuid[]) id`, rooms)
	for name, in := range map[string]func(int) bool{
		"staff": func(int) bool { return true }, "station": func(i int) bool { return i%8 == 3 }, "ambassador": func(i int) bool { return i%170 == 40 },
	} {
		a, err := accounts.Create(b.Context(), account.New{Name: "名", UserName: name, Role: account.Staff})
		if err != nil {
			b.Fatal(err)
		}
		askers[name] = Caller{Person: Person{ID: a.ID, Kind: AccountPerson, Name: a.Name}}
		var own []uuid.UUID
		for i, room := range rooms {
			if in(i) {
				own = append(own, room)
			}
		}
		exec(`insert into room_members (room_id, account_id) select id, $2 from unnest($1::uuid[]) id`, own, a.ID)
	}
	copySamples(b, pool, store)
	// Rooms are used by a falling frequency, too.
	exec(`drop index messages_search`)
	exec(`
insert into messages (id, room_id, seq, client_id, author_id, author_kind, author_name, text, posted_at, search, attachments)
select gen_random_uuid(), ($1::uuid[])[1 + floor($3 * power((i * 7919 % 10007) / 10007.0, 2))], i, i::text, $4, 'account', '名', s.text,
    now() - interval '2 years' + i * interval '63 seconds', s.search,
    case when i % 50 = 0 then '[{"id":"x","name":"名单.xlsx"}]'::jsonb else '[]' end
from generate_series(1, $2::bigint) i join samples s on s.id = i * 104729 % $5`, rooms, benchMessages, benchRooms, askers["staff"].ID, benchSamples)
	exec(`create index messages_search on messages using gin (search) with (gin_pending_list_limit = 512)`)
	exec(`vacuum analyze messages`)
	return askers
}

func copySamples(b *testing.B, pool *pgxpool.Pool, store *Store) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	_, err := pool.Exec(b.Context(), `create table sampled (id int, text text, lexemes text[])`)
	if err == nil {
		_, err = pool.CopyFrom(b.Context(), pgx.Identifier{"sampled"}, []string{"id", "text", "lexemes"},
			pgx.CopyFromSlice(benchSamples, func(i int) ([]any, error) {
				text := sentence(r)
				if i == 77 {
					text += "，请看鼋头渚"
				}
				return []any{i, text, store.lexemes(text, "", "", nil)}, nil
			}))
	}
	if err == nil {
		_, err = pool.Exec(b.Context(), `create table samples as select id, text, array_to_tsvector(lexemes) as search from sampled`)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSearch searches a million messages. p50-ms and p95-ms are what the
// house promises by.
func BenchmarkSearch(b *testing.B) {
	pool := pgtest.New(b)
	store := NewStore(pool, NewFeed(bus.NewLocal(), slog.New(slog.DiscardHandler)))
	askers := fillRooms(b, pool, store)
	var room uuid.UUID
	if err := pool.QueryRow(b.Context(), `select room_id from messages group by 1 order by count(*) desc offset 20 limit 1`).Scan(&room); err != nil {
		b.Fatal(err)
	}
	for _, query := range []struct {
		name string
		q    Search
	}{
		{"1char-common=的", Search{Text: "的"}},
		{"1char=侨", Search{Text: "侨"}},
		{"1char-rare=鼋", Search{Text: "鼋"}},
		{"2char-common=会议", Search{Text: "会议"}},
		{"2char=签证", Search{Text: "签证"}},
		{"3char=座谈会", Search{Text: "座谈会"}},
		{"3char-rare=鼋头渚", Search{Text: "鼋头渚"}},
		{"3char-none=谈签座", Search{Text: "谈签座"}},
		{"two-terms", Search{Text: "宗祠 族谱"}},
		{"latin-prefix=work", Search{Text: "work"}},
		{"digits=201", Search{Text: "201"}},
		{"room", Search{Text: "座谈会", Room: &room}},
		{"files", Search{Text: "签证", HasFile: true}},
		{"month", Search{Text: "座谈会", From: time.Now().AddDate(0, -13, 0), To: time.Now().AddDate(0, -12, 0)}},
		{"nothing-typed", Search{HasFile: true}},
	} {
		for _, who := range []string{"staff", "station", "ambassador"} {
			b.Run(query.name+"/"+who, func(b *testing.B) { measure(b, store, askers[who], query.q) })
		}
	}
}

func measure(b *testing.B, store *Store, c Caller, q Search) {
	b.Helper()
	var took []time.Duration
	hits := 0
	for b.Loop() {
		begin := time.Now()
		page, err := store.Search(b.Context(), c, q)
		if err != nil {
			b.Fatal(err)
		}
		took, hits = append(took, time.Since(begin)), len(page.Hits)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(hits), "hits")
	b.ReportMetric(0, "ns/op")
}
