// Package contacts is the address book: people and organisations abroad, the
// stations among them, and one search box over all of it.
//
// A contact belongs to any number of categories, seven of them given, and to
// at most one station. Every field says where it comes from and when it was
// last checked. Searching needs no dictionary in the database: the keys of a
// contact (text, pinyin in all readings, initials, telephone digits) are made
// in Go when it is saved, see keys.go, and matched with LIKE under a trigram
// index.
//
// Administrators and staff see every contact, a station's accounts those of
// their station, ambassadors none. Every reading is written to the audit.
package contacts

import (
	"time"

	"github.com/google/uuid"
)

// Kind tells people from organisations.
type Kind string

// The kinds of contact.
const (
	KindPerson       Kind = "person"
	KindOrganisation Kind = "organisation"
)

// ContactRow is a contact as a line of a list.
type ContactRow struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Kind Kind      `json:"kind" enum:"person,organisation"`
	Name string    `json:"name"`
	// NameLatin is the name in Latin letters, as its bearer writes it.
	NameLatin        string      `json:"name_latin"`
	Title            string      `json:"title"`
	OrganisationName string      `json:"organisation_name"`
	Categories       []uuid.UUID `json:"categories" nullable:"false"`
	CountryCode      string      `json:"country_code"`
	City             string      `json:"city"`
	UpdatedAt        time.Time   `json:"updated_at"`
	// VerifiedAt is the newest date on which one of the fields was checked.
	VerifiedAt *string `json:"verified_at,omitempty" format:"date"`
}

// FieldKind says what a field holds.
type FieldKind string

// The kinds of field.
const (
	FieldPhone       FieldKind = "phone"
	FieldEmail       FieldKind = "email"
	FieldWeChat      FieldKind = "wechat"
	FieldAddress     FieldKind = "address"
	FieldBirthPlace  FieldKind = "birth_place"
	FieldFieldOfWork FieldKind = "field_of_work"
	FieldOther       FieldKind = "other"
)

// ContactField is one fact about a contact, with its origin.
type ContactField struct {
	ID    uuid.UUID `json:"id" format:"uuid"`
	Kind  FieldKind `json:"kind" enum:"phone,email,wechat,address,birth_place,field_of_work,other"`
	Label string    `json:"label"`
	Value string    `json:"value"`
	// Source says where the value comes from.
	Source     string  `json:"source"`
	VerifiedAt *string `json:"verified_at,omitempty" format:"date"`
}

// Contact is a whole record.
type Contact struct {
	ContactRow
	Aliases        []string       `json:"aliases" nullable:"false"`
	OrganisationID *uuid.UUID     `json:"organisation_id,omitempty" format:"uuid"`
	StationID      *uuid.UUID     `json:"station_id,omitempty" format:"uuid"`
	Language       string         `json:"language"`
	TimeZone       string         `json:"time_zone"`
	Notes          string         `json:"notes"`
	Fields         []ContactField `json:"fields" nullable:"false"`
	// Version counts the changes; saving must name the version it changes.
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"created_at"`
}

// NewField is a field as it is written.
type NewField struct {
	Kind       FieldKind `json:"kind" enum:"phone,email,wechat,address,birth_place,field_of_work,other"`
	Label      string    `json:"label,omitempty" maxLength:"100"`
	Value      string    `json:"value" minLength:"1" maxLength:"1000"`
	Source     string    `json:"source,omitempty" maxLength:"200"`
	VerifiedAt *string   `json:"verified_at,omitempty" format:"date"`
}

// NewContact is a contact as it is written.
type NewContact struct {
	Kind             Kind        `json:"kind" enum:"person,organisation"`
	Name             string      `json:"name" minLength:"1" maxLength:"200"`
	NameLatin        string      `json:"name_latin,omitempty" maxLength:"200"`
	Title            string      `json:"title,omitempty" maxLength:"200"`
	OrganisationID   *uuid.UUID  `json:"organisation_id,omitempty" format:"uuid"`
	OrganisationName string      `json:"organisation_name,omitempty" maxLength:"200" doc:"Free text, used when the organisation has no record of its own"`
	Categories       []uuid.UUID `json:"categories,omitempty" maxItems:"50" nullable:"false"`
	CountryCode      string      `json:"country_code,omitempty" pattern:"^([A-Z]{2})?$" patternDescription:"two capital letters (ISO 3166)"`
	City             string      `json:"city,omitempty" maxLength:"100"`
	Aliases          []string    `json:"aliases,omitempty" maxItems:"20" nullable:"false"`
	StationID        *uuid.UUID  `json:"station_id,omitempty" format:"uuid"`
	Language         string      `json:"language,omitempty" enum:"zh-CN,en," default:"zh-CN"`
	TimeZone         string      `json:"time_zone,omitempty" maxLength:"64"`
	Notes            string      `json:"notes,omitempty" maxLength:"10000"`
	Fields           []NewField  `json:"fields,omitempty" maxItems:"100" nullable:"false"`
}

// ContactChange is a whole contact as it shall be, and the version it changes.
type ContactChange struct {
	NewContact
	Version int `json:"version" minimum:"1"`
}

// Category is one of the groups contacts are counted in.
type Category struct {
	ID     uuid.UUID `json:"id" format:"uuid"`
	Code   string    `json:"code"`
	NameZH string    `json:"name_zh"`
	NameEN string    `json:"name_en"`
	// Builtin categories cannot be removed.
	Builtin bool `json:"builtin"`
	// Count is the number of contacts in it that the reader may see.
	Count int `json:"count"`
}

// OfficeHours are one stretch of one weekday on which a station is open.
type OfficeHours struct {
	// Day is the ISO weekday: 1 is Monday.
	Day  int    `json:"day" minimum:"1" maximum:"7"`
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" patternDescription:"a time of day such as 09:00"`
	To   string `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" patternDescription:"a time of day such as 17:30"`
}

