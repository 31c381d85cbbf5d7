package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// uncleaned is a file that was stored before its format was cleaned.
type uncleaned struct {
	ID     uuid.UUID
	Size   int64
	SHA256 string `db:"sha256"`
}

// CleanOld takes the place out of files that were stored before the formats that
// are cleaned now were. It returns when all are done. One that fails is logged and
// stays as it is; the next start tries it again. Several nodes may do so at the
// same time: they write the same.
func (f *Files) CleanOld(ctx context.Context) {
	var after uuid.UUID
	for {
		old, err := f.nextUncleaned(ctx, after)
		switch {
		case errors.Is(err, pgx.ErrNoRows) || ctx.Err() != nil:
			return
		case err != nil:
			f.Log.ErrorContext(ctx, "files to be cleaned could not be listed", "err", err)
			return
		}
		after = old.ID
		if err := f.cleanStored(ctx, old); err != nil && ctx.Err() == nil {
			f.Log.ErrorContext(ctx, "the place could not be taken out of a file", "file", old.ID, "err", err)
		}
	}
}

func (f *Files) nextUncleaned(ctx context.Context, after uuid.UUID) (uncleaned, error) {
	const q = `
select id, size, sha256 from files
where not cleaned and finished_at is not null and gone_at is null and id > $1
order by id limit 1`
	rows, _ := f.Pool.Query(ctx, q, after)
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[uncleaned])
}

// cleanStored cleans a copy, and stores it where that changed it.
func (f *Files) cleanStored(ctx context.Context, old uncleaned) error {
	stored, err := f.Storage.Open(ctx, contentName(old.ID))
	if err != nil {
		return err
	}
	defer stored.Close()
	copied, err := os.CreateTemp(f.Dir, "clean-")
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer copied.Close()
	if err := os.Remove(copied.Name()); err != nil { // it ends with this process, however that ends
		return fmt.Errorf("copy: %w", err)
	}
	if _, err := io.Copy(copied, stored); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	sum, mayTellPlace, err := clean(copied, old.Size)
	if err != nil {
		return err
	}
	if sum != old.SHA256 {
		if err := f.Storage.Put(ctx, contentName(old.ID), io.NewSectionReader(copied, 0, old.Size), old.Size); err != nil {
			return err
		}
	}
	const note = `update files set cleaned = true, sha256 = $2, may_tell_place = $3 where id = $1 and gone_at is null`
	tag, err := f.Pool.Exec(ctx, note, old.ID, sum, mayTellPlace)
	if err != nil {
		return fmt.Errorf("note cleaned file: %w", err)
	}
	if tag.RowsAffected() == 0 { // deleted meanwhile
		return f.Storage.Delete(ctx, contentName(old.ID))
	}
	return nil
}
