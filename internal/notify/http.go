package notify

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// HTTP serves one's own notices, and hooks to administrators.
type HTTP struct{ notices *Notices }

// NewHTTP returns the handlers over notices.
func NewHTTP(n *Notices) *HTTP { return &HTTP{notices: n} }

// Register adds the operations to the API.
func (h *HTTP) Register(api huma.API) {
	huma.Register(api, op("listNotices", http.MethodGet, "/api/notices", "One's notices, newest first"), h.list)
	huma.Register(api, op("readNotices", http.MethodPost, "/api/notices/read", "Mark one's notices as read"), h.read)
	huma.Register(api, op("createReminder", http.MethodPost, "/api/notices/reminders", "Be reminded to ring a room's people"), h.remind)
	huma.Register(api, op("listReminders", http.MethodGet, "/api/notices/reminders", "What one is still to be reminded of, the next first"), h.reminders)
	huma.Register(api, op("deleteReminder", http.MethodDelete, "/api/notices/reminders/{reminder}", "Take back a reminder"), h.unremind)
	huma.Register(api, op("readNoticeSettings", http.MethodGet, "/api/notices/settings", "How one wants to be told of things"), h.settings)
	huma.Register(api, op("updateNoticeSettings", http.MethodPut, "/api/notices/settings", "Change how one wants to be told of things"), h.change)
	huma.Register(api, op("listPushSubscriptions", http.MethodGet, "/api/notices/push", "The browsers that one is pushed to, and the key to subscribe with"), h.browsers)
	huma.Register(api, op("subscribeToPush", http.MethodPost, "/api/notices/push", "Be pushed to in this browser"), h.subscribe)
	huma.Register(api, op("unsubscribeFromPush", http.MethodDelete, "/api/notices/push/{id}", "End being pushed to in a browser"), h.unsubscribe)
	h.registerHooks(api)
}

func op(id, method, path, summary string) huma.Operation {
	return rest.Operation("notices", id, method, path, summary)
}

type listInput struct {
	Before int64 `query:"before" minimum:"0" doc:"only what is older than this one"`
	Limit  int   `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (h *HTTP) list(ctx context.Context, in *listInput) (*rest.Body[NoticePage], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.List(ctx, me.ID, in.Before, in.Limit))
}

type readInput struct {
	Body struct {
		ID int64 `json:"id" minimum:"0"`
		// UpTo: all that came before it, too.
		UpTo bool `json:"up_to"`
	}
}

func (h *HTTP) read(ctx context.Context, in *readInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.notices.MarkRead(ctx, me.ID, in.Body.ID, in.Body.UpTo)
}

type remindInput struct {
	Body struct {
		Room uuid.UUID `json:"room" format:"uuid"`
		At   time.Time `json:"at"`
	}
}

func (h *HTTP) remind(ctx context.Context, in *remindInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.notices.Remind(ctx, me.ID, in.Body.Room, in.Body.At)
}

func (h *HTTP) reminders(ctx context.Context, _ *rest.Empty) (*rest.Body[[]ReminderView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.Reminders(ctx, me.ID))
}

type reminderInput struct {
	Reminder int64 `path:"reminder" minimum:"1"`
}

func (h *HTTP) unremind(ctx context.Context, in *reminderInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.notices.Unremind(ctx, me.ID, in.Reminder)
}

func (h *HTTP) settings(ctx context.Context, _ *rest.Empty) (*rest.Body[NoticeSettings], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.notices.ReadSettings(ctx, me.ID))
}

func (h *HTTP) change(ctx context.Context, in *rest.Body[NoticeSettings]) (*rest.Body[NoticeSettings], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return rest.Reply(in.Body, h.notices.WriteSettings(ctx, me.ID, in.Body))
}

// PushBrowsers are those that one is pushed to.
type PushBrowsers struct {
	// PublicKey is the applicationServerKey to subscribe with.
	PublicKey     string        `json:"public_key"`
	Subscriptions []PushBrowser `json:"subscriptions" nullable:"false"`
}

func (h *HTTP) browsers(ctx context.Context, _ *rest.Empty) (*rest.Body[PushBrowsers], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.notices.Subscriptions(ctx, me.ID, account.SessionFrom(ctx))
	return rest.Reply(PushBrowsers{PublicKey: h.notices.PushKey(), Subscriptions: list}, err)
}

func (h *HTTP) subscribe(ctx context.Context, in *rest.Body[NewPushBrowser]) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.notices.Subscribe(ctx, me.ID, account.SessionFrom(ctx), in.Body)
}

func (h *HTTP) unsubscribe(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.notices.Unsubscribe(ctx, me.ID, in.ID)
}
