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

// Live says which rooms have a live meeting.
type Live interface {
	Participants(room uuid.UUID) (count int, live bool)
}

// HTTP serves rooms and their members. Messages travel on the socket.
type HTTP struct {
	Store *Store
	Live  Live
}

// RoomView is a room as the REST interface shows it.
type RoomView struct {
	ID               uuid.UUID    `json:"id"`
	Kind             RoomKind     `json:"kind" enum:"station,group,direct,meeting"`
	Title            string       `json:"title" doc:"empty for direct rooms: show the counterpart"`
	TitleEN          string       `json:"title_en"`
	StationID        *uuid.UUID   `json:"station_id,omitempty"`
	MeetingID        *uuid.UUID   `json:"meeting_id,omitempty"`
	Counterpart      *Person      `json:"counterpart,omitempty"`
	MemberCount      int          `json:"member_count"`
	Seq              int64        `json:"seq"`
	Read             int64        `json:"read"`
	Unread           int          `json:"unread"`
	Mentions         int          `json:"mentions" doc:"unread messages that name the caller, or a group it is in"`
	Owner            bool         `json:"owner" doc:"the caller owns the room"`
	Role             MemberRole   `json:"role" enum:"owner,moderator,member"`
	Manages          bool         `json:"manages" doc:"the caller is among those who manage the room"`
	Administers      bool         `json:"administers" doc:"the caller may change what the room is, and archive it"`
	Posting          Posting      `json:"posting" enum:"members,managers"`
	ArchivedAt       *time.Time   `json:"archived_at,omitempty"`
	Notify           Notify       `json:"notify" enum:"all,mentions,none"`
	Last             *LastMessage `json:"last,omitempty"`
	Live             bool         `json:"live"`
	LiveParticipants int          `json:"live_participants"`
}

// RoomMemberView is one member of a room.
type RoomMemberView struct {
	Person      Person     `json:"person"`
	Role        MemberRole `json:"role" enum:"owner,moderator,member"`
	AccountRole string     `json:"account_role" enum:"admin,staff,station,ambassador"`
	Read        int64      `json:"read"`
	Joined      int64      `json:"joined" doc:"the room's newest event when the member came; what was posted up to it is not theirs to have read"`
}

// RoomDetailView is a room with its members.
type RoomDetailView struct {
	RoomView
	Members []RoomMemberView `json:"members"`
}

// Register adds the operations.
func (h *HTTP) Register(api huma.API) {
	huma.Register(api, rest.Costly(3, op("listRooms", http.MethodGet, "/api/rooms", "One's rooms, the most recently used first")), h.list)
	huma.Register(api, rest.Costly(5, op("createGroup", http.MethodPost, "/api/rooms", "Make a group")), h.create)
	huma.Register(api, op("openDirectRoom", http.MethodPost, "/api/rooms/direct", "Find or make the room of two"), h.direct)
	huma.Register(api, op("readRoom", http.MethodGet, "/api/rooms/{id}", "A room with its members"), h.read)
	huma.Register(api, op("updateRoom", http.MethodPatch, "/api/rooms/{id}", "Change a room's title, who posts, or archive it"), h.update)
	huma.Register(api, op("inviteToGroup", http.MethodPost, "/api/rooms/{id}/members", "Add accounts to a group"), h.invite)
	huma.Register(api, op("removeFromGroup", http.MethodDelete, "/api/rooms/{id}/members/{account}", "Take an account out of a group"), h.remove)
	huma.Register(api, op("setRoomRole", http.MethodPut, "/api/rooms/{id}/members/{account}", "Say what a member of a group is"), h.setRole)
	huma.Register(api, op("setRoomNotify", http.MethodPut, "/api/rooms/{id}/notify", "Say what one wants to hear of a room"), h.setNotify)
	h.registerReading(api)
	h.registerScheduled(api)
	h.registerRetention(api)
}

func op(id, method, path, summary string) huma.Operation {
	return rest.Operation("rooms", id, method, path, summary)
}

func (h *HTTP) view(r Room, me account.Account) RoomView {
	administers := (&standing{Kind: r.Kind, Role: r.Role, AccountRole: me.Role}).mayAdminister() == nil
	count, live := h.Live.Participants(r.ID)
	return RoomView{
		ID: r.ID, Kind: r.Kind, Title: r.Title, TitleEN: r.TitleEN, StationID: r.StationID, MeetingID: r.MeetingID,
		Counterpart: r.Counterpart, MemberCount: r.MemberCount, Seq: r.Seq, Read: r.Read, Unread: r.Unread,
		Mentions: r.Mentions, Owner: r.Role == Owner, Role: r.Role, Manages: r.Manages, Administers: administers,
		Posting: r.Posting, ArchivedAt: r.ArchivedAt, Notify: r.Notify, Last: r.Last, Live: live, LiveParticipants: count,
	}
}

