package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Transcription is a room's whole history at one moment.
type Transcription struct {
	ID             uuid.UUID
	Kind           RoomKind
	Title, TitleEN string
	CreatedAt      time.Time
	Head           int64
	Members        []RoomMember

	tx pgx.Tx
}

// Transcribe hands the whole history of a room, as it is at this moment, to
// whoever manages it, and remembers that they have it. In a room of two both
// may.
func (s *Store) Transcribe(ctx context.Context, by uuid.UUID, room uuid.UUID, do func(*Transcription) error) error {
	members, err := s.mayTranscribe(ctx, by, room)
	if err != nil {
		return err
	}
	record := func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, "room.export", room, map[string]any{"members": len(members)})
	}
	if err := postgres.InTx(ctx, s.pool, record); err != nil {
		return err
	}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = postgres.InTxAs(ctx, s.pool, options, func(ctx context.Context, tx pgx.Tx) error {
		t := &Transcription{ID: room, Members: members, tx: tx}
		const q = `select kind, title, title_en, created_at, seq from rooms where id = $1`
		if err := tx.QueryRow(ctx, q, room).Scan(&t.Kind, &t.Title, &t.TitleEN, &t.CreatedAt, &t.Head); err != nil {
			return err
		}
		return do(t)
	})
	if err != nil {
		return fmt.Errorf("transcribe room %s: %w", room, err)
	}
	return nil
}

// MayTranscribe is nil for whom Transcribe would hand the history to.
func (s *Store) MayTranscribe(ctx context.Context, by, room uuid.UUID) error {
	_, err := s.mayTranscribe(ctx, by, room)
	return err
}

func (s *Store) mayTranscribe(ctx context.Context, by, room uuid.UUID) ([]RoomMember, error) {
	r, err := s.Room(ctx, by, room)
	if err != nil {
		return nil, err
	}
	if !r.Manages && r.Kind != Direct {
		return nil, problem.Forbidden("only the room's managers export it")
	}
	return s.Members(ctx, room)
}

// Transcribed is a message with what it said before.
type Transcribed struct {
	Message
	Versions []Version
}

// Each calls do with every message, in order. It may be called again.
func (t *Transcription) Each(ctx context.Context, do func(Transcribed) error) error {
	for after := int64(0); ; {
		messages, more, err := readAfter(ctx, t.tx, t.ID, Part{After: after, Limit: maxPage})
		if err != nil {
			return err
		}
		versions, err := t.versions(ctx, messages)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := do(Transcribed{m, versions[m.ID]}); err != nil {
				return err
			}
			after = m.Seq
		}
		if !more {
			return nil
		}
	}
}

func (t *Transcription) versions(ctx context.Context, of []Message) (map[uuid.UUID][]Version, error) {
	ids := make([]uuid.UUID, 0, len(of))
	for _, m := range of {
		if m.EditedAt != nil {
			ids = append(ids, m.ID)
		}
	}
	found := make(map[uuid.UUID][]Version)
	if len(ids) == 0 {
		return found, nil
	}
	const q = `
select message_id, text, text_en, replaced_at from message_versions where message_id = any($1) order by message_id, seq`
	rows, _ := t.tx.Query(ctx, q, ids)
	var (
		id uuid.UUID
		v  Version
	)
	_, err := pgx.ForEachRow(rows, []any{&id, &v.Text, &v.TextEN, &v.ReplacedAt}, func() error {
		found[id] = append(found[id], v)
		return nil
	})
	return found, err
}

// Imported is a message that comes from elsewhere: under an id that replies to
// it name, with a name for its author, and its files among the importer's own.
type Imported struct {
	NewMessage
	ID        uuid.UUID
	Author    Person
	Forwarded *Forwarded
	Reactions []Reaction
}

// Importing hands over messages one after the other, so that not all of them
// are in memory.
type Importing func(ctx context.Context, do func(Imported) error) error

// ImportRoom makes a group of messages that come from elsewhere, owned by the
// importer. Nobody is impersonated: authors are names, not accounts of this hub.
func (s *Store) ImportRoom(ctx context.Context, by Caller, title string, messages Importing) (uuid.UUID, error) {
	var room uuid.UUID
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) (err error) {
		if room, err = s.CreateRoom(ctx, tx, NewRoom{Kind: Group, Title: title, Owner: by.ID}); err != nil {
			return err
		}
		head, err := s.importAll(ctx, tx, by, room, messages)
		if err != nil {
			return err
		}
		if err := s.record(ctx, tx, "room.import", room, map[string]any{"messages": head, "title": title}); err != nil {
			return err
		}
		// What was said elsewhere is no news.
		_, err = tx.Exec(ctx, `update room_members set read_seq = $2 where room_id = $1`, room, head)
		return err
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("import room: %w", err)
	}
	s.announce.MembersChanged(ctx, room, []uuid.UUID{by.ID})
	return room, nil
}

// importAll stores messages in batches and returns the number of the last.
func (s *Store) importAll(ctx context.Context, tx pgx.Tx, by Caller, room uuid.UUID, messages Importing) (head int64, err error) {
	chunk := make([]Imported, 0, maxBatch)
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		if err := s.importSome(ctx, tx, by, room, head, chunk); err != nil {
			return err
		}
		head += int64(len(chunk))
		clear(chunk)
		chunk = chunk[:0]
		return nil
	}
	err = messages(ctx, func(m Imported) error {
		if chunk = append(chunk, m); len(chunk) < maxBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return head, err
}

func (s *Store) importSome(ctx context.Context, tx pgx.Tx, by Caller, room uuid.UUID, head int64, chunk []Imported) error {
	posts := make([]*posting, 0, len(chunk))
	var reactions pgx.Batch
	for i := range chunk {
		p, err := s.imported(ctx, tx, by, room, &chunk[i])
		if err != nil {
			return fmt.Errorf("message %s: %w", chunk[i].ClientID, err)
		}
		posts = append(posts, p)
		for _, r := range chunk[i].Reactions {
			for _, who := range r.By {
				reactions.Queue(insertReaction, p.id, r.Emoji, who.ID, who.Kind, who.Name)
			}
		}
	}
	if err := insertPosts(ctx, tx, room, head, posts); err != nil || reactions.Len() == 0 {
		return err
	}
	return tx.SendBatch(ctx, &reactions).Close()
}

func (s *Store) imported(ctx context.Context, tx pgx.Tx, by Caller, room uuid.UUID, m *Imported) (*posting, error) {
	m.Room = room
	if err := m.check(); err != nil {
		return nil, err
	}
	for _, r := range m.Reactions {
		if !IsEmoji(r.Emoji) {
			return nil, problem.Invalid("reactions", "emoji")
		}
	}
	p := &posting{by: Caller{Person: m.Author}, NewMessage: m.NewMessage, id: m.ID, forwarded: m.Forwarded}
	if len(m.Attachments) > 0 {
		var err error
		if p.attachments, err = s.claim(ctx, tx, by, m.Attachments); err != nil {
			return nil, err
		}
	}
	p.lexemes = s.lexemes(p.Text, p.TextEN, p.Topic, p.attachments)
	return p, nil
}
