package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
)

// gapped is a file whose pauses were not filled when it was written.
type gapped struct {
	ID, RecordingID, MeetingID uuid.UUID
	Path                       string
}

// FillPauses goes through the recordings made before pauses were filled with
// silence, on this machine, and fills them. It returns when all are done. One that
// fails is logged and stays as it is; the next start tries it again.
func (r *Recorder) FillPauses(ctx context.Context) {
	var after uuid.UUID
	for {
		g, err := r.store.nextGapped(ctx, after)
		switch {
		case errors.Is(err, pgx.ErrNoRows) || ctx.Err() != nil:
			return
		case err != nil:
			r.log.ErrorContext(ctx, "recordings with pauses could not be listed", "err", err)
			return
		}
		after = g.ID
		if err := r.fillPauses(ctx, g); err != nil && !errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "pauses could not be filled", "recording", g.RecordingID, "file", g.ID, "err", err)
		}
	}
}

func (r *Recorder) fillPauses(ctx context.Context, g gapped) error {
	m, err := r.folder.load(g.MeetingID, g.RecordingID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Files, func(e manifestFile) bool { return e.ID == g.ID })
	if i < 0 || m.Files[i].Path != g.Path {
		return fmt.Errorf("file %s is not in its manifest", g.ID)
	}
	if err := r.folder.fill(&m.Files[i]); err != nil {
		return err
	}
	if err := errors.Join(r.folder.sum(&m.Files[i]), r.folder.save(m)); err != nil {
		return err
	}
	return r.store.filled(ctx, m.Files[i])
}

// fill replaces a file by one whose pauses are filled, in one step.
func (f *folder) fill(e *manifestFile) error {
	in, err := f.root.Open(e.Path)
	if err != nil {
		return fmt.Errorf("fill %s: %w", e.Path, err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("fill %s: %w", e.Path, err)
	}
	next := path.Join(path.Dir(e.Path), e.ID.String()+".new")
	out, err := f.root.OpenFile(next, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("fill %s: %w", e.Path, err)
	}
	s, err := webm.Fill(in, info.Size(), out)
	if err == nil {
		err = f.root.Rename(next, e.Path)
	}
	if err != nil {
		return fmt.Errorf("fill %s: %w", e.Path, errors.Join(err, f.root.Remove(next)))
	}
	e.summarise(s)
	return nil
}

func (s store) nextGapped(ctx context.Context, after uuid.UUID) (gapped, error) {
	const q = `
		select f.id, f.recording_id, r.meeting_id, f.path
		from recording_files f join recordings r on r.id = f.recording_id
		where not f.gapless and f.id > $1
		order by f.id
		limit 1`
	rows, _ := s.pool.Query(ctx, q, after)
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[gapped])
}

func (s store) filled(ctx context.Context, e manifestFile) error {
	const q = `
		update recording_files
		set gapless = true, duration_ms = @duration_ms, bytes = @bytes, sha256 = @sha256
		where id = @id`
	_, err := s.pool.Exec(ctx, q, pgx.NamedArgs{"id": e.ID, "duration_ms": e.DurationMS, "bytes": e.Bytes, "sha256": e.SHA256})
	if err != nil {
		return fmt.Errorf("note filled file %s: %w", e.ID, err)
	}
	return nil
}
