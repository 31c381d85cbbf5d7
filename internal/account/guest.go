package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Guest is someone let in by a personal link, for one meeting. Its ID is that
// of the invitee, so that a person is one participant on whatever device;
// SessionID is the device. Admission belongs to the device and the meeting: it
// holds while that meeting is live, and never for another one.
type Guest struct {
	ID        uuid.UUID
	SessionID uuid.UUID
	MeetingID uuid.UUID
	// MeetingState is where the meeting is: planned, live, ended or cancelled.
	MeetingState string
	// Name is what the guest calls itself, Invited what its link was made out to.
	Name, Invited string
	Language      string
	TimeZone      string
	Admitted      bool
	Blocked       bool
	// Since is the newest event of the room when the device was let in: it reads
	// what came after.
	Since int64
}

// Over says whether the guest's meeting will not go on.
func (g Guest) Over() bool { return g.MeetingState == "ended" || g.MeetingState == "cancelled" }

// GuestLink is what a personal link opens.
type GuestLink struct {
	Invitee, Meeting uuid.UUID
	Name, Language   string
	ExpiresAt        time.Time
}

// LinkState says whether a link still opens its meeting.
type LinkState string

// The states of a link.
const (
	LinkActive  LinkState = "active"
	LinkRevoked LinkState = "revoked"
	LinkExpired LinkState = "expired"
)

// Guests keeps personal links and the sessions opened by them.
//
// A link's token is not stored: it is the invitee's id and a MAC over it and
// the link's generation, so that a link can be shown again to those who may
// see it, and renewing it ends the old one.
type Guests struct {
	// Audit is set before use; without it nothing is recorded.
	Audit Audit

	pool *pgxpool.Pool
	key  []byte
}

const macLen = 16

// NewGuests reads the installation's key, making it at the first start.
func NewGuests(ctx context.Context, pool *pgxpool.Pool) (*Guests, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh)
	const insert = `insert into secrets (name, value) values ('guest links', $1) on conflict do nothing`
	if _, err := pool.Exec(ctx, insert, fresh); err != nil {
		return nil, fmt.Errorf("make key of guest links: %w", err)
	}
	g := &Guests{pool: pool}
	const q = `select value from secrets where name = 'guest links'`
	if err := pool.QueryRow(ctx, q).Scan(&g.key); err != nil {
		return nil, fmt.Errorf("read key of guest links: %w", err)
	}
	return g, nil
}

func (g *Guests) token(invitee uuid.UUID, generation int) string {
	return base64.RawURLEncoding.EncodeToString(append(invitee[:], g.mac(invitee, generation)...))
}

func (g *Guests) mac(invitee uuid.UUID, generation int) []byte {
	mac := hmac.New(sha256.New, g.key)
	mac.Write(invitee[:])
	_ = binary.Write(mac, binary.BigEndian, uint64(generation)) // a hash never fails
	return mac.Sum(nil)[:macLen]
}

// Issue makes or updates the link of an invitee.
func (g *Guests) Issue(ctx context.Context, tx pgx.Tx, l GuestLink) error {
	const q = `
insert into guest_links (invitee_id, meeting_id, name, language, expires_at)
values (@invitee, @meeting, @name, @language, @expires)
on conflict (invitee_id) do update set name = @name, language = @language, expires_at = @expires`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"invitee": l.Invitee, "meeting": l.Meeting, "name": l.Name, "language": l.Language, "expires": l.ExpiresAt,
	}); err != nil {
		return fmt.Errorf("issue guest link: %w", err)
	}
	return nil
}

// Revoke ends an invitee's link and everything opened by it.
func (g *Guests) Revoke(ctx context.Context, tx pgx.Tx, invitee uuid.UUID) error {
	const q = `update guest_links set revoked_at = coalesce(revoked_at, now()) where invitee_id = $1`
	if _, err := tx.Exec(ctx, q, invitee); err != nil {
		return fmt.Errorf("revoke guest link: %w", err)
	}
	return endGuestSessions(ctx, tx, invitee)
}

// Renew replaces an invitee's link by a new one; the old one opens nothing.
func (g *Guests) Renew(ctx context.Context, tx pgx.Tx, invitee uuid.UUID, expires time.Time) error {
	const q = `
update guest_links set generation = generation + 1, revoked_at = null, expires_at = $2 where invitee_id = $1`
	if _, err := tx.Exec(ctx, q, invitee, expires); err != nil {
		return fmt.Errorf("renew guest link: %w", err)
	}
	return endGuestSessions(ctx, tx, invitee)
}

