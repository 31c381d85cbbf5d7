package contacts_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/yunqiao/yunqiao/internal/contacts"
)

func TestFindingContacts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, station := range map[string]*contacts.Station{"徐楚瑤": &h.station, "單雨桐": nil, "Hannah Müller-Weiß": nil} {
		n := contacts.NewContact{
			Kind: contacts.KindPerson, Name: name, TimeZone: "Asia/Shanghai", Language: "zh-CN",
			Fields: []contacts.NewField{{Kind: contacts.FieldPhone, Value: "+86 516 8320 4321"}},
		}
		if station != nil {
			n.StationID = &station.ID
		}
		if _, err := h.contacts.Create(h.staff, n); err != nil {
			t.Fatal(err)
		}
	}
	find := func(ctx context.Context, query string) int {
		t.Helper()
		rows, err := h.contacts.Find(ctx, query, 10)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		return len(rows)
	}
	for query, want := range map[string]int{
		"徐": 1, "楚瑶": 1, "楚瑤": 1, "xcy": 1, "cy": 2, "xuchuyao": 1, "单": 1, "syt": 1, "shanyu": 1, "danyu": 1, "dyt": 1, "muller": 1, "hannah mu": 1,
		"eiß": 0, "4321": 3, "0516 83204321": 3, "徐 4321": 1, "zzz": 0, "": 0, "%": 0, "'": 0,
	} {
		if got := find(h.staff, query); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
	if find(h.ofStation, "徐") != 1 || find(h.ofStation, "单") != 0 {
		t.Error("a station finds others' contacts, or not its own")
	}
	if find(h.ambassador, "徐") != 0 {
		t.Error("an ambassador finds a contact")
	}
	var audited int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from audit where action = 'contacts.search'`).Scan(&audited); err != nil || audited == 0 {
		t.Errorf("%d readings are in the audit, %v", audited, err)
	}
	// The list of contacts knows traditional characters, too.
	if page, err := h.contacts.List(h.staff, contacts.Filter{Query: "楚瑶"}); err != nil || page.Total != 1 {
		t.Errorf("the list finds %d, %v", page.Total, err)
	}
}

func TestOldContactsAreMadeSearchable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.contacts.Create(h.staff, contacts.NewContact{Kind: contacts.KindPerson, Name: "徐楚瑤", TimeZone: "Asia/Shanghai", Language: "zh-CN"}); err != nil {
		t.Fatal(err)
	}
	// As an older version of the hub left it.
	if _, err := h.pool.Exec(t.Context(), `update contacts set search = null, search_text = E'\n徐楚瑤\n', search_pinyin = E'\n'`); err != nil {
		t.Fatal(err)
	}
	if err := h.contacts.IndexOld(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"楚瑶", "xcy"} {
		if rows, err := h.contacts.Find(h.staff, query, 10); err != nil || len(rows) != 1 {
			t.Errorf("%q finds %v, %v", query, rows, err)
		}
	}
}
