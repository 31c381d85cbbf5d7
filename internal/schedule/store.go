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
)

// querier is what a pool and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// meetingRow is a meeting as it is kept.
type meetingRow struct {
	ID, RoomID        uuid.UUID
	OwnRoom           bool
	Title             string
	HostID, CreatedBy uuid.UUID
	StationID         *uuid.UUID // for which it was arranged; none for the Federation
	StartsAt, EndsAt  time.Time
	TimeZone          string
	State             State
	Spontaneous       bool
	Sequence          int
	MayBeRecorded     bool
	VideoCodec        VideoCodec
	Note              string
	CancelReason      string
	LiveAt, EndedAt   *time.Time
	UpdatedAt         time.Time
}

func (m meetingRow) live() Live {
	return Live{
		ID: m.ID, Room: m.RoomID, Title: m.Title, HostID: m.HostID,
		StartsAt: m.StartsAt, MayBeRecorded: m.MayBeRecorded, VideoCodec: m.VideoCodec,
	}
}

// held returns when a meeting was really held, and when it was arranged for where
// that is not known.
func (m meetingRow) held() (from, to time.Time) {
	from, to = m.StartsAt, m.EndsAt
	if m.LiveAt != nil {
		from = *m.LiveAt
	}
	if m.EndedAt != nil {
		to = *m.EndedAt
	}
	if to.Before(from) {
		to = from
	}
	return from, to
}

const meetingColumns = `
id, room_id, own_room, title, host_id, created_by, station_id, starts_at, ends_at, time_zone, state, spontaneous, sequence,
    may_be_recorded, video_codec, note, cancel_reason, live_at, ended_at, updated_at`

func readMeeting(ctx context.Context, db querier, id uuid.UUID) (meetingRow, error) {
	rows, _ := db.Query(ctx, `select`+meetingColumns+` from meetings where id = $1`, id)
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[meetingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return meetingRow{}, ErrNotFound
	}
	if err != nil {
		return meetingRow{}, fmt.Errorf("read meeting %s: %w", id, err)
	}
	return m, nil
}

// inviteeRow is an invitee as it is kept.
type inviteeRow struct {
	ID        uuid.UUID
	MeetingID uuid.UUID
	Kind      InviteeKind
	Ref       *uuid.UUID
	Name      string
	Email     string
	Language  string
	TimeZone  string
	Unit      string
	Title     string
	Response  string
	// Undelivered is why a letter will never arrive, as the mail server said.
	Undelivered string
	Removed     bool
	// ErasedAs is set when the person's data was erased: the print of what it was.
	ErasedAs []byte
}

// guest says whether the invitee comes by a personal link.
func (i inviteeRow) guest() bool { return i.Kind == InviteeContact || i.Kind == InviteeAddress }

const inviteeColumns = `
id, meeting_id, kind, ref, name, email, language, time_zone, unit, title, response, undelivered, removed_at is not null as removed,
    erased_as`

// readInvitees returns the invitees of meetings, without the removed ones.
func readInvitees(ctx context.Context, db querier, meetings []uuid.UUID) (map[uuid.UUID][]inviteeRow, error) {
	const q = `select` + inviteeColumns + `
from invitees where meeting_id = any($1) and removed_at is null order by meeting_id, position`
	rows, _ := db.Query(ctx, q, meetings)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[inviteeRow])
	if err != nil {
		return nil, fmt.Errorf("read invitees: %w", err)
	}
	by := map[uuid.UUID][]inviteeRow{}
	for _, i := range all {
		by[i.MeetingID] = append(by[i.MeetingID], i)
	}
	return by, nil
}

// readInvitee returns one invitee, removed or not.
func readInvitee(ctx context.Context, db querier, meeting, id uuid.UUID) (inviteeRow, error) {
	const q = `select` + inviteeColumns + ` from invitees where meeting_id = $1 and id = $2`
	rows, _ := db.Query(ctx, q, meeting, id)
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[inviteeRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return inviteeRow{}, ErrNoLink
	}
	if err != nil {
		return inviteeRow{}, fmt.Errorf("read invitee %s: %w", id, err)
	}
	return i, nil
}

// agendaRow is an item with the meeting it belongs to.
type agendaRow struct {
	AgendaItem
	MeetingID uuid.UUID
}

func readAgendas(ctx context.Context, db querier, meetings []uuid.UUID) (map[uuid.UUID][]AgendaItem, error) {
	const q = `
select id, title, minutes, meeting_id from agenda_items where meeting_id = any($1) order by meeting_id, position`
	rows, _ := db.Query(ctx, q, meetings)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[agendaRow])
	if err != nil {
		return nil, fmt.Errorf("read agendas: %w", err)
	}
	by := map[uuid.UUID][]AgendaItem{}
	for _, i := range all {
		by[i.MeetingID] = append(by[i.MeetingID], i.AgendaItem)
	}
	return by, nil
}

// List returns the meetings the caller may see that end after from and start
// before to, by start. Without from it returns the last ones before to. The
// state of links is left out; a meeting that is opened has it.
func (s *Schedule) List(ctx context.Context, from, to time.Time, limit int) ([]Meeting, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > 200 {
		limit = 50
	}
	q := `
select` + meetingColumns + ` from meetings m
where (@from::timestamptz is null or ends_at > @from) and (@to::timestamptz is null or starts_at < @to)
    and ` + visibleTo + `
order by starts_at ` + direction(from) + `, id limit @limit`
	arguments := v.arguments()
	arguments["from"], arguments["to"], arguments["limit"] = orNil(from), orNil(to), limit
	rows, _ := s.Pool.Query(ctx, q, arguments)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[meetingRow])
	if err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	if from.IsZero() {
		slices.Reverse(found)
	}
	return s.assemble(ctx, v, found)
}

