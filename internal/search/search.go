// Package search asks everything at once for what somebody typed: people,
// contacts, rooms, meetings, minutes, messages and files.
//
// It keeps nothing of its own. Each kind of thing is a source, answered by the
// feature that has it, with that feature's rights: what the asker may not read
// is never in an answer. The sources are asked at the same time; one that is
// slow or fails is said to be missing, and the others are shown.
package search

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// Kind says what was found.
type Kind string

// The kinds, in the order in which they are shown.
const (
	People   Kind = "people"
	Rooms    Kind = "rooms"
	Contacts Kind = "contacts"
	Meetings Kind = "meetings"
	Minutes  Kind = "minutes"
	Messages Kind = "messages"
	Files    Kind = "files"
)

// Kinds lists all kinds in order.
func Kinds() []Kind { return []Kind{People, Rooms, Contacts, Meetings, Minutes, Messages, Files} }

// patience is how long one source may take.
const patience = 2 * time.Second

// Asked is what is looked for. Empty fields do not narrow.
type Asked struct {
	// Text is as it was typed.
	Text     string
	Room     *uuid.UUID
	By       *uuid.UUID
	From, To time.Time
	HasFile  bool
	Topic    string
	// Cursor goes on after a page; only where one kind is asked for.
	Cursor string
	Limit  int
}

// narrowed says that more is asked for than a text.
func (a Asked) narrowed() bool {
	return a.Room != nil || a.By != nil || !a.From.IsZero() || !a.To.IsZero() || a.HasFile || a.Topic != ""
}

// Hit is one thing that was found. Which members are set depends on its kind.
type Hit struct {
	ID uuid.UUID `json:"id"`
	// Title names it; TitleEN is absent where that is the same in all languages.
	Title   []textsearch.Piece `json:"title"`
	TitleEN []textsearch.Piece `json:"title_en,omitempty"`
	// Text is what is shown below: a part of a message, or what somebody is.
	Text   []textsearch.Piece `json:"text,omitempty"`
	TextEN []textsearch.Piece `json:"text_en,omitempty"`
	// Sort is a kind within the kind: of a room, a person, a contact, or a state.
	Sort     string     `json:"sort,omitempty"`
	At       *time.Time `json:"at,omitempty"`
	TimeZone string     `json:"time_zone,omitempty"`
	Author   *HitAuthor `json:"author,omitempty"`
	Room     *HitRoom   `json:"room,omitempty"`
	// Seq is a message's place in its room.
	Seq     int64      `json:"seq,omitempty"`
	Meeting *uuid.UUID `json:"meeting,omitempty"`
	File    *HitFile   `json:"file,omitempty"`
}

// HitAuthor wrote something.
type HitAuthor struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// HitRoom is where something is.
type HitRoom struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title" doc:"of a direct room: the other person's name"`
	TitleEN string    `json:"title_en"`
	Kind    string    `json:"kind" enum:"station,group,direct,meeting"`
}

// HitFile is a file that a message carries.
type HitFile struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type"`
	Size    int64     `json:"size"`
	Preview bool      `json:"preview"`
}

// Found is what one source found.
type Found struct {
	Items []Hit
	// Next is the cursor of the next page; empty on the last.
	Next string
}

// Source finds things of one kind that the caller in ctx may read. Understands says
// whether it knows what the filters mean for its things: a source that does not is
// not asked.
type Source interface {
	Find(ctx context.Context, a Asked) (Found, error)
	Understands(a Asked) bool
}

// HitGroup is what was found of one kind.
type HitGroup struct {
	Kind  Kind  `json:"kind" enum:"people,rooms,contacts,meetings,minutes,messages,files"`
	Items []Hit `json:"items"`
	// NextCursor is absent on the last page, and where there are no pages.
	NextCursor *string `json:"next_cursor,omitempty"`
	// Failed: the source did not answer, so this may not be all.
	Failed bool `json:"failed"`
}

// Search asks the sources.
type Search struct {
	sources map[Kind]Source
	log     *slog.Logger
}

// New makes a search over sources; kinds without one are never found.
func New(log *slog.Logger, sources map[Kind]Source) *Search {
	return &Search{sources, log}
}

// Find asks the sources of some kinds, all at the same time, and returns the
// groups in the order of kinds. Kinds of which nothing is found have none.
func (s *Search) Find(ctx context.Context, kinds []Kind, a Asked) []HitGroup {
	groups := make([]HitGroup, len(kinds))
	var asking sync.WaitGroup
	for i, kind := range kinds {
		groups[i].Kind = kind
		source, known := s.sources[kind]
		if !known || !source.Understands(a) {
			continue
		}
		asking.Go(func() { groups[i] = s.ask(ctx, kind, source, a) })
	}
	asking.Wait()
	found := make([]HitGroup, 0, len(groups))
	for _, g := range groups {
		if len(g.Items) > 0 || g.Failed || g.NextCursor != nil {
			found = append(found, g)
		}
	}
	return found
}

func (s *Search) ask(ctx context.Context, kind Kind, source Source, a Asked) HitGroup {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	g := HitGroup{Kind: kind, Items: []Hit{}}
	found, err := source.Find(limited, a)
	if err != nil {
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "a source of the search did not answer", "source", kind, "err", err)
		}
		g.Failed = true
		return g
	}
	if len(found.Items) > 0 {
		g.Items = found.Items
	}
	if found.Next != "" {
		g.NextCursor = &found.Next
	}
	return g
}
