package minutes_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// meetings stands for the schedule: stations see meetings, staff write minutes.
type meetings struct{ people []schedule.Expected }

func (m meetings) Record(_ context.Context, id uuid.UUID) (schedule.Record, error) {
	starts := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
	return schedule.Record{
		ID: id, Title: "人才交流会", HostName: "林悦", StartsAt: starts, EndsAt: starts.Add(time.Hour),
		TimeZone: "America/Mexico_City", Agenda: []string{"通报情况", "讨论合作"}, People: m.people,
	}, nil
}

func (meetings) MayView(ctx context.Context, _ uuid.UUID) error {
	if a, err := account.Require(ctx); err != nil || a.Role == account.Ambassador {
		return errors.Join(err, schedule.ErrNotFound)
	}
	return nil
}

func (m meetings) MayWriteMinutes(ctx context.Context, id uuid.UUID) error {
	if err := m.MayView(ctx, id); err != nil {
		return err
	}
	if _, err := account.RequireStaff(ctx); err != nil {
		return err
	}
	return nil
}

func (m meetings) Visible(ctx context.Context, ids []uuid.UUID) (seen, written map[uuid.UUID]bool, err error) {
	seen, written = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, id := range ids {
		seen[id], written[id] = m.MayView(ctx, id) == nil, m.MayWriteMinutes(ctx, id) == nil
	}
	return seen, written, nil
}

// announcer counts what it hears.
type announcer struct {
	mu sync.Mutex
	n  int
}

func (a *announcer) Changed(context.Context, string, string, uuid.UUID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
}

