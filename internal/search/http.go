package search

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves the search.
type HTTP struct{ search *Search }

// NewHTTP returns the handlers over a search.
func NewHTTP(s *Search) *HTTP { return &HTTP{search: s} }

// maxTyped is how many characters are looked at.
const maxTyped = 200

type input struct {
	Q       string    `query:"q" maxLength:"800" doc:"What was typed"`
	In      []Kind    `query:"in" enum:"people,rooms,contacts,meetings,minutes,messages,files" doc:"Only these kinds; none: all"`
	Room    string    `query:"room" doc:"Only in this room"`
	By      string    `query:"by" doc:"Only by this person"`
	From    time.Time `query:"from" doc:"Not before"`
	To      time.Time `query:"to" doc:"Before"`
	HasFile bool      `query:"has_file" doc:"Only messages with files"`
	Topic   string    `query:"topic" maxLength:"240" doc:"Only of this topic"`
	Cursor  string    `query:"cursor" maxLength:"200" doc:"The next page; of one kind alone"`
	Limit   int       `query:"limit" minimum:"1" maximum:"50" default:"8" doc:"Of each kind"`
}

// Hits are what was found.
type Hits struct {
	Groups []HitGroup `json:"groups"`
}

// Register adds the operation.
func (h *HTTP) Register(api huma.API) {
	huma.Register(api, rest.Costly(5, rest.Operation("search", "search", http.MethodGet, "/api/search",
		"Find people, rooms, contacts, meetings, minutes, messages and files")), h.find)
}

func (h *HTTP) find(ctx context.Context, in *input) (*rest.Body[Hits], error) {
	if _, err := account.Require(ctx); err != nil {
		return nil, err
	}
	a, err := in.asked()
	if err != nil {
		return nil, err
	}
	if a.Text == "" && !a.narrowed() {
		return rest.Reply(Hits{Groups: []HitGroup{}}, nil)
	}
	kinds := in.In
	if len(kinds) == 0 {
		kinds = Kinds()
	}
	slices.SortFunc(kinds, func(x, y Kind) int { return slices.Index(Kinds(), x) - slices.Index(Kinds(), y) })
	kinds = slices.Compact(kinds)
	if a.Cursor != "" && len(kinds) != 1 {
		return nil, problem.Invalid("cursor", "goes with one kind")
	}
	return rest.Reply(Hits{Groups: h.search.Find(ctx, kinds, a)}, nil)
}

func (in *input) asked() (Asked, error) {
	a := Asked{
		Text: strings.TrimSpace(in.Q), From: in.From, To: in.To, HasFile: in.HasFile, Topic: in.Topic, Cursor: in.Cursor, Limit: in.Limit,
	}
	if utf8.RuneCountInString(a.Text) > maxTyped {
		return a, problem.Invalid("q", "at most %d characters", maxTyped)
	}
	if strings.ContainsRune(a.Text+a.Topic, 0) || !utf8.ValidString(a.Text+a.Topic) {
		return a, problem.Invalid("q", "no text")
	}
	var err error
	if a.Room, err = optionalID("room", in.Room); err != nil {
		return a, err
	}
	a.By, err = optionalID("by", in.By)
	return a, err
}

func optionalID(field, text string) (*uuid.UUID, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // not given
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return nil, problem.Invalid(field, "not an id")
	}
	return &id, nil
}
