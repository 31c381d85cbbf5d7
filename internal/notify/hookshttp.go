package notify

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/rest"
)

func (h *HTTP) registerHooks(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return rest.Operation("hooks", id, method, path, summary)
	}
	huma.Register(api, op("listHooks", http.MethodGet, "/api/hooks", "Where rooms' news leaves the house; for administrators"), h.hooks)
	huma.Register(api, op("createHook", http.MethodPost, "/api/hooks", "Send rooms' news to a robot or a program"), h.createHook)
	huma.Register(api, op("updateHook", http.MethodPut, "/api/hooks/{id}", "Change a hook; empty secrets stay what they are"), h.updateHook)
	huma.Register(api, op("deleteHook", http.MethodDelete, "/api/hooks/{id}", "Remove a hook"), h.deleteHook)
	huma.Register(api, rest.Costly(5, op("testHook", http.MethodPost, "/api/hooks/{id}/test", "Deliver a trial")), h.testHook)
}

func (h *HTTP) hooks(ctx context.Context, _ *rest.Empty) (*rest.Body[[]Hook], error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.Hooks(ctx))
}

func (h *HTTP) createHook(ctx context.Context, in *rest.Body[HookDraft]) (*rest.Body[Hook], error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.CreateHook(ctx, in.Body))
}

type updateHookInput struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body HookDraft
}

func (h *HTTP) updateHook(ctx context.Context, in *updateHookInput) (*rest.Body[Hook], error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.UpdateHook(ctx, in.ID, in.Body))
}

func (h *HTTP) deleteHook(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	return nil, h.notices.DeleteHook(ctx, in.ID)
}

func (h *HTTP) testHook(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	return nil, h.notices.TestHook(ctx, in.ID)
}
