package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/rounds"
)

// Begin returns the meeting to be held in a room now, and makes it live: the
// one that goes on, else the arranged one whose time it is (from a quarter of
// an hour before its start to two hours after its end), else, for an account,
// a spontaneous one named after the room. In a room that was made for a meeting
// an account can begin that meeting at any time before. Who may enter the room,
// and whether a guest's link is for this meeting, the caller has to know.
func (s *Schedule) Begin(ctx context.Context, room, by uuid.UUID) (Live, error) {
	title, err := s.Rooms.Title(ctx, room)
	if err != nil {
		return Live{}, err
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return Live{}, err
	}
	var m meetingRow
	var fresh bool
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		// One at a time, so that two who come at once begin one meeting.
		const lock = `select pg_advisory_xact_lock(hashtextextended('begin ' || $1::text, 0))`
		if _, err := tx.Exec(ctx, lock, room); err != nil {
			return err
		}
		a, known := accounts[by]
		m, err = s.due(ctx, tx, room, known)
		if err == nil && m.State == StateLive {
			return nil
		}
		fresh = true
		if errors.Is(err, ErrNotFound) {
			if !known {
				return ErrOver
			}
			m = s.spontaneous(room, title, a)
			return s.insertLive(ctx, tx, m)
		}
		if err != nil {
			return err
		}
		const q = `update meetings set state = 'live', live_at = coalesce(live_at, $2), seen_at = $2 where id = $1`
		if _, err = tx.Exec(ctx, q, m.ID, s.Now()); err != nil {
			return err
		}
		return (edition{s, tx, m, accounts}).tellBegun(ctx, by)
	})
	if err != nil {
		return Live{}, fmt.Errorf("begin meeting in room %s: %w", room, err)
	}
	if fresh {
		s.Teller.Hurry()
		s.Announcer.Changed(ctx, "meeting", m.ID.String(), room)
	}
	return m.live(), nil
}

// due finds the meeting of a room that is live, or can be now; of several the
// one whose start is nearest. What a room was made for may be begun early.
func (s *Schedule) due(ctx context.Context, tx pgx.Tx, room uuid.UUID, mayBeEarly bool) (meetingRow, error) {
	const q = `
select` + meetingColumns + ` from meetings
where room_id = @room and (state = 'live'
    or state = 'planned' and ends_at + @late::interval >= @now
        and (starts_at - @early::interval <= @now or own_room and @may_be_early))
order by state = 'live' desc, abs(extract(epoch from starts_at - @now)), id limit 1`
	rows, _ := tx.Query(ctx, q, pgx.NamedArgs{"room": room, "now": s.Now(), "early": early, "late": late, "may_be_early": mayBeEarly})
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[meetingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return meetingRow{}, ErrNotFound
	}
	return m, err
}

func (s *Schedule) spontaneous(room uuid.UUID, title string, by account.Account) meetingRow {
	now := s.Now()
	return meetingRow{
		ID: uuid.Must(uuid.NewV7()), RoomID: room, Title: title, HostID: by.ID, CreatedBy: by.ID, StationID: by.StationID, StartsAt: now,
		EndsAt: now.Add(time.Hour), TimeZone: by.TimeZone, State: StateLive, Spontaneous: true, MayBeRecorded: true,
	}
}

func (s *Schedule) insertLive(ctx context.Context, tx pgx.Tx, m meetingRow) error {
	if err := insertMeeting(ctx, tx, m); err != nil {
		return err
	}
	const q = `update meetings set live_at = $2, seen_at = $2 where id = $1`
	_, err := tx.Exec(ctx, q, m.ID, m.StartsAt)
	return err
}

// LiveIn returns the meeting that goes on in a room, or nil.
func (s *Schedule) LiveIn(ctx context.Context, room uuid.UUID) (*Live, error) {
	const q = `select` + meetingColumns + ` from meetings where room_id = $1 and state = 'live'`
	rows, _ := s.Pool.Query(ctx, q, room)
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[meetingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing going on is no fault
	}
	if err != nil {
		return nil, fmt.Errorf("read live meeting of room %s: %w", room, err)
	}
	live := m.live()
	return &live, nil
}

// RecordJoin writes that a person came. Somebody who is there already, on
// another device or after a reconnect, is there once.
func (s *Schedule) RecordJoin(ctx context.Context, meeting, person uuid.UUID, kind, name string, at time.Time) error {
	const q = `
insert into attendance (meeting_id, person_id, kind, name, joined_at) values (@meeting, @person, @kind, @name, @at)
on conflict (meeting_id, person_id) where left_at is null do nothing`
	if _, err := s.Pool.Exec(ctx, q, pgx.NamedArgs{
		"meeting": meeting, "person": person, "kind": kind, "name": name, "at": at,
	}); err != nil {
		return fmt.Errorf("record join of %s: %w", person, err)
	}
	return s.Teller.Came(ctx, meeting, person)
}

// RecordLeave writes that a person left.
func (s *Schedule) RecordLeave(ctx context.Context, meeting, person uuid.UUID, at time.Time) error {
	const q = `
update attendance set left_at = greatest(joined_at, $3) where meeting_id = $1 and person_id = $2 and left_at is null`
	if _, err := s.Pool.Exec(ctx, q, meeting, person, at); err != nil {
		return fmt.Errorf("record leave of %s: %w", person, err)
	}
	return nil
}

