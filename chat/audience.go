package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// This file is what others of the house may know of rooms without being in
// them: those who tell people of what was said.

// Listening is what a member wants to hear of a room.
type Listening struct {
	Account  uuid.UUID
	Name     string
	Role     string // in the organisation
	Language string
	Manager  bool
	Notify   string // all, mentions or none
	Read     int64
	Disabled bool
}

// Audience is a room with everybody in it.
type Audience struct {
	ID             uuid.UUID
	Kind           RoomKind
	Title, TitleEN string
	Archived       bool
	Members        []Listening
}

// Audience returns a room and who is in it.
func (s *Store) Audience(ctx context.Context, room uuid.UUID) (Audience, error) {
	a := Audience{ID: room}
	const q = `select kind, title, title_en, archived_at is not null from rooms where id = $1`
	err := s.pool.QueryRow(ctx, q, room).Scan(&a.Kind, &a.Title, &a.TitleEN, &a.Archived)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, ErrNoRoom
	}
	if err != nil {
		return a, fmt.Errorf("read room: %w", err)
	}
	const members = `
select a.id as account, a.name, a.role, a.language, ` + manages + ` as manager, m.notify, m.read_seq as read, a.disabled
from room_members m join accounts a on a.id = m.account_id join rooms r on r.id = m.room_id
where m.room_id = $1 order by a.id`
	rows, _ := s.pool.Query(ctx, members, room)
	if a.Members, err = pgx.CollectRows(rows, pgx.RowToStructByName[Listening]); err != nil {
		return a, fmt.Errorf("read members: %w", err)
	}
	return a, nil
}

// AllHeads returns the newest number of every room.
func (s *Store) AllHeads(ctx context.Context) (map[uuid.UUID]int64, error) {
	rows, _ := s.pool.Query(ctx, `select id, seq from rooms`)
	heads := make(map[uuid.UUID]int64)
	var (
		room uuid.UUID
		seq  int64
	)
	if _, err := pgx.ForEachRow(rows, []any{&room, &seq}, func() error { heads[room] = seq; return nil }); err != nil {
		return nil, fmt.Errorf("read heads of all rooms: %w", err)
	}
	return heads, nil
}

// EventsAfter returns a room's events after a number for those who act on them
// inside the house, whoever may read the room.
func (s *Store) EventsAfter(ctx context.Context, room uuid.UUID, after int64, limit int) ([]Event, error) {
	return s.eventsAfter(ctx, room, after, clampPage(limit))
}

// Reading is how far a member has read a room.
type Reading struct {
	Account, Room uuid.UUID
	Seq           int64
}

// Readings returns how far accounts have read those of the rooms that they are in.
func (s *Store) Readings(ctx context.Context, accounts, rooms []uuid.UUID) ([]Reading, error) {
	const q = `
select account_id as account, room_id as room, read_seq as seq from room_members where account_id = any($1) and room_id = any($2)`
	rows, _ := s.pool.Query(ctx, q, accounts, rooms)
	marks, err := pgx.CollectRows(rows, pgx.RowToStructByName[Reading])
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	return marks, nil
}
