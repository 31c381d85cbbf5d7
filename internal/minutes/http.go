package minutes

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves the minutes.
type HTTP struct {
	minutes *Book
}

// NewHTTP returns the handlers over the book of minutes.
func NewHTTP(b *Book) *HTTP {
	return &HTTP{minutes: b}
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	tags := []string{"minutes"}
	huma.Register(api, huma.Operation{
		OperationID: "startMinutes", Method: http.MethodPost, Path: "/api/meetings/{id}/minutes",
		Summary: "Begin a meeting's minutes, or open the newest", Tags: tags,
	}, h.start)
	huma.Register(api, huma.Operation{
		OperationID: "listMinutes", Method: http.MethodGet, Path: "/api/meetings/{id}/minutes",
		Summary: "List the versions of a meeting's minutes, newest first", Tags: tags,
	}, h.versions)
	huma.Register(api, huma.Operation{
		OperationID: "getMinutes", Method: http.MethodGet, Path: "/api/minutes/{id}",
		Summary: "Open minutes", Tags: tags,
	}, h.get)
	huma.Register(api, huma.Operation{
		OperationID: "updateMinutes", Method: http.MethodPatch, Path: "/api/minutes/{id}",
		Summary: "Change the head; refused with the current state when another change came first", Tags: tags,
	}, h.update)
	huma.Register(api, rest.Costly(10, huma.Operation{
		OperationID: "getMinutesDocument", Method: http.MethodGet, Path: "/api/minutes/{id}/document.docx",
		Summary: "Download as DOCX in the official layout", Tags: tags,
		Responses: documentResponse(),
	}), h.document)
	h.registerLife(api, tags)
	h.registerBlocks(api, tags)
}

func (h *HTTP) registerLife(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "submitMinutes", Method: http.MethodPost, Path: "/api/minutes/{id}/submit",
		Summary: "Hand a draft in for review", Tags: tags,
	}, h.submit)
	huma.Register(api, huma.Operation{
		OperationID: "returnMinutes", Method: http.MethodPost, Path: "/api/minutes/{id}/return",
		Summary: "Give reviewed minutes back as a draft", Tags: tags,
	}, h.giveBack)
	huma.Register(api, huma.Operation{
		OperationID: "signMinutes", Method: http.MethodPost, Path: "/api/minutes/{id}/sign",
		Summary: "Sign: gives the number and fixes the record", Tags: tags,
	}, h.sign)
	huma.Register(api, huma.Operation{
		OperationID: "correctMinutes", Method: http.MethodPost, Path: "/api/minutes/{id}/correct",
		Summary: "Begin a new version of signed minutes", Tags: tags,
	}, h.correct)
}

func (h *HTTP) registerBlocks(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "createBlock", Method: http.MethodPost, Path: "/api/minutes/{id}/blocks",
		Summary: "Add a block", Tags: tags, DefaultStatus: http.StatusCreated,
	}, h.createBlock)
	huma.Register(api, huma.Operation{
		OperationID: "updateBlock", Method: http.MethodPut, Path: "/api/minutes/{id}/blocks/{block}",
		Summary: "Save a block; refused with the current text when another save came first", Tags: tags,
	}, h.updateBlock)
	huma.Register(api, huma.Operation{
		OperationID: "deleteBlock", Method: http.MethodDelete, Path: "/api/minutes/{id}/blocks/{block}",
		Summary: "Take a block away; its versions stay", Tags: tags, DefaultStatus: http.StatusNoContent,
	}, h.deleteBlock)
	huma.Register(api, huma.Operation{
		OperationID: "listBlockVersions", Method: http.MethodGet, Path: "/api/minutes/{id}/blocks/{block}/versions",
		Summary: "List what a block said before, newest first", Tags: tags,
	}, h.blockVersions)
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func documentResponse() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "The document",
		Content:     map[string]*huma.MediaType{docxType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
}

func (h *HTTP) start(ctx context.Context, in *rest.ByID) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Start(ctx, in.ID))
}

func (h *HTTP) versions(ctx context.Context, in *rest.ByID) (*rest.Body[[]MinutesVersion], error) {
	return rest.Reply(h.minutes.Versions(ctx, in.ID))
}

func (h *HTTP) get(ctx context.Context, in *rest.ByID) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Open(ctx, in.ID))
}

func (h *HTTP) update(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body MinutesChange
},
) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Update(ctx, in.ID, in.Body))
}

func (h *HTTP) submit(ctx context.Context, in *rest.ByID) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Submit(ctx, in.ID))
}

// ReturnMinutes is why minutes are given back.
type ReturnMinutes struct {
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}

func (h *HTTP) giveBack(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body ReturnMinutes
},
) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Return(ctx, in.ID, in.Body.Reason))
}

func (h *HTTP) sign(ctx context.Context, in *rest.ByID) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Sign(ctx, in.ID))
}

func (h *HTTP) correct(ctx context.Context, in *rest.ByID) (*rest.Body[Minutes], error) {
	return rest.Reply(h.minutes.Correct(ctx, in.ID))
}

func (h *HTTP) createBlock(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body NewBlock
},
) (*rest.Body[Block], error) {
	return rest.Reply(h.minutes.AddBlock(ctx, in.ID, in.Body))
}

func (h *HTTP) updateBlock(ctx context.Context, in *struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	Block uuid.UUID `path:"block" format:"uuid"`
	Body  BlockChange
},
) (*rest.Body[Block], error) {
	return rest.Reply(h.minutes.SaveBlock(ctx, in.ID, in.Block, in.Body))
}

func (h *HTTP) deleteBlock(ctx context.Context, in *struct {
	ID       uuid.UUID `path:"id" format:"uuid"`
	Block    uuid.UUID `path:"block" format:"uuid"`
	Revision int       `query:"revision" minimum:"1" required:"true"`
},
) (*struct{}, error) {
	return nil, h.minutes.DeleteBlock(ctx, in.ID, in.Block, in.Revision)
}

func (h *HTTP) blockVersions(ctx context.Context, in *struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	Block uuid.UUID `path:"block" format:"uuid"`
},
) (*rest.Body[[]BlockVersion], error) {
	return rest.Reply(h.minutes.BlockVersions(ctx, in.ID, in.Block))
}

type fileOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (h *HTTP) document(ctx context.Context, in *rest.ByID) (*fileOutput, error) {
	name, file, err := h.minutes.Document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &fileOutput{
		ContentType: docxType,
		// RFC 6266 and RFC 8187: a plain name for old clients, the real one in UTF-8.
		ContentDisposition: `attachment; filename="minutes.docx"; filename*=UTF-8''` + url.PathEscape(name),
		Body:               file,
	}, nil
}
