package contacts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

func invalidID(field string) error { return problem.Invalid(field, "not an id") }

const rowColumns = `
    c.id, c.kind, c.name, c.name_latin, c.title, coalesce(o.name, c.organisation_name) as organisation_name,
    array(select category_id from contact_categories cc where cc.contact_id = c.id order by category_id) as categories,
    c.country_code, c.city, c.updated_at, to_char(c.verified_on, 'YYYY-MM-DD') as verified_at`

const fromContacts = `
from contacts c left join contacts o on o.id = c.organisation_id`

// conditions collects the parts of a where clause and their arguments.
type conditions struct {
	parts []string
	args  pgx.NamedArgs
}

func (c *conditions) add(sql string) { c.parts = append(c.parts, sql) }

// arg stores a value under a fresh name and returns its placeholder.
func (c *conditions) arg(value any) string {
	name := fmt.Sprintf("a%d", len(c.args))
	c.args[name] = value
	return "@" + name
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return "\nwhere " + strings.Join(c.parts, "\n    and ")
}

// like escapes what LIKE would read as a pattern.
func like(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// find adds the condition that every term is among a contact's keys.
func (c *conditions) find(terms []string) {
	for _, t := range terms {
		either := []string{"c.search_text like " + c.arg("%"+like(t)+"%")}
		if textsearch.PinyinTerm(t) {
			either = append(either, "c.search_pinyin like "+c.arg("%\n"+like(t)+"%"))
		}
		if d := textsearch.PhoneTerm(t); d != "" {
			either = append(either, "c.search_phone like "+c.arg("%"+d+"\n%"))
		}
		c.add("(" + strings.Join(either, " or ") + ")")
	}
}

// filtered turns a filter into conditions within the caller's scope.
func (c *Contacts) filtered(s scope, f Filter) (*conditions, error) {
	cond := &conditions{args: pgx.NamedArgs{}}
	if s.station != nil {
		cond.add("c.station_id = " + cond.arg(*s.station))
	}
	if f.Station != nil {
		cond.add("c.station_id = " + cond.arg(*f.Station))
	}
	if f.Kind != "" {
		cond.add("c.kind = " + cond.arg(f.Kind))
	}
	if f.Country != "" {
		cond.add("c.country_code = " + cond.arg(strings.ToUpper(f.Country)))
	}
	switch f.Category {
	case "":
	case "none":
		cond.add("not exists (select from contact_categories cc where cc.contact_id = c.id)")
	default:
		id, err := uuid.Parse(f.Category)
		if err != nil {
			return nil, invalidID("category")
		}
		cond.add("exists (select from contact_categories cc where cc.contact_id = c.id and cc.category_id = " + cond.arg(id) + ")")
	}
	cond.find(c.reader.Terms(f.Query))
	return cond, nil
}

// cursor is the last line of a page: the next one begins after it.
type cursor struct {
	Sort string    `json:"s"`
	ID   uuid.UUID `json:"i"`
}

func (c cursor) String() string {
	raw, _ := json.Marshal(c) // a string and a UUID always encode
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parseCursor(s string) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || strings.ContainsRune(c.Sort, 0) {
		return c, problem.Invalid("cursor", "not a cursor of this list")
	}
	return c, nil
}

// List returns a page of the contacts the caller may see, by name.
func (c *Contacts) List(ctx context.Context, f Filter) (ContactPage, error) {
	s, err := scopeOf(ctx)
	if err != nil {
		return ContactPage{}, err
	}
	cond, err := c.filtered(s, f)
	if err != nil {
		return ContactPage{}, err
	}
	page := ContactPage{}
	count := "select count(*)" + fromContacts + cond.where()
	if err := c.pool.QueryRow(ctx, count, cond.args).Scan(&page.Total); err != nil {
		return ContactPage{}, fmt.Errorf("count contacts: %w", err)
	}
	if f.Cursor != "" {
		after, err := parseCursor(f.Cursor)
		if err != nil {
			return ContactPage{}, err
		}
		cond.add("(c.sort_key, c.id) > (" + cond.arg(after.Sort) + ", " + cond.arg(after.ID) + ")")
	}
	if err := c.fill(ctx, &page, cond, f.Limit); err != nil {
		return ContactPage{}, err
	}
	return page, c.audit.Record(ctx, "contacts.list", "contacts", map[string]any{
		"count": len(page.Items), "query": c.reader.Fold(f.Query), "category": f.Category, "country": f.Country,
	})
}

// sortedRow is a row and where it stands in the list.
type sortedRow struct {
	ContactRow
	SortKey string
}

func (c *Contacts) fill(ctx context.Context, page *ContactPage, cond *conditions, limit int) error {
	if limit < 1 || limit > 200 {
		limit = 50
	}
	q := "select c.sort_key," + rowColumns + fromContacts + cond.where() +
		"\norder by c.sort_key, c.id limit " + cond.arg(limit+1)
	rows, _ := c.pool.Query(ctx, q, cond.args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[sortedRow])
	if err != nil {
		return fmt.Errorf("list contacts: %w", err)
	}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next := cursor{Sort: last.SortKey, ID: last.ID}.String()
		page.NextCursor = &next
	}
	page.Items = make([]ContactRow, len(found))
	for i, r := range found {
		page.Items[i] = r.ContactRow
	}
	return nil
}
