package contacts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// querier is what a pool and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Open returns a contact the caller may see.
func (c *Contacts) Open(ctx context.Context, id uuid.UUID) (Contact, error) {
	s, err := scopeOf(ctx)
	if err != nil {
		return Contact{}, err
	}
	contact, err := read(ctx, c.pool, s, id)
	if err != nil {
		return Contact{}, err
	}
	return contact, c.audit.Record(ctx, "contacts.open", id.String(), nil)
}

// whole is a contact without its fields, which are rows of their own.
type whole struct {
	ContactRow
	Aliases        []string
	OrganisationID *uuid.UUID
	StationID      *uuid.UUID
	Language       string
	TimeZone       string
	Notes          string
	Version        int
	CreatedAt      time.Time
}

func read(ctx context.Context, db querier, s scope, id uuid.UUID) (Contact, error) {
	const q = `select` + rowColumns + `,
    c.aliases, c.organisation_id, c.station_id, c.language, c.time_zone, c.notes, c.version, c.created_at` +
		fromContacts + ` where c.id = $1`
	rows, _ := db.Query(ctx, q, id)
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[whole])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !s.sees(w.StationID) {
		return Contact{}, ErrNotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("read contact %s: %w", id, err)
	}
	const fields = `
select id, kind, label, value, source, to_char(verified_on, 'YYYY-MM-DD') as verified_at
from contact_fields where contact_id = $1 order by position`
	rows, _ = db.Query(ctx, fields, id)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[ContactField])
	if err != nil {
		return Contact{}, fmt.Errorf("read fields of contact %s: %w", id, err)
	}
	return Contact{
		ContactRow: w.ContactRow, Aliases: w.Aliases, OrganisationID: w.OrganisationID, StationID: w.StationID,
		Language: w.Language, TimeZone: w.TimeZone, Notes: w.Notes, Version: w.Version, CreatedAt: w.CreatedAt,
		Fields: found,
	}, nil
}

// Create adds a contact. A station's contacts belong to the station.
func (c *Contacts) Create(ctx context.Context, n NewContact) (Contact, error) {
	s, err := scopeOf(ctx)
	if err != nil {
		return Contact{}, err
	}
	if s.station != nil && n.StationID == nil {
		n.StationID = s.station
	}
	id := uuid.Must(uuid.NewV7())
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := c.write(ctx, tx, s, id, n, insertContact); err != nil {
			return err
		}
		return c.audit.RecordIn(ctx, tx, "contacts.create", id.String(), nil)
	})
	if err != nil {
		return Contact{}, fmt.Errorf("create contact: %w", err)
	}
	return read(ctx, c.pool, s, id)
}

// Update replaces a contact, unless it is no longer the version it changes.
func (c *Contacts) Update(ctx context.Context, id uuid.UUID, change ContactChange) (Contact, error) {
	s, err := scopeOf(ctx)
	if err != nil {
		return Contact{}, err
	}
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		const lock = `select from contacts where id = $1 for update`
		if _, err := tx.Exec(ctx, lock, id); err != nil {
			return err
		}
		current, err := read(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if current.Version != change.Version {
			return ErrChanged.With("current", current)
		}
		if err := c.write(ctx, tx, s, id, change.NewContact, updateContact); err != nil {
			return err
		}
		if current.Kind == KindOrganisation && current.Name != change.Name {
			if err := c.rekeyMembers(ctx, tx, id); err != nil {
				return err
			}
		}
		return c.audit.RecordIn(ctx, tx, "contacts.update", id.String(), map[string]any{"version": change.Version + 1})
	})
	if err != nil {
		return Contact{}, fmt.Errorf("update contact %s: %w", id, err)
	}
	return read(ctx, c.pool, s, id)
}

const insertContact = `
insert into contacts (id, kind, name, name_latin, aliases, title, organisation_id, organisation_name, country_code, city,
    station_id, language, time_zone, notes, verified_on, search_text, search_pinyin, search_phone, sort_key,
    search, created_by, updated_by)
values (@id, @kind, @name, @name_latin, @aliases, @title, @organisation, @organisation_name, @country, @city,
    @station, @language, @zone, @notes, @verified::text::date, @text, @pinyin, @phone, @sort,
    array_to_tsvector(@lexemes::text[]), @by, @by)`

const updateContact = `
update contacts set kind = @kind, name = @name, name_latin = @name_latin, aliases = @aliases, title = @title,
    organisation_id = @organisation, organisation_name = @organisation_name, country_code = @country, city = @city,
    station_id = @station, language = @language, time_zone = @zone, notes = @notes, verified_on = @verified::text::date,
    search_text = @text, search_pinyin = @pinyin, search_phone = @phone, sort_key = @sort,
    search = array_to_tsvector(@lexemes::text[]), updated_by = @by, updated_at = now(), version = version + 1
where id = @id`

