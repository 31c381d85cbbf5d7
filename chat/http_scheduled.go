package chat

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/rest"
)

// registerScheduled adds what is posted later; everybody sees their own alone.
func (h *HTTP) registerScheduled(api huma.API) {
	huma.Register(api, op("listScheduled", http.MethodGet, "/api/scheduled", "What one posts later, the next first"), h.scheduled)
	huma.Register(api, op("schedule", http.MethodPost, "/api/scheduled", "Post a message later"), h.schedule)
	huma.Register(api, op("reschedule", http.MethodPatch, "/api/scheduled/{id}", "Change a message that is posted later"), h.reschedule)
	huma.Register(api, op("unschedule", http.MethodDelete, "/api/scheduled/{id}", "Take back a message that is posted later"), h.unschedule)
}

// ScheduledView is a message that is posted later.
type ScheduledView struct {
	ID       uuid.UUID    `json:"id"`
	Room     uuid.UUID    `json:"room"`
	Content  Content      `json:"content"`
	Carried  []Attachment `json:"carried" nullable:"false" doc:"what the attachments are"`
	Forwards *Quote       `json:"forwards,omitempty" doc:"what the content forwards, as it is now; absent where that is nothing any more"`
	SendAt   time.Time    `json:"send_at"`
	Refused  string       `json:"refused" doc:"the code of why it could not be posted; empty while it waits"`
}

func scheduledView(m Scheduled) ScheduledView {
	m.SendAt = m.SendAt.UTC()
	if m.Carried == nil {
		m.Carried = []Attachment{}
	}
	return ScheduledView(m)
}

func (h *HTTP) scheduled(ctx context.Context, _ *rest.Empty) (*rest.Body[[]ScheduledView], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.Store.ScheduledBy(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	views := make([]ScheduledView, 0, len(list))
	for _, m := range list {
		views = append(views, scheduledView(m))
	}
	return rest.Reply(views, nil)
}

type scheduleInput struct {
	Body struct {
		ID      uuid.UUID `json:"id" doc:"The author's own; asking again with it keeps one message."`
		Room    uuid.UUID `json:"room"`
		Content Content   `json:"content"`
		SendAt  time.Time `json:"send_at"`
	}
}

func (h *HTTP) schedule(ctx context.Context, in *scheduleInput) (*rest.Body[ScheduledView], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	m, err := h.Store.Schedule(ctx, c, Scheduled{ID: in.Body.ID, Room: in.Body.Room, Content: in.Body.Content, SendAt: in.Body.SendAt})
	return rest.Reply(scheduledView(m), err)
}

type rescheduleInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Content *Content   `json:"content,omitempty"`
		SendAt  *time.Time `json:"send_at,omitempty"`
	}
}

func (h *HTTP) reschedule(ctx context.Context, in *rescheduleInput) (*rest.Body[ScheduledView], error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	m, err := h.Store.Reschedule(ctx, c, in.ID, in.Body.Content, in.Body.SendAt)
	return rest.Reply(scheduledView(m), err)
}

func (h *HTTP) unschedule(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	c, err := RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.Store.Unschedule(ctx, c.ID, in.ID)
}
