package transcript

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// Files keeps what messages carry.
type Files interface {
	// Content opens a file's content. What is gone is a problem, or fs.ErrNotExist.
	Content(ctx context.Context, id uuid.UUID) (io.ReadSeekCloser, error)
	// Keep takes a file for somebody, who may then post it.
	Keep(ctx context.Context, by chat.Caller, a chat.Attachment, content io.Reader, size int64) (uuid.UUID, error)
}

// HTTP serves the archives of rooms.
type HTTP struct {
	Store *chat.Store
	Files Files
	// MaxArchive is how large an archive may be that comes in, in bytes.
	MaxArchive int64
	Log        *slog.Logger

	gate gate
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	op := rest.Costly(20, rest.Operation("rooms", "exportRoom", http.MethodGet, "/api/rooms/{id}/export", "A room's history with its files, as a ZIP archive"))
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The archive",
		Content:     map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	huma.Register(api, op, h.export)
	huma.Register(api, rest.Operation("rooms", "checkExport", http.MethodGet, "/api/rooms/{id}/export/check",
		"Whether an export could begin now, with the same errors: a page that downloads it has no other way to hear of them"), h.check)
}

// Mount adds what takes bodies of any length.
func (h *HTTP) Mount(r chi.Router) { r.Post("/api/rooms/import", h.importRoom) }

func (h *HTTP) export(ctx context.Context, in *rest.ByID) (*huma.StreamResponse, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := clock.Zone("time_zone", me.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("load zone of account %s: %w", me.ID, err)
	}
	leave, err := h.gate.enter(me.ID)
	if err != nil {
		return nil, err
	}
	w := newWriter(h.Files, Reader{Name: me.Name, Language: me.Language, Zone: zone})
	if err := h.prepare(ctx, w, me.ID, in.ID); err != nil {
		leave()
		return nil, errors.Join(err, w.close())
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer leave()
		defer func() {
			if err := w.close(); err != nil {
				h.Log.WarnContext(ctx, "notes of a transcript stay", "room", in.ID, "err", err)
			}
		}()
		_, out := humachi.Unwrap(hctx)
		name := w.title() + " " + w.clock(w.now, time.DateOnly) + ".zip"
		out.Header().Set("Content-Type", "application/zip")
		out.Header().Set("Cache-Control", "no-store")
		out.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		if err := w.send(ctx, out); err != nil && ctx.Err() == nil {
			h.Log.ErrorContext(ctx, "transcript was cut off", "room", in.ID, "err", err)
			panic(http.ErrAbortHandler) // so that the client sees that it is not whole
		}
	}}, nil
}

func (h *HTTP) check(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.gate.free(me.ID); err != nil {
		return nil, err
	}
	return nil, h.Store.MayTranscribe(ctx, me.ID, in.ID)
}

// prepare does what loads the hub. The rest is as slow as whoever waits for it.
func (h *HTTP) prepare(ctx context.Context, w *writer, by, room uuid.UUID) error {
	done, err := h.gate.work()
	if err != nil {
		return err
	}
	defer done()
	copying := func(t *chat.Transcription) error { return w.copy(ctx, t) }
	if err := h.Store.Transcribe(ctx, by, room, copying); err != nil {
		return err
	}
	return w.note(ctx)
}

// importRoom makes a room of an archive, for administrators.
func (h *HTTP) importRoom(w http.ResponseWriter, r *http.Request) {
	id, n, err := h.takeIn(w, r)
	if err != nil {
		p, hidden := postgres.Problem(err)
		if hidden {
			h.Log.ErrorContext(r.Context(), "room could not be imported", "err", err)
		}
		problem.Write(w, p)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"id":%q,"messages":%d}`+"\n", id, n)
}

func (h *HTTP) takeIn(w http.ResponseWriter, r *http.Request) (room uuid.UUID, messages int, err error) {
	me, err := account.RequireAdmin(r.Context())
	if err != nil {
		return uuid.Nil, 0, err
	}
	spool, err := os.CreateTemp("", "yunqiao-import-")
	if err != nil {
		return uuid.Nil, 0, err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	size, err := io.Copy(spool, http.MaxBytesReader(w, r.Body, h.MaxArchive))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return uuid.Nil, 0, problem.New(http.StatusRequestEntityTooLarge, "too_large", "at most %d bytes", h.MaxArchive).With("max", h.MaxArchive)
	}
	if err != nil {
		return uuid.Nil, 0, problem.New(http.StatusBadRequest, "malformed", "the archive did not come whole")
	}
	a, err := read(spool, size, h.MaxArchive)
	if err != nil {
		return uuid.Nil, 0, err
	}
	by := chat.CallerOf(me)
	in := newIntake(a, h.Files, by)
	if messages, err = in.prepare(r.Context()); err != nil {
		return uuid.Nil, 0, err
	}
	room, err = h.Store.ImportRoom(r.Context(), by, a.title, in.each)
	return room, messages, err
}
