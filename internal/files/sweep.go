package files

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
	sweepEvery = 10 * time.Minute
	// looseFor is how long no message must carry a file before it is deleted:
	// somebody may be forwarding it at this moment.
	looseFor = time.Hour
	// recheck is how often it is asked of a file whether a message carries it.
	recheck    = time.Hour
	sweepBatch = 1000
)

// Run deletes what nobody will need any more, again and again, until ctx ends.
// Several nodes may do so at the same time.
func (f *Files) Run(ctx context.Context) error {
	r := rounds.Rounds{Every: sweepEvery, AtOnce: true, Failed: func(ctx context.Context, err error) {
		f.Log.WarnContext(ctx, "files could not be swept", "err", err)
	}}
	return r.Run(ctx, func(ctx context.Context) error { return f.Sweep(ctx, time.Now()) })
}

// Sweep deletes uploads that expired, files that nobody posted, and files that
// no message carries any more.
func (f *Files) Sweep(ctx context.Context, now time.Time) error {
	err := f.parts.removeOlder(now.Add(-uploadLife))
	const mark = `
update files set gone_at = coalesce(gone_at, @now) where id in (
    select id from files
    where finished_at is null and created_at < @unfinished or loose_since < @loose or gone_at < @now limit @limit)
returning id`
	err = errors.Join(err, f.checkCarried(ctx, now))
	rows, _ := f.Pool.Query(ctx, mark, pgx.NamedArgs{
		"now": now, "unfinished": now.Add(-uploadLife), "loose": now.Add(-looseFor), "limit": sweepBatch,
	})
	gone, markErr := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	err = errors.Join(err, markErr)
	for _, id := range gone {
		err = errors.Join(err, f.remove(ctx, id))
	}
	return err
}

// checkCarried asks of the files that were asked about longest ago whether some
// message carries them: of posted ones, and of those that nobody has posted for
// a while, which a message that is sent later may still carry.
func (f *Files) checkCarried(ctx context.Context, now time.Time) error {
	const q = `
select id from files
where (claimed_at < @before or finished_at is not null and created_at < @unposted) and checked_at < @before and gone_at is null
order by checked_at limit @limit`
	rows, _ := f.Pool.Query(ctx, q, pgx.NamedArgs{"before": now.Add(-recheck), "unposted": now.Add(-unpostedLife), "limit": sweepBatch})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) == 0 {
		return err
	}
	carried, err := f.Messages.Carried(ctx, ids)
	if err != nil {
		return fmt.Errorf("ask which files are carried: %w", err)
	}
	const note = `
update files set checked_at = @now, loose_since = case when id = any(@carried) then null else coalesce(loose_since, @now) end
where id = any(@ids)`
	if _, err := f.Pool.Exec(ctx, note, pgx.NamedArgs{"now": now, "carried": carried, "ids": ids}); err != nil {
		return fmt.Errorf("note which files are carried: %w", err)
	}
	return nil
}

// discard deletes a file that was not posted.
func (f *Files) discard(ctx context.Context, id uuid.UUID) error {
	const q = `update files set gone_at = now() where id = $1 and claimed_at is null and gone_at is null`
	tag, err := f.Pool.Exec(ctx, q, id)
	if err != nil {
		return fmt.Errorf("discard file %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNoUpload
	}
	return f.remove(ctx, id)
}

// remove deletes the contents of a file that nobody may have any more, and then
// what is known of it; should it fail between, the sweep does it again.
func (f *Files) remove(ctx context.Context, id uuid.UUID) error {
	err := errors.Join(f.Storage.Delete(ctx, contentName(id)), f.Storage.Delete(ctx, previewName(id)), f.parts.remove(id))
	if err != nil {
		return fmt.Errorf("delete file %s: %w", id, err)
	}
	const q = `delete from files where id = $1 and gone_at is not null`
	if _, err := f.Pool.Exec(ctx, q, id); err != nil {
		return fmt.Errorf("forget file %s: %w", id, err)
	}
	return nil
}

// EraseOf deletes what a person uploaded and no message carries, at once.
func (f *Files) EraseOf(ctx context.Context, person uuid.UUID) (deleted int64, err error) {
	const q = `select id from files where owner_id = $1 order by id`
	rows, _ := f.Pool.Query(ctx, q, person)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	carried, err := f.Messages.Carried(ctx, ids)
	if err != nil {
		return 0, fmt.Errorf("ask which files are carried: %w", err)
	}
	const mark = `
update files set gone_at = coalesce(gone_at, now()) where id = any($1) and id <> all(coalesce($2::uuid[], '{}')) returning id`
	rows, _ = f.Pool.Query(ctx, mark, ids, carried)
	gone, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("mark files of person %s: %w", person, err)
	}
	for _, id := range gone {
		err = errors.Join(err, f.remove(ctx, id))
	}
	return int64(len(gone)), err
}

// CountOf returns how many files of a person's are kept.
func (f *Files) CountOf(ctx context.Context, person uuid.UUID) (n int64, err error) {
	if err := f.Pool.QueryRow(ctx, `select count(*) from files where owner_id = $1`, person).Scan(&n); err != nil {
		return 0, fmt.Errorf("count files of person %s: %w", person, err)
	}
	return n, nil
}
