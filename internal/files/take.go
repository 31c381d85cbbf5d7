package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// Content opens a file's content for those inside the house who have asked
// whether it may be read.
func (f *Files) Content(ctx context.Context, id uuid.UUID) (io.ReadSeekCloser, error) {
	if _, err := f.finished(ctx, id); err != nil {
		return nil, err
	}
	return f.Storage.Open(ctx, contentName(id))
}

// Arrival is a file that comes from inside the house.
type Arrival struct {
	Name       string
	Voice      bool
	DurationMS int
	Size       int64
	Content    io.Reader
}

// Take keeps a file for a person as if they had uploaded it: looked at, scanned,
// and posted by them alone. A person's limits are not asked: what comes from
// inside the house was allowed there.
func (f *Files) Take(ctx context.Context, by Person, n Arrival) (File, error) {
	name, err := cleanName(n.Name)
	if err != nil {
		return File{}, err
	}
	if n.Size < 1 || n.Size > f.Limits.Size {
		return File{}, errTooLarge(f.Limits.Size)
	}
	m := metadata{Name: name, Voice: n.Voice, DurationMS: min(max(n.DurationMS, 0), maxDurationMS)}
	id := uuid.Must(uuid.NewV7())
	if err := note(ctx, f.Pool, id, by, m, n.Size); err != nil {
		return File{}, fmt.Errorf("note file: %w", err)
	}
	if err := f.fill(ctx, by, id, n); err != nil {
		return File{}, errors.Join(err, f.discard(context.WithoutCancel(ctx), id))
	}
	kept, err := f.finished(ctx, id)
	return kept.File, err
}

func (f *Files) fill(ctx context.Context, by Person, id uuid.UUID, n Arrival) error {
	if err := f.parts.create(id); err != nil {
		return err
	}
	p, err := f.parts.open(id)
	if err != nil {
		return err
	}
	defer p.Close()
	if p.size, err = io.Copy(p.File, io.LimitReader(n.Content, n.Size)); err != nil {
		return fmt.Errorf("take file %s: %w", id, err)
	}
	if p.size != n.Size {
		return fmt.Errorf("take file %s: %w", id, io.ErrUnexpectedEOF)
	}
	u, err := f.own(ctx, by, id)
	if err != nil {
		return err
	}
	_, err = f.finish(ctx, u, p)
	return err
}
