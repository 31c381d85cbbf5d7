package contacts

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

const stationColumns = `
select s.id, s.contact_id, c.name, c.name_latin as name_en, s.city, s.city_en, s.country, s.country_en,
    s.country_code, s.time_zone, s.office_hours, s.room_id
from stations s join contacts c on c.id = s.contact_id`

// stationRow is a station without its accounts, which are not ours.
type stationRow struct {
	ID, ContactID                   uuid.UUID
	Name, NameEN, City, CityEN      string
	Country, CountryEN, CountryCode string
	TimeZone                        string
	OfficeHours                     []OfficeHours
	RoomID                          *uuid.UUID
}

func (r stationRow) station(accounts []account.Account) Station {
	s := Station{
		ID: r.ID, ContactID: r.ContactID, Name: r.Name, NameEN: r.NameEN, City: r.City, CityEN: r.CityEN,
		Country: r.Country, CountryEN: r.CountryEN, CountryCode: r.CountryCode, TimeZone: r.TimeZone,
		OfficeHours: r.OfficeHours, RoomID: r.RoomID, Accounts: []StationMember{},
	}
	for _, a := range accounts {
		if !a.Disabled && a.StationID != nil && *a.StationID == r.ID {
			s.Accounts = append(s.Accounts, StationMember{ID: a.ID, Kind: "account", Name: a.Name})
		}
	}
	return s
}

// Stations lists the stations; for everybody who can sign in.
func (c *Contacts) Stations(ctx context.Context) ([]Station, error) {
	if _, err := account.Require(ctx); err != nil {
		return nil, err
	}
	rows, _ := c.pool.Query(ctx, stationColumns+` order by c.sort_key, s.id`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stationRow])
	if err != nil {
		return nil, fmt.Errorf("list stations: %w", err)
	}
	accounts, err := c.accounts.All(ctx)
	if err != nil {
		return nil, err
	}
	stations := make([]Station, len(found))
	for i, r := range found {
		stations[i] = r.station(accounts)
	}
	return stations, nil
}

func (c *Contacts) station(ctx context.Context, id uuid.UUID) (Station, error) {
	r, err := readStation(ctx, c.pool, id)
	if err != nil {
		return Station{}, err
	}
	accounts, err := c.accounts.All(ctx)
	return r.station(accounts), err
}

func readStation(ctx context.Context, db querier, id uuid.UUID) (stationRow, error) {
	rows, _ := db.Query(ctx, stationColumns+` where s.id = $1`, id)
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[stationRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return stationRow{}, ErrStationNotFound
	}
	if err != nil {
		return stationRow{}, fmt.Errorf("read station %s: %w", id, err)
	}
	return r, nil
}

// CreateStation founds a station: its organisation among the contacts, its
// room, its hours; for administrators.
func (c *Contacts) CreateStation(ctx context.Context, n NewStation) (Station, error) {
	a, err := account.RequireAdmin(ctx)
	if err != nil {
		return Station{}, err
	}
	if err := n.clean(); err != nil {
		return Station{}, err
	}
	id := uuid.Must(uuid.NewV7())
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		contact := uuid.Must(uuid.NewV7())
		if err := c.write(ctx, tx, scope{caller: a}, contact, n.contact(), insertContact); err != nil {
			return err
		}
		room, err := c.rooms.CreateStationRoom(ctx, tx, id, n.Name, n.NameEN)
		if err != nil {
			return err
		}
		const q = `
insert into stations (id, contact_id, city, city_en, country, country_en, country_code, time_zone, office_hours, room_id)
values (@id, @contact, @city, @city_en, @country, @country_en, @code, @zone, @hours, @room)`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "contact": contact, "city": n.City, "city_en": n.CityEN, "country": n.Country,
			"country_en": n.CountryEN, "code": n.CountryCode, "zone": n.TimeZone, "hours": hours(n.OfficeHours), "room": room,
		}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update contacts set station_id = $2 where id = $1`, contact, id); err != nil {
			return err
		}
		return c.audit.RecordIn(ctx, tx, "stations.create", id.String(), nil)
	})
	if err != nil {
		return Station{}, fmt.Errorf("create station: %w", err)
	}
	return c.station(ctx, id)
}

func (n NewStation) contact() NewContact {
	return NewContact{
		Kind: KindOrganisation, Name: n.Name, NameLatin: n.NameEN, CountryCode: n.CountryCode,
		City: n.City, Aliases: []string{n.CityEN}, TimeZone: n.TimeZone,
	}
}

func (n *NewStation) clean() error {
	for _, part := range []struct {
		field string
		value *string
	}{
		{"name", &n.Name},
		{"name_en", &n.NameEN},
		{"city", &n.City},
		{"city_en", &n.CityEN},
		{"country", &n.Country},
		{"country_en", &n.CountryEN},
	} {
		var err error
		if *part.value, err = label.Required(part.field, *part.value, label.MaxName); err != nil {
			return err
		}
	}
	if len(n.CountryCode) != 2 {
		return problem.Invalid("country_code", "two capital letters (ISO 3166)")
	}
	if _, err := clock.Zone("time_zone", n.TimeZone); err != nil {
		return err
	}
	for i, h := range n.OfficeHours {
		if h.From >= h.To || h.Day < 1 || h.Day > 7 {
			return problem.Invalid("office_hours["+strconv.Itoa(i)+"]", "a weekday from 1 to 7 that opens before it closes")
		}
	}
	return nil
}

// hours keeps an empty week from becoming null.
func hours(all []OfficeHours) []OfficeHours {
	if all == nil {
		return []OfficeHours{}
	}
	return all
}

// UpdateStation changes a station; for staff.
func (c *Contacts) UpdateStation(ctx context.Context, id uuid.UUID, change StationChange) (Station, error) {
	a, err := account.RequireStaff(ctx)
	if err != nil {
		return Station{}, err
	}
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from stations where id = $1 for update`, id); err != nil {
			return err
		}
		r, err := readStation(ctx, tx, id)
		if err != nil {
			return err
		}
		n := change.apply(r)
		if err := n.clean(); err != nil {
			return err
		}
		const q = `
update stations set city = @city, city_en = @city_en, country = @country, country_en = @country_en,
    country_code = @code, time_zone = @zone, office_hours = @hours
where id = @id`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "city": n.City, "city_en": n.CityEN, "country": n.Country, "country_en": n.CountryEN,
			"code": n.CountryCode, "zone": n.TimeZone, "hours": hours(n.OfficeHours),
		}); err != nil {
			return err
		}
		if err := c.follow(ctx, tx, scope{caller: a}, r, n); err != nil {
			return err
		}
		return c.audit.RecordIn(ctx, tx, "stations.update", id.String(), nil)
	})
	if err != nil {
		return Station{}, fmt.Errorf("update station %s: %w", id, err)
	}
	return c.station(ctx, id)
}

