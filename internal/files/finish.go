package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"github.com/yunqiao/yunqiao/internal/files/location"
	"github.com/yunqiao/yunqiao/internal/files/picture"
)

// finishTimeout bounds looking at a file and storing it. It is not the
// request's: a client that loses its patience finds the file finished.
const finishTimeout = 10 * time.Minute

// finish looks at an upload that is all there and stores it. When that fails
// for a reason that passes, the last byte is taken back, so that the client
// sends it again and the file is looked at again.
func (f *Files) finish(ctx context.Context, u upload, p *part) (found, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	what, err := f.look(ctx, u, p)
	if errors.Is(err, ErrInfected) || errors.Is(err, ErrDeadly) {
		return found{}, errors.Join(err, f.discard(ctx, u.ID))
	}
	if err != nil {
		return found{}, errors.Join(err, p.cutTo(u.Size-1))
	}
	if err := f.parts.remove(u.ID); err != nil {
		f.Log.WarnContext(ctx, "the pieces of a finished file stay until they are swept", "file", u.ID, "err", err)
	}
	return what, nil
}

// look looks at a file and keeps it. That it begins is noted before, and taken
// back after: what has ended the process twice is not begun a third time.
func (f *Files) look(ctx context.Context, u upload, p *part) (what found, err error) {
	const begin = `update files set looks = looks + 1 where id = $1 and looks < $2`
	tag, err := f.Pool.Exec(ctx, begin, u.ID, maxLooks)
	if err != nil {
		return found{}, fmt.Errorf("note a look at upload %s: %w", u.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return found{}, f.refuseDeadly(ctx, u)
	}
	if err = f.scan(ctx, u, p); err == nil {
		what, err = f.keep(ctx, u, p)
	}
	const survived = `update files set looks = looks - 1 where id = $1`
	if _, noteErr := f.Pool.Exec(ctx, survived, u.ID); noteErr != nil {
		return found{}, errors.Join(err, fmt.Errorf("note a look at upload %s: %w", u.ID, noteErr))
	}
	return what, err
}

// maxLooks is how often looking at a file may end the process.
const maxLooks = 2

// refuseDeadly refuses a file that ended the process, or one that is not there
// any more.
func (f *Files) refuseDeadly(ctx context.Context, u upload) error {
	var there bool
	const q = `select exists (select from files where id = $1)`
	if err := f.Pool.QueryRow(ctx, q, u.ID).Scan(&there); err != nil {
		return fmt.Errorf("look for upload %s: %w", u.ID, err)
	}
	if !there {
		return ErrNoUpload
	}
	f.Log.ErrorContext(ctx, "a file has stopped the process twice and is refused", "file", u.ID, "owner", u.OwnerID, "size", u.Size)
	return ErrDeadly
}

// scan asks the scanner, if there is one, and fails when it does not answer.
func (f *Files) scan(ctx context.Context, u upload, p *part) error {
	if f.Scanner == nil {
		return nil
	}
	virus, err := f.Scanner.Scan(ctx, io.NewSectionReader(p, 0, u.Size))
	if err != nil {
		f.Log.ErrorContext(ctx, "files cannot be scanned", "err", err)
		return ErrNoScanner
	}
	if virus == "" {
		return nil
	}
	details := map[string]any{"virus": virus, "name": u.Name, "size": u.Size}
	return errors.Join(ErrInfected, f.Audit.Record(ctx, "file.infected", u.ID.String(), details))
}

// keep finds out what a content is and puts it into the storage: a photograph
// or film without the place where it was made.
func (f *Files) keep(ctx context.Context, u upload, p *part) (what found, err error) {
	if what.SHA256, what.MayTellPlace, err = clean(p, u.Size); err != nil {
		return found{}, fmt.Errorf("clean upload %s: %w", u.ID, err)
	}
	content := io.NewSectionReader(p, 0, u.Size)
	if what.Type, err = typeOf(content, u.Voice); err != nil {
		return found{}, fmt.Errorf("look at upload %s: %w", u.ID, err)
	}
	if err := f.addPreview(ctx, u, p, &what); err != nil {
		return found{}, err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return found{}, err
	}
	if err := f.Storage.Put(ctx, contentName(u.ID), content, u.Size); err != nil {
		return found{}, err
	}
	err = f.markFinished(ctx, u.ID, what)
	if errors.Is(err, ErrNoUpload) { // given up while its last byte came
		err = errors.Join(err, f.Storage.Delete(ctx, contentName(u.ID)), f.Storage.Delete(ctx, previewName(u.ID)))
	}
	return what, err
}

// clean takes the place out of a file and returns the sum of what is left.
func clean(file location.File, size int64) (sum string, mayTellPlace bool, err error) {
	sure, err := location.Forget(file, size)
	if err != nil {
		return "", false, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, size)); err != nil {
		return "", false, err
	}
	return hex.EncodeToString(h.Sum(nil)), !sure, nil
}

// addPreview stores a small picture of a picture. A file that is none, though
// it begins like one, is kept as plain bytes.
func (f *Files) addPreview(ctx context.Context, u upload, p *part, what *found) error {
	if !slices.Contains(pictureTypes(), what.Type) {
		return nil
	}
	drawn, err := f.draw(ctx, p)
	if errors.Is(err, picture.ErrNone) {
		what.Type = plainBytes
		return nil
	}
	if err != nil {
		return err
	}
	what.Width, what.Height = drawn.Width, drawn.Height
	if len(drawn.JPEG) == 0 {
		return nil // too large to be drawn here, or of a kind that only browsers draw
	}
	what.Preview = true
	return f.Storage.Put(ctx, previewName(u.ID), bytes.NewReader(drawn.JPEG), int64(len(drawn.JPEG)))
}

// maxDrawing is how many previews are drawn at the same time; the others wait.
const maxDrawing = 2

func (f *Files) draw(ctx context.Context, p *part) (picture.Preview, error) {
	if err := f.drawing.Acquire(ctx, 1); err != nil {
		return picture.Preview{}, fmt.Errorf("wait for other pictures: %w", err)
	}
	defer f.drawing.Release(1)
	return picture.Draw(ctx, p.File)
}

func pictureTypes() []string {
	return []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}
}

const plainBytes = "application/octet-stream"

// typeOf tells a content's media type, without parameters. What a browser's
// recorder writes looks like a film without pictures; that it is a voice is the
// uploader's word, and changes how it is shown, not whether it is safe.
func typeOf(content io.ReadSeeker, voice bool) (string, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	m, err := mimetype.DetectReader(content)
	if err != nil {
		return "", err
	}
	kind, _, _ := strings.Cut(m.String(), ";")
	if voice || kind == "application/ogg" {
		switch kind {
		case "video/webm":
			kind = "audio/webm"
		case "video/mp4", "audio/x-m4a":
			kind = "audio/mp4"
		case "application/ogg", "video/ogg":
			kind = "audio/ogg"
		}
	}
	return kind, nil
}
