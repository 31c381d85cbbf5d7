package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves files.
type HTTP struct{ files *Files }

// NewHTTP returns the handlers over the files.
func NewHTTP(f *Files) *HTTP { return &HTTP{files: f} }

type fileInput struct {
	ID       uuid.UUID `path:"id" format:"uuid"`
	Download bool      `query:"download" doc:"Save the file instead of showing it"`
}

// Register adds the operations to the API. Guests come here, too; who may read
// a file is decided for each.
func (h *HTTP) Register(api huma.API) {
	file := account.Public(rest.Operation("files", "getFile", http.MethodGet, "/api/files/{id}", "Show, play or download a file; ranges are served"))
	file.Responses = body(plainBytes)
	huma.Register(api, file, h.file)
	preview := account.Public(rest.Operation("files", "getFilePreview", http.MethodGet, "/api/files/{id}/preview", "A small picture of a picture"))
	preview.Responses = body("image/jpeg")
	huma.Register(api, preview, h.preview)
}

func body(mediaType string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "The content",
		Content:     map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
}

func (h *HTTP) readable(ctx context.Context, id uuid.UUID) (File, error) {
	callers, err := h.files.callers(ctx)
	if err != nil {
		return File{}, err
	}
	var file File
	for _, by := range callers {
		if file, err = h.files.readable(ctx, by, id); !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return file, err
}

func (h *HTTP) file(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	file, err := h.readable(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	kind, disposition := file.Type, "inline"
	if !shown(file.Type) { // the bytes of pages and programs are no page of ours
		kind, disposition = plainBytes, "attachment"
	}
	if in.Download || kind == "application/pdf" { // a PDF runs scripts, and no browser shows one in a sandbox
		disposition = "attachment"
	}
	if err := h.files.Audit.RecordOnce(ctx, "file.read", file.ID.String(), nil); err != nil {
		return nil, err
	}
	content, err := h.open(ctx, contentName(file.ID))
	if err != nil {
		return nil, err
	}
	return serve(content, kind, file.SHA256, mime.FormatMediaType(disposition, map[string]string{"filename": file.Name})), nil
}

func (h *HTTP) preview(ctx context.Context, in *rest.ByID) (*huma.StreamResponse, error) {
	file, err := h.readable(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !file.Preview {
		return nil, ErrNotFound
	}
	content, err := h.open(ctx, previewName(file.ID))
	if err != nil {
		return nil, err
	}
	return serve(content, "image/jpeg", file.SHA256+"-p", "inline"), nil
}

func (h *HTTP) open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	content, err := h.files.Storage.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the storage has lost it: %w", err)
	}
	return content, err
}

// filePolicy gives a file none of the rights of this site, however it is opened.
const filePolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

func serve(content io.ReadSeekCloser, kind, tag, disposition string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer content.Close()
		r, w := humachi.Unwrap(hctx)
		header := w.Header()
		header.Set("Content-Type", kind)
		header.Set("Content-Disposition", disposition)
		header.Set("Content-Security-Policy", filePolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "private, no-cache") // kept, but asked for again: rights end
		header.Set("ETag", `"`+tag+`"`)
		http.ServeContent(w, r, "", time.Time{}, content)
	}}
}

// shown says of a type that browsers show it without running anything in it.
func shown(kind string) bool {
	return slices.Contains(pictureTypes(), kind) || slices.Contains([]string{
		"application/pdf", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/ogg", "audio/webm", "audio/wav", "audio/aac", "audio/flac",
		"video/mp4", "video/webm", "video/ogg", "video/quicktime",
	}, kind)
}
