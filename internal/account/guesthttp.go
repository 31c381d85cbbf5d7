package account

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// Meetings tells a guest about the one meeting their link opens.
type Meetings interface {
	Invitation(ctx context.Context, meeting uuid.UUID) (Invited, error)
	Calendar(ctx context.Context, meeting, invitee uuid.UUID) ([]byte, error)
}

// Invited is what a guest is shown before entering.
type Invited struct {
	MeetingID      uuid.UUID `json:"meeting_id"`
	RoomID         uuid.UUID `json:"room_id"`
	Title          string    `json:"title"`
	HostName       string    `json:"host_name"`
	OrganisationZH string    `json:"organisation_zh"`
	OrganisationEN string    `json:"organisation_en"`
	StartsAt       time.Time `json:"starts_at"`
	EndsAt         time.Time `json:"ends_at"`
	TimeZone       string    `json:"time_zone" doc:"the meeting's own zone"`
	GuestName      string    `json:"guest_name"`
	Language       string    `json:"language" enum:"zh-CN,en"`
	MayBeRecorded  bool      `json:"may_be_recorded"`
	State          string    `json:"state" enum:"planned,live,ended,cancelled"`
}

// GuestHTTP serves those who come by a personal link.
type GuestHTTP struct {
	*HTTP
	Meetings Meetings
}

// Register adds the operations. All but the first two need the guest's cookie.
func (h *GuestHTTP) Register(api huma.API) {
	huma.Register(api, Public(op("lookAtGuestLink", http.MethodPost, "/api/guest/link", "What a personal link opens")), h.look)
	huma.Register(api, rest.Costly(3, Public(op("enterAsGuest", http.MethodPost, "/api/guest/session", "Use a personal link on this device"))), h.enter)
	huma.Register(api, Public(op("currentGuest", http.MethodGet, "/api/guest/session", "Which guest this device is")), h.current)
	huma.Register(api, Public(op("guestCalendar", http.MethodGet, "/api/guest/calendar.ics", "The meeting for a calendar")), h.calendar)
}

func (h *GuestHTTP) invited(ctx context.Context, g Guest) (Invited, error) {
	inv, err := h.Meetings.Invitation(ctx, g.MeetingID)
	inv.GuestName, inv.Language = g.Name, g.Language
	return inv, err
}

func (h *GuestHTTP) look(ctx context.Context, in *lookInput) (*rest.Body[Invited], error) {
	g, err := h.Guests.Look(ctx, in.Body.Token)
	if err != nil {
		return nil, err
	}
	inv, err := h.invited(ctx, g)
	return rest.Reply(inv, err)
}

type enterInput struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Body      struct {
		Token    string `json:"token" maxLength:"200"`
		Name     string `json:"name" maxLength:"400"`
		Language string `json:"language" enum:"zh-CN,en"`
		TimeZone string `json:"time_zone" maxLength:"100"`
	}
}

// guestPerson is a guest as others see them.
type guestPerson struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind" enum:"guest"`
	Name string    `json:"name"`
}

type guestView struct {
	Guest      guestPerson `json:"guest"`
	Invitation Invited     `json:"invitation"`
}

func (h *GuestHTTP) enter(ctx context.Context, in *enterInput) (*Signed[guestView], error) {
	b := in.Body
	g, cookie, err := h.Guests.Enter(ctx, b.Token, Guest{Name: b.Name, Language: b.Language, TimeZone: b.TimeZone}, Device{Name: in.UserAgent, Address: Address(ctx)})
	if err != nil {
		return nil, err
	}
	v, err := h.view(ctx, g)
	return &Signed[guestView]{SetCookie: h.cookie(GuestCookie, cookie, sessionLife), Body: v}, err
}

func (h *GuestHTTP) view(ctx context.Context, g Guest) (guestView, error) {
	inv, err := h.invited(ctx, g)
	return guestView{Guest: guestPerson{g.ID, "guest", g.Name}, Invitation: inv}, err
}

func (h *GuestHTTP) current(ctx context.Context, _ *rest.Empty) (*rest.Body[guestView], error) {
	g, ok := GuestFrom(ctx)
	if !ok {
		return nil, ErrSignedOut
	}
	v, err := h.view(ctx, g)
	return rest.Reply(v, err)
}

type calendarOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

var errOver = problem.New(http.StatusGone, "ended", "the meeting is over")

func (h *GuestHTTP) calendar(ctx context.Context, _ *rest.Empty) (*calendarOutput, error) {
	g, ok := GuestFrom(ctx)
	if !ok {
		return nil, ErrSignedOut
	}
	if g.Over() {
		return nil, errOver
	}
	body, err := h.Meetings.Calendar(ctx, g.MeetingID, g.ID)
	if err != nil {
		return nil, err
	}
	return &calendarOutput{"text/calendar; charset=utf-8", `attachment; filename="meeting.ics"`, body}, nil
}
