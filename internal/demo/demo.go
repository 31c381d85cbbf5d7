// Package demo fills an empty database with an invented organisation, so that
// the hub can be tried at once. It goes through the same doors as everybody:
// what it makes is checked, searched and audited like the real thing. Every
// name and address is made up; addresses end in .example, which no mail
// reaches (RFC 2606).
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

//go:embed data/*.json
var data embed.FS

// ErrNotEmpty is returned for a database that holds anything.
var ErrNotEmpty = errors.New("the database is not empty; a demonstration is filled into an empty one only")

// The names of the invented organisation.
const (
	NameZH = "徐州市归国华侨联合会（演示）"
	NameEN = "Xuzhou Federation of Returned Overseas Chinese (demo)"
)

// domain is where the accounts' mail would go.
const domain = "@demo.example"

// The user names of the accounts worth trying first.
const (
	Admin      = "admin"
	Staff      = "linyue"
	Station    = "mexico"
	Ambassador = "dashi01"
)

// Chat is what the demonstration needs of rooms and messages.
type Chat interface {
	Found(ctx context.Context, g Group) (uuid.UUID, error)
	Post(ctx context.Context, by account.Account, m Message) (uuid.UUID, error)
	Pin(ctx context.Context, by account.Account, room, message uuid.UUID) error
	Confirm(ctx context.Context, by account.Account, room, message uuid.UUID) error
}

// Group is a room to be made.
type Group struct {
	Title, TitleEN string
	// Announcements: only its owner and moderators post.
	Announcements bool
	Owner         uuid.UUID
	Members       []uuid.UUID
}

// Message is one to be posted.
type Message struct {
	Room         uuid.UUID
	Text, TextEN string
	Topic        string
	MustConfirm  bool
	At           time.Time
}

// Deps are the doors the demonstration goes through.
type Deps struct {
	Pool     *pgxpool.Pool
	Accounts *account.Store
	Contacts *contacts.Contacts
	Schedule *schedule.Schedule
	Minutes  *minutes.Book
	Chat     Chat
	// Password opens every account.
	Password string
	// Now is the moment around which past and future are laid out.
	Now time.Time
}

// filling is a demonstration in the making.
type filling struct {
	Deps
	stations map[string]contacts.Station
	rooms    map[string]uuid.UUID
	experts  map[string]contacts.Contact

	mu     sync.Mutex
	people map[string]account.Account // guarded by mu while accounts are made
}

// Fill fills an empty database, and refuses any other.
func Fill(ctx context.Context, d Deps) error {
	if err := empty(ctx, d.Pool); err != nil {
		return err
	}
	f := &filling{
		Deps: d, people: map[string]account.Account{}, stations: map[string]contacts.Station{},
		rooms: map[string]uuid.UUID{}, experts: map[string]contacts.Contact{},
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"staff", f.staff},
		{"stations", f.foundStations},
		{"ambassadors", f.ambassadors},
		{"contacts", f.contacts},
		{"groups", f.groups},
		{"messages", f.messages},
		{"past meeting", f.pastMeeting},
		{"meeting of today", f.meetingOfToday},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("fill demonstration: %s: %w", step.what, err)
		}
	}
	return nil
}

func empty(ctx context.Context, pool *pgxpool.Pool) error {
	const q = `
select exists (select from accounts) or exists (select from contacts) or exists (select from rooms) or exists (select from meetings)`
	var held bool
	if err := pool.QueryRow(ctx, q).Scan(&held); err != nil {
		return fmt.Errorf("look whether the database is empty: %w", err)
	}
	if held {
		return ErrNotEmpty
	}
	return nil
}

// as returns a context whose requests come from an account.
func (f *filling) as(ctx context.Context, userName string) context.Context {
	return account.WithAccount(ctx, f.people[userName])
}

func (f *filling) account(ctx context.Context, n account.New) error {
	n.Password, n.Email = f.Password, n.UserName+domain
	a, err := f.Accounts.Create(ctx, n)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.people[n.UserName] = a
	return err
}

func (f *filling) staff(ctx context.Context) error {
	for _, n := range []account.New{
		{Name: "管理员", UserName: Admin, Role: account.Admin},
		{Name: "林悦", UserName: Staff, Role: account.Staff},
		{Name: "陈浩", UserName: "chenhao", Role: account.Staff},
		{Name: "王静", UserName: "wangjing", Role: account.Staff},
		{Name: "赵磊", UserName: "zhaolei", Role: account.Staff},
	} {
		if err := f.account(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// stationData is one line of stations.json.
type stationData struct {
	Key string `json:"key"`
	contacts.NewStation
	Hours  []string `json:"hours"`
	Keeper string   `json:"keeper"`
}

func read[T any](name string) (list []T, err error) {
	raw, err := data.ReadFile("data/" + name)
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	return list, err
}

func (f *filling) foundStations(ctx context.Context) error {
	list, err := read[stationData]("stations.json")
	if err != nil {
		return err
	}
	for _, s := range list {
		for _, h := range s.Hours {
			for day := 1; day <= 5; day++ {
				s.OfficeHours = append(s.OfficeHours, contacts.OfficeHours{Day: day, From: h[:5], To: h[6:]})
			}
		}
		station, err := f.Contacts.CreateStation(f.as(ctx, Admin), s.NewStation)
		if err != nil {
			return err
		}
		f.stations[s.Key], f.rooms["station:"+s.Key] = station, *station.RoomID
		if err := f.account(ctx, account.New{
			Name: s.Keeper, UserName: s.Key, Role: account.Station, StationID: &station.ID, TimeZone: s.TimeZone,
		}); err != nil {
			return err
		}
	}
	return nil
}

// zones are where the ambassadors live.
func zones() []string {
	return []string{
		"America/Los_Angeles", "America/New_York", "Asia/Tokyo", "Europe/London", "Asia/Singapore", "Europe/Berlin",
		"Australia/Melbourne", "America/Toronto", "Europe/Paris", "Asia/Seoul", "Africa/Johannesburg", "Asia/Dubai",
	}
}

const ambassadorCount = 35

// ambassadors makes two accounts at a time: hashing a password is slow on purpose.
func (f *filling) ambassadors(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(2)
	for i := range ambassadorCount {
		n := account.New{
			Name: name(i*7 + 3), UserName: fmt.Sprintf("dashi%02d", i+1), Role: account.Ambassador, TimeZone: zones()[i%len(zones())],
		}
		if i%5 == 4 { // every fifth reads English
			n.Name, n.Language = latinName(i), "en"
		}
		group.Go(func() error { return f.account(ctx, n) })
	}
	return group.Wait()
}