func endGuestSessions(ctx context.Context, tx pgx.Tx, invitee uuid.UUID) error {
	const q = `delete from guest_sessions where invitee_id = $1`
	if _, err := tx.Exec(ctx, q, invitee); err != nil {
		return fmt.Errorf("end guest sessions: %w", err)
	}
	return nil
}

// Token returns an invitee's link token and its state.
func (g *Guests) Token(ctx context.Context, invitee uuid.UUID) (token string, state LinkState, err error) {
	l, err := g.link(ctx, invitee)
	if err != nil {
		return "", "", err
	}
	return g.token(invitee, l.Generation), l.state(), nil
}

type linkRow struct {
	InviteeID  uuid.UUID
	MeetingID  uuid.UUID
	Name       string
	Language   string
	Generation int
	Revoked    bool
	Expired    bool
}

func (l linkRow) state() LinkState {
	switch {
	case l.Revoked:
		return LinkRevoked
	case l.Expired:
		return LinkExpired
	}
	return LinkActive
}

func (g *Guests) link(ctx context.Context, invitee uuid.UUID) (linkRow, error) {
	const q = `
select invitee_id, meeting_id, name, language, generation, revoked_at is not null as revoked, expires_at <= now() as expired
from guest_links where invitee_id = $1`
	rows, _ := g.pool.Query(ctx, q, invitee)
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[linkRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return linkRow{}, ErrLinkInvalid
	}
	if err != nil {
		return linkRow{}, fmt.Errorf("read guest link: %w", err)
	}
	return l, nil
}

// open returns the active link of a token. Unknown, expired and revoked ones
// are alike to the caller.
func (g *Guests) open(ctx context.Context, token string) (linkRow, error) {
	invitee, mac, err := parseToken(token)
	if err != nil {
		return linkRow{}, err
	}
	l, err := g.link(ctx, invitee)
	if err != nil {
		return linkRow{}, err
	}
	if subtle.ConstantTimeCompare(g.mac(invitee, l.Generation), mac) != 1 || l.state() != LinkActive {
		return linkRow{}, ErrLinkInvalid
	}
	return l, nil
}

func parseToken(token string) (invitee uuid.UUID, mac []byte, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 16+macLen {
		return uuid.Nil, nil, ErrLinkInvalid
	}
	return uuid.UUID(raw[:16]), raw[16:], nil
}

// Look returns what a token opens, without using it: links are looked at by
// previewers, too.
func (g *Guests) Look(ctx context.Context, token string) (Guest, error) {
	l, err := g.open(ctx, token)
	if err != nil {
		return Guest{}, err
	}
	return Guest{ID: l.InviteeID, MeetingID: l.MeetingID, Name: l.Name, Language: l.Language}, nil
}

// Enter opens a guest's session on one device.
func (g *Guests) Enter(ctx context.Context, token string, as Guest, d Device) (Guest, string, error) {
	var err error
	if as.Name, err = label.Required("name", as.Name, label.MaxName); err != nil {
		return Guest{}, "", err
	}
	if err := checkLocale(as.Language, as.TimeZone); err != nil {
		return Guest{}, "", err
	}
	l, err := g.open(ctx, token)
	if err != nil {
		return Guest{}, "", err
	}
	if err := g.ownName(ctx, as.Name, l.Name); err != nil {
		return Guest{}, "", err
	}
	cookie, hash := newToken()
	const q = `
insert into guest_sessions (id, invitee_id, generation, token_hash, name, language, time_zone, device, expires_at)
select @id, invitee_id, generation, @hash, @name, @language, @zone, @device, expires_at
from guest_links where invitee_id = @invitee`
	err = postgres.InTx(ctx, g.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": uuid.Must(uuid.NewV7()), "hash": hash, "name": as.Name, "language": as.Language,
			"zone": as.TimeZone, "device": clip(d.Name, 200), "invitee": l.InviteeID,
		}); err != nil || g.Audit == nil {
			return err
		}
		by := WithGuest(ctx, Guest{ID: l.InviteeID, Name: as.Name})
		return g.Audit.RecordIn(by, tx, "guests.enter", l.InviteeID.String(), nil)
	})
	if err != nil {
		return Guest{}, "", fmt.Errorf("open guest session: %w", err)
	}
	guest, err := g.BySession(ctx, cookie)
	return guest, cookie, err
}