// End ends a live meeting. Whoever is still there leaves at that moment.
// Ending it again does nothing.
func (s *Schedule) End(ctx context.Context, meeting uuid.UUID, at time.Time) error {
	var room uuid.UUID
	err := postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
update meetings set state = 'ended', ended_at = greatest(coalesce(live_at, starts_at), $2),
    ends_at = case when spontaneous then greatest(starts_at, $2) else ends_at end, updated_at = now()
where id = $1 and state in ('live', 'planned') returning room_id`
		if err := tx.QueryRow(ctx, q, meeting, at).Scan(&room); err != nil {
			return err
		}
		const leave = `update attendance set left_at = greatest(joined_at, $2) where meeting_id = $1 and left_at is null`
		_, err := tx.Exec(ctx, leave, meeting, at)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end meeting %s: %w", meeting, err)
	}
	s.Announcer.Changed(ctx, "meeting", meeting.String(), room)
	return s.Teller.Came(ctx, meeting, uuid.Nil)
}

// Attendance returns who came to a meeting the caller may see.
func (s *Schedule) Attendance(ctx context.Context, meeting uuid.UUID) ([]Attendance, error) {
	if err := s.MayView(ctx, meeting); err != nil {
		return nil, err
	}
	return s.attendance(ctx, meeting)
}

func (s *Schedule) attendance(ctx context.Context, meeting uuid.UUID) ([]Attendance, error) {
	const q = `
select person_id, kind, name, joined_at, left_at,
    greatest(0, extract(epoch from coalesce(left_at, @now) - joined_at))::int as seconds
from attendance where meeting_id = @meeting order by joined_at, id`
	rows, _ := s.Pool.Query(ctx, q, pgx.NamedArgs{"meeting": meeting, "now": s.Now()})
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Attendance])
	if err != nil {
		return nil, fmt.Errorf("read attendance of %s: %w", meeting, err)
	}
	return all, nil
}

// Recover closes what a crash left open: whoever came into a meeting before this
// node began, and is not at another one, left when the meeting was last seen. The
// meetings stay live, so that those who come back find the same one. Elsewhere
// are the rooms in which people meet at other nodes.
func (s *Schedule) Recover(ctx context.Context, began time.Time, elsewhere []uuid.UUID) error {
	const q = `
update attendance a set left_at = greatest(a.joined_at, coalesce(m.seen_at, a.joined_at))
from meetings m where m.id = a.meeting_id and a.left_at is null and a.joined_at < $1
    and m.room_id <> all(coalesce($2::uuid[], '{}'))`
	if _, err := s.Pool.Exec(ctx, q, began, elsewhere); err != nil {
		return fmt.Errorf("close attendance after a crash: %w", err)
	}
	return s.Sweep(ctx)
}

// Sweep ends meetings whose time has long passed and in which nobody is: the
// planned ones that were never held, and the live ones that nobody ended. It
// also notes that the others still go on.
func (s *Schedule) Sweep(ctx context.Context) error {
	const seen = `
update meetings m set seen_at = $1
where state = 'live' and exists (select from attendance a where a.meeting_id = m.id and a.left_at is null)`
	if _, err := s.Pool.Exec(ctx, seen, s.Now()); err != nil {
		return fmt.Errorf("note live meetings: %w", err)
	}
	const q = `
update meetings m set state = 'ended', ended_at = least(ends_at + @late::interval, coalesce(seen_at, ends_at)), updated_at = now()
where state in ('planned', 'live') and ends_at + @late::interval < @now
    and not exists (select from attendance a where a.meeting_id = m.id and a.left_at is null)
returning id, room_id`
	rows, _ := s.Pool.Query(ctx, q, pgx.NamedArgs{"late": late, "now": s.Now()})
	ended, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ ID, Room uuid.UUID }])
	if err != nil {
		return fmt.Errorf("end forgotten meetings: %w", err)
	}
	var errs []error
	for _, m := range ended {
		s.Announcer.Changed(ctx, "meeting", m.ID.String(), m.Room)
		errs = append(errs, s.Teller.Came(ctx, m.ID, uuid.Nil))
	}
	return errors.Join(errs...)
}

// sweepEvery is how exact the end of a meeting is known after a crash.
const sweepEvery = 30 * time.Second

// Nodes says in which rooms people meet at other nodes.
type Nodes interface {
	LiveElsewhere(ctx context.Context) ([]uuid.UUID, error)
}

// Run recovers and sweeps until ctx is done: again and again, since a node that
// died is not known to be dead at once.
func (s *Schedule) Run(ctx context.Context, began time.Time, nodes Nodes, failed func(context.Context, error)) error {
	r := rounds.Rounds{Every: sweepEvery, Failed: failed}
	return r.Run(ctx, func(ctx context.Context) error {
		elsewhere, err := nodes.LiveElsewhere(ctx)
		if err != nil {
			return err
		}
		return s.Recover(ctx, began, elsewhere)
	})
}
