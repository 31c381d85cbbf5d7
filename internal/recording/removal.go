package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/rounds"
)

const (
	// removeEvery is how long files of a recording may stay that was deleted at
	// another node.
	removeEvery   = 5 * time.Minute
	removeTimeout = time.Minute
)

// delete removes a recording that is not running, rows and files. Files that lie on
// another machine are removed there (RunRemoval).
func (r *Recorder) delete(ctx context.Context, rec Recording) error {
	if rec.State == Running {
		return ErrRunning
	}
	if err := r.store.delete(ctx, rec.ID); err != nil {
		return err
	}
	return r.folder.remove(rec.meetingID, rec.ID)
}

// RunRemoval removes what lies on this machine of recordings that were deleted at
// another node, or just before this one died; at once, and every few minutes until
// the context ends. Folders that nobody deleted stay, whatever the database knows
// of them.
func (r *Recorder) RunRemoval(ctx context.Context) error {
	all := rounds.Rounds{Every: removeEvery, Limit: removeTimeout, AtOnce: true, Failed: func(ctx context.Context, err error) {
		r.log.WarnContext(ctx, "files of deleted recordings could not be removed, they are tried again", "err", err)
	}}
	return all.Run(ctx, r.removeDeleted)
}

func (r *Recorder) removeDeleted(ctx context.Context) error {
	gone, err := r.store.deleted(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, g := range gone {
		if _, err := r.folder.root.Stat(recordingPath(g.MeetingID, g.ID)); err != nil {
			continue // it never lay here, or is gone
		}
		r.log.InfoContext(ctx, "files of a deleted recording are removed", "recording", g.ID, "meeting", g.MeetingID)
		errs = append(errs, r.folder.remove(g.MeetingID, g.ID))
	}
	return errors.Join(errs...)
}

type deletedRow struct{ ID, MeetingID uuid.UUID }

func (s store) deleted(ctx context.Context) ([]deletedRow, error) {
	rows, _ := s.pool.Query(ctx, `select id, meeting_id from deleted_recordings`)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[deletedRow])
	if err != nil {
		return nil, fmt.Errorf("list deleted recordings: %w", err)
	}
	return list, nil
}

func (s store) delete(ctx context.Context, id uuid.UUID) error {
	const q = `
with gone as (delete from recordings where id = $1 returning id, meeting_id)
insert into deleted_recordings (id, meeting_id) select id, meeting_id from gone`
	if _, err := s.pool.Exec(ctx, q, id); err != nil {
		return fmt.Errorf("delete recording %s: %w", id, err)
	}
	return nil
}
