package account

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// The cookies. All are HttpOnly: no script ever holds a token.
const (
	AccountCookie = "yunqiao_session"
	GuestCookie   = "yunqiao_guest"
	// DeviceCookie says that somebody has signed in on this device before.
	DeviceCookie = "yunqiao_device"
)

// Revoked is told when somebody's rights end, so that live sockets end too.
type Revoked interface {
	AccountRevoked(account uuid.UUID)
	SessionRevoked(session uuid.UUID)
}

// HTTP serves sign-in, sessions, invitations and accounts.
type HTTP struct {
	Store   *Store
	Guests  *Guests
	Revoked Revoked
	// BaseURL begins every link, without a slash at the end.
	BaseURL string
	// TrustedProxies may say whom they pass a request on for.
	TrustedProxies []netip.Prefix
	// Secure says that the hub is reached over HTTPS alone.
	Secure bool
}

// View is an account as the REST interface shows it.
type View struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	UserName  string     `json:"user_name"`
	Email     string     `json:"email" doc:"empty for those who may not see it"`
	Role      Role       `json:"role" enum:"admin,staff,station,ambassador"`
	Language  string     `json:"language" enum:"zh-CN,en"`
	TimeZone  string     `json:"time_zone"`
	StationID *uuid.UUID `json:"station_id,omitempty"`
	Disabled  bool       `json:"disabled"`
	CreatedAt time.Time  `json:"created_at"`
}

func view(a Account) View { return View(a) }

// Authenticate is middleware that finds out who a request comes from. A cookie
// that is no longer good is as none.
func (h *HTTP) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := h.Identify(r)
		if err != nil {
			problem.Write(w, problem.Unavailable())
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Identify returns the request's context with its caller.
func (h *HTTP) Identify(r *http.Request) (context.Context, error) {
	ctx := r.Context()
	c := caller{address: h.RemoteAddress(r)}
	if cookie, err := r.Cookie(AccountCookie); err == nil && cookie.Value != "" {
		a, session, err := h.Store.BySession(ctx, cookie.Value)
		switch {
		case err == nil:
			c.account, c.session = &a, session
		case problem.Code(err) == "":
			return nil, err
		}
	}
	if cookie, err := r.Cookie(GuestCookie); err == nil && cookie.Value != "" {
		g, err := h.Guests.BySession(ctx, cookie.Value)
		switch {
		case err == nil:
			c.guest = &g
		case problem.Code(err) == "":
			return nil, err
		}
	}
	return context.WithValue(ctx, ctxKey{}, c), nil
}

// RemoteAddress is the address a request comes from. Behind proxies that are
// trusted it is the last one that they did not add themselves.
func (h *HTTP) RemoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && h.trusts(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // nobody's address: the proxy that passed it on is the last we know
		}
		host = hop.Unmap().String()
	}
	return host
}

func (h *HTTP) trusts(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(h.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// SessionFrom returns the sign-in session of a request.
func SessionFrom(ctx context.Context) uuid.UUID { return callerOf(ctx).session }

// Cookie makes one of our cookies; an empty value clears it.
func (h *HTTP) cookie(name, value string, life time.Duration) http.Cookie {
	c := http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: h.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds()),
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// Public marks an operation that needs no account.
func Public(op huma.Operation) huma.Operation {
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	op.Metadata["public"] = true
	return op
}

// Signed is an answer that sets or clears a cookie.
type Signed[T any] struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	// ClearSiteData names what the browser shall forget of this site.
	ClearSiteData string `header:"Clear-Site-Data"`
	Body          T
}

// Register adds the operations.
func (h *HTTP) Register(api huma.API) {
	huma.Register(api, rest.Costly(5, Public(op("signIn", http.MethodPost, "/api/session", "Sign in"))), h.signIn)
	huma.Register(api, op("currentSession", http.MethodGet, "/api/session", "Who is signed in"), h.current)
	huma.Register(api, op("signOut", http.MethodDelete, "/api/session", "Sign out"), h.signOut)
	huma.Register(api, op("listSessions", http.MethodGet, "/api/sessions", "One's devices"), h.sessions)
	huma.Register(api, op("revokeSession", http.MethodDelete, "/api/sessions/{id}", "Sign a device out"), h.revoke)
	huma.Register(api, op("updateOwnAccount", http.MethodPatch, "/api/account", "Change one's own account"), h.updateOwn)
	huma.Register(api, rest.Costly(10, op("changePassword", http.MethodPut, "/api/account/password", "Change one's password")), h.changePassword)
	huma.Register(api, rest.Costly(5, Public(op("forgotPassword", http.MethodPost, "/api/password/forgotten", "Ask the administrators for a one-time link"))), h.forgotten)
	huma.Register(api, Public(op("lookAtInvitation", http.MethodPost, "/api/invitation/look", "What a one-time link is for")), h.look)
	huma.Register(api, rest.Costly(5, Public(op("acceptInvitation", http.MethodPost, "/api/invitation", "Use a one-time link"))), h.accept)
	huma.Register(api, rest.Costly(3, op("listAccounts", http.MethodGet, "/api/accounts", "Everybody who can sign in")), h.list)
	huma.Register(api, op("createAccount", http.MethodPost, "/api/accounts", "Make an account"), h.create)
	huma.Register(api, op("updateAccount", http.MethodPatch, "/api/accounts/{id}", "Change an account"), h.update)
	huma.Register(api, op("renewAccountLink", http.MethodPost, "/api/accounts/{id}/link", "Make a new one-time link"), h.link)
}

func op(id, method, path, summary string) huma.Operation {
	return rest.Operation("accounts", id, method, path, summary)
}

// signedIn is the answer to who has signed in: a session, and a device that is
// known from now on.
type signedIn struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      View
}

