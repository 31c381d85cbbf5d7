// Package files keeps what people send with their messages: pictures,
// documents, recordings of voices.
//
// A file comes in pieces by the core of tus 1.0.0 (upload.go), so that a lost
// connection costs only what was on its way. When the last piece is there the
// file is looked at: its type by its content, whatever its name says, a scanner
// for viruses if there is one, a small preview of a picture, which a process of
// its own draws (picture). Photographs and films forget
// where, when and with what they were made (location), whoever reads them and on
// whichever way; of what cannot be cleaned the uploader is told before it is
// posted. Then it goes into the storage, a folder or a bucket, under a name of ours
// (finish.go).
//
// Until it is posted only its uploader may read it; from then on those who may
// read a message that carries it, which is asked of the messages each time.
// When no message carries it any more its content is deleted (sweep.go).
//
// Several nodes need one storage: a bucket, or a folder they share. The pieces
// of an unfinished upload lie in the folder of the node that took them. Where
// nodes share the folder any of them goes on with it; otherwise another node
// does not know it and the client begins anew, which a proxy that keeps a
// client at its node avoids.
package files

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Limits of what is taken.
const (
	maxName = 255 // characters
	// maxOpen is how many uploads of one person may be unfinished or unposted.
	maxOpen = 60
	// guestQuota is how many bytes all files of one guest's link may have.
	guestQuota = 512 << 20
	// uploadLife is how long an unfinished upload is kept, and unpostedLife a
	// finished one that nobody posted.
	uploadLife   = 24 * time.Hour
	unpostedLife = 7 * 24 * time.Hour
)

// Errors of this package, as users see them.
var (
	ErrNotFound    = problem.NotFound("file")
	ErrNoUpload    = problem.NotFound("upload")
	ErrInfected    = problem.New(http.StatusUnprocessableEntity, "infected", "the file holds a virus")
	ErrDeadly      = problem.New(http.StatusUnprocessableEntity, "deadly", "looking at this file has stopped the hub twice")
	ErrNoScanner   = problem.New(http.StatusServiceUnavailable, "scanner_unavailable", "the file cannot be checked for viruses now")
	ErrQuota       = problem.New(http.StatusRequestEntityTooLarge, "quota_exceeded", "there is no room for more files of yours")
	ErrBusy        = problem.New(http.StatusLocked, "upload_busy", "another request is sending this file")
	ErrTooManyOpen = problem.New(http.StatusTooManyRequests, "too_many_uploads", "at most %d files at a time that are not posted", maxOpen)
)

// PersonKind tells accounts from guests.
type PersonKind string

// The kinds of person.
const (
	AccountPerson PersonKind = "account"
	GuestPerson   PersonKind = "guest"
)

// Person is who uploads or reads. A guest has the one room it was admitted to, and
// reads there what came after an event.
type Person struct {
	ID    uuid.UUID
	Kind  PersonKind
	Room  uuid.UUID
	Since int64
}

// File is a finished file.
type File struct {
	ID            uuid.UUID
	Name, Type    string
	Size          int64
	Width, Height int
	DurationMS    int
	Voice         bool
	Preview       bool
	SHA256        string `db:"sha256"`
}

// Messages answers what the messages know of files.
type Messages interface {
	// MayRead returns nil when a message that the person may read carries the file.
	MayRead(ctx context.Context, by Person, file uuid.UUID) error
	// Carried returns those of the files that some message carries.
	Carried(ctx context.Context, files []uuid.UUID) ([]uuid.UUID, error)
}

// Meetings finds the room of a guest's meeting.
type Meetings interface {
	RoomOf(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error)
}

// Audit remembers what was refused, and who read what.
type Audit interface {
	// RecordOnce notes the first access of a person to what is read in pieces.
	RecordOnce(ctx context.Context, action, object string, details map[string]any) error
	Record(ctx context.Context, action, object string, details map[string]any) error
}

// Limits are what the operator allows, in bytes.
type Limits struct {
	Size  int64 // of one file
	Quota int64 // of all files of one person
}

// Deps are what files stand on.
type Deps struct {
	Pool     *pgxpool.Pool
	Storage  Storage
	Dir      string // the folder of unfinished uploads
	Messages Messages
	Meetings Meetings
	Audit    Audit
	Scanner  *Clamd // nil: files are not scanned
	Limits   Limits
	Log      *slog.Logger
}

// Files keeps files.
type Files struct {
	Deps
	parts   *parts
	drawing *semaphore.Weighted // previews
}

// New opens the folder of unfinished uploads.
func New(d Deps) (*Files, error) {
	dir := filepath.Join(d.Dir, "uploads")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of uploads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder of uploads: %w", err)
	}
	return &Files{Deps: d, parts: &parts{root}, drawing: semaphore.NewWeighted(maxDrawing)}, nil
}

// readable returns a file that somebody may read.
func (f *Files) readable(ctx context.Context, by Person, id uuid.UUID) (File, error) {
	row, err := f.finished(ctx, id)
	if err != nil {
		return File{}, err
	}
	if row.ClaimedAt == nil {
		if row.OwnerID != by.ID || row.OwnerKind != by.Kind {
			return File{}, ErrNotFound
		}
		return row.File, nil
	}
	if err := f.Messages.MayRead(ctx, by, id); problem.Code(err) != "" {
		return File{}, ErrNotFound // whatever the messages say: to this person there is no such file
	} else if err != nil {
		return File{}, errors.Join(fmt.Errorf("ask who may read file %s", id), err)
	}
	return row.File, nil
}
