package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// upload is a file that is coming.
type upload struct {
	ID         uuid.UUID
	OwnerID    uuid.UUID
	OwnerKind  PersonKind
	Name       string
	Size       int64
	Voice      bool
	CreatedAt  time.Time
	FinishedAt *time.Time
	// MayTellPlace is known when it is finished.
	MayTellPlace bool
}

// begin notes an upload, within the limits of its owner. Its uploads begin one
// after the other, so that many at the same moment do not pass the limits.
func (f *Files) begin(ctx context.Context, by Person, m metadata, size int64) (uuid.UUID, error) {
	id := uuid.Must(uuid.NewV7())
	err := postgres.InTx(ctx, f.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const lock = `select pg_advisory_xact_lock(hashtextextended('files of ' || $1::text, 0))`
		if _, err := tx.Exec(ctx, lock, by.ID); err != nil {
			return err
		}
		var taken int64
		var open int
		const sum = `
select coalesce(sum(size), 0)::bigint, count(*) filter (where claimed_at is null)
from files where owner_id = $1 and gone_at is null`
		if err := tx.QueryRow(ctx, sum, by.ID).Scan(&taken, &open); err != nil {
			return err
		}
		switch {
		case taken+size > f.quotaOf(by):
			return ErrQuota
		case open >= maxOpen:
			return ErrTooManyOpen
		}
		return note(ctx, tx, id, by, m, size)
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("begin upload: %w", err)
	}
	return id, nil
}

// quotaOf is how much a person may keep here. A guest, who comes by a link for a
// meeting, has a part of what an account has.
func (f *Files) quotaOf(by Person) int64 {
	if by.Kind == GuestPerson {
		return min(f.Limits.Quota, guestQuota)
	}
	return f.Limits.Quota
}

// note notes an upload that nothing has come of yet.
func note(ctx context.Context, db execer, id uuid.UUID, by Person, m metadata, size int64) error {
	const q = `
insert into files (id, owner_id, owner_kind, room_id, name, size, voice, duration_ms)
values (@id, @owner, @kind, @room, @name, @size, @voice, @duration)`
	_, err := db.Exec(ctx, q, pgx.NamedArgs{
		"id": id, "owner": by.ID, "kind": by.Kind, "room": roomOf(by), "name": m.Name, "size": size,
		"voice": m.Voice, "duration": m.DurationMS,
	})
	return err
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func roomOf(by Person) *uuid.UUID {
	if by.Kind == GuestPerson {
		return &by.Room
	}
	return nil
}

// own returns an upload of a person's, finished or not.
func (f *Files) own(ctx context.Context, by Person, id uuid.UUID) (upload, error) {
	const q = `
select id, owner_id, owner_kind, name, size, voice, created_at, finished_at, may_tell_place from files
where id = $1 and owner_id = $2 and owner_kind = $3 and claimed_at is null and gone_at is null`
	rows, _ := f.Pool.Query(ctx, q, id, by.ID, by.Kind)
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[upload])
	if errors.Is(err, pgx.ErrNoRows) {
		return upload{}, ErrNoUpload
	}
	if err != nil {
		return upload{}, fmt.Errorf("read upload %s: %w", id, err)
	}
	return u, nil
}

// found is what was found out about a content.
type found struct {
	Type          string
	SHA256        string
	Width, Height int
	Preview       bool
	// MayTellPlace: it may say where it was made, and nobody could take that out.
	MayTellPlace bool
}

func (f *Files) markFinished(ctx context.Context, id uuid.UUID, what found) error {
	const q = `
update files set finished_at = now(), type = @type, sha256 = @sum, width = @width, height = @height, preview = @preview,
    may_tell_place = @place, cleaned = true
where id = @id and gone_at is null`
	tag, err := f.Pool.Exec(ctx, q, pgx.NamedArgs{
		"id": id, "type": what.Type, "sum": what.SHA256, "width": what.Width, "height": what.Height, "preview": what.Preview,
		"place": what.MayTellPlace,
	})
	if err != nil {
		return fmt.Errorf("finish upload %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNoUpload // given up meanwhile
	}
	return nil
}

// finishedFile is a finished file with whose it is until it is posted.
type finishedFile struct {
	File
	OwnerID   uuid.UUID
	OwnerKind PersonKind
	ClaimedAt *time.Time
}

const fileColumns = `id, name, type, size, width, height, duration_ms, voice, preview, sha256`

func (f *Files) finished(ctx context.Context, id uuid.UUID) (finishedFile, error) {
	const q = `
select ` + fileColumns + `, owner_id, owner_kind, claimed_at from files
where id = $1 and finished_at is not null and gone_at is null`
	rows, _ := f.Pool.Query(ctx, q, id)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[finishedFile])
	if errors.Is(err, pgx.ErrNoRows) {
		return finishedFile{}, ErrNotFound
	}
	if err != nil {
		return finishedFile{}, fmt.Errorf("read file %s: %w", id, err)
	}
	return row, nil
}

// Claim takes files for a message that is being posted, inside the posting
// transaction: only the poster's own, finished ones, and a guest's only for its
// room. They come back in the order asked for; when one is refused none is taken.
func (f *Files) Claim(ctx context.Context, tx pgx.Tx, by Person, ids []uuid.UUID) ([]File, error) {
	const find = `
select ` + fileColumns + ` from files
where id = any(@ids) and owner_id = @owner and owner_kind = @kind and room_id is not distinct from @room
    and finished_at is not null and gone_at is null
order by id for update`
	rows, _ := tx.Query(ctx, find, pgx.NamedArgs{"ids": ids, "owner": by.ID, "kind": by.Kind, "room": roomOf(by)})
	own, err := pgx.CollectRows(rows, pgx.RowToStructByName[File])
	if err != nil {
		return nil, fmt.Errorf("find files to post: %w", err)
	}
	byID := make(map[uuid.UUID]File, len(own))
	for _, file := range own {
		byID[file.ID] = file
	}
	ordered := make([]File, 0, len(ids))
	for _, id := range ids {
		file, ok := byID[id]
		if !ok {
			return nil, ErrNotFound.At("attachments")
		}
		ordered = append(ordered, file)
		delete(byID, id) // the same file twice in a message is none the second time
	}
	const claim = `update files set claimed_at = coalesce(claimed_at, now()), loose_since = null where id = any($1)`
	if _, err := tx.Exec(ctx, claim, ids); err != nil {
		return nil, fmt.Errorf("claim files: %w", err)
	}
	return ordered, nil
}
