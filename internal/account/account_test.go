package account

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

const password = "correct horse battery"

func device(address string) Device { return Device{Name: "browser", Address: address} }

func newStore(t *testing.T) (*Store, Account) {
	t.Helper()
	s := NewStore(pgtest.New(t))
	s.SetCost(Cost{Passes: 1, Memory: 64, Threads: 1})
	a, err := s.Create(t.Context(), New{Name: "林悦", UserName: "LinYue", Email: "Lin@example.org", Role: Staff, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

func TestSignInByNameOrAddressInAnyCase(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	for _, login := range []string{"linyue", "LINYUE", " lin@EXAMPLE.org "} {
		got, token, err := s.SignIn(t.Context(), login, password, device("a"))
		if err != nil || got.ID != a.ID {
			t.Fatalf("sign in as %q: %v", login, err)
		}
		if who, _, err := s.BySession(t.Context(), token); err != nil || who.ID != a.ID {
			t.Errorf("session of %q: %v", login, err)
		}
	}
	for login, pw := range map[string]string{"linyue": "wrong", "nobody": password, "": "", strings.Repeat("x", 5000): password} {
		if _, _, err := s.SignIn(t.Context(), login, pw, device("b")); !errors.Is(err, ErrBadCredentials) {
			t.Errorf("sign in as %.10q: %v", login, err)
		}
	}
}

func TestWaitsDoubleAndAreBounded(t *testing.T) {
	t.Parallel()
	set := guards("linyue", "1.2.3.4")
	both, name := set["both:1.2.3.4:linyue"], set["name:linyue"]
	for _, test := range []struct {
		g        guard
		failures int
		want     time.Duration
	}{
		{both, 4, 0},
		{both, 5, time.Second},
		{both, 7, 4 * time.Second},
		{both, 1000, 15 * time.Minute},
		{name, 29, 0},
		{name, 1_000_000, time.Minute},
	} {
		if got := test.g.wait(test.failures); got != test.want {
			t.Errorf("after %d failures %s, want %s", test.failures, got, test.want)
		}
	}
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	ctx := t.Context()
	_, laptop, err := s.SignIn(ctx, "linyue", password, device("laptop"))
	if err != nil {
		t.Fatal(err)
	}
	_, phone, err := s.SignIn(ctx, "linyue", password, device("phone"))
	if err != nil {
		t.Fatal(err)
	}
	_, phoneID, err := s.BySession(ctx, phone)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := s.Sessions(ctx, a.ID); err != nil || len(list) != 2 {
		t.Fatalf("%d sessions, err %v", len(list), err)
	}
	if err := s.Revoke(ctx, uuid.New(), phoneID); problem.Code(err) != "session_not_found" {
		t.Errorf("somebody else revoked a session: %v", err)
	}
	if err := s.Revoke(ctx, a.ID, phoneID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BySession(ctx, phone); !errors.Is(err, ErrSignedOut) {
		t.Errorf("a revoked session is good: %v", err)
	}
	if _, _, err := s.BySession(ctx, laptop); err != nil {
		t.Errorf("the other session ended, too: %v", err)
	}
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	ctx := t.Context()
	_, here, err := s.SignIn(ctx, "linyue", password, device("here"))
	if err != nil {
		t.Fatal(err)
	}
	_, there, err := s.SignIn(ctx, "linyue", password, device("there"))
	if err != nil {
		t.Fatal(err)
	}
	_, keep, err := s.BySession(ctx, here)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangePassword(ctx, a.ID, keep, "not it", "another long one"); problem.Code(err) != "bad_credentials" {
		t.Errorf("changed without the current password: %v", err)
	}
	if _, err := s.ChangePassword(ctx, a.ID, keep, password, "short"); problem.Code(err) != "invalid" {
		t.Errorf("took a short password: %v", err)
	}
	if _, err := s.ChangePassword(ctx, a.ID, keep, password, "another long one"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BySession(ctx, there); !errors.Is(err, ErrSignedOut) {
		t.Errorf("the other device stays signed in: %v", err)
	}
	if _, _, err := s.BySession(ctx, here); err != nil {
		t.Errorf("this device was signed out: %v", err)
	}
}

func TestDisablingAnAccountEndsItsSessions(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	_, token, err := s.SignIn(t.Context(), "linyue", password, device("here"))
	if err != nil {
		t.Fatal(err)
	}
	disabled := true
	if _, err := s.Update(t.Context(), a.ID, Change{Disabled: &disabled}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BySession(t.Context(), token); !errors.Is(err, ErrSignedOut) {
		t.Errorf("still signed in: %v", err)
	}
	if _, _, err := s.SignIn(t.Context(), "linyue", password, device("here")); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("signed in again: %v", err)
	}
}

func TestInvitationsWorkOnce(t *testing.T) {
	t.Parallel()
	s := NewStore(pgtest.New(t))
	ctx := t.Context()
	token, err := s.InviteFirst(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := New{Name: "管理员", UserName: "admin", Password: password, Language: "zh-CN", TimeZone: "Asia/Shanghai"}
	bad := first
	bad.UserName = "!"
	if _, _, err := s.AcceptInvitation(ctx, token, bad, device("a")); problem.Code(err) != "invalid" {
		t.Fatalf("bad user name: %v", err)
	}
	a, _, err := s.AcceptInvitation(ctx, token, first, device("a"))
	if err != nil || a.Role != Admin {
		t.Fatalf("first administrator: %+v, %v", a, err)
	}
	if _, _, err := s.AcceptInvitation(ctx, token, first, device("a")); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("the link worked twice: %v", err)
	}
	staff, err := s.Create(ctx, New{Name: "王静", UserName: "wangjing", Role: Staff})
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.Invite(ctx, staff.ID)
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := s.Invite(ctx, staff.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.LookAtInvitation(ctx, old); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("the replaced link is good: %v", err)
	}
	got, _, err := s.AcceptInvitation(ctx, renewed, New{Password: password, Role: Admin, UserName: "other"}, device("b"))
	if err != nil || got.ID != staff.ID || got.Role != Staff || got.UserName != "wangjing" {
		t.Errorf("the link changed more than the password: %+v, %v", got, err)
	}
}

func TestBadAccountsNameTheirField(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	good := New{Name: "王静", UserName: "wangjing", Email: "w@example.org", Role: Staff, Password: password}
	for field, spoil := range map[string]func(*New){
		"name":      func(n *New) { n.Name = "\u202egnij" },
		"user_name": func(n *New) { n.UserName = "a b" },
		"email":     func(n *New) { n.Email = "not an address" },
		"role":      func(n *New) { n.Role = "king" },
		"password":  func(n *New) { n.Password = "short" },
		"language":  func(n *New) { n.Language = "fr" },
		"time_zone": func(n *New) { n.TimeZone = "Local" },
	} {
		n := good
		spoil(&n)
		_, err := s.Create(t.Context(), n)
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Field != field {
			t.Errorf("bad %s: %v", field, err)
		}
	}
	for code, n := range map[string]New{
		"user_name_taken": {Name: "x", UserName: "LINYUE", Role: Staff},
		"email_taken":     {Name: "x", UserName: "other", Email: "LIN@example.org", Role: Staff},
	} {
		if _, err := s.Create(t.Context(), n); problem.Code(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// newGuest makes a link for one invitee of one meeting.
func newGuest(t *testing.T, life time.Duration) (*Guests, GuestLink, string) {
	t.Helper()
	pool := pgtest.New(t)
	g, err := NewGuests(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	l := GuestLink{Invitee: uuid.New(), Meeting: uuid.New(), Name: "Dr. Weiss", Language: "en", ExpiresAt: time.Now().Add(life)}
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return g.Issue(t.Context(), tx, l) }); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.Token(t.Context(), l.Invitee)
	if err != nil {
		t.Fatal(err)
	}
	return g, l, token
}

// hold makes a meeting of that state, which account only reads.
func hold(t *testing.T, g *Guests, meeting uuid.UUID, state string) {
	t.Helper()
	const q = `
with host as (insert into accounts (id, name, user_name, role) values ($1, 'x', 'host', 'staff') on conflict do nothing)
insert into meetings (id, room_id, own_room, title, host_id, created_by, starts_at, ends_at, time_zone, state)
values ($1, $1, true, 'x', $1, $1, now(), now(), 'UTC', $2) on conflict (id) do update set state = $2`
	if _, err := g.pool.Exec(t.Context(), q, meeting, state); err != nil {
		t.Fatal(err)
	}
}

// The first administrator's link makes nobody once there are accounts.
func TestTheFirstLinkEndsWithTheFirstAccount(t *testing.T) {
	t.Parallel()
	s := NewStore(pgtest.New(t))
	ctx := t.Context()
	token, err := s.InviteFirst(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.LookAtInvitation(ctx, token); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(ctx, New{Name: "林悦", UserName: "linyue", Role: Staff}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LookAtInvitation(ctx, token); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("it is still shown: %v", err)
	}
	n := New{Name: "x", UserName: "intruder", Password: "long enough for a password", Language: "en", TimeZone: "UTC"}
	if a, _, err := s.AcceptInvitation(ctx, token, n, device("phone")); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("it made %+v, %v", a, err)
	}
}

// A guest calls itself what it likes, but not what somebody here is called; in
// no spelling that looks the same.
func TestGuestsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	g, l, token := newGuest(t, time.Hour)
	ctx := t.Context()
	hold(t, g, l.Meeting, "planned")
	for _, name := range []string{"王伟民", "Lin Yue", l.Name} {
		const q = `insert into accounts (id, name, user_name, role) values ($1, $2, $3, 'staff')`
		if _, err := g.pool.Exec(ctx, q, uuid.New(), name, uuid.NewString()[:8]); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"王伟民": "name_taken", "王\u200b伟民": "name_taken", "LIN YUE": "name_taken", "Lіn Yuе": "name_taken",
		"\u200b\u3164": "invalid", "x\u202e": "invalid", "Hannah": "", " " + l.Name: "",
	} {
		_, _, err := g.Enter(ctx, token, Guest{Name: name, Language: "en", TimeZone: "UTC"}, device("phone"))
		if got := problem.Code(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

func TestGuestLinksOpenOneMeetingUntilTheyEnd(t *testing.T) {
	t.Parallel()
	g, l, token := newGuest(t, time.Hour)
	ctx := t.Context()
	as := Guest{Name: "Hannah", Language: "en", TimeZone: "Europe/Berlin"}
	if who, err := g.Look(ctx, token); err != nil || who.MeetingID != l.Meeting {
		t.Fatalf("look: %+v, %v", who, err)
	}
	guest, cookie, err := g.Enter(ctx, token, as, device("phone"))
	if err != nil || guest.ID != l.Invitee || guest.MeetingID != l.Meeting || guest.Admitted {
		t.Fatalf("enter: %+v, %v", guest, err)
	}
	if err := g.Admit(ctx, guest.SessionID, 7); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"planned", "ended", "cancelled", "live"} {
		hold(t, g, l.Meeting, state)
		again, err := g.BySession(ctx, cookie)
		if err != nil || again.Admitted != (state == "live") || again.MeetingState != state || again.Since != 7 {
			t.Errorf("while the meeting is %s: %+v, %v", state, again, err)
		}
	}
	if other, _, err := g.Enter(ctx, token, as, device("laptop")); err != nil || other.Admitted {
		t.Errorf("admission followed the link: %+v, %v", other, err)
	}
	if err := g.Dismiss(ctx, l.Invitee, false); err != nil {
		t.Fatal(err)
	}
	if again, err := g.BySession(ctx, cookie); err != nil || again.Admitted {
		t.Errorf("still admitted: %+v, %v", again, err)
	}
	if err := pgx.BeginFunc(ctx, g.pool, func(tx pgx.Tx) error { return g.Renew(ctx, tx, l.Invitee, time.Now().Add(time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Look(ctx, token); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("the renewed link's old form is good: %v", err)
	}
	if _, err := g.BySession(ctx, cookie); !errors.Is(err, ErrSignedOut) {
		t.Errorf("a session of the old link is good: %v", err)
	}
	fresh, _, err := g.Token(ctx, l.Invitee)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Dismiss(ctx, l.Invitee, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := g.Enter(ctx, fresh, as, device("phone")); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("a blocked guest came in: %v", err)
	}
}

func TestGuestLinksExpireAndAreNotGuessed(t *testing.T) {
	t.Parallel()
	g, l, token := newGuest(t, -time.Minute)
	if _, err := g.Look(t.Context(), token); !errors.Is(err, ErrLinkInvalid) {
		t.Errorf("an expired link is good: %v", err)
	}
	if err := pgx.BeginFunc(t.Context(), g.pool, func(tx pgx.Tx) error {
		l.ExpiresAt = time.Now().Add(time.Hour)
		return g.Issue(t.Context(), tx, l)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Look(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for i := range len(token) {
		forged := []byte(token)
		forged[i] = 'A'
		if string(forged) == token {
			forged[i] = 'B'
		}
		if _, err := g.Look(t.Context(), string(forged)); err == nil {
			t.Errorf("a token forged at %d is good", i)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 5000), "中文"} {
		if _, err := g.Look(t.Context(), bad); !errors.Is(err, ErrLinkInvalid) {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
}

func TestStoredHashesOfOldParametersStillVerify(t *testing.T) {
	t.Parallel()
	h := newHasher()
	hash, err := h.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("RFC 9106 recommends more than %.40s", hash)
	}
	h.cost = Cost{Passes: 1, Memory: 64, Threads: 1}
	if ok, err := h.verify(password, hash); err != nil || !ok {
		t.Errorf("own hash: %v, %v", ok, err)
	}
	if ok, err := h.verify(password, ""); err != nil || ok {
		t.Errorf("nobody's hash: %v, %v", ok, err)
	}
	for _, bad := range []string{"x", "$argon2id$v=19$m=1$a$b", "$argon2id$v=19$m=64,t=1,p=1$!$!"} {
		if _, err := h.verify(password, bad); !errors.Is(err, errBadHash) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzGuestToken(f *testing.F) {
	g := &Guests{key: []byte("0123456789abcdef0123456789abcdef")}
	f.Add(g.token(uuid.New(), 1))
	f.Add("")
	f.Add(fmt.Sprintf("%043d", 0))
	f.Fuzz(func(t *testing.T, token string) {
		if _, _, err := parseToken(token); err != nil && !errors.Is(err, ErrLinkInvalid) {
			t.Errorf("error without a name: %v", err)
		}
	})
}

func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	h := &HTTP{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for _, test := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "198.51.100.7", "203.0.113.9"}, // no proxy of ours
		{"10.0.0.1:1", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"}, // the first is the client's own claim
		{"[::1]:1", "::ffff:198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "<script>", "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": {test.forwarded}}}
		if got := h.RemoteAddress(r); got != test.want {
			t.Errorf("%s for %q: %s, want %s", test.remote, test.forwarded, got, test.want)
		}
	}
}