func (h *HTTP) signedIn(ctx context.Context, a Account, session, device string) (*signedIn, error) {
	device, err := h.Store.Remember(ctx, a.ID, device)
	if err != nil {
		return nil, err
	}
	cookies := []http.Cookie{h.cookie(AccountCookie, session, sessionLife), h.cookie(DeviceCookie, device, deviceLife)}
	return &signedIn{SetCookie: cookies, Body: view(a)}, nil
}

type signInInput struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Device    string `cookie:"yunqiao_device" hidden:"true"`
	Body      struct {
		Login    string `json:"login" maxLength:"254" doc:"user name or e-mail address"`
		Password string `json:"password" maxLength:"1024"`
	}
}

func (h *HTTP) signIn(ctx context.Context, in *signInInput) (*signedIn, error) {
	a, token, err := h.Store.SignIn(ctx, in.Body.Login, in.Body.Password, Device{in.UserAgent, Address(ctx), in.Device})
	if err != nil {
		return nil, err
	}
	return h.signedIn(ctx, a, token, in.Device)
}

func (h *HTTP) current(ctx context.Context, _ *rest.Empty) (*rest.Body[View], error) {
	a, err := Require(ctx)
	return rest.Reply(view(a), err)
}

func (h *HTTP) signOut(ctx context.Context, _ *rest.Empty) (*Signed[rest.Empty], error) {
	a, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Store.Revoke(ctx, a.ID, SessionFrom(ctx)); err != nil {
		return nil, err
	}
	h.Revoked.SessionRevoked(SessionFrom(ctx))
	return &Signed[rest.Empty]{SetCookie: h.cookie(AccountCookie, "", 0), ClearSiteData: `"cache", "storage"`}, nil
}

type sessionView struct {
	ID        uuid.UUID `json:"id"`
	Current   bool      `json:"current"`
	Device    string    `json:"device"`
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
}

func (h *HTTP) sessions(ctx context.Context, _ *rest.Empty) (*rest.Body[[]sessionView], error) {
	a, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	sessions, err := h.Store.Sessions(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	views := make([]sessionView, 0, len(sessions))
	for _, s := range sessions {
		views = append(views, sessionView{s.ID, s.ID == SessionFrom(ctx), s.Device, s.Address, s.CreatedAt, s.SeenAt})
	}
	return rest.Reply(views, nil)
}

func (h *HTTP) revoke(ctx context.Context, in *rest.ByID) (*rest.Empty, error) {
	a, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Store.Revoke(ctx, a.ID, in.ID); err != nil {
		return nil, err
	}
	h.Revoked.SessionRevoked(in.ID)
	return nil, nil //nolint:nilnil // huma: no output means 204
}

type ownAccountInput struct {
	Body struct {
		Name     *string `json:"name,omitempty"`
		Language *string `json:"language,omitempty" enum:"zh-CN,en"`
		TimeZone *string `json:"time_zone,omitempty"`
	}
}

func (h *HTTP) updateOwn(ctx context.Context, in *ownAccountInput) (*rest.Body[View], error) {
	a, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	a, err = h.Store.Update(ctx, a.ID, Change{Name: in.Body.Name, Language: in.Body.Language, TimeZone: in.Body.TimeZone})
	return rest.Reply(view(a), err)
}

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1024"`
		New     string `json:"new" maxLength:"1024"`
	}
}

func (h *HTTP) changePassword(ctx context.Context, in *passwordInput) (*rest.Empty, error) {
	a, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	ended, err := h.Store.ChangePassword(ctx, a.ID, SessionFrom(ctx), in.Body.Current, in.Body.New)
	if err != nil {
		return nil, err
	}
	for _, session := range ended {
		h.Revoked.SessionRevoked(session)
	}
	return nil, nil //nolint:nilnil // huma: no output means 204
}

type forgottenInput struct {
	Body struct {
		Login string `json:"login" maxLength:"254" doc:"user name or e-mail address"`
	}
}

func (h *HTTP) forgotten(ctx context.Context, in *forgottenInput) (*rest.Empty, error) {
	return nil, h.Store.Forgotten(ctx, in.Body.Login, Device{Address: Address(ctx)})
}

type invitationView struct {
	Kind     string `json:"kind" enum:"first_administrator,account"`
	Name     string `json:"name"`
	UserName string `json:"user_name"`
	Email    string `json:"email"`
}

type lookInput struct {
	Body struct {
		Token string `json:"token" maxLength:"200"`
	}
}

