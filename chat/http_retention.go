package chat

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/rest"
)

func (h *HTTP) registerRetention(api huma.API) {
	huma.Register(api, op("listRetention", http.MethodGet, "/api/retention", "How long messages are kept, by kind of room"), h.retention)
	huma.Register(api, op("setRetention", http.MethodPut, "/api/retention/{kind}", "Change how long messages are kept"), h.setRetention)
}

func (h *HTTP) retention(ctx context.Context, _ *rest.Empty) (*rest.Body[[]Retention], error) {
	if _, err := account.Require(ctx); err != nil {
		return nil, err
	}
	return rest.Reply(h.Store.Retentions(ctx))
}

type setRetentionInput struct {
	Kind RoomKind `path:"kind" enum:"station,group,direct,meeting"`
	Body struct {
		Days int `json:"days" minimum:"0" maximum:"36500" doc:"0: for ever"`
	}
}

func (h *HTTP) setRetention(ctx context.Context, in *setRetentionInput) (*rest.Body[[]Retention], error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	if err := h.Store.SetRetention(ctx, Retention{Kind: in.Kind, Days: in.Body.Days}); err != nil {
		return nil, err
	}
	return rest.Reply(h.Store.Retentions(ctx))
}
