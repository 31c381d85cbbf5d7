package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// Search says which messages are looked for. Empty fields do not narrow.
type Search struct {
	// Text is what somebody typed; see package textsearch for what it finds.
	Text string
	// Names looks at the names of files alone.
	Names    bool
	Room     *uuid.UUID
	By       *uuid.UUID
	From, To time.Time
	HasFile  bool
	Topic    string
	// Cursor is where the page before ended.
	Cursor string
	Limit  int
}

// Hit is a message that was found.
type Hit struct {
	Message Message
	// Excerpt is the part of its text around what was looked for.
	Excerpt []textsearch.Piece
	// RoomTitle names its room; empty for a direct one, whose Counterpart is
	// the other person.
	RoomKind               RoomKind
	RoomTitle, RoomTitleEN string
	Counterpart            *Person
}

// Hits are a page of what was found, newest first.
type Hits struct {
	Hits []Hit
	// Next is the cursor of the next page; empty on the last.
	Next string
}

const (
	// spareCandidates are read beyond a page, for those that hold the parts of a
	// query and not the whole. Each further batch is twice as large.
	spareCandidates = 10
	// maxCandidates bounds what one page may cost: then it ends early and says
	// where to go on.
	maxCandidates = 2000
	maxHits       = 50
)

// place is where a message stands in the order of searching.
type place struct {
	At time.Time
	ID uuid.UUID
}

func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.At.UnixMicro(), 36) + " " + p.ID.String()))
}

func parsePlace(cursor string) (p place, err error) {
	raw, rawErr := base64.RawURLEncoding.DecodeString(cursor)
	at, id, _ := strings.Cut(string(raw), " ")
	micros, timeErr := strconv.ParseInt(at, 36, 64)
	p.At = time.UnixMicro(micros)
	p.ID, err = uuid.Parse(id)
	if err = errors.Join(rawErr, err, timeErr); err != nil || p.At.Year() < 1970 || p.At.Year() > 9999 {
		return place{}, problem.Invalid("cursor", "not a cursor of this search")
	}
	return p, nil
}

// found is a candidate as the database gives it.
type found struct {
	stored
	RoomKind               RoomKind
	RoomTitle, RoomTitleEN string
	Counterpart            *Person
}

// Search finds messages in the rooms that the caller may read, newest first.
// The database gives those that hold all parts of the query; that they hold the
// query itself is checked here.
func (s *Store) Search(ctx context.Context, c Caller, q Search) (Hits, error) {
	typed := s.reader.Query(q.Text)
	if strings.TrimSpace(q.Text) != "" && typed.Empty() {
		return Hits{}, nil // nothing but punctuation
	}
	if q.Limit < 1 || q.Limit > maxHits {
		q.Limit = 20
	}
	rooms, err := s.RoomIDs(ctx, c)
	if err != nil || len(rooms) == 0 {
		return Hits{}, err
	}
	statement, arguments, err := searchStatement(c, rooms, q, typed)
	if err != nil {
		return Hits{}, err
	}
	var page Hits
	for batch, read := q.Limit+spareCandidates, 0; read < maxCandidates; batch, read = 2*batch, read+batch {
		arguments["limit"] = batch
		candidates, err := s.candidates(ctx, statement, arguments)
		if err != nil {
			return Hits{}, err
		}
		for _, f := range candidates {
			if len(page.Hits) == q.Limit {
				page.Next = page.Hits[q.Limit-1].place().cursor()
				return page, nil
			}
			if hit, ok := f.check(typed, q.Names); ok {
				page.Hits = append(page.Hits, hit)
			}
		}
		if len(candidates) < batch {
			page.Next = ""
			return page, nil
		}
		last := candidates[len(candidates)-1]
		arguments["at"], arguments["id"] = last.PostedAt, last.ID
		page.Next = place{last.PostedAt, last.ID}.cursor()
	}
	return page, nil
}

func (h Hit) place() place { return place{h.Message.PostedAt, h.Message.ID} }

