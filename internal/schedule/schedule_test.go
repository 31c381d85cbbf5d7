package schedule_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// rooms holds who is in which room.
type rooms struct {
	members map[uuid.UUID][]uuid.UUID
	titles  map[uuid.UUID]string
}

func (r *rooms) CreateRoom(_ context.Context, _ pgx.Tx, n schedule.NewRoom) (uuid.UUID, error) {
	id := uuid.New()
	r.members[id], r.titles[id] = append(n.Members, n.Owner), n.Title
	return id, nil
}

func (r *rooms) SetMembers(_ context.Context, _ pgx.Tx, room, _ uuid.UUID, accounts []uuid.UUID) error {
	r.members[room] = accounts
	return nil
}

func (r *rooms) Rename(_ context.Context, _ pgx.Tx, room uuid.UUID, title, _ string) error {
	r.titles[room] = title
	return nil
}

func (r *rooms) RoomsOf(_ context.Context, a uuid.UUID) ([]uuid.UUID, error) {
	found := []uuid.UUID{}
	for room, members := range r.members {
		if slices.Contains(members, a) {
			found = append(found, room)
		}
	}
	return found, nil
}

func (r *rooms) Title(_ context.Context, room uuid.UUID) (string, error) { return r.titles[room], nil }

// directory knows one station and one contact.
type directory struct{ station, contact uuid.UUID }

func (d directory) StationParty(_ context.Context, id uuid.UUID) (schedule.Party, error) {
	if id != d.station {
		return schedule.Party{}, problem.NotFound("station")
	}
	return schedule.Party{Name: "墨西哥工作站", Unit: "墨西哥工作站", TimeZone: "America/Mexico_City"}, nil
}

func (d directory) ContactParty(_ context.Context, id uuid.UUID) (schedule.Party, error) {
	if id != d.contact {
		return schedule.Party{}, problem.NotFound("contact")
	}
	return schedule.Party{
		Name: "Ana Torres", Unit: "Universidad", Title: "Professor", Email: "ana@example.org", Language: "en", TimeZone: "America/Sao_Paulo",
	}, nil
}

// mailer keeps the jobs it was given.
type mailer struct{ jobs []notify.Job }

func (*mailer) Enabled() bool { return true }

func (m *mailer) Forget(context.Context, pgx.Tx, []uuid.UUID) error { return nil }

func (m *mailer) Enqueue(_ context.Context, _ pgx.Tx, jobs ...notify.Job) error {
	m.jobs = append(m.jobs, jobs...)
	return nil
}

func (m *mailer) count(kind notify.Kind, sequence int) (n int) {
	for _, j := range m.jobs {
		if j.Letter == kind && j.Sequence == sequence {
			n++
		}
	}
	return n
}

// teller keeps the notices that it was given, as notify does: those that are due
// are told, the others can be taken back.
type teller struct {
	now     func() time.Time
	notices []notify.Notice
	came    []uuid.UUID
}

func (l *teller) Tell(_ context.Context, _ pgx.Tx, notices ...notify.Notice) error {
	l.notices = append(l.notices, notices...)
	return nil
}

func (l *teller) TakeBack(_ context.Context, _ pgx.Tx, meeting uuid.UUID) error {
	l.notices = slices.DeleteFunc(l.notices, func(n notify.Notice) bool { return *n.Meeting == meeting && n.At.After(l.now()) })
	return nil
}

func (l *teller) Came(_ context.Context, _, account uuid.UUID) error {
	l.came = append(l.came, account)
	return nil
}

func (*teller) Hurry() {}

