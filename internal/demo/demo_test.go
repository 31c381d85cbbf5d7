package demo_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/demo"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// quiet hears of everything and tells nobody: no client is connected.
type quiet struct{}

func (quiet) Advanced(context.Context, uuid.UUID, int64)             {}
func (quiet) Marked(context.Context, uuid.UUID, chat.Mark)           {}
func (quiet) MembersChanged(context.Context, uuid.UUID, []uuid.UUID) {}
func (quiet) Changed(context.Context, string, string, uuid.UUID)     {}

// rooms joins chat's rooms to what the features ask for.
type rooms struct{ *chat.Store }

func (r rooms) CreateStationRoom(ctx context.Context, tx pgx.Tx, station uuid.UUID, title, titleEN string) (uuid.UUID, error) {
	return r.Store.CreateRoom(ctx, tx, chat.NewRoom{Kind: chat.Station, Title: title, TitleEN: titleEN, StationID: &station})
}

func (r rooms) RenameRoom(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error {
	return r.Rename(ctx, tx, room, title, titleEN)
}

func (r rooms) CreateRoom(ctx context.Context, tx pgx.Tx, n schedule.NewRoom) (uuid.UUID, error) {
	return r.Store.CreateRoom(ctx, tx, chat.NewRoom{Kind: chat.Meeting, Title: n.Title, MeetingID: &n.Meeting, Owner: n.Owner, Members: n.Members})
}

func (r rooms) RoomsOf(ctx context.Context, account uuid.UUID) ([]uuid.UUID, error) {
	all, err := r.Rooms(ctx, account)
	ids := []uuid.UUID{}
	for _, room := range all {
		ids = append(ids, room.ID)
	}
	return ids, err
}

// Found implements demo.Chat.
func (r rooms) Found(ctx context.Context, g demo.Group) (uuid.UUID, error) {
	n := chat.NewRoom{Title: g.Title, TitleEN: g.TitleEN, Owner: g.Owner, Members: g.Members}
	if g.Announcements {
		n.Posting = chat.PostingManagers
	}
	return r.Store.Found(ctx, n)
}

// Post implements demo.Chat.
func (r rooms) Post(ctx context.Context, by account.Account, m demo.Message) (uuid.UUID, error) {
	e, err := r.Store.Post(ctx, chat.CallerOf(by), chat.NewMessage{
		Room: m.Room, ClientID: uuid.NewString(), Text: m.Text, TextEN: m.TextEN, Topic: m.Topic, MustConfirm: m.MustConfirm, At: m.At,
	})
	return e.Message.ID, err
}

// Pin implements demo.Chat.
func (r rooms) Pin(ctx context.Context, by account.Account, room, message uuid.UUID) error {
	_, err := r.Store.Pin(ctx, chat.CallerOf(by), room, message, true)
	return err
}

// Confirm implements demo.Chat.
func (r rooms) Confirm(ctx context.Context, by account.Account, room, message uuid.UUID) error {
	_, err := r.Store.Confirm(ctx, chat.CallerOf(by), room, message)
	return err
}

// directory joins the contacts to the schedule.
type directory struct{ *contacts.Contacts }

func (d directory) StationParty(ctx context.Context, id uuid.UUID) (schedule.Party, error) {
	p, err := d.Contacts.StationParty(ctx, id)
	return schedule.Party(p), err
}

func (d directory) ContactParty(ctx context.Context, id uuid.UUID) (schedule.Party, error) {
	p, err := d.Contacts.ContactParty(ctx, id)
	return schedule.Party(p), err
}

func deps(t *testing.T, pool *pgxpool.Pool) demo.Deps {
	t.Helper()
	accounts, log := account.NewStore(pool), audit.New(pool)
	guests, err := account.NewGuests(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	queue, err := notify.NewQueue(notify.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := rooms{chat.NewStore(pool, quiet{})}
	accounts.Follow = func(ctx context.Context, tx pgx.Tx, id uuid.UUID) (func(context.Context), error) {
		_, err := r.Follow(ctx, tx, id, nil) // before there are meetings
		return func(context.Context) {}, err
	}
	book := contacts.New(pool, accounts, r, log)
	meetings, err := schedule.New(schedule.Deps{
		Pool: pool, Accounts: accounts, Directory: directory{book}, Guests: guests, Rooms: r, Mailer: queue,
		Announcer: quiet{}, Teller: tellsNobody{}, Audit: log, House: schedule.House{NameZH: demo.NameZH, NameEN: demo.NameEN, TimeZone: "Asia/Shanghai"},
	})
	if err != nil {
		t.Fatal(err)
	}
	record, err := minutes.New(minutes.Deps{
		Pool: pool, Meetings: meetings, Announcer: quiet{}, Audit: log, House: minutes.House{TimeZone: "Asia/Shanghai"},
	})
	if err != nil {
		t.Fatal(err)
	}
	meetings.Attach(nil, record)
	return demo.Deps{
		Pool: pool, Accounts: accounts, Contacts: book, Schedule: meetings, Minutes: record, Chat: r,
		Password: "yunqiao-demo", Now: time.Now(),
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	d := deps(t, pgtest.New(t))
	if err := demo.Fill(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), d); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("filled twice: %v", err)
	}
	staff, err := d.Accounts.ByUserName(t.Context(), demo.Staff)
	if err != nil {
		t.Fatal(err)
	}
	ctx := account.WithAccount(t.Context(), staff)
	accounts, err := d.Accounts.All(ctx)
	if err != nil || len(accounts) != 5+11+35 {
		t.Errorf("%d accounts, %v", len(accounts), err)
	}
	stations, err := d.Contacts.Stations(ctx)
	if err != nil || len(stations) != 11 || len(stations[0].Accounts) != 1 || len(stations[0].OfficeHours) < 5 {
		t.Errorf("%d stations, %v", len(stations), err)
	}
	for _, query := range []string{"徐", "xuchongyu", "xcy", "4321"} {
		page, err := d.Contacts.List(ctx, contacts.Filter{Query: query})
		found := false
		for _, row := range page.Items {
			found = found || row.Name == "徐崇宇"
		}
		if err != nil || !found {
			t.Errorf("%q does not find 徐崇宇: %v", query, err)
		}
	}
	all, err := d.Contacts.List(ctx, contacts.Filter{})
	none, err2 := d.Contacts.List(ctx, contacts.Filter{Category: "none"})
	if err != nil || err2 != nil || all.Total < 150 || none.Total < 10 {
		t.Errorf("%d contacts, %d in no category: %v, %v", all.Total, none.Total, err, err2)
	}
	categories, err := d.Contacts.Categories(ctx)
	for _, c := range categories {
		if c.Count == 0 {
			t.Errorf("nobody is in %s, %v", c.NameZH, err)
		}
	}
	checkMeetings(ctx, t, d)
	checkRooms(t, d)
}

// checkRooms: everybody is told something, which some have confirmed; the
// ambassadors have a topic and keep a message in sight.
func checkRooms(t *testing.T, d demo.Deps) {
	t.Helper()
	ctx, store := t.Context(), d.Chat.(rooms).Store
	ambassador, err := d.Accounts.ByUserName(ctx, demo.Ambassador)
	if err != nil {
		t.Fatal(err)
	}
	all, err := store.Rooms(ctx, ambassador.ID)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]chat.Room{}
	for _, r := range all {
		found[r.Title] = r
	}
	news, group := found["通知公告"], found["招才引智大使群"]
	if news.Posting != chat.PostingManagers || news.TitleEN == "" || news.Manages || news.MemberCount != 5+11+35 {
		t.Errorf("the room of announcements: %+v", news)
	}
	page, err := store.History(ctx, chat.CallerOf(ambassador), news.ID, chat.Part{})
	if err != nil || len(page.Messages) < 3 {
		t.Fatalf("%d announcements, %v", len(page.Messages), err)
	}
	asking := 0
	for _, m := range page.Messages {
		if m.Text == "" || m.TextEN == "" {
			t.Errorf("in one language only: %+v", m)
		}
		if m.Confirmation == nil {
			continue
		}
		asking++
		list, err := store.Readers(ctx, chat.CallerOf(ambassador), news.ID, m.ID)
		if by := len(m.Confirmation.By); err != nil || by < 5 || by > len(list.Readers)-5 {
			t.Errorf("%d of %d have confirmed, %v", by, len(list.Readers), err)
		}
		for _, r := range list.Readers {
			if r.JoinedLater {
				t.Errorf("%s joined later", r.Name)
			}
		}
	}
	if asking != 1 {
		t.Errorf("%d announcements ask for confirmation, want 1", asking)
	}
	topics, _, err := store.Topics(ctx, chat.CallerOf(ambassador), group.ID, 0, 10)
	if err != nil || len(topics) != 1 || topics[0].Messages < 3 {
		t.Errorf("topics %+v, %v", topics, err)
	}
	if pins, err := store.Pins(ctx, chat.CallerOf(ambassador), group.ID); err != nil || len(pins) != 1 {
		t.Errorf("pinned %+v, %v", pins, err)
	}
}

func checkMeetings(ctx context.Context, t *testing.T, d demo.Deps) {
	t.Helper()
	list, err := d.Schedule.List(ctx, d.Now.AddDate(0, 0, -30), d.Now.AddDate(0, 0, 1), 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("meetings: %+v, %v", list, err)
	}
	past, today := list[0], list[1]
	if past.State != schedule.StateEnded || past.Minutes == nil || past.Minutes.State != "draft" {
		t.Errorf("past meeting: %+v", past)
	}
	if today.State != schedule.StatePlanned || today.StartsAt.Sub(d.Now) > time.Hour || today.StartsAt.Before(d.Now) || len(today.Invitees) != 3 {
		t.Errorf("meeting of today: %+v", today)
	}
	m, err := d.Minutes.Open(ctx, past.Minutes.ID)
	if err != nil || len(m.Present) != 2 || len(m.Attending) != 1 || len(m.Absent) != 1 || len(m.Blocks) != 7 {
		t.Errorf("minutes: %+v, %v", m, err)
	}
}

func TestFillRefusesWhatIsNotEmpty(t *testing.T) {
	t.Parallel()
	d := deps(t, pgtest.New(t))
	if _, err := d.Accounts.Create(t.Context(), account.New{Name: "x", UserName: "somebody", Role: account.Admin}); err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), d); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("filled: %v", err)
	}
}

// tellsNobody stands where notices are: the demonstration has none of its own.
type tellsNobody struct{}

func (tellsNobody) Tell(context.Context, pgx.Tx, ...notify.Notice) error { return nil }
func (tellsNobody) TakeBack(context.Context, pgx.Tx, uuid.UUID) error    { return nil }
func (tellsNobody) Came(context.Context, uuid.UUID, uuid.UUID) error     { return nil }
func (tellsNobody) Hurry()                                               {}
