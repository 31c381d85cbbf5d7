package files

import (
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

	"github.com/yunqiao/yunqiao/internal/problem"
)

// finishTimeout bounds looking at a file and storing it. It is not the
// request's: a client that loses its patience finds the file finished.
const finishTimeout = 10 * time.Minute

// finish looks at an upload that is all there and stores it. When that fails
// for a reason that passes, the last byte is taken back, so that the client
// sends it again and the file is looked at again.
func (f *Files) finish(ctx context.Context, u upload, p *part) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	err := f.scan(ctx, u, p)
	if errors.Is(err, ErrInfected) {
		return errors.Join(err, f.discard(ctx, u.ID))
	}
	if err == nil {
		err = f.keep(ctx, u, p)
	}
	if err != nil {
		return errors.Join(err, p.cutTo(u.Size-1))
	}
	if err := f.parts.remove(u.ID); err != nil {
		f.Log.WarnContext(ctx, "the pieces of a finished file stay until they are swept", "file", u.ID, "err", err)
	}
	return nil
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
// without the place where it was taken.
func (f *Files) keep(ctx context.Context, u upload, p *part) error {
	if err := forgetPlace(p, u.Size); err != nil {
		return err
	}
	content := io.NewSectionReader(p, 0, u.Size)
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return fmt.Errorf("read upload %s: %w", u.ID, err)
	}
	what := found{SHA256: hex.EncodeToString(sum.Sum(nil))}
	var err error
	if what.Type, err = typeOf(content, u.Voice); err != nil {
		return fmt.Errorf("look at upload %s: %w", u.ID, err)
	}
	if err := f.addPreview(ctx, u, content, &what); err != nil {
		return err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := f.Storage.Put(ctx, contentName(u.ID), content, u.Size); err != nil {
		return err
	}
	err = f.markFinished(ctx, u.ID, what)
	if errors.Is(err, ErrNoUpload) { // given up while its last byte came
		err = errors.Join(err, f.Storage.Delete(ctx, contentName(u.ID)), f.Storage.Delete(ctx, previewName(u.ID)))
	}
	return err
}

// addPreview stores a small picture of a picture. A file that is none, though
// it begins like one, is kept as plain bytes.
func (f *Files) addPreview(ctx context.Context, u upload, content *io.SectionReader, what *found) error {
	if !slices.Contains(pictureTypes(), what.Type) {
		return nil
	}
	p, err := f.preview(ctx, content)
	if problem.Code(err) == errNoPicture.Code {
		what.Type = plainBytes
		return nil
	}
	if err != nil {
		return err
	}
	what.Width, what.Height = p.width, p.height
	if p.jpeg == nil {
		return nil // too large to be drawn here
	}
	what.Preview = true
	return f.Storage.Put(ctx, previewName(u.ID), strings.NewReader(string(p.jpeg)), int64(len(p.jpeg)))
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
