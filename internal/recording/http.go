package recording

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// Access decides who may use a meeting's recordings. Its errors are problems.
type Access interface {
	MayView(ctx context.Context, meetingID uuid.UUID) error
	MayManage(ctx context.Context, meetingID uuid.UUID) error
}

// Audit remembers who watched and who deleted.
type Audit interface {
	Record(ctx context.Context, action, object string, details map[string]any) error
	// RecordOnce notes the first access of a person to what is read in pieces.
	RecordOnce(ctx context.Context, action, object string, details map[string]any) error
}

// HTTP serves recordings.
type HTTP struct {
	recorder *Recorder
	access   Access
	audit    Audit
	log      *slog.Logger
}

// NewHTTP returns the handlers over the recorder.
func NewHTTP(r *Recorder, access Access, audit Audit, log *slog.Logger) *HTTP {
	return &HTTP{recorder: r, access: access, audit: audit, log: log}
}

type byMeeting struct {
	Meeting uuid.UUID `path:"meeting" format:"uuid"`
}

type byFile struct {
	ID       uuid.UUID `path:"id" format:"uuid"`
	File     uuid.UUID `path:"file" format:"uuid"`
	Download bool      `query:"download" doc:"Save under a speaking name instead of playing"`
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	tags := []string{"recordings"}
	huma.Register(api, huma.Operation{
		OperationID: "listRecordings", Method: http.MethodGet, Path: "/api/meetings/{meeting}/recordings",
		Summary: "List a meeting's recordings", Tags: tags,
	}, h.list)
	huma.Register(api, huma.Operation{
		OperationID: "getRecordingFile", Method: http.MethodGet, Path: "/api/recordings/{id}/files/{file}",
		Summary: "Play or download one file; ranges are served", Tags: tags, Responses: bodies("video/webm", "video/x-matroska"),
	}, h.file)
	huma.Register(api, rest.Costly(20, huma.Operation{
		OperationID: "getRecordingArchive", Method: http.MethodGet, Path: "/api/recordings/{id}/archive",
		Summary: "Download all files of a recording", Tags: tags, Responses: bodies("application/zip"),
	}), h.archive)
	huma.Register(api, huma.Operation{
		OperationID: "deleteRecording", Method: http.MethodDelete, Path: "/api/recordings/{id}",
		Summary: "Delete a recording and its files", Tags: tags, DefaultStatus: http.StatusNoContent,
	}, h.delete)
}

func bodies(mediaTypes ...string) map[string]*huma.Response {
	content := make(map[string]*huma.MediaType, len(mediaTypes))
	for _, t := range mediaTypes {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return map[string]*huma.Response{"200": {Description: "The file", Content: content}}
}

func (h *HTTP) list(ctx context.Context, in *byMeeting) (*rest.Body[[]Recording], error) {
	if err := h.access.MayView(ctx, in.Meeting); err != nil {
		return nil, err
	}
	return rest.Reply(h.recorder.store.list(ctx, in.Meeting))
}

// view is the recording, for whoever may see its meeting.
func (h *HTTP) view(ctx context.Context, id uuid.UUID) (Recording, error) {
	rec, err := h.recorder.store.get(ctx, id)
	if err != nil {
		return Recording{}, err
	}
	return rec, h.access.MayView(ctx, rec.meetingID)
}

func (h *HTTP) file(ctx context.Context, in *byFile) (*huma.StreamResponse, error) {
	rec, err := h.view(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range rec.Files {
		if f.ID == in.File {
			return h.serve(ctx, rec, f, in.Download)
		}
	}
	return nil, problem.NotFound("recording_file")
}

func (h *HTTP) serve(ctx context.Context, rec Recording, f RecordingFile, download bool) (*huma.StreamResponse, error) {
	in, err := h.recorder.folder.root.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open file of recording %s: %w", rec.ID, err)
	}
	// A player asks for many ranges, from wherever it likes: nothing is given out
	// before the viewing is noted.
	details := map[string]any{"file": f.ID, "name": f.Name, "meeting": rec.meetingID}
	if err := h.audit.RecordOnce(ctx, viewOrDownload(download), rec.ID.String(), details); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer in.Close()
		r, w := humachi.Unwrap(hctx)
		header := w.Header()
		header.Set("Content-Type", contentType(f.path))
		header.Set("Cache-Control", "private, no-cache")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("ETag", `"`+f.SHA256+`"`)
		header.Set("Content-Disposition", disposition(download, fileName(rec, f)))
		http.ServeContent(w, r, "", rec.StartedAt, in)
	}}, nil
}

func contentType(name string) string {
	if path.Ext(name) == matroskaExtension {
		return "video/x-matroska"
	}
	return "video/webm"
}

func viewOrDownload(download bool) string {
	if download {
		return "recording.download"
	}
	return "recording.view"
}

// disposition is RFC 6266: a name in any script, and whether to save under it.
func disposition(download bool, name string) string {
	kind := "inline"
	if download {
		kind = "attachment"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": name})
}

// fileName is a name people recognise; the participant's own words are cut down
// to what every file system takes.
func fileName(rec Recording, f RecordingFile) string {
	name := clean(f.Name)
	if f.Kind == Screen {
		name += "-screen"
	}
	return rec.StartedAt.UTC().Format("20060102-150405Z") + "-" + name + "-" + f.ID.String()[28:] + path.Ext(f.path)
}

func clean(name string) string {
	const most = 60
	out := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name))
	if len(out) == 0 {
		return "participant"
	}
	return string(out[:min(len(out), most)])
}

func (h *HTTP) archive(ctx context.Context, in *rest.ByID) (*huma.StreamResponse, error) {
	rec, err := h.view(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if rec.State == Running {
		return nil, ErrRunning
	}
	if err := h.audit.Record(ctx, "recording.download", rec.ID.String(), map[string]any{"meeting": rec.meetingID}); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humachi.Unwrap(hctx)
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", disposition(true, rec.StartedAt.UTC().Format("20060102-150405Z")+"-recording.zip"))
		if err := h.zip(w, rec); err != nil {
			// The answer has begun; a cut-off archive tells the client.
			h.log.WarnContext(ctx, "send archive", "recording", rec.ID, "err", err)
		}
	}}, nil
}

// zip stores the files as they are: media does not shrink.
func (h *HTTP) zip(w io.Writer, rec Recording) error {
	z := zip.NewWriter(w)
	add := func(name, from string) error {
		in, err := h.recorder.folder.root.Open(from)
		if err != nil {
			return fmt.Errorf("archive %s: %w", from, err)
		}
		defer in.Close()
		out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: rec.StartedAt})
		if err != nil {
			return fmt.Errorf("archive %s: %w", from, err)
		}
		if _, err := io.Copy(out, in); err != nil {
			return fmt.Errorf("archive %s: %w", from, err)
		}
		return nil
	}
	for _, f := range rec.Files {
		if err := add(fileName(rec, f), f.path); err != nil {
			return err
		}
	}
	if err := add(manifestName, path.Join(recordingPath(rec.meetingID, rec.ID), manifestName)); err != nil {
		return err
	}
	return z.Close()
}

func (h *HTTP) delete(ctx context.Context, in *rest.ByID) (*struct{}, error) {
	rec, err := h.recorder.store.get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := h.access.MayManage(ctx, rec.meetingID); err != nil {
		return nil, err
	}
	details := map[string]any{"meeting": rec.meetingID, "files": len(rec.Files)}
	if err := h.audit.Record(ctx, "recording.delete", rec.ID.String(), details); err != nil {
		return nil, err
	}
	return &struct{}{}, h.recorder.delete(ctx, rec)
}