// told lists who was told something, in order, and forgets it.
func (h *house) told(kind notify.NoticeKind) []string {
	var names []string
	for _, n := range h.teller.notices {
		for name, a := range h.people {
			if n.Kind == kind && n.Account == a.ID {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	h.teller.notices = slices.DeleteFunc(h.teller.notices, func(n notify.Notice) bool { return n.Kind == kind })
	return names
}

// announcer counts what it hears.
type announcer struct{ changed int }

func (a *announcer) Changed(context.Context, string, string, uuid.UUID)   { a.changed++ }
func (*announcer) MembersChanged(context.Context, uuid.UUID, []uuid.UUID) {}

// house is a schedule with somebody of each role, and a clock one can turn.
type house struct {
	pool      *pgxpool.Pool
	schedule  *schedule.Schedule
	guests    *account.Guests
	rooms     *rooms
	mailer    *mailer
	teller    *teller
	announcer *announcer
	directory directory
	now       time.Time
	people    map[string]account.Account
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{
		pool: pgtest.New(t), mailer: &mailer{}, announcer: &announcer{}, directory: directory{uuid.New(), uuid.New()},
		rooms: &rooms{map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID]string{}},
		// The database has a clock of its own: links must not have expired by it.
		now: time.Now().Add(24 * time.Hour).Truncate(time.Minute), people: map[string]account.Account{},
	}
	h.teller = &teller{now: func() time.Time { return h.now }}
	accounts := account.NewStore(h.pool)
	var err error
	if h.guests, err = account.NewGuests(t.Context(), h.pool); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]account.Role{
		"admin": account.Admin, "linyue": account.Staff, "zhou": account.Staff, "mexico": account.Station, "ambassador": account.Ambassador,
	} {
		n := account.New{Name: name, UserName: name, Email: name + "@example.org", Role: role}
		if role == account.Station {
			n.StationID, n.TimeZone, n.Language = &h.directory.station, "America/Mexico_City", "en"
		}
		if h.people[name], err = accounts.Create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	h.schedule, err = schedule.New(schedule.Deps{
		Pool: h.pool, Accounts: accounts, Directory: h.directory, Guests: h.guests, Rooms: h.rooms, Mailer: h.mailer, Teller: h.teller,
		Announcer: h.announcer, Audit: audit.New(h.pool), Now: func() time.Time { return h.now },
		House: schedule.House{
			NameZH: "徐州侨联", NameEN: "The Federation", TimeZone: "Asia/Shanghai",
			PublicURL: "https://hub.example.org", Mail: "云侨 <meeting@example.org>",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) as(t *testing.T, name string) context.Context {
	t.Helper()
	return account.WithAccount(t.Context(), h.people[name])
}

// plan is a meeting two hours from now, with a station, an expert and a typed address.
func (h *house) plan() schedule.NewMeeting {
	loc, _ := time.LoadLocation("Asia/Shanghai")
	starts := h.now.Add(2 * time.Hour).In(loc)
	email := "guest@example.org"
	return schedule.NewMeeting{
		Title: "人才交流会", HostID: h.people["linyue"].ID, TimeZone: "Asia/Shanghai",
		StartsAt: starts.Format("2006-01-02T15:04"), EndsAt: starts.Add(time.Hour).Format("2006-01-02T15:04"),
		Agenda: []schedule.NewAgendaItem{{Title: "通报情况", Minutes: 10}, {Title: "讨论合作"}}, MayBeRecorded: true,
		Invitees: []schedule.NewInvitee{
			{Kind: schedule.InviteeStation, Ref: &h.directory.station},
			{Kind: schedule.InviteeContact, Ref: &h.directory.contact},
			{Kind: schedule.InviteeAddress, Name: "陈先生", Email: &email, TimeZone: "Europe/Berlin"},
		},
	}
}

func (h *house) arrange(t *testing.T) schedule.Meeting {
	t.Helper()
	m, err := h.schedule.Arrange(h.as(t, "linyue"), h.plan())
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

func TestArrange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	if m.State != schedule.StatePlanned || !m.StartsAt.Equal(h.now.Add(2*time.Hour)) || len(m.Agenda) != 2 || m.Host.Name != "linyue" {
		t.Errorf("arranged: %+v", m)
	}
	if !m.May.Edit || !m.May.Moderate || !m.May.WriteMinutes || !m.May.DeleteRecordings {
		t.Errorf("the host may %+v", m.May)
	}
	expert := m.Invitees[1]
	if expert.Name != "Ana Torres" || expert.Language != "en" || !expert.Guest || expert.LinkState == nil || *expert.LinkState != "active" {
		t.Errorf("expert: %+v", expert)
	}
	if members := h.rooms.members[m.RoomID]; !slices.Contains(members, h.people["mexico"].ID) || slices.Contains(members, h.people["zhou"].ID) {
		t.Errorf("members of the room: %v", members)
	}
	if got := h.mailer.count(notify.Invitation, 0); got != 3 {
		t.Errorf("%d invitations, want 3", got)
	}
	if got := h.mailer.count(notify.Reminder, 0); got != 3 || h.announcer.changed != 1 {
		t.Errorf("%d reminders, want 3; %d announcements", got, h.announcer.changed)
	}
}

func TestArrangeRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bad := "nobody"
	nowhere := uuid.New()
	for want, change := range map[string]func(*schedule.NewMeeting){
		"time_zone":             func(n *schedule.NewMeeting) { n.TimeZone = "Mars/Base" },
		"starts_at":             func(n *schedule.NewMeeting) { n.StartsAt = "tomorrow" },
		"ends_at":               func(n *schedule.NewMeeting) { n.EndsAt = n.StartsAt },
		"title":                 func(n *schedule.NewMeeting) { n.Title = " " },
		"note":                  func(n *schedule.NewMeeting) { n.Note = "\x00" },
		"host_id":               func(n *schedule.NewMeeting) { n.HostID = nowhere },
		"room_id":               func(n *schedule.NewMeeting) { n.RoomID = &nowhere },
		"agenda[1].title":       func(n *schedule.NewMeeting) { n.Agenda[1].Title = "" },
		"invitees[0].ref":       func(n *schedule.NewMeeting) { n.Invitees[0].Ref = &nowhere },
		"invitees[1].ref":       func(n *schedule.NewMeeting) { n.Invitees[1].Ref = nil },
		"invitees[2].email":     func(n *schedule.NewMeeting) { n.Invitees[2].Email = &bad },
		"invitees[2].name":      func(n *schedule.NewMeeting) { n.Invitees[2].Name = "" },
		"invitees[2].time_zone": func(n *schedule.NewMeeting) { n.Invitees[2].TimeZone = "Local" },
		"invitees[3]":           func(n *schedule.NewMeeting) { n.Invitees = append(n.Invitees, n.Invitees[0]) },
	} {
		n := h.plan()
		change(&n)
		if _, err := h.schedule.Arrange(h.as(t, "linyue"), n); field(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := h.schedule.Arrange(h.as(t, "ambassador"), h.plan()); problem.Code(err) != "forbidden" {
		t.Errorf("an ambassador arranges: %v", err)
	}
	n := h.plan()
	n.StartsAt, n.EndsAt = "2020-01-01T10:00", "2020-01-01T11:00"
	if _, err := h.schedule.Arrange(h.as(t, "linyue"), n); field(err) != "ends_at" {
		t.Errorf("in the past: %v", err)
	}
	n.TimeZone, n.StartsAt, n.EndsAt = "America/New_York", "2040-07-12T10:00", "2040-07-12T11:00"
	if _, err := h.schedule.Arrange(h.as(t, "linyue"), n); field(err) != "starts_at" {
		t.Errorf("further ahead than any clock is known: %v", err)
	}
}

// TestArrangeFromTenToTen: a day is a day by the clocks, also when they are put
// back in its night.
func TestArrangeFromTenToTen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := h.plan()
	n.TimeZone, n.StartsAt, n.EndsAt = "Europe/Berlin", "2027-10-30T10:00", "2027-10-31T10:00"
	m, err := h.schedule.Arrange(h.as(t, "linyue"), n)
	if err != nil || m.EndsAt.Sub(m.StartsAt) != 25*time.Hour {
		t.Errorf("25 hours: %v, %v", m.EndsAt.Sub(m.StartsAt), err)
	}
	n.EndsAt = "2027-10-31T10:01"
	if _, err := h.schedule.Arrange(h.as(t, "linyue"), n); field(err) != "ends_at" {
		t.Errorf("a minute more than a day: %v", err)
	}
}

func TestWhoSeesAMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	for name, want := range map[string]bool{"admin": true, "linyue": true, "mexico": true, "zhou": false, "ambassador": false} {
		ctx := h.as(t, name)
		if err := h.schedule.MayView(ctx, m.ID); (err == nil) != want || err != nil && !errors.Is(err, schedule.ErrNotFound) {
			t.Errorf("%s views: %v", name, err)
		}
		list, err := h.schedule.List(ctx, h.now, h.now.Add(24*time.Hour), 10)
		if err != nil || (len(list) == 1) != want {
			t.Errorf("%s lists %d, %v", name, len(list), err)
		}
		if err := h.schedule.MayManage(ctx, m.ID); (err == nil) != (name == "admin" || name == "linyue") {
			t.Errorf("%s manages: %v", name, err)
		}
	}
	seen, err := h.schedule.Meeting(h.as(t, "mexico"), m.ID)
	if err != nil || seen.May != (schedule.Rights{}) || seen.Invitees[1].Email != nil || seen.Invitees[1].LinkState != nil {
		t.Errorf("a station sees %+v, %v", seen, err)
	}
	for what, err := range map[string]error{
		"link":   third(h.schedule.Link(h.as(t, "mexico"), m.ID, m.Invitees[1].ID)),
		"revoke": h.schedule.RevokeLink(h.as(t, "mexico"), m.ID, m.Invitees[1].ID),
		"renew":  third(h.schedule.RenewLink(h.as(t, "mexico"), m.ID, m.Invitees[1].ID)),
		"cancel": third(h.schedule.Cancel(h.as(t, "mexico"), m.ID, "")),
		"change": third(h.schedule.Change(h.as(t, "mexico"), m.ID, schedule.MeetingChange{NewMeeting: h.plan()})),
		"write":  h.schedule.MayWriteMinutes(h.as(t, "mexico"), m.ID),
	} {
		if problem.Code(err) != "forbidden" {
			t.Errorf("%s is not refused to a station: %v", what, err)
		}
	}
	if _, err := h.schedule.List(t.Context(), time.Time{}, time.Time{}, 0); !errors.Is(err, account.ErrSignedOut) {
		t.Errorf("a stranger lists: %v", err)
	}
}

func third[T any](_ T, err error) error { return err }

func TestChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	kept := m.Invitees[1].ID
	n := h.plan()
	n.Title, n.Invitees = "改期的交流会", n.Invitees[1:2]
	changed, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: n})
	if err != nil || changed.Sequence != 1 || len(changed.Invitees) != 1 || changed.Invitees[0].ID != kept {
		t.Fatalf("changed: %+v, %v", changed, err)
	}
	if h.rooms.titles[m.RoomID] != n.Title || slices.Contains(h.rooms.members[m.RoomID], h.people["mexico"].ID) {
		t.Errorf("room %q with %v", h.rooms.titles[m.RoomID], h.rooms.members[m.RoomID])
	}
	if got := h.mailer.count(notify.Cancellation, 1); got != 2 {
		t.Errorf("%d told that they need not come, want 2", got)
	}
	if _, state, _ := h.guests.Token(t.Context(), m.Invitees[2].ID); state != account.LinkRevoked {
		t.Errorf("the link of who was removed is %s", state)
	}
	if _, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: n}); !errors.Is(err, schedule.ErrChanged) {
		t.Errorf("a change that comes second: %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	cancelled, err := h.schedule.Cancel(h.as(t, "admin"), m.ID, "台风")
	if err != nil || cancelled.State != schedule.StateCancelled || cancelled.CancelReason != "台风" || cancelled.Sequence != 1 || cancelled.May.Edit {
		t.Fatalf("cancelled: %+v, %v", cancelled, err)
	}
	if got := h.mailer.count(notify.Cancellation, 1); got != 3 {
		t.Errorf("%d cancellations, want 3", got)
	}
	if inv, err := h.schedule.Invitation(t.Context(), m.ID); err != nil || inv.State != "cancelled" {
		t.Errorf("a guest sees %+v, %v", inv, err)
	}
	if _, err := h.schedule.Cancel(h.as(t, "admin"), m.ID, ""); !errors.Is(err, schedule.ErrOver) {
		t.Errorf("cancelled twice: %v", err)
	}
	h.now = m.StartsAt
	if _, err := h.schedule.Begin(t.Context(), m.RoomID, uuid.New()); !errors.Is(err, schedule.ErrOver) {
		t.Errorf("a guest begins a cancelled meeting: %v", err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	host, expert := h.as(t, "linyue"), m.Invitees[1].ID
	link, err := h.schedule.Link(host, m.ID, expert)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link.URL, "https://hub.example.org/join#")
	guest, err := h.guests.Look(t.Context(), token)
	if !ok || err != nil || guest.ID != expert || guest.MeetingID != m.ID {
		t.Fatalf("%s opens %+v, %v", link.URL, guest, err)
	}
	for _, want := range []string{"Ana Torres，您好", "人才交流会", "北京时间", "星期", "圣保罗时间", "1. 通报情况（10分钟）", "可能录制", link.URL} {
		if !strings.Contains(link.TextZH, want) {
			t.Errorf("no %q in\n%s", want, link.TextZH)
		}
	}
	for _, want := range []string{"Dear Ana Torres", "Beijing time, UTC+8", "Sao Paulo time, UTC-3", "day, ", link.URL} {
		if !strings.Contains(link.TextEN, want) {
			t.Errorf("no %q in\n%s", want, link.TextEN)
		}
	}
	if err := h.schedule.RevokeLink(host, m.ID, expert); err != nil {
		t.Fatal(err)
	}
	if _, err := h.guests.Look(t.Context(), token); !errors.Is(err, account.ErrLinkInvalid) {
		t.Errorf("a revoked link opens: %v", err)
	}
	renewed, err := h.schedule.RenewLink(host, m.ID, expert)
	if err != nil || renewed.URL == link.URL {
		t.Errorf("renewed: %+v, %v", renewed, err)
	}
	if _, err := h.schedule.Link(host, m.ID, m.Invitees[0].ID); !errors.Is(err, schedule.ErrNoLink) {
		t.Errorf("a station's link: %v", err)
	}
	h.now = m.EndsAt.Add(3 * time.Hour)
	if _, err := h.schedule.RenewLink(host, m.ID, expert); !errors.Is(err, schedule.ErrOver) {
		t.Errorf("renewed after the end: %v", err)
	}
}