func (h *HTTP) list(ctx context.Context, _ *rest.Empty) (*rest.Body[[]RoomView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	rooms, err := h.Store.Rooms(ctx, me.ID)
	if err != nil {
		return nil, err
	}
	views := make([]RoomView, 0, len(rooms))
	for _, r := range rooms {
		views = append(views, h.view(r, me))
	}
	return rest.Reply(views, nil)
}

// one returns a room to answer with.
func (h *HTTP) one(ctx context.Context, me account.Account, room uuid.UUID) (*rest.Body[RoomView], error) {
	r, err := h.Store.Room(ctx, me.ID, room)
	if err != nil {
		return nil, err
	}
	return rest.Reply(h.view(r, me), nil)
}

type createGroupInput struct {
	Body struct {
		Title   string      `json:"title"`
		TitleEN string      `json:"title_en,omitempty"`
		Posting Posting     `json:"posting,omitempty" enum:"members,managers" doc:"managers: a room of announcements"`
		Members []uuid.UUID `json:"members" maxItems:"500"`
	}
}

func (h *HTTP) create(ctx context.Context, in *createGroupInput) (*rest.Body[RoomView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	id, err := h.Store.Found(ctx, NewRoom{
		Title: in.Body.Title, TitleEN: in.Body.TitleEN, Posting: in.Body.Posting, Owner: me.ID, Members: in.Body.Members,
	})
	if err != nil {
		return nil, err
	}
	return h.one(ctx, me, id)
}

type openDirectRoomInput struct {
	Body struct {
		Account uuid.UUID `json:"account"`
	}
}

func (h *HTTP) direct(ctx context.Context, in *openDirectRoomInput) (*rest.Body[RoomView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	id, err := h.Store.FindDirect(ctx, me.ID, in.Body.Account)
	if err != nil {
		return nil, err
	}
	return h.one(ctx, me, id)
}

func (h *HTTP) read(ctx context.Context, in *rest.ByID) (*rest.Body[RoomDetailView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	r, err := h.Store.Room(ctx, me.ID, in.ID)
	if err != nil {
		return nil, err
	}
	members, err := h.Store.Members(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v := RoomDetailView{RoomView: h.view(r, me), Members: make([]RoomMemberView, 0, len(members))}
	for _, m := range members {
		v.Members = append(v.Members, RoomMemberView{Person{m.ID, AccountPerson, m.Name}, m.Role, m.AccountRole, m.Read, m.Joined})
	}
	return rest.Reply(v, nil)
}

type updateRoomInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Title    *string  `json:"title,omitempty"`
		TitleEN  *string  `json:"title_en,omitempty"`
		Posting  *Posting `json:"posting,omitempty" enum:"members,managers"`
		Archived *bool    `json:"archived,omitempty" doc:"an archived room is only read"`
	}
}

func (h *HTTP) update(ctx context.Context, in *updateRoomInput) (*rest.Body[RoomView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Store.UpdateRoom(ctx, me.ID, in.ID, RoomChange(in.Body)); err != nil {
		return nil, err
	}
	return h.one(ctx, me, in.ID)
}

type inviteToGroupInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Accounts []uuid.UUID `json:"accounts" minItems:"1" maxItems:"500"`
	}
}

func (h *HTTP) invite(ctx context.Context, in *inviteToGroupInput) (*rest.Body[RoomView], error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Store.Invite(ctx, me.ID, in.ID, in.Body.Accounts); err != nil {
		return nil, err
	}
	return h.one(ctx, me, in.ID)
}

type removeInput struct {
	ID      uuid.UUID `path:"id"`
	Account uuid.UUID `path:"account"`
}

func (h *HTTP) remove(ctx context.Context, in *removeInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.Store.RemoveMember(ctx, me.ID, in.ID, in.Account)
}

type setRoleInput struct {
	ID      uuid.UUID `path:"id"`
	Account uuid.UUID `path:"account"`
	Body    struct {
		Role MemberRole `json:"role" enum:"owner,moderator,member"`
	}
}

func (h *HTTP) setRole(ctx context.Context, in *setRoleInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.Store.SetRole(ctx, me.ID, in.ID, in.Account, in.Body.Role)
}

type setNotifyInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Notify Notify `json:"notify" enum:"all,mentions,none"`
	}
}

func (h *HTTP) setNotify(ctx context.Context, in *setNotifyInput) (*rest.Empty, error) {
	me, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.Store.SetNotify(ctx, me.ID, in.ID, in.Body.Notify)
}