func (h *HTTP) look(ctx context.Context, in *lookInput) (*rest.Body[invitationView], error) {
	inv, err := h.Store.LookAtInvitation(ctx, in.Body.Token)
	if err != nil {
		return nil, err
	}
	v := invitationView{Kind: "first_administrator"}
	if inv.AccountID != nil {
		v = invitationView{Kind: "account", Name: inv.Account.Name, UserName: inv.Account.UserName, Email: inv.Account.Email}
	}
	return rest.Reply(v, nil)
}

type acceptInput struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Device    string `cookie:"yunqiao_device" hidden:"true"`
	Body      struct {
		Token    string `json:"token" maxLength:"200"`
		Name     string `json:"name" doc:"used for the first administrator"`
		UserName string `json:"user_name" doc:"used for the first administrator"`
		Email    string `json:"email" doc:"used for the first administrator"`
		Password string `json:"password" maxLength:"1024"`
		Language string `json:"language" enum:"zh-CN,en"`
		TimeZone string `json:"time_zone"`
	}
}

func (h *HTTP) accept(ctx context.Context, in *acceptInput) (*signedIn, error) {
	b := in.Body
	a, token, err := h.Store.AcceptInvitation(ctx, b.Token, New{
		Name: b.Name, UserName: b.UserName, Email: b.Email, Password: b.Password, Language: b.Language, TimeZone: b.TimeZone,
	}, Device{in.UserAgent, Address(ctx), in.Device})
	if err != nil {
		return nil, err
	}
	h.Revoked.AccountRevoked(a.ID) // the sockets of the sessions that ended
	return h.signedIn(ctx, a, token, in.Device)
}

// list shows everybody to everybody, since anybody may be written to; e-mail
// addresses only to staff.
func (h *HTTP) list(ctx context.Context, _ *rest.Empty) (*rest.Body[[]View], error) {
	me, err := Require(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := h.Store.All(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]View, 0, len(accounts))
	for _, a := range accounts {
		v := view(a)
		if !me.IsStaff() && a.ID != me.ID {
			v.Email = ""
		}
		views = append(views, v)
	}
	return rest.Reply(views, nil)
}

type createAccountInput struct {
	Body struct {
		Name      string     `json:"name"`
		UserName  string     `json:"user_name"`
		Email     string     `json:"email"`
		Role      Role       `json:"role" enum:"admin,staff,station,ambassador"`
		StationID *uuid.UUID `json:"station_id,omitempty"`
	}
}

type createdAccountView struct {
	Account View   `json:"account"`
	Link    string `json:"link" doc:"opens the account; shown once"`
}

func (h *HTTP) create(ctx context.Context, in *createAccountInput) (*rest.Body[createdAccountView], error) {
	me, err := RequireAdmin(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	a, err := h.Store.Create(ctx, New{
		Name: b.Name, UserName: b.UserName, Email: b.Email, Role: b.Role, StationID: b.StationID,
		Language: me.Language, TimeZone: me.TimeZone,
	})
	if err != nil {
		return nil, err
	}
	token, err := h.Store.Invite(ctx, a.ID)
	return rest.Reply(createdAccountView{view(a), h.WelcomeURL(token)}, err)
}

// WelcomeURL is the page that uses a one-time link. The token stands behind
// the #, which browsers send to no server.
func (h *HTTP) WelcomeURL(token string) string { return fmt.Sprintf("%s/welcome#%s", h.BaseURL, token) }

type updateAccountInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Name      *string    `json:"name,omitempty"`
		Email     *string    `json:"email,omitempty"`
		Role      *Role      `json:"role,omitempty" enum:"admin,staff,station,ambassador"`
		StationID *uuid.UUID `json:"station_id,omitempty"`
		Disabled  *bool      `json:"disabled,omitempty"`
	}
}

func (h *HTTP) update(ctx context.Context, in *updateAccountInput) (*rest.Body[View], error) {
	me, err := RequireAdmin(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if in.ID == me.ID && (b.Disabled != nil && *b.Disabled || b.Role != nil && *b.Role != Admin) {
		return nil, problem.New(http.StatusConflict, "own_account", "nobody takes their own administration away")
	}
	a, err := h.Store.Update(ctx, in.ID, Change{Name: b.Name, Email: b.Email, Role: b.Role, StationID: b.StationID, Disabled: b.Disabled})
	if err != nil {
		return nil, err
	}
	if b.Disabled != nil && *b.Disabled || b.Role != nil {
		h.Revoked.AccountRevoked(in.ID)
	}
	return rest.Reply(view(a), nil)
}

type accountLinkView struct {
	Link string `json:"link"`
}

func (h *HTTP) link(ctx context.Context, in *rest.ByID) (*rest.Body[accountLinkView], error) {
	if _, err := RequireAdmin(ctx); err != nil {
		return nil, err
	}
	if _, err := h.Store.ByID(ctx, in.ID); err != nil {
		return nil, err
	}
	token, err := h.Store.Invite(ctx, in.ID)
	return rest.Reply(accountLinkView{h.WelcomeURL(token)}, err)
}
