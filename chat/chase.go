package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

const (
	// chaseEvery is how long who was reminded is left alone.
	chaseEvery = 5 * time.Minute
	// A person's day, by their own clock, in hours.
	dayBegins, dayEnds = 8, 22
)

// Chase reminds one account of a message that it has not confirmed.
type Chase struct {
	Account, Room, Message uuid.UUID
	// By reminds.
	By Person
	// Key is unique for ever: a chase with the same key is told once.
	Key string
	// Text is the beginning of the message.
	Text string
	// At is when it is due; Urgent ones are due at night, too.
	At     time.Time
	Urgent bool
}

// Chaser tells people, inside the transaction that remembers having done so.
type Chaser interface {
	Chase(ctx context.Context, tx pgx.Tx, chases []Chase) error
	// Settled takes back what nobody heard of yet: an account has confirmed the
	// message, or, for uuid.Nil, it is no more.
	Settled(ctx context.Context, tx pgx.Tx, message, account uuid.UUID) error
}

// settled says that an account, or for uuid.Nil nobody, needs a reminder any more.
func (s *Store) settled(ctx context.Context, tx pgx.Tx, message, account uuid.UUID) error {
	if s.Chaser == nil {
		return nil
	}
	return s.Chaser.Settled(ctx, tx, message, account)
}

var errNoChaser = problem.New(http.StatusServiceUnavailable, "no_reminders", "nobody can be reminded here")

// Chased is one who is reminded, and when by whose clock.
type Chased struct {
	Person   Person
	TimeZone string
	At       time.Time
	// Asleep: it is night there, and they hear of it in the morning.
	Asleep bool
}

// ChaseUnconfirmed reminds those who have not confirmed a message: its author
// and the room's managers may, not sooner than 5 minutes after the last time.
// Everybody hears of it within their own day; urgently at once, which managers
// may, and the author of a message that was urgent from the beginning.
func (s *Store) ChaseUnconfirmed(ctx context.Context, c Caller, room, message uuid.UUID, urgent bool) ([]Chased, error) {
	if c.Kind == GuestPerson {
		return nil, problem.Forbidden("for the room's members")
	}
	if err := s.may(ctx, c, room); err != nil {
		return nil, err
	}
	if s.Chaser == nil {
		return nil, errNoChaser
	}
	var chased []Chased
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		a, err := s.mayChase(ctx, tx, c, room, message, urgent)
		if err != nil {
			return err
		}
		round, now, err := nextRound(ctx, tx, message)
		if err != nil {
			return err
		}
		if chased, err = unconfirmed(ctx, tx, room, message, a.author); err != nil {
			return err
		}
		chases := make([]Chase, 0, len(chased))
		for i := range chased {
			p := &chased[i]
			p.At, p.Asleep = dueAt(now, p.TimeZone, urgent)
			chases = append(chases, Chase{
				Account: p.Person.ID, Room: room, Message: message, By: c.Person, Key: fmt.Sprintf("chase:%s:%d", message, round),
				Text: a.text, At: p.At, Urgent: urgent,
			})
		}
		return s.Chaser.Chase(ctx, tx, chases)
	})
	if err != nil {
		return nil, fmt.Errorf("chase: %w", err)
	}
	return chased, nil
}

func (s *Store) mayChase(ctx context.Context, tx pgx.Tx, c Caller, room, message uuid.UUID, urgent bool) (asked, error) {
	a, err := s.askAbout(ctx, tx, c.ID, room, message)
	switch {
	case err != nil:
		return a, err
	case a.archived:
		return a, ErrArchived
	case !a.mustConfirm:
		return a, problem.New(http.StatusConflict, "nothing_to_confirm", "the message does not ask for confirmation")
	case !a.mayChase(c.ID):
		return a, problem.Forbidden("only its author or the room's managers remind of a message")
	case urgent && !a.urgent && !a.manages:
		return a, problem.Forbidden("only the room's managers wake people for a message that was not urgent").At("urgent")
	}
	return a, nil
}

// nextRound counts a round of reminders, by the database's clock; one that
// comes too soon is refused. Two at the same moment are one after the other.
func nextRound(ctx context.Context, tx pgx.Tx, message uuid.UUID) (round int, now time.Time, err error) {
	const q = `
insert into chases as c (message_id) values ($1) on conflict (message_id)
do update set round = c.round + 1, at = now() where c.at <= now() - $2::interval returning round, now()`
	err = tx.QueryRow(ctx, q, message, chaseEvery).Scan(&round, &now)
	if !errors.Is(err, pgx.ErrNoRows) {
		return round, now, err
	}
	var wait float64
	const left = `select extract(epoch from c.at + $2::interval - now()) from chases c where c.message_id = $1`
	if err := tx.QueryRow(ctx, left, message, chaseEvery).Scan(&wait); err != nil {
		return 0, now, err
	}
	return 0, now, problem.New(http.StatusTooManyRequests, "chased_recently", "not sooner than %s after the last time", chaseEvery).
		With("retry_after", max(1, int(wait)+1))
}

func unconfirmed(ctx context.Context, tx pgx.Tx, room, message, author uuid.UUID) ([]Chased, error) {
	const q = `
select a.id, a.name, a.time_zone from room_members m join accounts a on a.id = m.account_id
where m.room_id = $1 and a.id <> $3 and not a.disabled
    and not exists (select from confirmations c where c.message_id = $2 and c.account_id = a.id)
order by a.name collate "zh-x-icu", a.id limit $4`
	rows, _ := tx.Query(ctx, q, room, message, author, maxReaders)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Chased, error) {
		c := Chased{Person: Person{Kind: AccountPerson}}
		err := row.Scan(&c.Person.ID, &c.Person.Name, &c.TimeZone)
		return c, err
	})
}

// dueAt says when somebody hears of something: now within their day, or at
// eight in their next morning. The morning is named by date and clock, so that
// a change to summer time in the night moves nothing.
func dueAt(now time.Time, zone string, urgent bool) (at time.Time, asleep bool) {
	place, err := clock.Zone("time_zone", zone)
	if err != nil {
		place = time.UTC
	}
	local := now.In(place)
	if hour := local.Hour(); hour >= dayBegins && hour < dayEnds {
		return now, false
	}
	if urgent {
		return now, true
	}
	year, month, day := local.Date()
	if local.Hour() >= dayEnds {
		day++
	}
	return time.Date(year, month, day, dayBegins, 0, 0, 0, place), true
}