func direction(from time.Time) string {
	if from.IsZero() {
		return "desc"
	}
	return "asc"
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Meeting returns a meeting the caller may see.
func (s *Schedule) Meeting(ctx context.Context, id uuid.UUID) (Meeting, error) {
	m, err := s.visible(ctx, id)
	if err != nil {
		return Meeting{}, err
	}
	return s.show(ctx, m)
}

// show returns a meeting as the caller sees it, with the state of its links
// for those who run it.
func (s *Schedule) show(ctx context.Context, m meetingRow) (Meeting, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return Meeting{}, err
	}
	all, err := s.assemble(ctx, v, []meetingRow{m})
	if err != nil {
		return Meeting{}, err
	}
	shown := all[0]
	if !shown.May.Moderate {
		return shown, nil
	}
	for i, invitee := range shown.Invitees {
		if !invitee.Guest {
			continue
		}
		_, state, err := s.Guests.Token(ctx, invitee.ID)
		if err != nil {
			return Meeting{}, err
		}
		shown.Invitees[i].LinkState = (*string)(&state)
	}
	return shown, nil
}

// assemble puts meetings together with what hangs on them.
func (s *Schedule) assemble(ctx context.Context, v viewer, found []meetingRow) ([]Meeting, error) {
	ids := make([]uuid.UUID, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	agendas, err := readAgendas(ctx, s.Pool, ids)
	if err != nil {
		return nil, err
	}
	invitees, err := readInvitees(ctx, s.Pool, ids)
	if err != nil {
		return nil, err
	}
	hosts, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	recordings, heads, err := s.attached(ctx, ids)
	if err != nil {
		return nil, err
	}
	present, err := s.present(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Meeting, len(found))
	for i, m := range found {
		all[i] = m.meeting(v)
		all[i].Agenda = append(all[i].Agenda, agendas[m.ID]...)
		all[i].Host.Name = hosts[m.HostID].Name
		all[i].Recordings = recordings[m.ID]
		if head, ok := heads[m.ID]; ok {
			all[i].Minutes = &head
		}
		for _, invitee := range invitees[m.ID] {
			shown := invitee.invitee(manages(v.Account, m) || v.IsStaff())
			if m.State == StateEnded {
				came := slices.ContainsFunc(invitee.people(hosts), func(id uuid.UUID) bool { return present[m.ID][id] })
				shown.Came = &came
			}
			all[i].Invitees = append(all[i].Invitees, shown)
		}
	}
	return all, nil
}

func (s *Schedule) attached(ctx context.Context, ids []uuid.UUID) (recordings map[uuid.UUID]int, heads map[uuid.UUID]MinutesHead, err error) {
	if s.recordings != nil {
		if recordings, err = s.recordings.Count(ctx, ids); err != nil {
			return nil, nil, err
		}
	}
	if s.minutes != nil {
		heads, err = s.minutes.Heads(ctx, ids)
	}
	return recordings, heads, err
}

func (s *Schedule) names(ctx context.Context) (map[uuid.UUID]account.Account, error) {
	all, err := s.Accounts.All(ctx)
	if err != nil {
		return nil, err
	}
	by := make(map[uuid.UUID]account.Account, len(all))
	for _, a := range all {
		by[a.ID] = a
	}
	return by, nil
}

// present returns who was ever in meetings.
func (s *Schedule) present(ctx context.Context, meetings []uuid.UUID) (map[uuid.UUID]map[uuid.UUID]bool, error) {
	const q = `select distinct meeting_id, person_id from attendance where meeting_id = any($1)`
	rows, _ := s.Pool.Query(ctx, q, meetings)
	by := map[uuid.UUID]map[uuid.UUID]bool{}
	var meeting, person uuid.UUID
	_, err := pgx.ForEachRow(rows, []any{&meeting, &person}, func() error {
		if by[meeting] == nil {
			by[meeting] = map[uuid.UUID]bool{}
		}
		by[meeting][person] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read who was present: %w", err)
	}
	return by, nil
}

func (m meetingRow) meeting(v viewer) Meeting {
	shown := Meeting{
		ID: m.ID, RoomID: m.RoomID, Title: m.Title, Agenda: []AgendaItem{}, Host: MeetingHost{ID: m.HostID, Kind: "account"},
		StartsAt: m.StartsAt, EndsAt: m.EndsAt, TimeZone: m.TimeZone, State: m.State, Spontaneous: m.Spontaneous,
		Sequence: m.Sequence, MayBeRecorded: m.MayBeRecorded, VideoCodec: m.VideoCodec, Note: m.Note,
		CancelReason: m.CancelReason,
		Invitees:     []Invitee{}, May: v.rights(m),
	}
	if m.State == StateEnded && m.LiveAt != nil {
		from, to := m.held()
		shown.Held = &Held{From: from, To: to}
	}
	return shown
}

// invitee shows an invitee; addresses only to those who write to them.
func (i inviteeRow) invitee(withAddress bool) Invitee {
	shown := Invitee{
		ID: i.ID, Kind: i.Kind, Ref: i.Ref, Name: i.Name, Language: i.Language, TimeZone: i.TimeZone,
		Response: i.Response, Guest: i.guest(),
	}
	if withAddress && i.Email != "" {
		shown.Email = &i.Email
	}
	if withAddress && i.Undelivered != "" {
		shown.Undelivered = &i.Undelivered
	}
	return shown
}
