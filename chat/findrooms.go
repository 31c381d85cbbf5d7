package chat

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// FoundRoom is a room that was found by its name.
type FoundRoom struct {
	ID          uuid.UUID
	Kind        RoomKind
	Title       string
	TitleEN     string
	Counterpart *Person
	MemberCount int
}

// FindRooms finds rooms of the caller by their names: characters, pinyin,
// initials or Latin letters; a direct room by the other person's. The rooms
// used last come first.
func (s *Store) FindRooms(ctx context.Context, c Caller, query string, limit int) ([]FoundRoom, error) {
	terms := s.reader.Terms(query)
	if len(terms) == 0 || c.Kind == GuestPerson {
		return nil, nil
	}
	const q = `
select r.id, r.kind, r.title, r.title_en,
    (select jsonb_build_object('id', a.id, 'kind', 'account', 'name', a.name)
        from room_members o join accounts a on a.id = o.account_id
        where r.kind = 'direct' and o.room_id = r.id and o.account_id <> m.account_id limit 1) as counterpart,
    (select count(*) from room_members o where o.room_id = r.id) as member_count
from room_members m join rooms r on r.id = m.room_id
where m.account_id = $1
order by coalesce((select x.posted_at from messages x where x.room_id = r.id order by x.seq desc limit 1), r.created_at) desc, r.id`
	rows, _ := s.pool.Query(ctx, q, c.ID)
	rooms, err := pgx.CollectRows(rows, pgx.RowToStructByName[FoundRoom])
	if err != nil {
		return nil, fmt.Errorf("read rooms to search: %w", err)
	}
	rooms = slices.DeleteFunc(rooms, func(r FoundRoom) bool {
		named := textsearch.Named{Names: []string{r.Title}, Texts: []string{r.TitleEN}}
		if r.Counterpart != nil {
			named = textsearch.Named{Person: true, Names: []string{r.Counterpart.Name}}
		}
		return !s.reader.Keys(named).Match(terms)
	})
	return rooms[:min(len(rooms), limit)], nil
}
