package minutes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// querier is what a pool and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// head is a record without its blocks, as it is kept.
type head struct {
	ID, MeetingID, RoomID      uuid.UUID
	Version                    int
	State                      State
	Number                     *string
	Title                      string
	StartsAt, EndsAt           time.Time
	TimeZone, Place            string
	HostName, RecorderName     string
	Present, Attending, Absent []Attendee
	Signer                     *string
	SignedAt                   *time.Time
	CopiesTo, ReturnReason     string
	Revision                   int
	Corrects                   *uuid.UUID
}

const headColumns = `
id, meeting_id, room_id, version, state, number, title, starts_at, ends_at, time_zone, place, host_name, recorder_name,
    present, attending, absent, signer, signed_at, copies_to, return_reason, revision, corrects`

func readHead(ctx context.Context, db querier, id uuid.UUID) (head, error) {
	return oneHead(ctx, db, `select`+headColumns+` from minutes where id = $1`, id)
}

func newest(ctx context.Context, db querier, meeting uuid.UUID) (head, error) {
	return oneHead(ctx, db, `select`+headColumns+` from minutes where meeting_id = $1 order by version desc limit 1`, meeting)
}

func oneHead(ctx context.Context, db querier, q string, arg any) (head, error) {
	rows, _ := db.Query(ctx, q, arg)
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[head])
	if errors.Is(err, pgx.ErrNoRows) {
		return head{}, ErrNotFound
	}
	if err != nil {
		return head{}, fmt.Errorf("read minutes: %w", err)
	}
	return h, nil
}

const blockColumns = `
id, position, kind, text, owner, to_char(due, 'YYYY-MM-DD') as due, revision, updated_by_name, updated_at`

func readBlocks(ctx context.Context, db querier, minutes uuid.UUID) ([]Block, error) {
	const q = `select` + blockColumns + ` from minutes_blocks where minutes_id = $1 and not deleted order by position, id`
	rows, _ := db.Query(ctx, q, minutes)
	blocks, err := pgx.CollectRows(rows, pgx.RowToStructByName[Block])
	if err != nil {
		return nil, fmt.Errorf("read blocks: %w", err)
	}
	return blocks, nil
}

// minutes puts a record together as the caller sees it.
func (b *Book) minutes(ctx context.Context, db querier, h head) (Minutes, error) {
	blocks, err := readBlocks(ctx, db, h.ID)
	if err != nil {
		return Minutes{}, err
	}
	a, _ := account.From(ctx)
	writes := b.Meetings.MayWriteMinutes(ctx, h.MeetingID) == nil
	return Minutes{
		ID: h.ID, MeetingID: h.MeetingID, Version: h.Version, State: h.State, Number: h.Number, Title: h.Title,
		StartsAt: h.StartsAt, EndsAt: h.EndsAt, TimeZone: h.TimeZone, Place: h.Place, HostName: h.HostName,
		RecorderName: h.RecorderName, Present: h.Present, Attending: h.Attending, Absent: h.Absent, Signer: h.Signer,
		SignedAt: h.SignedAt, CopiesTo: h.CopiesTo, ReturnReason: h.ReturnReason, Revision: h.Revision,
		Corrects: h.Corrects, Blocks: blocks,
		May: MinutesRights{
			Edit: writes && h.State == StateDraft, Submit: writes && h.State == StateDraft,
			Sign: writes && maySign(a) && h.State == StateReview, Correct: writes && h.State == StateSigned,
		},
	}, nil
}

// Open returns minutes. Until they are signed they are for those who write them.
func (b *Book) Open(ctx context.Context, id uuid.UUID) (Minutes, error) {
	h, err := b.readable(ctx, id)
	if err != nil {
		return Minutes{}, err
	}
	return b.minutes(ctx, b.Pool, h)
}

func (b *Book) readable(ctx context.Context, id uuid.UUID) (head, error) {
	if _, err := account.Require(ctx); err != nil {
		return head{}, err
	}
	h, err := readHead(ctx, b.Pool, id)
	if err != nil {
		return head{}, err
	}
	check := b.Meetings.MayView
	if h.State != StateSigned {
		check = b.Meetings.MayWriteMinutes
	}
	if err := check(ctx, h.MeetingID); err != nil {
		return head{}, ErrNotFound
	}
	return h, nil
}

// Versions lists a meeting's minutes, newest first; unsigned ones only for
// those who write them.
func (b *Book) Versions(ctx context.Context, meeting uuid.UUID) ([]MinutesVersion, error) {
	if err := b.Meetings.MayView(ctx, meeting); err != nil {
		return nil, err
	}
	const q = `select id, version, state, number, signed_at from minutes where meeting_id = $1 order by version desc`
	rows, _ := b.Pool.Query(ctx, q, meeting)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[MinutesVersion])
	if err != nil {
		return nil, fmt.Errorf("list minutes of %s: %w", meeting, err)
	}
	if b.Meetings.MayWriteMinutes(ctx, meeting) != nil {
		all = slices.DeleteFunc(all, func(v MinutesVersion) bool { return v.State != StateSigned })
	}
	return all, nil
}

