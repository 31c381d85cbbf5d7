package schedule

import (
	"context"
	"net/http"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Errors of this package, as users see them.
var (
	ErrNotFound = problem.NotFound("meeting")
	ErrChanged  = problem.New(http.StatusConflict, "meeting_changed", "somebody else has changed this meeting")
	ErrOver     = problem.New(http.StatusConflict, "meeting_over", "the meeting has ended or is cancelled")
	ErrRunning  = problem.New(http.StatusConflict, "meeting_live", "the meeting is going on")
	ErrNoLink   = problem.NotFound("link")
)

// Accounts lists who can sign in; account.Store does.
type Accounts interface {
	All(ctx context.Context) ([]account.Account, error)
}

// Party is what an invitation needs to know of a station or a contact.
type Party struct {
	Name, Unit, Title         string
	Email, Language, TimeZone string
}

// Directory looks invited stations and contacts up, on behalf of the caller.
type Directory interface {
	StationParty(ctx context.Context, id uuid.UUID) (Party, error)
	ContactParty(ctx context.Context, id uuid.UUID) (Party, error)
}

// Guests keeps the personal links of guests; account.Guests does.
type Guests interface {
	Issue(ctx context.Context, tx pgx.Tx, link account.GuestLink) error
	Token(ctx context.Context, invitee uuid.UUID) (token string, state account.LinkState, err error)
	Revoke(ctx context.Context, tx pgx.Tx, invitee uuid.UUID) error
	Renew(ctx context.Context, tx pgx.Tx, invitee uuid.UUID, expires time.Time) error
}

// NewRoom is the room that is made for a meeting.
type NewRoom struct {
	Title   string
	Meeting uuid.UUID
	Owner   uuid.UUID
	Members []uuid.UUID
}

// Rooms makes and knows the rooms meetings are held in.
type Rooms interface {
	CreateRoom(ctx context.Context, tx pgx.Tx, room NewRoom) (uuid.UUID, error)
	// SetMembers makes these the members of a meeting's own room, one of them its owner.
	SetMembers(ctx context.Context, tx pgx.Tx, room, owner uuid.UUID, accounts []uuid.UUID) error
	Rename(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error
	// RoomsOf returns the rooms an account is a member of.
	RoomsOf(ctx context.Context, account uuid.UUID) ([]uuid.UUID, error)
	// Title returns the name a spontaneous meeting in the room gets.
	Title(ctx context.Context, room uuid.UUID) (string, error)
}

// Mailer sends letters, or says that it does not; notify.Queue does.
type Mailer interface {
	Enabled() bool
	Enqueue(ctx context.Context, tx pgx.Tx, jobs ...notify.Job) error
	// Forget deletes the letters to invitees, sent or not.
	Forget(ctx context.Context, tx pgx.Tx, invitees []uuid.UUID) error
}

// Announcer tells the clients what was committed. It may lose what it hears.
type Announcer interface {
	Changed(ctx context.Context, topic, id string, room uuid.UUID)
	MembersChanged(ctx context.Context, room uuid.UUID, accounts []uuid.UUID)
}

// Auditor remembers changes; audit.Log does.
type Auditor interface {
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// Recordings counts the recordings of meetings.
type Recordings interface {
	Count(ctx context.Context, meetings []uuid.UUID) (map[uuid.UUID]int, error)
}

// MinutesHeads returns the newest minutes of meetings.
type MinutesHeads interface {
	Heads(ctx context.Context, meetings []uuid.UUID) (map[uuid.UUID]MinutesHead, error)
}

// House is the organisation that invites.
type House struct {
	NameZH, NameEN string
	// TimeZone is the house's own clock; every time is given by it as well.
	TimeZone string
	// PublicURL is how the hub is reached, without a slash at the end.
	PublicURL string
	// Mail is the address invitations come from, with or without a name; it
	// may be empty.
	Mail string
}

// Deps is what the schedule needs of others.
type Deps struct {
	Pool      *pgxpool.Pool
	Accounts  Accounts
	Directory Directory
	Guests    Guests
	Rooms     Rooms
	Mailer    Mailer
	Teller    Teller
	Announcer Announcer
	Audit     Auditor
	House     House
	// Now tells the time; time.Now when nil.
	Now func() time.Time
}

// Schedule is the calendar of the house.
type Schedule struct {
	Deps
	house      *time.Location
	recordings Recordings
	minutes    MinutesHeads
}

// New returns the schedule kept in a database.
func New(d Deps) (*Schedule, error) {
	house, err := clock.Zone("house_time_zone", d.House.TimeZone)
	if err != nil {
		return nil, err
	}
	if d.House.Mail != "" {
		from, err := mail.ParseAddress(d.House.Mail)
		if err != nil {
			return nil, problem.Invalid("mail_from", "not an e-mail address")
		}
		d.House.Mail = from.Address
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Schedule{Deps: d, house: house}, nil
}

// Attach adds the features that are made after the schedule, because they
// need it. It is called before the schedule is used; either may be nil.
func (s *Schedule) Attach(r Recordings, m MinutesHeads) {
	s.recordings, s.minutes = r, m
}

// At returns the same schedule living at another time; for laying out the past
// of a demonstration. It tells nobody.
func (s *Schedule) At(now func() time.Time) *Schedule {
	then := *s
	then.Now, then.Teller = now, silent{}
	return &then
}