// ownName refuses a name that people would take for that of an account. Who was
// invited under such a name has it.
func (g *Guests) ownName(ctx context.Context, name, invited string) error {
	if label.Alike(name, invited) {
		return nil
	}
	rows, _ := g.pool.Query(ctx, `select name from accounts where not disabled`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read names of accounts: %w", err)
	}
	if slices.ContainsFunc(names, func(other string) bool { return label.Alike(name, other) }) {
		return problem.New(http.StatusUnprocessableEntity, "name_taken", "this is somebody else's name here").At("name")
	}
	return nil
}

// EnterAppliance opens the session of an encoder or a player, which keeps no
// cookie: the same token and kind find the same session again, so that it is let
// in once.
func (g *Guests) EnterAppliance(ctx context.Context, token, kind string) (Guest, error) {
	l, err := g.open(ctx, token)
	if err != nil {
		return Guest{}, err
	}
	guest, err := g.one(ctx, guestColumns+` where id = $1 and device = $2 order by session_id limit 1`, l.InviteeID, kind)
	if !errors.Is(err, ErrSignedOut) {
		return guest, err
	}
	guest, _, err = g.Enter(ctx, token, Guest{Name: l.Name, Language: l.Language, TimeZone: "UTC"}, Device{Name: kind})
	return guest, err
}

// guestColumns reads the view that says what a guest's device may now.
const guestColumns = `
select id, session_id, meeting_id, meeting_state, name, language, time_zone, admitted, blocked, since, invited from guests`

// BySession returns the guest a cookie belongs to, as long as the link is valid.
func (g *Guests) BySession(ctx context.Context, cookie string) (Guest, error) {
	return g.one(ctx, guestColumns+` where token_hash = $1`, hashToken(cookie))
}

// StillOpen returns those of the sessions that are good now, and whether each
// is let in.
func (g *Guests) StillOpen(ctx context.Context, sessions []uuid.UUID) (admitted map[uuid.UUID]bool, err error) {
	rows, _ := g.pool.Query(ctx, guestColumns+` where session_id = any($1)`, sessions)
	open, err := pgx.CollectRows(rows, pgx.RowToStructByName[Guest])
	if err != nil {
		return nil, fmt.Errorf("read open guest sessions: %w", err)
	}
	admitted = make(map[uuid.UUID]bool, len(open))
	for _, o := range open {
		admitted[o.SessionID] = o.Admitted
	}
	return admitted, nil
}

// BySessionID returns the guest of a session, with its present rights.
func (g *Guests) BySessionID(ctx context.Context, session uuid.UUID) (Guest, error) {
	return g.one(ctx, guestColumns+` where session_id = $1`, session)
}

func (g *Guests) one(ctx context.Context, q string, args ...any) (Guest, error) {
	rows, _ := g.pool.Query(ctx, q, args...)
	guest, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Guest])
	if errors.Is(err, pgx.ErrNoRows) {
		return Guest{}, ErrSignedOut
	}
	if err != nil {
		return Guest{}, fmt.Errorf("read guest session: %w", err)
	}
	return guest, nil
}

// Admit remembers that a device was let in, so that it comes straight back.
// Since is where its room stands: the device reads what comes after. One that
// was let in before reads on from there.
func (g *Guests) Admit(ctx context.Context, session uuid.UUID, since int64) error {
	const q = `
update guest_sessions s set admitted_seq = case when s.admitted_at is null then $2 else s.admitted_seq end,
    admitted_at = coalesce(s.admitted_at, now())
from guest_links l where s.id = $1 and not s.blocked and l.invitee_id = s.invitee_id returning s.invitee_id, l.meeting_id`
	err := postgres.InTx(ctx, g.pool, func(ctx context.Context, tx pgx.Tx) error {
		var invitee, meeting uuid.UUID
		if err := tx.QueryRow(ctx, q, session, since).Scan(&invitee, &meeting); err != nil || g.Audit == nil {
			return err
		}
		return g.Audit.RecordIn(ctx, tx, "guests.admit", invitee.String(), map[string]any{"device": session, "meeting": meeting})
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return problem.NotFound("guest")
	case err != nil:
		return fmt.Errorf("admit guest: %w", err)
	}
	return nil
}

// Dismiss takes a guest's admission back on every device, and with block keeps
// the link's holder out for good.
func (g *Guests) Dismiss(ctx context.Context, invitee uuid.UUID, block bool) error {
	return postgres.InTx(ctx, g.pool, func(ctx context.Context, tx pgx.Tx) error {
		if block {
			return g.Revoke(ctx, tx, invitee)
		}
		const q = `update guest_sessions set admitted_at = null where invitee_id = $1`
		if _, err := tx.Exec(ctx, q, invitee); err != nil {
			return fmt.Errorf("dismiss guest: %w", err)
		}
		return nil
	})
}
