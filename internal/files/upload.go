package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// This file: resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload):
// the core, and the extensions creation, termination and expiration. Beyond them
// the answer to the last piece, and to a question after it, has the header
// Upload-May-Tell-Place: true where a photograph or film may say where it was made
// and the hub could not take that out (location).

const (
	uploadsPath = "/api/uploads"
	tusVersion  = "1.0.0"
	// idleTimeout ends a request that sends nothing any more; the client goes on
	// with another.
	idleTimeout = 60 * time.Second
)

// Mount adds the handlers of uploads. They take bodies of any length, behind
// the same checks of origin and caller as everything else.
func (f *Files) Mount(r chi.Router) {
	r.Post(uploadsPath, f.serve(f.create))
	r.Method(http.MethodHead, uploadsPath+"/{id}", f.serve(f.offset))
	r.Patch(uploadsPath+"/{id}", f.serve(f.receive))
	r.Delete(uploadsPath+"/{id}", f.serve(f.giveUp))
}

// serve asks who is there and words the errors.
func (f *Files) serve(do func(http.ResponseWriter, *http.Request, []Person) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Tus-Resumable", tusVersion)
		w.Header().Set("Cache-Control", "no-store")
		err := func() error {
			if r.Header.Get("Tus-Resumable") != tusVersion {
				w.Header().Set("Tus-Version", tusVersion)
				return problem.New(http.StatusPreconditionFailed, "unsupported_version", "uploads speak tus %s", tusVersion)
			}
			callers, err := f.callers(r.Context())
			if err != nil {
				return err
			}
			return do(w, r, callers)
		}()
		if err == nil {
			return
		}
		p, hidden := postgres.Problem(err)
		if hidden && r.Context().Err() == nil {
			f.Log.ErrorContext(r.Context(), "upload failed", "err", err)
		}
		problem.Write(w, p)
	}
}

// callers are who asks: an account, a guest that a host let in, or, where both
// use one browser, either of them.
func (f *Files) callers(ctx context.Context) ([]Person, error) {
	var all []Person
	if a, ok := account.From(ctx); ok {
		all = append(all, Person{ID: a.ID, Kind: AccountPerson})
	}
	g, isGuest := account.GuestFrom(ctx)
	if isGuest && g.Admitted {
		room, err := f.Meetings.RoomOf(ctx, g.MeetingID)
		if err != nil {
			return nil, err
		}
		all = append(all, Person{ID: g.ID, Kind: GuestPerson, Room: room, Since: g.Since})
	}
	switch {
	case len(all) > 0:
		return all, nil
	case isGuest:
		return nil, problem.Forbidden("guests send and read files once they are let in")
	}
	return nil, account.ErrSignedOut
}

// create begins an upload; of two who use one browser "as" says for whom.
func (f *Files) create(w http.ResponseWriter, r *http.Request, callers []Person) error {
	by := callers[0]
	if last := callers[len(callers)-1]; r.URL.Query().Get("as") == string(GuestPerson) {
		by = last
	}
	size, err := headerNumber(r, "Upload-Length")
	switch {
	case err != nil:
		return err
	case size == 0:
		return problem.New(http.StatusUnprocessableEntity, "empty", "the file is empty").At("Upload-Length")
	case size > f.Limits.Size:
		return errTooLarge(f.Limits.Size)
	}
	m, err := parseMetadata(r.Header.Get("Upload-Metadata"))
	if err != nil {
		return err
	}
	id, err := f.begin(r.Context(), by, m, size)
	if err != nil {
		return err
	}
	if err := f.parts.create(id); err != nil {
		return err
	}
	w.Header().Set("Location", uploadsPath+"/"+id.String())
	w.Header().Set("Upload-Expires", time.Now().Add(uploadLife).UTC().Format(http.TimeFormat))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func errTooLarge(most int64) error {
	return problem.New(http.StatusRequestEntityTooLarge, "too_large", "at most %d bytes", most).With("max", most)
}

func headerNumber(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.Header.Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0, problem.Invalid(name, "a number of bytes")
	}
	return n, nil
}

