package contacts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// picksPerKind bounds what the picker offers of each kind.
const picksPerKind = 12

// People finds accounts, stations and, for those who may see them, contacts
// to invite: by characters, pinyin, initials or Latin letters.
func (c *Contacts) People(ctx context.Context, query string) ([]Pick, error) {
	picks, err := c.Colleagues(ctx, query)
	if err != nil {
		return nil, err
	}
	s, err := scopeOf(ctx)
	if err != nil || len(c.reader.Terms(query)) == 0 {
		return picks, nil //nolint:nilerr // without a scope there are no contacts to offer, which is no fault
	}
	found, err := c.pickContacts(ctx, s, query)
	if err != nil {
		return nil, err
	}
	return append(picks, found...), nil
}

func (c *Contacts) pickAccounts(caller account.Account, all []account.Account, stations []Station, query string) []Pick {
	words := c.reader.Terms(query)
	picks := []Pick{}
	for _, a := range all {
		zh, en := roleNames(a.Role)
		if i := slices.IndexFunc(stations, func(s Station) bool { return a.StationID != nil && s.ID == *a.StationID }); i >= 0 {
			zh, en = stations[i].Name, stations[i].NameEN
		}
		k := c.reader.Keys(textsearch.Named{Person: true, Names: []string{a.Name}, Texts: []string{a.UserName, zh, en}})
		if a.Disabled || !k.Match(words) {
			continue
		}
		p := Pick{Kind: PickAccount, ID: a.ID, Name: a.Name, DetailZH: zh, DetailEN: en, TimeZone: a.TimeZone}
		if caller.IsStaff() && a.Email != "" {
			p.Email = &a.Email
		}
		picks = append(picks, p)
	}
	return c.best(picks, words)
}

// best returns the first picks, those whose name begins with the query before
// those that hold it elsewhere.
func (c *Contacts) best(picks []Pick, words []string) []Pick {
	begins := func(p Pick) int {
		if len(words) > 0 && (strings.HasPrefix(c.reader.Fold(p.Name), words[0]) || strings.HasPrefix(c.reader.SortKey(p.Name, true), words[0])) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(picks, func(a, b Pick) int { return begins(a) - begins(b) })
	return picks[:min(len(picks), picksPerKind)]
}

func roleNames(r account.Role) (zh, en string) {
	switch r {
	case account.Admin:
		return "管理员", "Administrator"
	case account.Staff:
		return "工作人员", "Staff"
	case account.Station:
		return "海外工作站", "Overseas station"
	case account.Ambassador:
		return "招才引智大使", "Talent ambassador"
	default:
		return "", ""
	}
}

func (c *Contacts) pickStations(all []Station, query string) []Pick {
	words := c.reader.Terms(query)
	picks := []Pick{}
	for _, s := range all {
		k := c.reader.Keys(textsearch.Named{Names: []string{s.Name, s.City, s.Country}, Texts: []string{s.NameEN, s.CityEN, s.CountryEN}})
		if !k.Match(words) {
			continue
		}
		picks = append(picks, Pick{
			Kind: PickStation, ID: s.ID, Name: s.Name, NameLatin: s.NameEN,
			DetailZH: s.Country + " · " + s.City, DetailEN: s.CityEN + ", " + s.CountryEN, TimeZone: s.TimeZone,
		})
	}
	return c.best(picks, words)
}

// contactPick is a contact with what an invitation needs.
type contactPick struct {
	ID               uuid.UUID
	Name, NameLatin  string
	Title            string
	OrganisationName string
	TimeZone         string
	Language         string
	Email            *string
}

func (c *Contacts) pickContacts(ctx context.Context, s scope, query string) ([]Pick, error) {
	cond, err := c.filtered(s, Filter{Query: query})
	if err != nil {
		return nil, err
	}
	cond.add("not exists (select from stations s where s.contact_id = c.id)")
	begins := cond.arg(like(c.reader.Terms(query)[0]) + "%")
	q := `
select c.id, c.name, c.name_latin, c.title, coalesce(o.name, c.organisation_name) as organisation_name, c.time_zone, c.language, (
    select value from contact_fields f where f.contact_id = c.id and f.kind = 'email' order by position limit 1) as email` +
		fromContacts + cond.where() + `
order by (c.sort_key like ` + begins + ` or c.name like ` + begins + `) desc, c.kind desc, c.sort_key, c.id limit ` + cond.arg(picksPerKind)
	rows, _ := c.pool.Query(ctx, q, cond.args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[contactPick])
	if err != nil {
		return nil, fmt.Errorf("find contacts to invite: %w", err)
	}
	picks := make([]Pick, len(found))
	for i, f := range found {
		detail := strings.Join(slices.DeleteFunc([]string{f.OrganisationName, f.Title}, func(s string) bool { return s == "" }), " · ")
		picks[i] = Pick{
			Kind: PickContact, ID: f.ID, Name: f.Name, NameLatin: f.NameLatin,
			DetailZH: detail, DetailEN: detail, TimeZone: f.TimeZone, Language: f.Language, Email: f.Email,
		}
	}
	return picks, c.audit.Record(ctx, "contacts.pick", "contacts", map[string]any{"count": len(picks), "query": c.reader.Fold(query)})
}

// Party is what an invitation needs to know of a station or a contact.
type Party struct {
	Name, Unit, Title         string
	Email, Language, TimeZone string
}

// StationParty returns a station as it is invited.
func (c *Contacts) StationParty(ctx context.Context, id uuid.UUID) (Party, error) {
	if _, err := account.Require(ctx); err != nil {
		return Party{}, err
	}
	r, err := readStation(ctx, c.pool, id)
	return Party{Name: r.Name, Unit: r.Name, TimeZone: r.TimeZone}, err
}

// ContactParty returns a contact as it is invited; only for those who see it.
func (c *Contacts) ContactParty(ctx context.Context, id uuid.UUID) (Party, error) {
	contact, err := c.Open(ctx, id)
	if err != nil {
		return Party{}, err
	}
	p := Party{
		Name: contact.Name, Unit: contact.OrganisationName, Title: contact.Title,
		Language: contact.Language, TimeZone: contact.TimeZone,
	}
	if contact.Kind == KindOrganisation {
		p.Unit = contact.Name
	}
	for _, f := range contact.Fields {
		if f.Kind == FieldEmail {
			p.Email = f.Value
			break
		}
	}
	return p, nil
}
