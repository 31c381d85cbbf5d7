// Package calls rings people: who is rung by whom in which room, and what
// became of it. A call is the ringing alone. It ends when nobody is being rung
// any more; who accepted meets in the room's meeting.
//
// Everything is in Postgres and every step is one transaction, so that the
// devices of one person may hang on different nodes, and a node may die. What
// is announced is a hint to read the call again. The database's clock says
// when a ringing is over, and every node's sweep ends what is overdue,
// whichever node began it.
//
// When a call has ended, its entry is posted into the room under the client id
// "call:<id>", which makes it one entry however often that is tried, and those
// who missed it are told.
package calls

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// State is how a call stands for one of the people it rings.
type State string

// The states. Ringing becomes one of the others and none of those changes.
const (
	Ringing   State = "ringing"
	Accepted  State = "accepted"
	Declined  State = "declined"
	Busy      State = "busy"
	Missed    State = "missed"
	Cancelled State = "cancelled" // the caller gave up first
)

// Unanswered says whether somebody with this state has missed the call.
func (s State) Unanswered() bool { return s == Busy || s == Missed || s == Cancelled }

// Person is an account with its name.
type Person struct {
	ID   uuid.UUID
	Name string
}

// Callee is somebody who is or was rung.
type Callee struct {
	Person
	State State
}

// Call is one ringing.
type Call struct {
	ID, Room   uuid.UUID
	By         Person
	Version    int
	StartedAt  time.Time
	RingsUntil time.Time
	AnsweredAt *time.Time
	EndedAt    *time.Time
	People     []Callee
}

// Missed lists those who did not answer, and did not say that they would not.
func (c Call) Missed() []Callee {
	var list []Callee
	for _, p := range c.People {
		if p.State.Unanswered() {
			list = append(list, p)
		}
	}
	return list
}

const (
	// ringFor is how long people are rung.
	ringFor = 45 * time.Second
	// maxPeople is how many are rung at once.
	maxPeople = 50
	// again is how long a caller leaves somebody alone between two calls.
	again = 10 * time.Second
	// perMinute is how many calls one person may begin in a minute.
	perMinute = 10
)

// Rooms knows where people are rung.
type Rooms interface {
	// Members lists who is in a room, or is an error when there is no such room or
	// nobody is rung in it any more.
	Members(ctx context.Context, room uuid.UUID) ([]Person, error)
	// Post writes the entry of a call that has ended, once however often it is
	// called, and returns the message and its number in the room's order. A room
	// that does not take the entry any more returns no message.
	Post(ctx context.Context, c Call) (message uuid.UUID, seq int64, err error)
}

// Meetings knows who is in a live meeting.
type Meetings interface {
	// Attending returns the room that each of these accounts is meeting in now.
	Attending(ctx context.Context, accounts []uuid.UUID) (map[uuid.UUID]uuid.UUID, error)
}

// Entry is where a call's entry stands in its room.
type Entry struct {
	Message uuid.UUID
	Seq     int64
}

// Teller tells people of calls beyond their open pages.
type Teller interface {
	// TellRinging has browsers ring whose page is closed. It is done once and may be
	// lost: nobody needs it a minute later.
	TellRinging(ctx context.Context, c Call) error
	TellMissed(ctx context.Context, tx pgx.Tx, c Call, entry Entry) error
}

// Announcer hears that a call is to be read again. It may lose what it hears.
type Announcer interface {
	CallChanged(ctx context.Context, call uuid.UUID)
}

// Deps are what calls work with.
type Deps struct {
	Pool      *pgxpool.Pool
	Rooms     Rooms
	Meetings  Meetings
	Teller    Teller
	Announcer Announcer
}

// Calls rings people.
type Calls struct{ Deps }

// New returns the calls kept in a database.
func New(d Deps) *Calls { return &Calls{Deps: d} }

// Errors of this package, as users see them.
var (
	ErrNoCall   = problem.NotFound("call")
	ErrAnswered = problem.New(http.StatusConflict, "answered", "the call was answered already, or is over")
	ErrTooOften = problem.New(http.StatusTooManyRequests, "rate", "the same people were rung a moment ago")
	ErrNobody   = problem.New(http.StatusConflict, "nobody", "there is nobody to ring")
)
