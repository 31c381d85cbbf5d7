package chat

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// ErrNoFile: to whoever may read no message that carries it, a file does not
// exist.
var ErrNoFile = problem.NotFound("file")

// carries is the condition that a message carries a file, which the index
// messages_files answers.
const carries = `m.attachments <> '[]' and m.attachments @> jsonb_build_array(jsonb_build_object('id', f.id::text))`

// MayReadFile returns nil when a message that the caller may read carries the
// file.
func (s *Store) MayReadFile(ctx context.Context, c Caller, file uuid.UUID) error {
	const q = `
select exists (
    select from (select @file::uuid as id) f join messages m on ` + carries + `
    where m.deleted_at is null and (m.room_id = @guest_room and m.seq > @since or exists (
        select from room_members r where r.room_id = m.room_id and r.account_id = @account)))`
	arguments := pgx.NamedArgs{"file": file, "account": nil, "guest_room": nil, "since": c.GuestSince}
	switch {
	case c.Kind == AccountPerson:
		arguments["account"] = c.ID
	case c.GuestRoom != uuid.Nil:
		arguments["guest_room"] = c.GuestRoom
	}
	var may bool
	if err := s.pool.QueryRow(ctx, q, arguments).Scan(&may); err != nil {
		return fmt.Errorf("look for messages with file %s: %w", file, err)
	}
	if !may {
		return ErrNoFile
	}
	return nil
}

// CarriedFiles returns those of the files that some message carries, or one that
// is posted later.
func (s *Store) CarriedFiles(ctx context.Context, files []uuid.UUID) ([]uuid.UUID, error) {
	const q = `select f.id from unnest($1::uuid[]) f (id) where exists (select from messages m where ` + carries + `)
    or exists (select from scheduled_messages l where l.content->'attachments' ? f.id::text)`
	rows, _ := s.pool.Query(ctx, q, files)
	carried, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for messages with files: %w", err)
	}
	return carried, nil
}