// Heads returns the newest minutes of meetings, for the meetings' own lists.
func (b *Book) Heads(ctx context.Context, meetings []uuid.UUID) (map[uuid.UUID]schedule.MinutesHead, error) {
	const q = `
select distinct on (meeting_id) meeting_id, id, state, coalesce(number, '') as number
from minutes where meeting_id = any($1) order by meeting_id, version desc`
	rows, _ := b.Pool.Query(ctx, q, meetings)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		MeetingID uuid.UUID
		schedule.MinutesHead
	}])
	if err != nil {
		return nil, fmt.Errorf("read heads of minutes: %w", err)
	}
	by := make(map[uuid.UUID]schedule.MinutesHead, len(all))
	for _, h := range all {
		by[h.MeetingID] = h.MinutesHead
	}
	return by, nil
}

// Start begins a meeting's minutes with what is known, or opens the newest.
func (b *Book) Start(ctx context.Context, meeting uuid.UUID) (Minutes, error) {
	a, err := b.writer(ctx, meeting)
	if err != nil {
		return Minutes{}, err
	}
	r, err := b.Meetings.Record(ctx, meeting)
	if err != nil {
		return Minutes{}, err
	}
	var h head
	fresh := false
	err = postgres.InTx(ctx, b.Pool, func(ctx context.Context, tx pgx.Tx) error {
		// One at a time, so that two who begin at once open the same minutes.
		const lock = `select pg_advisory_xact_lock(hashtextextended('minutes ' || $1::text, 0))`
		if _, err := tx.Exec(ctx, lock, meeting); err != nil {
			return err
		}
		if h, err = newest(ctx, tx, meeting); !errors.Is(err, ErrNotFound) {
			return err
		}
		fresh = true
		h = begin(r, a)
		if err := insertHead(ctx, tx, h, a); err != nil {
			return err
		}
		for i, item := range r.Agenda {
			if _, err := insertBlock(ctx, tx, h.ID, i, BlockText{Kind: BlockAgenda, Text: item}, a); err != nil {
				return err
			}
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.start", h.ID.String(), nil)
	})
	if err != nil {
		return Minutes{}, fmt.Errorf("begin minutes of %s: %w", meeting, err)
	}
	if fresh {
		b.announce(ctx, h)
	}
	return b.minutes(ctx, b.Pool, h)
}

func (b *Book) announce(ctx context.Context, h head) {
	b.Announcer.Changed(ctx, "minutes", h.ID.String(), h.RoomID)
}

// begin fills the head from the record of the meeting.
func begin(r schedule.Record, by account.Account) head {
	h := head{
		ID: uuid.Must(uuid.NewV7()), MeetingID: r.ID, RoomID: r.Room, Version: 1, State: StateDraft, Title: r.Title,
		StartsAt: r.StartsAt, EndsAt: r.EndsAt, TimeZone: r.TimeZone, Place: "线上", HostName: r.HostName,
		RecorderName: by.Name, Revision: 1,
	}
	h.Present, h.Attending, h.Absent = classify(r.People)
	return h
}

// classify sorts people as the formal record does: members of the house and
// its stations who came were present (出席), others who came attended (列席),
// the invited who did not come are excused (请假). While nobody has come yet,
// everybody invited is expected.
func classify(people []schedule.Expected) (present, attending, absent []Attendee) {
	present, attending, absent = []Attendee{}, []Attendee{}, []Attendee{}
	held := slices.ContainsFunc(people, func(p schedule.Expected) bool { return p.Came })
	for _, p := range people {
		a := Attendee{Name: p.Name, Unit: p.Unit, Title: p.Title}
		switch {
		case held && !p.Came:
			absent = append(absent, a)
		case p.Guest:
			attending = append(attending, a)
		default:
			present = append(present, a)
		}
	}
	return present, attending, absent
}

func insertHead(ctx context.Context, tx pgx.Tx, h head, by account.Account) error {
	const q = `
insert into minutes (id, meeting_id, room_id, version, title, starts_at, ends_at, time_zone, place, host_name,
    recorder_name, present, attending, absent, copies_to, corrects, created_by)
values (@id, @meeting, @room, @version, @title, @starts, @ends, @zone, @place, @host,
    @recorder, @present, @attending, @absent, @copies, @corrects, @by)`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": h.ID, "meeting": h.MeetingID, "room": h.RoomID, "version": h.Version, "title": h.Title, "starts": h.StartsAt,
		"ends": h.EndsAt, "zone": h.TimeZone, "place": h.Place, "host": h.HostName, "recorder": h.RecorderName,
		"present": h.Present, "attending": h.Attending, "absent": h.Absent, "copies": h.CopiesTo,
		"corrects": h.Corrects, "by": by.ID,
	}); err != nil {
		return fmt.Errorf("insert minutes: %w", err)
	}
	return nil
}
