package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Erased is what was found of a person and erased.
type Erased struct {
	Messages    int64 `json:"messages"`    // what they wrote, and copies that others forwarded
	Reactions   int64 `json:"reactions"`   //
	Names       int64 `json:"names"`       // other messages that had their name beside them
	Memberships int64 `json:"memberships"` //
	Scheduled   int64 `json:"scheduled"`   // messages that waited to be sent
	// Digest is the SHA-256 of the removed messages' rooms, numbers and ids, one a
	// line in that order: what the rooms' events still tell.
	Digest string `json:"digest"`
}

// Erase takes everything that a person said out of all rooms, and their name
// from beside what others said. Each changed message has an event, so that no
// client keeps it. It may be done again, and then finds nothing.
func (s *Store) Erase(ctx context.Context, person uuid.UUID, called string) (Erased, error) {
	var e Erased
	for _, step := range []func(context.Context, uuid.UUID, string, *Erased) error{
		s.eraseMembership, s.eraseMessages, s.eraseTraces, s.digestErased,
	} {
		if err := step(ctx, person, called, &e); err != nil {
			return e, fmt.Errorf("erase person %s from rooms: %w", person, err)
		}
	}
	return e, nil
}

// eraseMembership ends what would bring new traces.
func (s *Store) eraseMembership(ctx context.Context, person uuid.UUID, _ string, e *Erased) error {
	var rooms []uuid.UUID
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from scheduled_messages where author_id = $1`, person)
		if err != nil {
			return err
		}
		e.Scheduled = tag.RowsAffected()
		rows, _ := tx.Query(ctx, `delete from room_members where account_id = $1 returning room_id`, person)
		if rooms, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return err
		}
		for _, room := range rooms {
			if err := keepOwner(ctx, tx, room); err != nil {
				return err
			}
		}
		return nil
	})
	e.Memberships = int64(len(rooms))
	for _, room := range rooms {
		s.announce.MembersChanged(ctx, room, []uuid.UUID{person})
	}
	return err
}

// said is the condition that a message m holds a person's words: they wrote it,
// or somebody forwarded it.
const said = `(m.author_id = @person and (m.deleted_at is null or m.author_name <> @called)
    or m.forwarded @> jsonb_build_object('author', jsonb_build_object('id', @person::text)))`

func (s *Store) eraseMessages(ctx context.Context, person uuid.UUID, called string, e *Erased) error {
	arguments := pgx.NamedArgs{"person": person, "called": called, "limit": removedAtATime}
	for {
		const next = `select m.room_id from messages m where ` + said + ` limit 1`
		rows, _ := s.pool.Query(ctx, next, arguments)
		rooms, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil || len(rooms) == 0 {
			return err
		}
		arguments["room"] = rooms[0]
		n, err := s.removeSome(ctx, rooms[0], RemovedByErasure, func(tx pgx.Tx) ([]uuid.UUID, error) {
			const choose = `select m.id from messages m where m.room_id = @room and ` + said + ` order by m.seq limit @limit for update`
			rows, _ := tx.Query(ctx, choose, arguments)
			chosen, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			if err != nil {
				return nil, err
			}
			const rename = `update messages set author_name = @called, topic = '' where id = any(@chosen) and author_id = @person`
			_, err = tx.Exec(ctx, rename, pgx.NamedArgs{"called": called, "chosen": chosen, "person": person})
			return chosen, err
		})
		e.Messages += int64(n)
		if err != nil {
			return err
		}
	}
}

// traced is the condition that a person's name stands beside what others said.
const traced = `(exists (select from reactions x where x.message_id = m.id and x.person_id = @person)
    or m.pinned @> jsonb_build_object('by', jsonb_build_object('id', @person::text))
        and not m.pinned @> jsonb_build_object('by', jsonb_build_object('name', @called::text))
    or m.call @> jsonb_build_object('by', jsonb_build_object('id', @person::text))
        and not m.call @> jsonb_build_object('by', jsonb_build_object('name', @called::text))
    or m.call @> jsonb_build_object('people', jsonb_build_array(jsonb_build_object('person', jsonb_build_object('id', @person::text))))
        and not m.call @> jsonb_build_object('people', jsonb_build_array(
            jsonb_build_object('person', jsonb_build_object('id', @person::text, 'name', @called::text)))))`

func (s *Store) eraseTraces(ctx context.Context, person uuid.UUID, called string, e *Erased) error {
	for {
		const next = `select m.room_id from messages m where ` + traced + ` limit 1`
		rows, _ := s.pool.Query(ctx, next, pgx.NamedArgs{"person": person, "called": called})
		rooms, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil || len(rooms) == 0 {
			return err
		}
		if err := s.eraseTracesIn(ctx, rooms[0], Person{ID: person, Name: called}, e); err != nil {
			return err
		}
	}
}

func (s *Store) eraseTracesIn(ctx context.Context, room uuid.UUID, p Person, e *Erased) error {
	return s.advance(ctx, room, func(tx pgx.Tx) (head int64, err error) {
		const choose = `
select m.id, m.pinned, m.call from messages m where m.room_id = @room and ` + traced + ` order by m.seq limit @limit for update`
		rows, _ := tx.Query(ctx, choose, pgx.NamedArgs{"room": room, "person": p.ID, "called": p.Name, "limit": removedAtATime})
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[trace])
		if err != nil || len(found) == 0 {
			return 0, err
		}
		ids := make([]uuid.UUID, 0, len(found))
		for _, t := range found {
			t.rename(p)
			ids = append(ids, t.ID)
			if _, err := tx.Exec(ctx, `update messages set pinned = $2, call = $3 where id = $1`, t.ID, t.Pinned, t.Call); err != nil {
				return 0, err
			}
		}
		tag, err := tx.Exec(ctx, `delete from reactions where message_id = any($1) and person_id = $2`, ids, p.ID)
		if err != nil {
			return 0, err
		}
		e.Reactions += tag.RowsAffected()
		e.Names += int64(len(ids))
		return appendEvents(ctx, tx, room, ids, Edited)
	})
}

// trace is what stands beside a message and may name a person.
type trace struct {
	ID     uuid.UUID
	Pinned *Pin
	Call   *CallRecord
}

func (t *trace) rename(p Person) {
	if t.Pinned != nil && t.Pinned.By.ID == p.ID {
		t.Pinned.By.Name = p.Name
	}
	if t.Call == nil {
		return
	}
	if t.Call.By.ID == p.ID {
		t.Call.By.Name = p.Name
	}
	for i := range t.Call.People {
		if t.Call.People[i].Person.ID == p.ID {
			t.Call.People[i].Person.Name = p.Name
		}
	}
}

func (s *Store) digestErased(ctx context.Context, person uuid.UUID, _ string, e *Erased) error {
	const q = `
select room_id, seq, id from messages where author_id = $1 and removed <> '' order by room_id, seq`
	rows, _ := s.pool.Query(ctx, q, person)
	sum := sha256.New()
	var (
		room, id uuid.UUID
		seq      int64
	)
	_, err := pgx.ForEachRow(rows, []any{&room, &seq, &id}, func() error {
		_, err := fmt.Fprintf(sum, "%s %d %s\n", room, seq, id)
		return err
	})
	e.Digest = hex.EncodeToString(sum.Sum(nil))
	return err
}

// RemainsOf counts what is left of a person in rooms: nothing, once they are
// erased. Words of others that speak of them are not looked for.
func (s *Store) RemainsOf(ctx context.Context, person uuid.UUID, called string) (map[string]int64, error) {
	counts := map[string]string{
		"messages":    `messages m where ` + said,
		"versions":    `message_versions v join messages m on m.id = v.message_id where m.author_id = @person`,
		"names":       `messages m where ` + traced,
		"memberships": `room_members where account_id = @person`,
		"scheduled":   `scheduled_messages where author_id = @person`,
	}
	remains := make(map[string]int64, len(counts))
	for what, from := range counts {
		var n int64
		if err := s.pool.QueryRow(ctx, "select count(*) from "+from, pgx.NamedArgs{"person": person, "called": called}).Scan(&n); err != nil {
			return nil, fmt.Errorf("count what is left of person %s: %w", person, err)
		}
		remains[what] = n
	}
	return remains, nil
}