func (f *Files) named(r *http.Request, callers []Person) (u upload, err error) {
	id, err := uuid.Parse(chi.URLParam(r, "id"))
	if err != nil {
		return upload{}, ErrNoUpload
	}
	for _, by := range callers {
		if u, err = f.own(r.Context(), by, id); !errors.Is(err, ErrNoUpload) {
			break
		}
	}
	return u, err
}

// offset says how far an upload has come. One that has all its bytes but was
// not finished, because the node died or the scanner was away, lacks its last
// byte for the client, whose next request then finishes it.
func (f *Files) offset(w http.ResponseWriter, r *http.Request, callers []Person) error {
	u, err := f.named(r, callers)
	if err != nil {
		return err
	}
	at := u.Size
	if u.FinishedAt == nil {
		if at, err = f.parts.size(u.ID); err != nil {
			return err
		}
		at = min(at, u.Size-1)
	}
	tellPlace(w, u.MayTellPlace)
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	w.WriteHeader(http.StatusOK)
	return nil
}

// receive appends what a request brings, and keeps what it brought when it is
// cut off.
func (f *Files) receive(w http.ResponseWriter, r *http.Request, callers []Person) error {
	if r.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return problem.New(http.StatusUnsupportedMediaType, "unsupported_media_type", "application/offset+octet-stream")
	}
	from, err := headerNumber(r, "Upload-Offset")
	if err != nil {
		return err
	}
	u, err := f.named(r, callers)
	if err != nil {
		return err
	}
	if u.FinishedAt != nil {
		return wrongOffset(u.Size)
	}
	p, err := f.parts.open(u.ID)
	if err != nil {
		return err
	}
	defer p.Close()
	if p.size >= u.Size { // see offset
		if err := p.cutTo(u.Size - 1); err != nil {
			return err
		}
	}
	if from != p.size {
		return wrongOffset(p.size)
	}
	if err := p.append(w, r, u.Size); err != nil {
		return err
	}
	if p.size == u.Size {
		what, err := f.finish(r.Context(), u, p)
		if err != nil {
			return err
		}
		tellPlace(w, what.MayTellPlace)
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(p.size, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tellPlace says of a finished file that it may tell where it was made, so that its
// uploader decides whether to post it.
func tellPlace(w http.ResponseWriter, may bool) {
	if may {
		w.Header().Set("Upload-May-Tell-Place", "true")
	}
}

func wrongOffset(at int64) error {
	return problem.New(http.StatusConflict, "wrong_offset", "the upload continues at %d", at).At("Upload-Offset")
}

// append writes a request's body to the end of the upload.
func (p *part) append(w http.ResponseWriter, r *http.Request, whole int64) error {
	begin, control := p.size, http.NewResponseController(w)
	body := &patient{Reader: http.MaxBytesReader(w, r.Body, whole-p.size), control: control}
	n, err := io.Copy(p.File, body)
	p.size += n
	// What the request brought is worth keeping even when it failed.
	if syncErr := p.Sync(); syncErr != nil {
		return fmt.Errorf("write upload: %w", syncErr)
	}
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return errors.Join(problem.New(http.StatusRequestEntityTooLarge, "too_large", "longer than Upload-Length"), p.cutTo(begin))
	}
	if err != nil {
		return fmt.Errorf("receive upload: %w", err)
	}
	return control.SetReadDeadline(time.Time{})
}

// patient reads for as long as something comes.
type patient struct {
	io.Reader
	control *http.ResponseController
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.control.SetReadDeadline(time.Now().Add(idleTimeout)); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// giveUp ends an upload, or takes back a file that was not posted.
func (f *Files) giveUp(w http.ResponseWriter, r *http.Request, callers []Person) error {
	u, err := f.named(r, callers)
	if err != nil {
		return err
	}
	if err := f.discard(r.Context(), u.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