func (s *Store) candidates(ctx context.Context, statement string, arguments pgx.NamedArgs) ([]found, error) {
	// Planned anew each time: whether a query is common or rare decides the way.
	rows, _ := s.pool.Query(ctx, statement, pgx.QueryExecModeDescribeExec, arguments)
	candidates, err := pgx.CollectRows(rows, pgx.RowToStructByName[found])
	if err != nil {
		return nil, fmt.Errorf("search messages: %w", err)
	}
	return candidates, nil
}

// searchStatement writes the statement with only the conditions that narrow.
// The rooms are given as they are, so that the planner knows how much of all
// messages they hold; that the caller still is in a message's room is asked in
// the statement itself.
func searchStatement(c Caller, rooms []uuid.UUID, q Search, typed textsearch.Query) (string, pgx.NamedArgs, error) {
	arguments := pgx.NamedArgs{"me": c.ID, "rooms": rooms, "guest_room": nil}
	conditions := []string{"m.deleted_at is null", "m.room_id = any(@rooms)"}
	narrow := func(condition, name string, value any) {
		conditions = append(conditions, condition)
		arguments[name] = value
	}
	if c.Kind == GuestPerson {
		arguments["guest_room"] = c.GuestRoom
		narrow("m.seq > @since", "since", c.GuestSince)
	}
	if !typed.Empty() {
		narrow("m.search @@ @query::text::tsquery", "query", typed.TSQuery())
	}
	if q.Room != nil {
		narrow("m.room_id = @room", "room", *q.Room)
	}
	if q.By != nil {
		narrow("m.author_id = @by", "by", *q.By)
	}
	if !q.From.IsZero() {
		narrow("m.posted_at >= @from", "from", q.From)
	}
	if !q.To.IsZero() {
		narrow("m.posted_at < @to", "to", q.To)
	}
	if q.HasFile || q.Names {
		conditions = append(conditions, "m.attachments <> '[]'")
	}
	if q.Topic != "" {
		narrow("m.topic = @topic and m.topic <> ''", "topic", q.Topic)
	}
	after := place{At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if q.Cursor != "" {
		var err error
		if after, err = parsePlace(q.Cursor); err != nil {
			return "", nil, err
		}
	}
	arguments["at"], arguments["id"] = after.At, after.ID
	return `
with found as materialized (
    select m.* from messages m
    where ` + strings.Join(conditions, "\n        and ") + `
        and (m.posted_at, m.id) < (@at::timestamptz, @id::uuid)
    order by m.posted_at desc, m.id desc limit @limit)
select ` + messageColumns + `, r.kind as room_kind, r.title as room_title, r.title_en as room_title_en,
    (select jsonb_build_object('id', a.id, 'kind', 'account', 'name', a.name)
        from room_members o join accounts a on a.id = o.account_id
        where r.kind = 'direct' and o.room_id = r.id and o.account_id <> @me limit 1) as counterpart
from found m join rooms r on r.id = m.room_id
where r.id = @guest_room::uuid or exists (select from room_members x where x.room_id = r.id and x.account_id = @me)
order by m.posted_at desc, m.id desc`, arguments, nil
}

// check says whether a candidate holds the query, and where.
func (f found) check(typed textsearch.Query, namesOnly bool) (Hit, bool) {
	texts := []string{f.Text, f.TextEN, f.Topic}
	if namesOnly {
		texts = nil
	}
	for _, a := range f.Attachments {
		texts = append(texts, a.Name)
	}
	if !typed.Match(texts...) {
		return Hit{}, false
	}
	hit := Hit{
		Message: f.message(), RoomKind: f.RoomKind, RoomTitle: f.RoomTitle, RoomTitleEN: f.RoomTitleEN, Counterpart: f.Counterpart,
	}
	hit.Excerpt = typed.Excerpt(shownText(typed, f.Text, f.TextEN))
	return hit, true
}

// shownText is the one of a bilingual message's texts that holds the query.
func shownText(typed textsearch.Query, zh, en string) string {
	if en != "" && !typed.Match(zh) && typed.Match(en) {
		return en
	}
	return zh
}

// lexemes are what a message is found by.
func (s *Store) lexemes(text, textEN, topic string, attachments []Attachment) []string {
	texts := []string{text, textEN, topic}
	for _, a := range attachments {
		texts = append(texts, a.Name)
	}
	return s.reader.Tokens(texts...)
}
