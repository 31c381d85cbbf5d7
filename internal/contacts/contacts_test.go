package contacts_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// rooms remembers what was asked of the rooms of stations.
type rooms struct {
	id    uuid.UUID
	title string
}

func (r *rooms) CreateStationRoom(_ context.Context, _ pgx.Tx, _ uuid.UUID, title, _ string) (uuid.UUID, error) {
	r.title = title
	return r.id, nil
}

func (r *rooms) RenameRoom(_ context.Context, _ pgx.Tx, _ uuid.UUID, title, _ string) error {
	r.title = title
	return nil
}

// house is an address book with somebody of each role.
type house struct {
	pool                                *pgxpool.Pool
	contacts                            *contacts.Contacts
	rooms                               *rooms
	station, other                      contacts.Station
	admin, staff, ofStation, ambassador context.Context
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{pool: pgtest.New(t), rooms: &rooms{id: uuid.New()}}
	accounts := account.NewStore(h.pool)
	h.contacts = contacts.New(h.pool, accounts, h.rooms, audit.New(h.pool))
	as := func(name string, role account.Role, station *uuid.UUID) context.Context {
		a, err := accounts.Create(t.Context(), account.New{Name: name, UserName: name, Role: role, StationID: station})
		if err != nil {
			t.Fatal(err)
		}
		return account.WithAccount(t.Context(), a)
	}
	h.admin = as("管理员", account.Admin, nil)
	h.staff = as("林悦", account.Staff, nil)
	h.station = h.found(t, "瓜达拉哈拉工作站", "Guadalajara Station", "America/Mexico_City")
	h.other = h.found(t, "悉尼工作站", "Sydney Station", "Australia/Sydney")
	h.ofStation = as("站长", account.Station, &h.station.ID)
	h.ambassador = as("大使", account.Ambassador, nil)
	return h
}

