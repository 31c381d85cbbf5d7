package chat

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// registerReading adds what is read of a room besides its timeline, and who has
// read what.
func (h *HTTP) registerReading(api huma.API) {
	huma.Register(api, op("listMessageVersions", http.MethodGet, "/api/rooms/{id}/messages/{message}/versions", "What a message said before it was edited"), h.versions)
	huma.Register(api, op("listTopics", http.MethodGet, "/api/rooms/{id}/topics", "What a room's messages are about, the most recently used first"), h.topics)
	huma.Register(api, op("listPins", http.MethodGet, "/api/rooms/{id}/pins", "The messages that a room keeps in sight"), h.pins)
	huma.Register(api, rest.Costly(2, op("listReaders", http.MethodGet, "/api/rooms/{id}/messages/{message}/readers", "Who has read a message, and who has confirmed it")), h.readers)
	huma.Register(api, rest.Costly(5, op("chaseReaders", http.MethodPost, "/api/rooms/{id}/messages/{message}/chase", "Remind those who have not confirmed a message")), h.chase)
}

// CallerOf is an account as the store knows people.
func CallerOf(a account.Account) Caller {
	return Caller{Person: Person{ID: a.ID, Kind: AccountPerson, Name: a.Name}}
}

// RequireCaller returns the account that a request comes from, as the store
// knows it, or account.ErrSignedOut.
func RequireCaller(ctx context.Context) (Caller, error) {
	me, err := account.Require(ctx)
	return CallerOf(me), err
}

type messageInput struct {
	ID      uuid.UUID `path:"id"`
	Message uuid.UUID `path:"message"`
}

func (h *HTTP) versions(ctx context.Context, in *messageInput) (*rest.Body[[]Version], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.Store.Versions(ctx, c, in.ID, in.Message))
}

type topicsInput struct {
	ID     uuid.UUID `path:"id"`
	Before int64     `query:"before" minimum:"0" doc:"the last_seq of the last topic of the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// TopicPage is a part of a room's topics.
type TopicPage struct {
	Items []Topic `json:"items" nullable:"false"`
	More  bool    `json:"more"`
}

func (h *HTTP) topics(ctx context.Context, in *topicsInput) (*rest.Body[TopicPage], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	topics, more, err := h.Store.Topics(ctx, c, in.ID, in.Before, in.Limit)
	return rest.Reply(TopicPage{topics, more}, err)
}

func (h *HTTP) pins(ctx context.Context, in *rest.ByID) (*rest.Body[[]PinnedMessage], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.Store.Pins(ctx, c, in.ID))
}

// ReaderView is a member, as far as one message is concerned.
type ReaderView struct {
	Person      Person     `json:"person"`
	AccountRole string     `json:"account_role" enum:"admin,staff,station,ambassador"`
	StationID   *uuid.UUID `json:"station_id,omitempty"`
	TimeZone    string     `json:"time_zone"`
	Read        bool       `json:"read"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	JoinedLater bool       `json:"joined_later" doc:"came after the message and has not confirmed it: counted neither as having read it nor as not"`
}

// ReadListView says who has read a message; its author is not among them.
type ReadListView struct {
	MustConfirm bool         `json:"must_confirm"`
	Urgent      bool         `json:"urgent"`
	MayChase    bool         `json:"may_chase" doc:"the caller may remind those who have not confirmed"`
	ChasedAt    *time.Time   `json:"chased_at,omitempty"`
	Readers     []ReaderView `json:"readers" nullable:"false"`
}

func (h *HTTP) readers(ctx context.Context, in *messageInput) (*rest.Body[ReadListView], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.Store.Readers(ctx, c, in.ID, in.Message)
	if err != nil {
		return nil, err
	}
	v := ReadListView{
		MustConfirm: list.MustConfirm, Urgent: list.Urgent, MayChase: list.MayChase && h.Store.Chaser != nil,
		ChasedAt: list.ChasedAt, Readers: make([]ReaderView, 0, len(list.Readers)),
	}
	for _, r := range list.Readers {
		v.Readers = append(v.Readers, ReaderView{
			Person: Person{r.ID, AccountPerson, r.Name}, AccountRole: r.AccountRole, StationID: r.StationID,
			TimeZone: r.TimeZone, Read: r.Read, ConfirmedAt: r.ConfirmedAt, JoinedLater: r.JoinedLater,
		})
	}
	return rest.Reply(v, nil)
}

type chaseInput struct {
	ID      uuid.UUID `path:"id"`
	Message uuid.UUID `path:"message"`
	Body    struct {
		Urgent bool `json:"urgent" doc:"at night, too"`
	}
}

// ChasedView is one who is reminded, and when.
type ChasedView struct {
	Person   Person    `json:"person"`
	TimeZone string    `json:"time_zone"`
	At       time.Time `json:"at"`
	Asleep   bool      `json:"asleep" doc:"it is night there"`
}

func (h *HTTP) chase(ctx context.Context, in *chaseInput) (*rest.Body[[]ChasedView], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	chased, err := h.Store.ChaseUnconfirmed(ctx, c, in.ID, in.Message, in.Body.Urgent)
	if err != nil {
		return nil, err
	}
	views := make([]ChasedView, 0, len(chased))
	for _, p := range chased {
		p.At = p.At.UTC()
		views = append(views, ChasedView(p))
	}
	return rest.Reply(views, nil)
}
