package contacts

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Contacts is the address book.
type Contacts struct{}

func invalidID(field string) error { return problem.Invalid(field, "not an id") }

func soon() error { return problem.New(http.StatusNotImplemented, "not_implemented", "not built yet") }

// List returns a page of contacts.
func (c *Contacts) List(context.Context, Filter) (ContactPage, error) { return ContactPage{}, soon() }

// Create adds a contact.
func (c *Contacts) Create(context.Context, NewContact) (Contact, error) { return Contact{}, soon() }

// Open returns a contact.
func (c *Contacts) Open(context.Context, uuid.UUID) (Contact, error) { return Contact{}, soon() }

// Update replaces a contact.
func (c *Contacts) Update(context.Context, uuid.UUID, ContactChange) (Contact, error) {
	return Contact{}, soon()
}

// Categories lists the categories.
func (c *Contacts) Categories(context.Context) ([]Category, error) { return nil, soon() }

// CreateCategory adds a category.
func (c *Contacts) CreateCategory(context.Context, NewCategory) (Category, error) {
	return Category{}, soon()
}

// People finds people to invite.
func (c *Contacts) People(context.Context, string) ([]Pick, error) { return nil, soon() }

// Stations lists the stations.
func (c *Contacts) Stations(context.Context) ([]Station, error) { return nil, soon() }

// CreateStation founds a station.
func (c *Contacts) CreateStation(context.Context, NewStation) (Station, error) {
	return Station{}, soon()
}

// UpdateStation changes a station.
func (c *Contacts) UpdateStation(context.Context, uuid.UUID, StationChange) (Station, error) {
	return Station{}, soon()
}
