package erasure

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves erasures to administrators.
type HTTP struct{ erasures *Erasures }

// NewHTTP returns the handlers over the erasures.
func NewHTTP(e *Erasures) *HTTP { return &HTTP{e} }

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return rest.Operation("erasures", id, method, path, summary)
	}
	huma.Register(api, op("listErasures", http.MethodGet, "/api/erasures", "Whose data was erased, the newest first"), h.list)
	huma.Register(api, rest.Costly(20, op("erasePerson", http.MethodPost, "/api/erasures", "Erase a person's data; asking again finishes what was interrupted")), h.erase)
	huma.Register(api, rest.Costly(3, op("findGuestsToErase", http.MethodGet, "/api/erasures/guests", "Find guests whose data may be erased")), h.guests)
	huma.Register(api, op("getErasure", http.MethodGet, "/api/erasures/{id}", "The proof of an erasure"), h.get)
}

func (h *HTTP) list(ctx context.Context, _ *rest.Empty) (*rest.Body[[]Erasure], error) {
	return rest.Reply(h.erasures.List(ctx))
}

type guestsInput struct {
	Query string `query:"q" required:"true" maxLength:"200" doc:"a part of a name or an address"`
}

func (h *HTTP) guests(ctx context.Context, in *guestsInput) (*rest.Body[[]GuestFound], error) {
	return rest.Reply(h.erasures.Guests(ctx, in.Query))
}

type eraseInput struct {
	Body struct {
		PersonKind PersonKind `json:"person_kind" enum:"account,guest"`
		PersonID   uuid.UUID  `json:"person_id" doc:"the account's id, or the invitee's of a guest"`
		Reason     string     `json:"reason" maxLength:"500"`
	}
}

func (h *HTTP) erase(ctx context.Context, in *eraseInput) (*rest.Body[Erasure], error) {
	return rest.Reply(h.erasures.Erase(ctx, in.Body.PersonKind, in.Body.PersonID, in.Body.Reason))
}

func (h *HTTP) get(ctx context.Context, in *rest.ByID) (*rest.Body[Erasure], error) {
	return rest.Reply(h.erasures.Get(ctx, in.ID))
}