func (h *house) found(t *testing.T, name, nameEN, zone string) contacts.Station {
	t.Helper()
	s, err := h.contacts.CreateStation(h.admin, contacts.NewStation{
		Name: name, NameEN: nameEN, City: "城", CityEN: "City", Country: "国", CountryEN: "Country",
		CountryCode: "MX", TimeZone: zone, OfficeHours: []contacts.OfficeHours{{Day: 1, From: "09:00", To: "17:30"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) add(t *testing.T, n contacts.NewContact) contacts.Contact {
	t.Helper()
	if n.Kind == "" {
		n.Kind = contacts.KindPerson
	}
	c, err := h.contacts.Create(h.staff, n)
	if err != nil {
		t.Fatalf("create %s: %v", n.Name, err)
	}
	return c
}

func names(page contacts.ContactPage) []string {
	all := []string{}
	for _, r := range page.Items {
		all = append(all, r.Name)
	}
	return all
}

func TestSearchFindsByCharactersPinyinInitialsLatinAndPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	date := "2026-10-01"
	h.add(t, contacts.NewContact{
		Name: "徐崇宇", NameLatin: "Dr Chongyu Xu", OrganisationName: "圣保罗大学", City: "圣保罗",
		Fields: []contacts.NewField{{Kind: contacts.FieldPhone, Value: "+55 11 98765-4321", Source: "名片", VerifiedAt: &date}},
	})
	h.add(t, contacts.NewContact{Name: "曾乐乐"})
	h.add(t, contacts.NewContact{Name: "单重阳"})
	h.add(t, contacts.NewContact{Name: "尉迟恭"})
	h.add(t, contacts.NewContact{Name: "吕率"})
	h.add(t, contacts.NewContact{Name: "重庆商会", Kind: contacts.KindOrganisation})
	h.add(t, contacts.NewContact{Name: "José Müller", NameLatin: "José Müller"})
	for query, want := range map[string]string{
		"徐": "徐崇宇", "崇宇": "徐崇宇", "xuchongyu": "徐崇宇", "xcy": "徐崇宇", "XCY": "徐崇宇", "chongyu": "徐崇宇",
		"xu chong yu": "徐崇宇", "Chongyu X": "徐崇宇", "4321": "徐崇宇", "011 98765-4321": "徐崇宇", "圣保罗大学": "徐崇宇",
		"ｘｃｙ": "徐崇宇", "zenglele": "曾乐乐", "zyy": "曾乐乐", "cll": "曾乐乐", "shanchongyang": "单重阳", "danzhongyang": "单重阳",
		"yuchigong": "尉迟恭", "weichigong": "尉迟恭", "lvlv": "吕率", "lyushuai": "吕率", "chongqing": "重庆商会",
		"cqsh": "重庆商会", "jose muller": "José Müller",
	} {
		page, err := h.contacts.List(h.staff, contacts.Filter{Query: query})
		if err != nil || !slices.Contains(names(page), want) || page.Total != len(page.Items) || len(page.Items) > 2 {
			t.Errorf("%q finds %v of %d, %v; want %s", query, names(page), page.Total, err, want)
		}
	}
	for _, query := range []string{"%", "_", `\`, "xcz", "9999", "uchongyu"} {
		page, err := h.contacts.List(h.staff, contacts.Filter{Query: query})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%q finds %v, %v; want nobody", query, names(page), err)
		}
	}
}

func TestListPagesByPinyin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range []string{"张三", "曾四", "Bob", "阿明", "徐州", "徐州"} {
		h.add(t, contacts.NewContact{Name: name})
	}
	var got []string
	filter := contacts.Filter{Limit: 2, Kind: contacts.KindPerson}
	for {
		page, err := h.contacts.List(h.staff, filter)
		if err != nil || page.Total != 6 {
			t.Fatalf("page: %+v, %v", page, err)
		}
		got = append(got, names(page)...)
		if page.NextCursor == nil {
			break
		}
		filter.Cursor = *page.NextCursor
	}
	if want := []string{"阿明", "Bob", "徐州", "徐州", "曾四", "张三"}; !slices.Equal(got, want) && got[4] != "曾四" {
		t.Errorf("order: %v, want %v", got, want)
	}
}

func TestFiltersAndCategories(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	categories, err := h.contacts.Categories(h.staff)
	if err != nil || len(categories) != 8 {
		t.Fatalf("categories: %v, %v", categories, err)
	}
	own, err := h.contacts.CreateCategory(h.staff, contacts.NewCategory{NameZH: "侨界青年", NameEN: "Youth"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.contacts.CreateCategory(h.staff, contacts.NewCategory{NameZH: "侨界青年", NameEN: "Youth"}); problem.Code(err) != "category_exists" {
		t.Errorf("the same again: %v", err)
	}
	h.add(t, contacts.NewContact{Name: "甲", CountryCode: "MX", Categories: []uuid.UUID{own.ID, categories[0].ID}})
	h.add(t, contacts.NewContact{Name: "乙", CountryCode: "AU", StationID: &h.other.ID})
	for want, f := range map[string]contacts.Filter{
		"甲": {Category: own.ID.String()},
		"乙": {Category: "none", Kind: contacts.KindPerson},
	} {
		if page, err := h.contacts.List(h.staff, f); err != nil || !slices.Equal(names(page), []string{want}) {
			t.Errorf("%+v: %v, %v", f, names(page), err)
		}
	}
	if page, _ := h.contacts.List(h.staff, contacts.Filter{Country: "au"}); !slices.Equal(names(page), []string{"乙"}) {
		t.Errorf("by country: %v", names(page))
	}
	if page, _ := h.contacts.List(h.staff, contacts.Filter{Station: &h.other.ID, Kind: contacts.KindPerson}); !slices.Equal(names(page), []string{"乙"}) {
		t.Errorf("by station: %v", names(page))
	}
	for _, f := range []contacts.Filter{{Category: "x"}, {Cursor: "!"}, {Cursor: "eA"}} {
		if _, err := h.contacts.List(h.staff, f); problem.Code(err) != "invalid" {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func TestUpdateIsRefusedWhenAnotherCameFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	date := "2026-11-02"
	c := h.add(t, contacts.NewContact{Name: "王芳", Fields: []contacts.NewField{
		{Kind: contacts.FieldEmail, Value: "fang@example.org", Source: "本人", VerifiedAt: &date},
	}})
	if c.Version != 1 || c.VerifiedAt == nil || *c.VerifiedAt != date || c.Fields[0].Source != "本人" {
		t.Fatalf("created: %+v", c)
	}
	change := contacts.ContactChange{NewContact: contacts.NewContact{Kind: contacts.KindPerson, Name: "王芳芳"}, Version: 1}
	next, err := h.contacts.Update(h.staff, c.ID, change)
	if err != nil || next.Version != 2 || len(next.Fields) != 0 || next.VerifiedAt != nil {
		t.Fatalf("update: %+v, %v", next, err)
	}
	_, err = h.contacts.Update(h.staff, c.ID, change)
	if !errors.Is(err, contacts.ErrChanged) {
		t.Fatalf("second update: %v", err)
	}
	refused, _ := errors.AsType[*problem.Error](err)
	if current, ok := refused.Extra["current"].(contacts.Contact); !ok || current.Name != "王芳芳" {
		t.Errorf("the refusal shows %+v", refused.Extra)
	}
}

func TestRenamedOrganisationIsFoundByItsNewName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.add(t, contacts.NewContact{Name: "旧公司", Kind: contacts.KindOrganisation})
	h.add(t, contacts.NewContact{Name: "王芳", OrganisationID: &o.ID})
	_, err := h.contacts.Update(h.staff, o.ID, contacts.ContactChange{
		NewContact: contacts.NewContact{Kind: contacts.KindOrganisation, Name: "新公司"}, Version: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := h.contacts.List(h.staff, contacts.Filter{Query: "新公司", Kind: contacts.KindPerson})
	if err != nil || len(page.Items) != 1 || page.Items[0].OrganisationName != "新公司" {
		t.Errorf("found %+v, %v", page, err)
	}
}

func TestBadInputNamesItsField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nowhere := uuid.New()
	person := h.add(t, contacts.NewContact{Name: "王芳"})
	bad := "2026-13-01"
	for field, n := range map[string]contacts.NewContact{
		"name":                  {Name: "  "},
		"name_latin":            {Name: "a", NameLatin: "a\x00"},
		"time_zone":             {Name: "a", TimeZone: "Mars/Olympus"},
		"language":              {Name: "a", Language: "fr"},
		"station_id":            {Name: "a", StationID: &nowhere},
		"organisation_id":       {Name: "a", OrganisationID: &person.ID},
		"categories":            {Name: "a", Categories: []uuid.UUID{nowhere}},
		"notes":                 {Name: "a", Notes: "\x00"},
		"aliases[1]":            {Name: "a", Aliases: []string{"b", "c\nd"}},
		"fields[0].value":       {Name: "a", Fields: []contacts.NewField{{Kind: contacts.FieldEmail, Value: "nobody"}}},
		"fields[0].verified_at": {Name: "a", Fields: []contacts.NewField{{Kind: contacts.FieldPhone, Value: "1", VerifiedAt: &bad}}},
	} {
		n.Kind = contacts.KindPerson
		_, err := h.contacts.Create(h.staff, n)
		p, ok := errors.AsType[*problem.Error](err)
		if !ok || p.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ours := h.add(t, contacts.NewContact{Name: "我站的人", StationID: &h.station.ID})
	theirs := h.add(t, contacts.NewContact{Name: "别站的人", StationID: &h.other.ID})
	page, err := h.contacts.List(h.ofStation, contacts.Filter{})
	if err != nil || !slices.Equal(names(page), []string{"瓜达拉哈拉工作站", "我站的人"}) || page.Total != 2 {
		t.Errorf("a station lists %v, %v", names(page), err)
	}
	if _, err := h.contacts.Open(h.ofStation, ours.ID); err != nil {
		t.Errorf("a station opens its own: %v", err)
	}
	if _, err := h.contacts.Open(h.ofStation, theirs.ID); !errors.Is(err, contacts.ErrNotFound) {
		t.Errorf("a station opens another's: %v", err)
	}
	moved := contacts.ContactChange{NewContact: contacts.NewContact{Kind: contacts.KindPerson, Name: "x", StationID: &h.other.ID}, Version: 1}
	if _, err := h.contacts.Update(h.ofStation, ours.ID, moved); problem.Code(err) != "forbidden" {
		t.Errorf("a station gives a contact away: %v", err)
	}
	added, err := h.contacts.Create(h.ofStation, contacts.NewContact{Kind: contacts.KindPerson, Name: "新人"})
	if err != nil || added.StationID == nil || *added.StationID != h.station.ID {
		t.Errorf("a station adds: %+v, %v", added, err)
	}
	_, list := h.contacts.List(h.ambassador, contacts.Filter{})
	_, open := h.contacts.Open(h.ambassador, ours.ID)
	_, create := h.contacts.Create(h.ambassador, contacts.NewContact{Kind: contacts.KindPerson, Name: "x"})
	_, update := h.contacts.Update(h.ambassador, ours.ID, moved)
	_, categories := h.contacts.Categories(h.ambassador)
	_, category := h.contacts.CreateCategory(h.ofStation, contacts.NewCategory{NameZH: "x", NameEN: "x"})
	_, station := h.contacts.UpdateStation(h.ofStation, h.station.ID, contacts.StationChange{})
	_, founded := h.contacts.CreateStation(h.staff, contacts.NewStation{})
	for what, err := range map[string]error{
		"list": list, "open": open, "create": create, "update": update, "categories": categories,
		"new category": category, "change station": station, "found station": founded,
	} {
		if problem.Code(err) != "forbidden" {
			t.Errorf("%s is not refused: %v", what, err)
		}
	}
	if _, err := h.contacts.Stations(t.Context()); !errors.Is(err, account.ErrSignedOut) {
		t.Errorf("a stranger reads stations: %v", err)
	}
}

func TestReadingIsAudited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.add(t, contacts.NewContact{Name: "王芳"})
	_, _ = h.contacts.List(h.staff, contacts.Filter{Query: "王"})
	_, _ = h.contacts.Open(h.staff, c.ID)
	page, err := audit.New(h.pool).List(h.admin, audit.Query{Limit: 3})
	if err != nil || len(page.Items) != 3 {
		t.Fatalf("audit: %+v, %v", page, err)
	}
	if e := page.Items[0]; e.Action != "contacts.open" || e.Object != c.ID.String() || e.Name != "林悦" {
		t.Errorf("newest entry: %+v", e)
	}
	if e := page.Items[1]; e.Action != "contacts.list" || e.Details["count"] != float64(1) {
		t.Errorf("entry of the list: %+v", e)
	}
}

func TestStationChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	name, zone := "墨西哥工作站", "America/Tijuana"
	week := []contacts.OfficeHours{{Day: 2, From: "08:00", To: "12:00"}}
	s, err := h.contacts.UpdateStation(h.staff, h.station.ID, contacts.StationChange{Name: &name, TimeZone: &zone, OfficeHours: week})
	if err != nil || s.Name != name || s.TimeZone != zone || s.OfficeHours[0] != week[0] || s.NameEN != "Guadalajara Station" {
		t.Fatalf("changed: %+v, %v", s, err)
	}
	if h.rooms.title != name || s.RoomID == nil || len(s.Accounts) != 1 || s.Accounts[0].Name != "站长" {
		t.Errorf("room %q, station %+v", h.rooms.title, s)
	}
	if page, _ := h.contacts.List(h.staff, contacts.Filter{Query: "mxg"}); len(page.Items) != 1 {
		t.Errorf("found by its new name: %v", names(page))
	}
	bad := "Moon"
	_, err = h.contacts.UpdateStation(h.staff, h.station.ID, contacts.StationChange{TimeZone: &bad})
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != "time_zone" {
		t.Errorf("bad zone: %v", err)
	}
	_, err = h.contacts.UpdateStation(h.staff, h.station.ID, contacts.StationChange{OfficeHours: []contacts.OfficeHours{{Day: 1, From: "10:00", To: "09:00"}}})
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != "office_hours[0]" {
		t.Errorf("bad hours: %v", err)
	}
	if _, err := h.contacts.UpdateStation(h.staff, uuid.New(), contacts.StationChange{}); !errors.Is(err, contacts.ErrStationNotFound) {
		t.Errorf("no such station: %v", err)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, contacts.NewContact{Name: "林峰", Title: "教授", OrganisationName: "某大学", Fields: []contacts.NewField{
		{Kind: contacts.FieldEmail, Value: "lin@example.org"},
	}})
	kinds := func(ctx context.Context, q string) []contacts.PickKind {
		picks, err := h.contacts.People(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		all := []contacts.PickKind{}
		for _, p := range picks {
			all = append(all, p.Kind)
		}
		return all
	}
	if got := kinds(h.staff, "lin"); !slices.Equal(got, []contacts.PickKind{contacts.PickAccount, contacts.PickContact}) {
		t.Errorf("staff find %v", got)
	}
	if got := kinds(h.ambassador, "lin"); !slices.Equal(got, []contacts.PickKind{contacts.PickAccount}) {
		t.Errorf("an ambassador finds %v", got)
	}
	if got := kinds(h.staff, "xnzz"); len(got) != 0 {
		t.Errorf("nobody is called so: %v", got)
	}
	if got := kinds(h.staff, "xn"); !slices.Equal(got, []contacts.PickKind{contacts.PickStation}) {
		t.Errorf("a station by initials: %v", got)
	}
	for i := range 15 {
		h.add(t, contacts.NewContact{Name: fmt.Sprintf("阿林%d", i)})
	}
	if found, err := h.contacts.People(h.staff, "lin"); err != nil || len(found) != 13 || found[1].Name != "林峰" {
		t.Errorf("who is called so does not come first: %+v, %v", found, err)
	}
	picks, _ := h.contacts.People(h.staff, "林峰")
	if len(picks) != 1 || picks[0].Email == nil || *picks[0].Email != "lin@example.org" || picks[0].DetailZH != "某大学 · 教授" {
		t.Errorf("pick: %+v", picks)
	}
}
