package audit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves the audit to administrators.
type HTTP struct {
	log *Log
}

// NewHTTP returns the handlers over the audit.
func NewHTTP(l *Log) *HTTP {
	return &HTTP{log: l}
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	huma.Register(api, rest.Costly(3, huma.Operation{
		OperationID: "listAudit", Method: http.MethodGet, Path: "/api/audit",
		Summary: "List who read, changed and exported what, newest first", Tags: []string{"audit"},
	}), h.list)
}

type listInput struct {
	Action string `query:"action" maxLength:"64"`
	Object string `query:"object" maxLength:"200"`
	By     string `query:"by" format:"uuid"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"32"`
}

type listOutput struct{ Body EntryPage }

func (h *HTTP) list(ctx context.Context, in *listInput) (*listOutput, error) {
	q := Query{Action: in.Action, Object: in.Object, Limit: in.Limit, Cursor: in.Cursor}
	if in.By != "" {
		id, err := uuid.Parse(in.By)
		if err != nil {
			return nil, problem.Invalid("by", "not an id")
		}
		q.By = &id
	}
	page, err := h.log.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return &listOutput{Body: page}, nil
}
