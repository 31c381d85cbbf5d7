package schedule

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves the meetings.
type HTTP struct {
	schedule *Schedule
}

// NewHTTP returns the handlers over the schedule.
func NewHTTP(s *Schedule) *HTTP {
	return &HTTP{schedule: s}
}

type byInvitee struct {
	ID      uuid.UUID `path:"id" format:"uuid"`
	Invitee uuid.UUID `path:"invitee" format:"uuid"`
}

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	tags := []string{"meetings"}
	huma.Register(api, rest.Costly(2, huma.Operation{
		OperationID: "listMeetings", Method: http.MethodGet, Path: "/api/meetings",
		Summary: "List the meetings one may see, by start", Tags: tags,
	}), h.list)
	huma.Register(api, rest.Costly(10, huma.Operation{
		OperationID: "createMeeting", Method: http.MethodPost, Path: "/api/meetings",
		Summary: "Arrange a meeting", Tags: tags, DefaultStatus: http.StatusCreated,
	}), h.create)
	huma.Register(api, huma.Operation{
		OperationID: "getMeeting", Method: http.MethodGet, Path: "/api/meetings/{id}",
		Summary: "Open a meeting", Tags: tags,
	}, h.get)
	huma.Register(api, rest.Costly(10, huma.Operation{
		OperationID: "updateMeeting", Method: http.MethodPut, Path: "/api/meetings/{id}",
		Summary: "Replace a planned meeting; refused when another change came first", Tags: tags,
	}), h.update)
	huma.Register(api, rest.Costly(5, huma.Operation{
		OperationID: "cancelMeeting", Method: http.MethodPost, Path: "/api/meetings/{id}/cancel",
		Summary: "Cancel a planned meeting and tell the invited", Tags: tags,
	}), h.cancel)
	huma.Register(api, huma.Operation{
		OperationID: "getMeetingCalendar", Method: http.MethodGet, Path: "/api/meetings/{id}/calendar.ics",
		Summary: "Download the meeting as iCalendar", Tags: tags,
		Responses: calendarResponse(),
	}, h.calendar)
	huma.Register(api, rest.Costly(2, huma.Operation{
		OperationID: "listAttendance", Method: http.MethodGet, Path: "/api/meetings/{id}/attendance",
		Summary: "Who came, when, for how long", Tags: tags,
	}), h.attendance)
	h.registerLinks(api, tags)
}

func (h *HTTP) registerLinks(api huma.API, tags []string) {
	const path = "/api/meetings/{id}/invitees/{invitee}/link"
	huma.Register(api, huma.Operation{
		OperationID: "getInviteeLink", Method: http.MethodGet, Path: path,
		Summary: "A guest's personal link, with texts to send", Tags: tags,
	}, h.link)
	huma.Register(api, huma.Operation{
		OperationID: "revokeInviteeLink", Method: http.MethodPost, Path: path + "/revoke",
		Summary: "Make a guest's link useless", Tags: tags, DefaultStatus: http.StatusNoContent,
	}, h.revoke)
	huma.Register(api, huma.Operation{
		OperationID: "renewInviteeLink", Method: http.MethodPost, Path: path + "/renew",
		Summary: "Replace a guest's link by a fresh one", Tags: tags,
	}, h.renew)
}

func calendarResponse() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "The iCalendar file",
		Content:     map[string]*huma.MediaType{"text/calendar": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
}

type listInput struct {
	From  time.Time `query:"from" doc:"Meetings that end after this"`
	To    time.Time `query:"to" doc:"Meetings that start before this"`
	Limit int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (h *HTTP) list(ctx context.Context, in *listInput) (*rest.Body[[]Meeting], error) {
	return rest.Reply(h.schedule.List(ctx, in.From, in.To, in.Limit))
}

func (h *HTTP) create(ctx context.Context, in *rest.Body[NewMeeting]) (*rest.Body[Meeting], error) {
	return rest.Reply(h.schedule.Arrange(ctx, in.Body))
}

func (h *HTTP) get(ctx context.Context, in *rest.ByID) (*rest.Body[Meeting], error) {
	return rest.Reply(h.schedule.Meeting(ctx, in.ID))
}

func (h *HTTP) update(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body MeetingChange
},
) (*rest.Body[Meeting], error) {
	return rest.Reply(h.schedule.Change(ctx, in.ID, in.Body))
}

// CancelMeeting is why a meeting is cancelled.
type CancelMeeting struct {
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}

func (h *HTTP) cancel(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body CancelMeeting
},
) (*rest.Body[Meeting], error) {
	return rest.Reply(h.schedule.Cancel(ctx, in.ID, in.Body.Reason))
}

type fileOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (h *HTTP) calendar(ctx context.Context, in *rest.ByID) (*fileOutput, error) {
	file, err := h.schedule.CalendarFile(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &fileOutput{
		ContentType:        "text/calendar; charset=utf-8",
		ContentDisposition: `attachment; filename="meeting.ics"`,
		Body:               file,
	}, nil
}

func (h *HTTP) attendance(ctx context.Context, in *rest.ByID) (*rest.Body[[]Attendance], error) {
	return rest.Reply(h.schedule.Attendance(ctx, in.ID))
}

func (h *HTTP) link(ctx context.Context, in *byInvitee) (*rest.Body[InviteeLink], error) {
	return rest.Reply(h.schedule.Link(ctx, in.ID, in.Invitee))
}

func (h *HTTP) revoke(ctx context.Context, in *byInvitee) (*struct{}, error) {
	return nil, h.schedule.RevokeLink(ctx, in.ID, in.Invitee)
}

func (h *HTTP) renew(ctx context.Context, in *byInvitee) (*rest.Body[InviteeLink], error) {
	return rest.Reply(h.schedule.RenewLink(ctx, in.ID, in.Invitee))
}
