package contacts

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves the contacts, stations, categories and the people picker.
type HTTP struct {
	contacts *Contacts
}

// NewHTTP returns the handlers over the contacts.
func NewHTTP(c *Contacts) *HTTP {
	return &HTTP{contacts: c}
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	contact := []string{"contacts"}
	huma.Register(api, rest.Costly(3, huma.Operation{
		OperationID: "listContacts", Method: http.MethodGet, Path: "/api/contacts",
		Summary: "List contacts by name, filtered, a page at a time", Tags: contact,
	}), h.list)
	huma.Register(api, huma.Operation{
		OperationID: "createContact", Method: http.MethodPost, Path: "/api/contacts",
		Summary: "Add a contact", Tags: contact, DefaultStatus: http.StatusCreated,
	}, h.create)
	huma.Register(api, huma.Operation{
		OperationID: "getContact", Method: http.MethodGet, Path: "/api/contacts/{id}",
		Summary: "Open a contact", Tags: contact,
	}, h.get)
	huma.Register(api, huma.Operation{
		OperationID: "updateContact", Method: http.MethodPut, Path: "/api/contacts/{id}",
		Summary: "Replace a contact; refused when another change came first", Tags: contact,
	}, h.update)
	huma.Register(api, huma.Operation{
		OperationID: "listCategories", Method: http.MethodGet, Path: "/api/categories",
		Summary: "List the categories with their sizes", Tags: contact,
	}, h.categories)
	huma.Register(api, huma.Operation{
		OperationID: "createCategory", Method: http.MethodPost, Path: "/api/categories",
		Summary: "Add a category of one's own", Tags: contact, DefaultStatus: http.StatusCreated,
	}, h.createCategory)
	huma.Register(api, rest.Costly(3, huma.Operation{
		OperationID: "searchPeople", Method: http.MethodGet, Path: "/api/people",
		Summary: "Find accounts, stations and contacts to invite", Tags: contact,
	}), h.people)
	h.registerStations(api)
}

func (h *HTTP) registerStations(api huma.API) {
	station := []string{"stations"}
	huma.Register(api, huma.Operation{
		OperationID: "listStations", Method: http.MethodGet, Path: "/api/stations",
		Summary: "List the stations", Tags: station,
	}, h.stations)
	huma.Register(api, huma.Operation{
		OperationID: "createStation", Method: http.MethodPost, Path: "/api/stations",
		Summary: "Found a station, with its organisation and its room", Tags: station,
		DefaultStatus: http.StatusCreated,
	}, h.createStation)
	huma.Register(api, huma.Operation{
		OperationID: "updateStation", Method: http.MethodPatch, Path: "/api/stations/{id}",
		Summary: "Change a station's names, place, zone or office hours", Tags: station,
	}, h.updateStation)
}

type listInput struct {
	Query    string `query:"q" maxLength:"200" doc:"Characters, pinyin, initials, Latin letters or the last digits of a telephone number"`
	Kind     Kind   `query:"kind" enum:"person,organisation"`
	Category string `query:"category" maxLength:"64" doc:"A category's id, or none for those in no category"`
	Country  string `query:"country" pattern:"^[A-Za-z]{2}$" patternDescription:"two letters (ISO 3166)"`
	Station  string `query:"station" format:"uuid"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor   string `query:"cursor" maxLength:"2000"`
}

func (h *HTTP) list(ctx context.Context, in *listInput) (*rest.Body[ContactPage], error) {
	filter := Filter{
		Query: in.Query, Kind: in.Kind, Category: in.Category, Country: in.Country,
		Limit: in.Limit, Cursor: in.Cursor,
	}
	if in.Station != "" {
		id, err := uuid.Parse(in.Station)
		if err != nil {
			return nil, invalidID("station")
		}
		filter.Station = &id
	}
	return rest.Reply(h.contacts.List(ctx, filter))
}

func (h *HTTP) create(ctx context.Context, in *rest.Body[NewContact]) (*rest.Body[Contact], error) {
	return rest.Reply(h.contacts.Create(ctx, in.Body))
}

func (h *HTTP) get(ctx context.Context, in *rest.ByID) (*rest.Body[Contact], error) {
	return rest.Reply(h.contacts.Open(ctx, in.ID))
}

func (h *HTTP) update(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body ContactChange
},
) (*rest.Body[Contact], error) {
	return rest.Reply(h.contacts.Update(ctx, in.ID, in.Body))
}

func (h *HTTP) categories(ctx context.Context, _ *struct{}) (*rest.Body[[]Category], error) {
	return rest.Reply(h.contacts.Categories(ctx))
}

// NewCategory is a category as it is added.
type NewCategory struct {
	NameZH string `json:"name_zh" minLength:"1" maxLength:"50"`
	NameEN string `json:"name_en" minLength:"1" maxLength:"100"`
}

func (h *HTTP) createCategory(ctx context.Context, in *rest.Body[NewCategory]) (*rest.Body[Category], error) {
	return rest.Reply(h.contacts.CreateCategory(ctx, in.Body))
}

func (h *HTTP) people(ctx context.Context, in *struct {
	Query string `query:"q" maxLength:"200"`
},
) (*rest.Body[[]Pick], error) {
	return rest.Reply(h.contacts.People(ctx, in.Query))
}

func (h *HTTP) stations(ctx context.Context, _ *struct{}) (*rest.Body[[]Station], error) {
	return rest.Reply(h.contacts.Stations(ctx))
}

func (h *HTTP) createStation(ctx context.Context, in *rest.Body[NewStation]) (*rest.Body[Station], error) {
	return rest.Reply(h.contacts.CreateStation(ctx, in.Body))
}

func (h *HTTP) updateStation(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body StationChange
},
) (*rest.Body[Station], error) {
	return rest.Reply(h.contacts.UpdateStation(ctx, in.ID, in.Body))
}
