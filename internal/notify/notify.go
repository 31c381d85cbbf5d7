// Package notify tells people of things: in the client, and outside the house
// by push, mail and hooks.
//
// A notice is a row with a key that is unique for its person: however often a
// cause is told, its person hears of it once. Notices of messages are made from
// the rooms' durable order of events, under a cursor for each room that moves in
// the transaction that adds them. What has been read in its room is read here,
// too. A notice of the future is held until it is due.
//
// A letter is a job in the database, enqueued in the transaction that causes
// it: a committed change is always told, a rolled back one never. The job
// carries only what the letter is about; the text is made when it is sent, from
// what is true then, and a letter that time has overtaken is dropped. Pushes,
// deliveries to hooks and the letters of what nobody has seen are jobs alike.
//
// A job is done once, on whatever node: jobs are unique by what they are
// about, and the Message-ID is made of the same, so that even a mail that was
// handed over twice, because a node died between the server's answer and our
// note of it, is one mail to the reader's program. A hook's receiver knows by
// the idempotency key.
//
// Without an SMTP server no job of a letter is made. Invitations are then sent
// by hand.
//
// Addresses that people typed in are reached through Outside, which refuses
// this house's own network. What leaves the house by push, mail or hook names
// no words of a message unless somebody chose that.
package notify

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kind says what a letter does.
type Kind string

// The kinds of letter.
const (
	Invitation   Kind = "invitation"
	Cancellation Kind = "cancellation"
	Reminder     Kind = "reminder"
)

// Job is one letter to one reader.
type Job struct {
	Letter   Kind      `json:"letter" river:"unique"`
	Meeting  uuid.UUID `json:"meeting" river:"unique"`
	Sequence int       `json:"sequence" river:"unique"`
	Invitee  uuid.UUID `json:"invitee" river:"unique"`
	// Account is set where an invitee is several people, as a station is.
	Account uuid.UUID `json:"account" river:"unique"`
	// At is when the letter is due; zero means at once.
	At time.Time `json:"-"`
}

// Kind implements river.JobArgs.
func (Job) Kind() string { return "letter" }

// Letter is a letter as it is sent.
type Letter struct {
	To, ToName string
	Subject    string
	Text       string
	HTML       string
	// Calendar is the iCalendar object, Method its METHOD; both may be empty.
	Calendar []byte
	Method   string
	// MessageID is the part before the @; the same letter has the same.
	MessageID string
}

// Letters writes what a job is about, in the reader's language.
type Letters interface {
	Letter(ctx context.Context, job Job) (Letter, error)
	// Undelivered keeps in a transaction why a letter will never arrive, and
	// returns who is to be told so.
	Undelivered(ctx context.Context, tx pgx.Tx, job Job, reason string) ([]Notice, error)
}

// ErrStale is returned for a letter that need not be sent any more.
var ErrStale = errors.New("letter is out of date")

// Config is the SMTP server that letters leave by.
type Config struct {
	Host           string
	Port           int
	User, Password string
	// From is the sender, for instance "云侨 <meeting@example.org>".
	From string
	// TLS is starttls, tls or none.
	TLS string
}

// Enabled says whether letters are sent at all.
func (c Config) Enabled() bool { return c.Host != "" }