// follow brings the station's organisation and room up to date.
func (c *Contacts) follow(ctx context.Context, tx pgx.Tx, s scope, r stationRow, n NewStation) error {
	organisation, err := read(ctx, tx, s, r.ContactID)
	if err != nil {
		return err
	}
	next := organisation.asNew()
	next.Name, next.NameLatin, next.CountryCode = n.Name, n.NameEN, n.CountryCode
	next.City, next.TimeZone = n.City, n.TimeZone
	if err := c.write(ctx, tx, s, r.ContactID, next, updateContact); err != nil {
		return err
	}
	if r.Name == n.Name && r.NameEN == n.NameEN {
		return nil
	}
	if err := c.rekeyMembers(ctx, tx, r.ContactID); err != nil || r.RoomID == nil {
		return err
	}
	return c.rooms.RenameRoom(ctx, tx, *r.RoomID, n.Name, n.NameEN)
}

// asNew returns a contact in the form in which it is written.
func (c Contact) asNew() NewContact {
	n := NewContact{
		Kind: c.Kind, Name: c.Name, NameLatin: c.NameLatin, Title: c.Title, OrganisationID: c.OrganisationID,
		Categories: c.Categories, CountryCode: c.CountryCode, City: c.City, Aliases: c.Aliases,
		StationID: c.StationID, Language: c.Language, TimeZone: c.TimeZone, Notes: c.Notes,
	}
	if c.OrganisationID == nil {
		n.OrganisationName = c.OrganisationName
	}
	for _, f := range c.Fields {
		n.Fields = append(n.Fields, NewField{
			Kind: f.Kind, Label: f.Label, Value: f.Value, Source: f.Source, VerifiedAt: f.VerifiedAt,
		})
	}
	return n
}

// apply returns the station as it shall be.
func (s StationChange) apply(r stationRow) NewStation {
	n := NewStation{
		Name: r.Name, NameEN: r.NameEN, City: r.City, CityEN: r.CityEN, Country: r.Country,
		CountryEN: r.CountryEN, CountryCode: r.CountryCode, TimeZone: r.TimeZone, OfficeHours: r.OfficeHours,
	}
	for _, part := range []struct {
		to   *string
		from *string
	}{
		{&n.Name, s.Name},
		{&n.NameEN, s.NameEN},
		{&n.City, s.City},
		{&n.CityEN, s.CityEN},
		{&n.Country, s.Country},
		{&n.CountryEN, s.CountryEN},
		{&n.CountryCode, s.CountryCode},
		{&n.TimeZone, s.TimeZone},
	} {
		if part.from != nil {
			*part.to = strings.TrimSpace(*part.from)
		}
	}
	if s.OfficeHours != nil {
		n.OfficeHours = s.OfficeHours
	}
	return n
}