// house is a book of minutes with somebody of each role.
type house struct {
	pool                              *pgxpool.Pool
	book                              *minutes.Book
	announcer                         *announcer
	staff, other, station, ambassador context.Context
	now                               time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{pool: pgtest.New(t), announcer: &announcer{}, now: time.Date(2026, 12, 31, 15, 59, 0, 0, time.UTC)}
	as := func(name string, role account.Role) context.Context {
		return account.WithAccount(t.Context(), account.Account{ID: uuid.New(), Name: name, Role: role})
	}
	h.staff, h.other = as("陈浩", account.Staff), as("王静", account.Staff)
	h.station, h.ambassador = as("站长", account.Station), as("大使", account.Ambassador)
	var err error
	h.book, err = minutes.New(minutes.Deps{
		Pool: h.pool, Announcer: h.announcer, Audit: audit.New(h.pool), Now: func() time.Time { return h.now },
		Meetings: meetings{people: []schedule.Expected{
			{Name: "林悦", Unit: "徐州侨联", Invited: true, Came: true},
			{Name: "陈浩", Unit: "徐州侨联", Invited: true},
			{Name: "徐崇宇", Unit: "大学", Title: "教授", Guest: true, Invited: true, Came: true},
		}},
		House: minutes.House{Name: "徐州市归国华侨联合会", Prefix: "徐侨联纪要", TimeZone: "Asia/Shanghai"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) start(t *testing.T) minutes.Minutes {
	t.Helper()
	m, err := h.book.Start(h.staff, uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// signed brings minutes to the end of their way.
func (h *house) signed(t *testing.T, m minutes.Minutes) minutes.Minutes {
	t.Helper()
	if _, err := h.book.Submit(h.staff, m.ID); err != nil {
		t.Fatal(err)
	}
	m, err := h.book.Sign(h.staff, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func field(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Field
	}
	return ""
}

func TestMinutesBeginWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	if m.Title != "人才交流会" || m.Place != "线上" || m.HostName != "林悦" || m.RecorderName != "陈浩" || m.State != minutes.StateDraft {
		t.Errorf("head: %+v", m)
	}
	if len(m.Blocks) != 2 || m.Blocks[0].Kind != minutes.BlockAgenda || m.Blocks[1].Text != "讨论合作" {
		t.Errorf("blocks: %+v", m.Blocks)
	}
	if !slices.Equal(m.Present, []minutes.Attendee{{Name: "林悦", Unit: "徐州侨联"}}) ||
		!slices.Equal(m.Attending, []minutes.Attendee{{Name: "徐崇宇", Unit: "大学", Title: "教授"}}) ||
		!slices.Equal(m.Absent, []minutes.Attendee{{Name: "陈浩", Unit: "徐州侨联"}}) {
		t.Errorf("出席 %v 列席 %v 请假 %v", m.Present, m.Attending, m.Absent)
	}
	if m.May != (minutes.MinutesRights{Edit: true, Submit: true}) {
		t.Errorf("rights: %+v", m.May)
	}
	opened := make(chan uuid.UUID, 4)
	for range 4 {
		go func() {
			again, err := h.book.Start(h.other, m.MeetingID)
			if err != nil {
				t.Error(err)
			}
			opened <- again.ID
		}()
	}
	for range 4 {
		if id := <-opened; id != m.ID {
			t.Errorf("begun twice")
		}
	}
	heads, err := h.book.Heads(t.Context(), []uuid.UUID{m.MeetingID})
	if err != nil || heads[m.MeetingID].ID != m.ID || heads[m.MeetingID].State != "draft" {
		t.Errorf("heads: %v, %v", heads, err)
	}
}

func TestTwoWritersOfOneBlock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	b := m.Blocks[0].ID
	text := minutes.BlockText{Kind: minutes.BlockDiscussion, Text: "第一位"}
	saved, err := h.book.SaveBlock(h.staff, m.ID, b, minutes.BlockChange{Revision: 1, BlockText: text})
	if err != nil || saved.Revision != 2 || saved.UpdatedByName != "陈浩" {
		t.Fatalf("saved: %+v, %v", saved, err)
	}
	text.Text = "第二位"
	_, err = h.book.SaveBlock(h.other, m.ID, b, minutes.BlockChange{Revision: 1, BlockText: text})
	refused, ok := errors.AsType[*problem.Error](err)
	if !ok || !errors.Is(err, minutes.ErrBlockChanged) {
		t.Fatalf("the second save: %v", err)
	}
	if current, ok := refused.Extra["current"].(minutes.Block); !ok || current.Text != "第一位" || current.Revision != 2 {
		t.Errorf("the refusal shows %+v", refused.Extra)
	}
	if err := h.book.DeleteBlock(h.other, m.ID, b, 1); !errors.Is(err, minutes.ErrBlockChanged) {
		t.Errorf("deleted over a change: %v", err)
	}
	if err := h.book.DeleteBlock(h.other, m.ID, b, 2); err != nil {
		t.Fatal(err)
	}
	versions, err := h.book.BlockVersions(h.staff, m.ID, b)
	if err != nil || len(versions) != 3 || !versions[0].Deleted || versions[0].ByName != "王静" || versions[1].Text != "第一位" || versions[2].Text != "通报情况" {
		t.Errorf("versions: %+v, %v", versions, err)
	}
	if _, err := h.book.SaveBlock(h.staff, m.ID, b, minutes.BlockChange{Revision: 3, BlockText: text}); !errors.Is(err, minutes.ErrBlockNotFound) {
		t.Errorf("saved what was taken away: %v", err)
	}
}

// TestManyWriters: of all saves that name a revision, one wins each time, and
// no text that was saved is lost from the versions.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	b := m.Blocks[0].ID
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]bool{}
	for w := range 4 {
		wg.Go(func() {
			revision := 1
			for n := 0; n < 5; {
				text := fmt.Sprintf("writer %d, text %d", w, n)
				saved, err := h.book.SaveBlock(h.staff, m.ID, b, minutes.BlockChange{
					Revision: revision, BlockText: minutes.BlockText{Kind: minutes.BlockDiscussion, Text: text},
				})
				if refused, ok := errors.AsType[*problem.Error](err); ok && errors.Is(err, minutes.ErrBlockChanged) {
					revision = refused.Extra["current"].(minutes.Block).Revision
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				won[text] = true
				mu.Unlock()
				revision = saved.Revision
				n++
			}
		})
	}
	wg.Wait()
	versions, err := h.book.BlockVersions(h.staff, m.ID, b)
	if err != nil || len(versions) != 21 || len(won) != 20 {
		t.Fatalf("%d versions of %d saves, %v", len(versions), len(won), err)
	}
	for _, v := range versions[:20] {
		if !won[v.Text] {
			t.Errorf("%q was never acknowledged", v.Text)
		}
	}
}

func TestBlocksKeepTheirOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	due := "2026-12-24"
	first, err := h.book.AddBlock(h.staff, m.ID, minutes.NewBlock{After: &m.Blocks[0].ID, BlockText: minutes.BlockText{Kind: minutes.BlockDecision, Text: "决定"}})
	if err != nil {
		t.Fatal(err)
	}
	last, err := h.book.AddBlock(h.staff, m.ID, minutes.NewBlock{BlockText: minutes.BlockText{Kind: minutes.BlockAction, Text: "办理", Owner: "陈浩", Due: &due}})
	if err != nil || last.Due == nil || *last.Due != due {
		t.Fatalf("added: %+v, %v", last, err)
	}
	opened, err := h.book.Open(h.other, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := []uuid.UUID{}
	for _, b := range opened.Blocks {
		got = append(got, b.ID)
	}
	if want := []uuid.UUID{m.Blocks[0].ID, first.ID, m.Blocks[1].ID, last.ID}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestLifeCycle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	if _, err := h.book.Sign(h.staff, m.ID); !errors.Is(err, minutes.ErrNotInReview) {
		t.Errorf("a draft is signed: %v", err)
	}
	submitted, err := h.book.Submit(h.staff, m.ID)
	if err != nil || submitted.State != minutes.StateReview || submitted.May != (minutes.MinutesRights{Sign: true}) {
		t.Fatalf("submitted: %+v, %v", submitted, err)
	}
	if _, err := h.book.AddBlock(h.staff, m.ID, minutes.NewBlock{BlockText: minutes.BlockText{Kind: minutes.BlockAction}}); !errors.Is(err, minutes.ErrInReview) {
		t.Errorf("written in review: %v", err)
	}
	back, err := h.book.Return(h.staff, m.ID, "补充责任人")
	if err != nil || back.State != minutes.StateDraft || back.ReturnReason != "补充责任人" {
		t.Fatalf("returned: %+v, %v", back, err)
	}
	signed := h.signed(t, m)
	if signed.Number == nil || *signed.Number != "徐侨联纪要〔2026〕1号" || *signed.Signer != "陈浩" || signed.May != (minutes.MinutesRights{Correct: true}) {
		t.Errorf("signed: %+v", signed)
	}
	h.now = h.now.Add(2 * time.Minute) // midnight of the new year in Xuzhou, not yet in UTC
	if next := h.signed(t, h.start(t)); *next.Number != "徐侨联纪要〔2027〕1号" {
		t.Errorf("the first of the new year is %s", *next.Number)
	}
	if h.announcer.n < 6 {
		t.Errorf("only %d announcements", h.announcer.n)
	}
}

func TestNumbersHaveNoGaps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	numbers := make(chan string, 6)
	for range 6 {
		m := h.start(t)
		if _, err := h.book.Submit(h.staff, m.ID); err != nil {
			t.Fatal(err)
		}
		go func() {
			if _, err := h.book.Sign(h.station, m.ID); err == nil {
				t.Error("a station signs")
			}
			signed, err := h.book.Sign(h.staff, m.ID)
			if err != nil {
				t.Error(err)
				numbers <- ""
				return
			}
			numbers <- *signed.Number
		}()
	}
	var got []string
	for range 6 {
		got = append(got, <-numbers)
	}
	slices.Sort(got)
	for i, n := range got {
		if want := fmt.Sprintf("徐侨联纪要〔2026〕%d号", i+1); n != want {
			t.Errorf("number %q, want %q", n, want)
		}
	}
}

func TestSignedMinutesAreFixed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.signed(t, h.start(t))
	title := "另一个标题"
	block := m.Blocks[0].ID
	for what, err := range map[string]error{
		"head":   second(h.book.Update(h.staff, m.ID, minutes.MinutesChange{Revision: m.Revision, Title: &title})),
		"block":  second(h.book.SaveBlock(h.staff, m.ID, block, minutes.BlockChange{Revision: 1, BlockText: minutes.BlockText{Kind: minutes.BlockAgenda}})),
		"delete": h.book.DeleteBlock(h.staff, m.ID, block, 1),
		"add":    second(h.book.AddBlock(h.staff, m.ID, minutes.NewBlock{BlockText: minutes.BlockText{Kind: minutes.BlockAgenda}})),
		"submit": second(h.book.Submit(h.staff, m.ID)),
		"return": second(h.book.Return(h.staff, m.ID, "")),
		"sign":   second(h.book.Sign(h.staff, m.ID)),
	} {
		if !errors.Is(err, minutes.ErrSigned) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, q := range []string{
		`update minutes set title = 'x'`, `delete from minutes`, `update minutes_blocks set text = 'x'`, `delete from minutes_blocks`,
		`insert into minutes_blocks (id, minutes_id, position, kind, text, owner, updated_by_name)
			select gen_random_uuid(), id, 9, 'action', '', '', '' from minutes`,
		`update minutes_block_versions set text = 'x'`, `delete from minutes_block_versions`,
	} {
		if _, err := h.pool.Exec(t.Context(), q); err == nil {
			t.Errorf("the database lets through: %s", q)
		}
	}
	correction, err := h.book.Correct(h.staff, m.ID)
	if err != nil || correction.Version != 2 || correction.State != minutes.StateDraft || *correction.Corrects != m.ID || len(correction.Blocks) != 2 || correction.Number != nil {
		t.Fatalf("correction: %+v, %v", correction, err)
	}
	if again, err := h.book.Correct(h.other, m.ID); err != nil || again.ID != correction.ID {
		t.Errorf("corrected twice: %+v, %v", again, err)
	}
	if _, err := h.book.Correct(h.staff, correction.ID); !errors.Is(err, minutes.ErrNotSigned) {
		t.Errorf("a draft is corrected: %v", err)
	}
	if signed := h.signed(t, correction); *signed.Number != "徐侨联纪要〔2026〕2号" {
		t.Errorf("the correction is %s", *signed.Number)
	}
	versions, err := h.book.Versions(h.station, m.MeetingID)
	if err != nil || len(versions) != 2 || versions[0].Version != 2 {
		t.Errorf("versions: %+v, %v", versions, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestHead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	place, present := "徐州市 / 线上", []minutes.Attendee{{Name: "林悦"}, {Name: "李雷", Unit: "人才办"}}
	changed, err := h.book.Update(h.staff, m.ID, minutes.MinutesChange{Revision: m.Revision, Place: &place, Present: &present})
	if err != nil || changed.Place != place || len(changed.Present) != 2 || changed.Title != m.Title || changed.Revision != 2 {
		t.Fatalf("changed: %+v, %v", changed, err)
	}
	_, err = h.book.Update(h.other, m.ID, minutes.MinutesChange{Revision: m.Revision, Place: &place})
	refused, _ := errors.AsType[*problem.Error](err)
	if !errors.Is(err, minutes.ErrChanged) {
		t.Fatalf("a change that comes second: %v", err)
	}
	if current, ok := refused.Extra["current"].(minutes.Minutes); !ok || current.Revision != 2 {
		t.Errorf("the refusal shows %+v", refused.Extra)
	}
	empty, nobody, bad := " ", []minutes.Attendee{{Name: ""}}, "x\x00"
	for want, change := range map[string]minutes.MinutesChange{
		"title":          {Title: &empty},
		"absent[0].name": {Absent: &nobody},
		"copies_to":      {CopiesTo: &bad},
	} {
		change.Revision = 2
		if _, err := h.book.Update(h.staff, m.ID, change); field(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestBadBlocksNameTheirField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	nowhere, day := uuid.New(), "2026-02-30"
	for want, n := range map[string]minutes.NewBlock{
		"kind":  {BlockText: minutes.BlockText{Kind: "poem"}},
		"text":  {BlockText: minutes.BlockText{Kind: minutes.BlockAction, Text: "\x00"}},
		"owner": {BlockText: minutes.BlockText{Kind: minutes.BlockAction, Owner: "\x00"}},
		"due":   {BlockText: minutes.BlockText{Kind: minutes.BlockAction, Due: &day}},
		"after": {After: &nowhere, BlockText: minutes.BlockText{Kind: minutes.BlockAction}},
	} {
		if _, err := h.book.AddBlock(h.staff, m.ID, n); field(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestWhoReadsAndWrites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	if _, err := h.book.Open(h.station, m.ID); !errors.Is(err, minutes.ErrNotFound) {
		t.Errorf("a station reads a draft: %v", err)
	}
	if versions, err := h.book.Versions(h.station, m.MeetingID); err != nil || len(versions) != 0 {
		t.Errorf("a station is shown drafts: %+v, %v", versions, err)
	}
	if _, err := h.book.Start(h.station, m.MeetingID); problem.Code(err) != "forbidden" {
		t.Errorf("a station begins minutes: %v", err)
	}
	h.signed(t, m)
	seen, err := h.book.Open(h.station, m.ID)
	if err != nil || seen.May != (minutes.MinutesRights{}) {
		t.Errorf("a station reads signed minutes: %+v, %v", seen, err)
	}
	if _, _, err := h.book.Document(h.station, m.ID); err != nil {
		t.Errorf("a station exports signed minutes: %v", err)
	}
	for what, err := range map[string]error{
		"correct":  second(h.book.Correct(h.station, m.ID)),
		"versions": second(h.book.BlockVersions(h.station, m.ID, m.Blocks[0].ID)),
	} {
		if problem.Code(err) != "forbidden" {
			t.Errorf("%s is not refused to a station: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"open": second(h.book.Open(h.ambassador, m.ID)), "versions": second(h.book.Versions(h.ambassador, m.MeetingID)),
		"update": second(h.book.Update(h.ambassador, m.ID, minutes.MinutesChange{})),
	} {
		if problem.Code(err) != "minutes_not_found" && problem.Code(err) != "meeting_not_found" {
			t.Errorf("%s is not refused to an ambassador: %v", what, err)
		}
	}
	if _, err := h.book.Open(t.Context(), m.ID); !errors.Is(err, account.ErrSignedOut) {
		t.Errorf("a stranger reads: %v", err)
	}
}
