package minutes

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// Errors of this package, as users see them.
var (
	ErrNotFound      = problem.NotFound("minutes")
	ErrBlockNotFound = problem.NotFound("block")
	ErrSigned        = problem.New(http.StatusConflict, "minutes_signed", "signed minutes cannot change")
	ErrInReview      = problem.New(http.StatusConflict, "minutes_in_review", "the minutes are in review")
	ErrNotInReview   = problem.New(http.StatusConflict, "minutes_not_in_review", "the minutes are not in review")
	ErrNotSigned     = problem.New(http.StatusConflict, "minutes_not_signed", "only signed minutes are corrected")
	ErrChanged       = problem.New(http.StatusConflict, "minutes_changed", "somebody else has changed the minutes")
	ErrBlockChanged  = problem.New(http.StatusConflict, "block_changed", "somebody else has changed this block")
)

// Meetings knows meetings and who may do what with them; schedule.Schedule does.
type Meetings interface {
	Record(ctx context.Context, meeting uuid.UUID) (schedule.Record, error)
	MayView(ctx context.Context, meeting uuid.UUID) error
	MayWriteMinutes(ctx context.Context, meeting uuid.UUID) error
	// Visible returns those of the meetings that the caller may see, and those
	// whose minutes it may write.
	Visible(ctx context.Context, meetings []uuid.UUID) (seen, written map[uuid.UUID]bool, err error)
}

// Announcer tells the clients what was committed. It may lose what it hears.
type Announcer interface {
	Changed(ctx context.Context, topic, id string, room uuid.UUID)
}

// Auditor remembers changes and exports; audit.Log does.
type Auditor interface {
	Record(ctx context.Context, action, object string, details map[string]any) error
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// House is the organisation that issues the minutes.
type House struct {
	// Name stands in the red heading, Prefix before the number.
	Name, Prefix string
	// TimeZone says which year a record is signed in.
	TimeZone string
}

// Deps is what the book needs of others.
type Deps struct {
	Pool      *pgxpool.Pool
	Meetings  Meetings
	Announcer Announcer
	Audit     Auditor
	House     House
	// Now tells the time; time.Now when nil.
	Now func() time.Time
}

// Book is the book of minutes.
type Book struct {
	Deps
	zone *time.Location
}

// New returns the book kept in a database.
func New(d Deps) (*Book, error) {
	zone, err := clock.Zone("house_time_zone", d.House.TimeZone)
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Book{Deps: d, zone: zone}, nil
}

// writer returns the caller when it may write a meeting's minutes. Who does
// not even see the meeting is told that there is nothing.
func (b *Book) writer(ctx context.Context, meeting uuid.UUID) (account.Account, error) {
	a, err := account.Require(ctx)
	if err != nil {
		return a, err
	}
	return a, b.Meetings.MayWriteMinutes(ctx, meeting)
}

// maySign says whether an account may sign: the staff of the house.
func maySign(a account.Account) bool { return a.IsStaff() }
