package minutes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// check checks a block as it is written; the error names the field.
func (t BlockText) check() error {
	switch t.Kind {
	case BlockAgenda, BlockDiscussion, BlockDecision, BlockAction:
	default:
		return problem.Invalid("kind", "agenda, discussion, decision or action")
	}
	if strings.ContainsRune(t.Text, 0) {
		return problem.Invalid("text", "contains control characters")
	}
	if strings.ContainsRune(t.Owner, 0) {
		return problem.Invalid("owner", "contains control characters")
	}
	if t.Due == nil {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, *t.Due); err != nil {
		return problem.Invalid("due", "a date such as 2026-12-01")
	}
	return nil
}

func readBlock(ctx context.Context, db querier, minutes, id uuid.UUID) (Block, error) {
	const q = `select` + blockColumns + ` from minutes_blocks where minutes_id = $1 and id = $2 and not deleted`
	rows, _ := db.Query(ctx, q, minutes, id)
	block, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Block])
	if errors.Is(err, pgx.ErrNoRows) {
		return Block{}, ErrBlockNotFound
	}
	if err != nil {
		return Block{}, fmt.Errorf("read block %s: %w", id, err)
	}
	return block, nil
}

// insertBlock adds a block and its first version.
func insertBlock(ctx context.Context, tx pgx.Tx, minutes uuid.UUID, position int, t BlockText, by account.Account) (uuid.UUID, error) {
	id := uuid.Must(uuid.NewV7())
	const q = `
insert into minutes_blocks (id, minutes_id, position, kind, text, owner, due, updated_by_name)
values (@id, @minutes, @position, @kind, @text, @owner, @due::text::date, @by)`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": id, "minutes": minutes, "position": position, "kind": t.Kind, "text": t.Text, "owner": t.Owner,
		"due": t.Due, "by": by.Name,
	}); err != nil {
		return id, fmt.Errorf("insert block: %w", err)
	}
	return id, keepVersion(ctx, tx, id, by)
}

// keepVersion adds a block as it now is to its versions.
func keepVersion(ctx context.Context, tx pgx.Tx, block uuid.UUID, by account.Account) error {
	const q = `
insert into minutes_block_versions (block_id, revision, kind, text, owner, due, deleted, by_id, by_name)
select id, revision, kind, text, owner, due, deleted, $2, $3 from minutes_blocks where id = $1`
	if _, err := tx.Exec(ctx, q, block, by.ID, by.Name); err != nil {
		return fmt.Errorf("keep version of block %s: %w", block, err)
	}
	return nil
}

// AddBlock adds a block after another one, or at the end.
func (b *Book) AddBlock(ctx context.Context, minutes uuid.UUID, n NewBlock) (Block, error) {
	if err := n.check(); err != nil {
		return Block{}, err
	}
	var added Block
	_, err := b.edit(ctx, minutes, func(tx pgx.Tx, _ head, by account.Account) error {
		position, err := makeRoom(ctx, tx, minutes, n.After)
		if err != nil {
			return err
		}
		id, err := insertBlock(ctx, tx, minutes, position, n.BlockText, by)
		if err != nil {
			return err
		}
		added, err = readBlock(ctx, tx, minutes, id)
		return err
	})
	return added, err
}

// makeRoom returns the position after a block, moving those behind it on.
func makeRoom(ctx context.Context, tx pgx.Tx, minutes uuid.UUID, after *uuid.UUID) (int, error) {
	if after == nil {
		var end int
		const q = `select coalesce(max(position) + 1, 0) from minutes_blocks where minutes_id = $1`
		err := tx.QueryRow(ctx, q, minutes).Scan(&end)
		return end, err
	}
	before, err := readBlock(ctx, tx, minutes, *after)
	if errors.Is(err, ErrBlockNotFound) {
		return 0, problem.Invalid("after", "no such block")
	}
	if err != nil {
		return 0, err
	}
	const q = `update minutes_blocks set position = position + 1 where minutes_id = $1 and position > $2`
	_, err = tx.Exec(ctx, q, minutes, before.Position)
	return before.Position + 1, err
}

// SaveBlock saves a block, unless another save came first: then the problem
// carries the block as it now is, for the writer to compare.
func (b *Book) SaveBlock(ctx context.Context, minutes, block uuid.UUID, change BlockChange) (Block, error) {
	if err := change.check(); err != nil {
		return Block{}, err
	}
	const q = `
update minutes_blocks set kind = @kind, text = @text, owner = @owner, due = @due::text::date, revision = revision + 1,
    updated_by_name = @by, updated_at = now()
where id = @id`
	return b.saveBlock(ctx, minutes, block, change.Revision, func(tx pgx.Tx, by account.Account) error {
		_, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": block, "kind": change.Kind, "text": change.Text, "owner": change.Owner, "due": change.Due, "by": by.Name,
		})
		return err
	})
}

// DeleteBlock takes a block away; its versions stay.
func (b *Book) DeleteBlock(ctx context.Context, minutes, block uuid.UUID, revision int) error {
	const q = `
update minutes_blocks set deleted = true, revision = revision + 1, updated_by_name = $2, updated_at = now() where id = $1`
	_, err := b.saveBlock(ctx, minutes, block, revision, func(tx pgx.Tx, by account.Account) error {
		_, err := tx.Exec(ctx, q, block, by.Name)
		return err
	})
	return err
}

func (b *Book) saveBlock(ctx context.Context, minutes, block uuid.UUID, revision int, save func(tx pgx.Tx, by account.Account) error) (Block, error) {
	var saved Block
	_, err := b.edit(ctx, minutes, func(tx pgx.Tx, _ head, by account.Account) error {
		current, err := readBlock(ctx, tx, minutes, block)
		if err != nil {
			return err
		}
		if current.Revision != revision {
			return ErrBlockChanged.With("current", current)
		}
		if err := save(tx, by); err != nil {
			return err
		}
		if err := keepVersion(ctx, tx, block, by); err != nil {
			return err
		}
		saved, err = readBlock(ctx, tx, minutes, block)
		if errors.Is(err, ErrBlockNotFound) {
			return nil // it was taken away
		}
		return err
	})
	return saved, err
}

// BlockVersions lists what a block said, newest first, also of one that was
// taken away; for those who write the minutes.
func (b *Book) BlockVersions(ctx context.Context, minutes, block uuid.UUID) ([]BlockVersion, error) {
	h, err := b.readable(ctx, minutes)
	if err != nil {
		return nil, err
	}
	if _, err := b.writer(ctx, h.MeetingID); err != nil {
		return nil, err
	}
	const q = `
select v.revision, v.kind, v.text, v.owner, to_char(v.due, 'YYYY-MM-DD') as due, v.deleted, v.by_name, v.at
from minutes_block_versions v join minutes_blocks b on b.id = v.block_id
where b.minutes_id = $1 and b.id = $2 order by v.revision desc`
	rows, _ := b.Pool.Query(ctx, q, minutes, block)
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByName[BlockVersion])
	if err != nil {
		return nil, fmt.Errorf("read versions of block %s: %w", block, err)
	}
	if len(versions) == 0 {
		return nil, ErrBlockNotFound
	}
	return versions, nil
}
