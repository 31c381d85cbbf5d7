package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Teller tells people with an account of their meetings, whatever letters do;
// notify.Notices does.
type Teller interface {
	// Tell adds notices in the transaction that causes them.
	Tell(ctx context.Context, tx pgx.Tx, notices ...notify.Notice) error
	// TakeBack deletes what nobody has been told yet of a meeting.
	TakeBack(ctx context.Context, tx pgx.Tx, meeting uuid.UUID) error
	// Came says that somebody has come, or for uuid.Nil that the meeting is over.
	Came(ctx context.Context, meeting, account uuid.UUID) error
	// Hurry has what was added told at once.
	Hurry()
}

// silent tells nobody: the past of a demonstration is no news.
type silent struct{}

func (silent) Tell(context.Context, pgx.Tx, ...notify.Notice) error { return nil }
func (silent) TakeBack(context.Context, pgx.Tx, uuid.UUID) error    { return nil }
func (silent) Came(context.Context, uuid.UUID, uuid.UUID) error     { return nil }
func (silent) Hurry()                                               {}

// soon is how long before its beginning everybody is told that a meeting is near.
const soon = 10 * time.Minute

// tell tells those who have come to a meeting's list, those who stayed, and those
// who are no longer on it, but never who did it. Before is empty for a new meeting.
func (e edition) tell(ctx context.Context, was meetingRow, before, now []uuid.UUID) error {
	by, err := account.Require(ctx)
	if err != nil {
		return err
	}
	var notices []notify.Notice
	for _, id := range now {
		switch {
		case id == by.ID:
		case !slices.Contains(before, id):
			notices = append(notices, e.called(id))
		case was.Title != e.m.Title || was.HostID != e.m.HostID || !was.StartsAt.Equal(e.m.StartsAt) || !was.EndsAt.Equal(e.m.EndsAt):
			notices = append(notices, e.notice(notify.MeetingChanged, id))
		}
	}
	for _, id := range before {
		if id != by.ID && !slices.Contains(now, id) {
			notices = append(notices, e.goodbye(was, id))
		}
	}
	if at := e.m.StartsAt.Add(-soon); at.After(e.Now()) {
		for _, id := range now {
			n := e.notice(notify.MeetingSoon, id)
			n.At, n.Urgent = at, true
			notices = append(notices, n)
		}
	}
	if err := e.Teller.TakeBack(ctx, e.tx, e.m.ID); err != nil {
		return err
	}
	return e.Teller.Tell(ctx, e.tx, notices...)
}

// called is what tells somebody who is newly invited: of a meeting that is held, that
// it has begun.
func (e edition) called(id uuid.UUID) notify.Notice {
	if e.m.State != StateLive {
		return e.notice(notify.MeetingInvited, id)
	}
	n := e.notice(notify.MeetingBegun, id)
	n.Urgent = true
	return n
}

// tellCancelled tells everybody but who did it that a meeting will not take place.
func (e edition) tellCancelled(ctx context.Context, members []uuid.UUID) error {
	by, err := account.Require(ctx)
	if err != nil {
		return err
	}
	if err := e.Teller.TakeBack(ctx, e.tx, e.m.ID); err != nil {
		return err
	}
	var notices []notify.Notice
	for _, id := range members {
		if id != by.ID {
			notices = append(notices, e.notice(notify.MeetingCancelled, id))
		}
	}
	return e.Teller.Tell(ctx, e.tx, notices...)
}

// tellBegun tells everybody who is not there yet that a meeting has begun; once,
// however often it rests.
func (e edition) tellBegun(ctx context.Context, by uuid.UUID) error {
	invited, err := readInvitees(ctx, e.tx, []uuid.UUID{e.m.ID})
	if err != nil {
		return err
	}
	if err := e.Teller.TakeBack(ctx, e.tx, e.m.ID); err != nil {
		return err
	}
	var notices []notify.Notice
	for _, id := range accountsOf(e.accounts, e.m, invited[e.m.ID]) {
		if id != by {
			n := e.notice(notify.MeetingBegun, id)
			n.Urgent = true
			notices = append(notices, n)
		}
	}
	return e.Teller.Tell(ctx, e.tx, notices...)
}

// notice is about the meeting as it is now, on the clock and in the language of
// who reads it. That it is near or has begun is told once for each beginning.
func (e edition) notice(kind notify.NoticeKind, to uuid.UUID) notify.Notice {
	reader, m := e.accounts[to], e.m
	loc, err := clock.Zone("time_zone", reader.TimeZone)
	if err != nil {
		loc = e.house // a zone that this hub does not know any more
	}
	key := fmt.Sprintf("%s:%s:%d", kind, m.ID, m.Sequence)
	if kind == notify.MeetingBegun {
		key = fmt.Sprintf("%s:%s", kind, m.ID)
	}
	n := notify.Notice{
		Account: to, Kind: kind, Key: key, Room: &m.RoomID, Meeting: &m.ID, Title: m.Title,
		Text: Span(m.StartsAt, m.EndsAt, loc, reader.Language),
	}
	if kind == notify.MeetingCancelled {
		n.Room = nil // of which they may not be a member any more
	}
	return n
}

// goodbye tells somebody that they are no longer invited, by the time alone: the
// rest is no longer for them.
func (e edition) goodbye(was meetingRow, to uuid.UUID) notify.Notice {
	sequence := e.m.Sequence
	e.m = was
	e.m.Sequence = sequence
	n := e.notice(notify.MeetingCancelled, to)
	n.Title, n.Text = n.Text, ""
	return n
}

// TellWaiting tells who leads a meeting that a guest waits for it, from a quarter of
// an hour before its beginning on; once for each guest.
func (s *Schedule) TellWaiting(ctx context.Context, meeting, guest uuid.UUID, name string) error {
	m, err := readMeeting(ctx, s.Pool, meeting)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.State != StateLive && (m.State != StatePlanned || s.Now().Before(m.StartsAt.Add(-early))) {
		return nil
	}
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		var notices []notify.Notice
		for _, id := range slices.Compact([]uuid.UUID{m.HostID, m.CreatedBy}) {
			notices = append(notices, notify.Notice{
				Account: id, Kind: notify.GuestWaits, Key: fmt.Sprintf("%s:%s:%s", notify.GuestWaits, m.ID, guest),
				Room: &m.RoomID, Meeting: &m.ID, About: guest, Title: m.Title, Text: name, Urgent: true,
			})
		}
		return s.Teller.Tell(ctx, tx, notices...)
	})
	if err != nil {
		return fmt.Errorf("tell that a guest waits: %w", err)
	}
	s.Teller.Hurry()
	return nil
}