// write checks a contact and puts it in place with its fields and categories.
func (c *Contacts) write(ctx context.Context, tx pgx.Tx, s scope, id uuid.UUID, n NewContact, statement string) error {
	n, err := n.clean()
	if err != nil {
		return err
	}
	if !s.sees(n.StationID) {
		return problem.Forbidden("a station keeps its own contacts only").At("station_id")
	}
	organisation := n.OrganisationName
	if n.OrganisationID != nil {
		if organisation, err = organisationName(ctx, tx, s, id, *n.OrganisationID); err != nil {
			return err
		}
	}
	k := c.reader.Keys(n.named(organisation))
	_, err = tx.Exec(ctx, statement, pgx.NamedArgs{
		"id": id, "kind": n.Kind, "name": n.Name, "name_latin": n.NameLatin, "aliases": n.Aliases, "title": n.Title,
		"organisation": n.OrganisationID, "organisation_name": n.OrganisationName, "country": n.CountryCode, "city": n.City,
		"station": n.StationID, "language": n.Language, "zone": n.TimeZone, "notes": n.Notes, "verified": n.verifiedOn(),
		"text": k.Text, "pinyin": k.Pinyin, "phone": k.Phone, "sort": k.Sort,
		"lexemes": c.reader.Lexemes(k), "by": s.caller.ID,
	})
	if err != nil {
		return broken(err, "station_id")
	}
	if err := writeFields(ctx, tx, id, n.Fields); err != nil {
		return err
	}
	return writeCategories(ctx, tx, id, n.Categories)
}

// broken names the field whose reference leads nowhere.
func broken(err error, field string) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "23503" {
		return problem.Invalid(field, "does not exist")
	}
	return err
}

func organisationName(ctx context.Context, tx pgx.Tx, s scope, self, id uuid.UUID) (string, error) {
	o, err := read(ctx, tx, s, id)
	if errors.Is(err, ErrNotFound) || err == nil && (o.Kind != KindOrganisation || id == self) {
		return "", problem.Invalid("organisation_id", "no such organisation")
	}
	return o.Name, err
}

func writeFields(ctx context.Context, tx pgx.Tx, contact uuid.UUID, fields []NewField) error {
	const clear = `delete from contact_fields where contact_id = $1`
	batch := &pgx.Batch{}
	batch.Queue(clear, contact)
	const q = `
insert into contact_fields (id, contact_id, position, kind, label, value, source, verified_on)
values (@id, @contact, @position, @kind, @label, @value, @source, @verified::text::date)`
	for i, f := range fields {
		batch.Queue(q, pgx.NamedArgs{
			"id": uuid.Must(uuid.NewV7()), "contact": contact, "position": i, "kind": f.Kind,
			"label": f.Label, "value": f.Value, "source": f.Source, "verified": f.VerifiedAt,
		})
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write fields: %w", err)
	}
	return nil
}

func writeCategories(ctx context.Context, tx pgx.Tx, contact uuid.UUID, categories []uuid.UUID) error {
	const clear = `delete from contact_categories where contact_id = $1`
	const q = `insert into contact_categories (contact_id, category_id) select $1, unnest($2::uuid[])`
	if _, err := tx.Exec(ctx, clear, contact); err != nil {
		return fmt.Errorf("clear categories: %w", err)
	}
	if _, err := tx.Exec(ctx, q, contact, categories); err != nil {
		return broken(err, "categories")
	}
	return nil
}

// rekeyMembers makes the people of an organisation findable by its new name.
func (c *Contacts) rekeyMembers(ctx context.Context, tx pgx.Tx, organisation uuid.UUID) error {
	const q = `select id from contacts where organisation_id = $1`
	rows, _ := tx.Query(ctx, q, organisation)
	members, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("find members of %s: %w", organisation, err)
	}
	return c.rekey(ctx, tx, members)
}

// rekey makes the keys of contacts anew from what they are.
func (c *Contacts) rekey(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) error {
	const q = `
update contacts set search_text = @text, search_pinyin = @pinyin, search_phone = @phone, sort_key = @sort,
    search = array_to_tsvector(@lexemes::text[]) where id = @id`
	for _, id := range ids {
		m, err := read(ctx, tx, scope{}, id)
		if err != nil {
			return err
		}
		k := c.reader.Keys(m.asNew().named(m.OrganisationName))
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "text": k.Text, "pinyin": k.Pinyin, "phone": k.Phone, "sort": k.Sort, "lexemes": c.reader.Lexemes(k),
		}); err != nil {
			return fmt.Errorf("make keys of %s: %w", id, err)
		}
	}
	return nil
}
