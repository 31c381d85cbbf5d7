package schedule

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Letters go out under the house's address, with words that its accounts choose.
// To people outside, whose mail servers judge the house by them, a person causes so
// many a day and the house so many an hour; the reminder of an invitation belongs
// to it.
const (
	staffLettersADay   = 600
	stationLettersADay = 300
	houseLettersAnHour = 1000
)

// sentOutside is how many letters somebody caused at a moment.
type sentOutside struct {
	At      time.Time
	Mine    bool
	Letters int
}

// affordOutside counts the invitations that go to people outside. That somebody
// need not come they are always told: once for each invitation.
func (e edition) affordOutside(ctx context.Context, invited []inviteeRow) error {
	by, err := account.Require(ctx)
	if err != nil {
		return err
	}
	letters := 0
	for _, i := range invited {
		if i.guest() && i.Email != "" {
			letters++
		}
	}
	if letters == 0 {
		return nil
	}
	return e.reserveOutside(ctx, by, letters)
}

// reserveOutside counts letters that a change causes to people outside. There may
// be too many: the error names the invitees, and when as many are possible again.
func (e edition) reserveOutside(ctx context.Context, by account.Account, letters int) error {
	// One after the other, so that two changes at a time do not take the same room.
	if _, err := e.tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('outside_letters', 0))`); err != nil {
		return fmt.Errorf("wait for other letters: %w", err)
	}
	now := e.Now()
	rows, _ := e.tx.Query(ctx, `select at, account_id = $1 as mine, letters from outside_letters where at > $2 order by at`, by.ID, now.Add(-24*time.Hour))
	sent, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sentOutside])
	if err != nil {
		return fmt.Errorf("read letters of a day: %w", err)
	}
	mine := stationLettersADay
	if by.IsStaff() {
		mine = staffLettersADay
	}
	free := freeAt(now, 24*time.Hour, mine-letters, sent, func(s sentOutside) bool { return s.Mine })
	if house := freeAt(now, time.Hour, houseLettersAnHour-letters, sent, func(sentOutside) bool { return true }); house.After(free) {
		free = house
	}
	if free.After(now) {
		return problem.New(http.StatusTooManyRequests, "many_letters", "too many letters to people outside; possible again at %s", free.UTC().Format(time.RFC3339)).
			At("invitees").With("retry_after", int(free.Sub(now).Seconds())+1).With("again_at", free.UTC())
	}
	const q = `with old as (delete from outside_letters where at <= $3) insert into outside_letters (account_id, at, letters) values ($1, $2, $4)`
	if _, err := e.tx.Exec(ctx, q, by.ID, now, now.Add(-24*time.Hour), letters); err != nil {
		return fmt.Errorf("count letters: %w", err)
	}
	return nil
}

// freeAt returns when at most so many of the letters that count are younger than a
// time: now, or when the first of them are old enough.
func freeAt(now time.Time, within time.Duration, most int, sent []sentOutside, counts func(sentOutside) bool) time.Time {
	left := 0
	for _, s := range sent {
		if counts(s) && s.At.After(now.Add(-within)) {
			left += s.Letters
		}
	}
	free := now
	for _, s := range sent { // the oldest first
		if left <= most {
			break
		}
		if counts(s) && s.At.After(now.Add(-within)) {
			left, free = left-s.Letters, s.At.Add(within)
		}
	}
	return free
}