// Station is an organisation with office hours, a time zone and a room.
type Station struct {
	ID          uuid.UUID       `json:"id" format:"uuid"`
	ContactID   uuid.UUID       `json:"contact_id" format:"uuid"`
	Name        string          `json:"name"`
	NameEN      string          `json:"name_en"`
	City        string          `json:"city"`
	CityEN      string          `json:"city_en"`
	Country     string          `json:"country"`
	CountryEN   string          `json:"country_en"`
	CountryCode string          `json:"country_code"`
	TimeZone    string          `json:"time_zone"`
	OfficeHours []OfficeHours   `json:"office_hours" nullable:"false"`
	RoomID      *uuid.UUID      `json:"room_id,omitempty" format:"uuid"`
	Accounts    []StationMember `json:"accounts" nullable:"false"`
}

// StationMember is an account of a station, as others see it.
type StationMember struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Kind string    `json:"kind" enum:"account"`
	Name string    `json:"name"`
}

// NewStation is a station as it is founded.
type NewStation struct {
	Name        string        `json:"name" minLength:"1" maxLength:"200"`
	NameEN      string        `json:"name_en" minLength:"1" maxLength:"200"`
	City        string        `json:"city" minLength:"1" maxLength:"100"`
	CityEN      string        `json:"city_en" minLength:"1" maxLength:"100"`
	Country     string        `json:"country" minLength:"1" maxLength:"100"`
	CountryEN   string        `json:"country_en" minLength:"1" maxLength:"100"`
	CountryCode string        `json:"country_code" pattern:"^[A-Z]{2}$" patternDescription:"two capital letters (ISO 3166)"`
	TimeZone    string        `json:"time_zone" minLength:"1" maxLength:"64"`
	OfficeHours []OfficeHours `json:"office_hours,omitempty" maxItems:"21" nullable:"false"`
}

// StationChange names what is changed of a station.
type StationChange struct {
	Name        *string       `json:"name,omitempty" minLength:"1" maxLength:"200"`
	NameEN      *string       `json:"name_en,omitempty" minLength:"1" maxLength:"200"`
	City        *string       `json:"city,omitempty" minLength:"1" maxLength:"100"`
	CityEN      *string       `json:"city_en,omitempty" minLength:"1" maxLength:"100"`
	Country     *string       `json:"country,omitempty" minLength:"1" maxLength:"100"`
	CountryEN   *string       `json:"country_en,omitempty" minLength:"1" maxLength:"100"`
	CountryCode *string       `json:"country_code,omitempty" pattern:"^[A-Z]{2}$"`
	TimeZone    *string       `json:"time_zone,omitempty" minLength:"1" maxLength:"64"`
	OfficeHours []OfficeHours `json:"office_hours,omitempty" maxItems:"21" doc:"The whole week, when given"`
}

// PickKind says what the people picker found.
type PickKind string

// The kinds of pick.
const (
	PickAccount PickKind = "account"
	PickStation PickKind = "station"
	PickContact PickKind = "contact"
)

// Pick is somebody who can be invited.
type Pick struct {
	Kind      PickKind  `json:"kind" enum:"account,station,contact"`
	ID        uuid.UUID `json:"id" format:"uuid"`
	Name      string    `json:"name"`
	NameLatin string    `json:"name_latin"`
	DetailZH  string    `json:"detail_zh"`
	DetailEN  string    `json:"detail_en"`
	TimeZone  string    `json:"time_zone"`
	// Language is what they are written to in; absent where nobody has said.
	Language string  `json:"language,omitempty" enum:"zh-CN,en"`
	Email    *string `json:"email,omitempty"`
}

// ContactPage is one page of a list.
type ContactPage struct {
	Items []ContactRow `json:"items" nullable:"false"`
	// NextCursor is absent on the last page.
	NextCursor *string `json:"next_cursor,omitempty"`
	// Total counts all pages.
	Total int `json:"total"`
}

// Filter narrows a list of contacts. Empty fields do not narrow.
type Filter struct {
	Query    string
	Kind     Kind
	Category string
	Country  string
	Station  *uuid.UUID
	Limit    int
	Cursor   string
}
