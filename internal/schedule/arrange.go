package schedule

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// longest is how long a meeting may be arranged for, by the clocks of its zone.
const longest = 24 * time.Hour

// maxTitle is how many characters a title may have.
const maxTitle = 300

// horizon is how many years ahead a meeting may be arranged. What clocks will
// show later than that, no government has decided.
const horizon = 5

// early and late bound the window around a meeting's time in which it can be
// held, and in which its guests' links work.
const (
	early = 15 * time.Minute
	late  = 2 * time.Hour
)

// mayArrange returns the caller when it may arrange meetings.
func mayArrange(ctx context.Context) (account.Account, error) {
	a, err := account.Require(ctx)
	if err == nil && !a.IsStaff() && a.Role != account.Station {
		return a, problem.Forbidden("meetings are arranged by staff and stations")
	}
	return a, err
}

// Arrange plans a meeting, with its room, its guests' links and, where mail
// is sent, its invitations; all of it or nothing.
func (s *Schedule) Arrange(ctx context.Context, n NewMeeting) (Meeting, error) {
	by, err := mayArrange(ctx)
	if err != nil {
		return Meeting{}, err
	}
	m := meetingRow{ID: uuid.Must(uuid.NewV7()), CreatedBy: by.ID, StationID: by.StationID, State: StatePlanned, OwnRoom: n.RoomID == nil}
	accounts, err := s.names(ctx)
	if err != nil {
		return Meeting{}, err
	}
	if err := apply(accounts, s.Now(), &m, n); err != nil {
		return Meeting{}, err
	}
	if !m.EndsAt.After(s.Now()) {
		return Meeting{}, problem.Invalid("ends_at", "is in the past")
	}
	if n.RoomID != nil {
		if err := s.mayUseRoom(ctx, by, *n.RoomID); err != nil {
			return Meeting{}, err
		}
		m.RoomID = *n.RoomID
	}
	invited, err := s.resolve(ctx, n.Invitees, nil)
	if err != nil {
		return Meeting{}, err
	}
	members := accountsOf(accounts, m, invited)
	if err := s.fitsRoom(ctx, m, invited, members); err != nil {
		return Meeting{}, err
	}
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if m.OwnRoom {
			m.RoomID, err = s.Rooms.CreateRoom(ctx, tx, NewRoom{Title: m.Title, Meeting: m.ID, Owner: m.HostID, Members: members})
			if err != nil {
				return err
			}
		}
		if err := insertMeeting(ctx, tx, m); err != nil {
			return err
		}
		if err := (edition{s, tx, m, accounts}).publish(ctx, meetingRow{}, n.Agenda, invited); err != nil {
			return err
		}
		return s.Audit.RecordIn(ctx, tx, "meetings.arrange", m.ID.String(), map[string]any{"invitees": len(invited)})
	})
	if err != nil {
		return Meeting{}, fmt.Errorf("arrange meeting: %w", err)
	}
	s.announce(ctx, m, members)
	return s.show(ctx, m)
}

func (s *Schedule) announce(ctx context.Context, m meetingRow, members []uuid.UUID) {
	s.Teller.Hurry()
	if m.OwnRoom && len(members) > 0 {
		s.Announcer.MembersChanged(ctx, m.RoomID, members)
	}
	s.Announcer.Changed(ctx, "meeting", m.ID.String(), m.RoomID)
}

func (s *Schedule) mayUseRoom(ctx context.Context, a account.Account, room uuid.UUID) error {
	rooms, err := s.Rooms.RoomsOf(ctx, a.ID)
	if err == nil && !slices.Contains(rooms, room) {
		return problem.Invalid("room_id", "no such room")
	}
	return err
}

// fitsRoom says whether everybody invited may be in the meeting's room. A room
// that is older than the meeting has a conversation of its own: nobody is let
// into it by being invited, and guests never are.
func (s *Schedule) fitsRoom(ctx context.Context, m meetingRow, invited []inviteeRow, members []uuid.UUID) error {
	if m.OwnRoom {
		return nil
	}
	if slices.ContainsFunc(invited, inviteeRow.guest) {
		return problem.Invalid("room_id", "guests are invited to meetings with a room of their own")
	}
	for _, id := range members {
		rooms, err := s.Rooms.RoomsOf(ctx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(rooms, m.RoomID) {
			return problem.Invalid("invitees", "somebody invited is not a member of this room")
		}
	}
	return nil
}

// apply checks what a meeting shall be and takes it over.
func apply(accounts map[uuid.UUID]account.Account, now time.Time, m *meetingRow, n NewMeeting) error {
	loc, err := clock.Zone("time_zone", n.TimeZone)
	if err != nil {
		return err
	}
	if m.StartsAt, err = clock.Instant("starts_at", n.StartsAt, loc); err != nil {
		return err
	}
	if m.EndsAt, err = clock.Instant("ends_at", n.EndsAt, loc); err != nil {
		return err
	}
	if !m.EndsAt.After(m.StartsAt) || clock.Between(m.StartsAt, m.EndsAt, loc) > longest {
		return problem.Invalid("ends_at", "must be after the start, within 24 hours")
	}
	if m.EndsAt.After(now.AddDate(horizon, 0, 0)) {
		return problem.Invalid("starts_at", "at most %d years ahead", horizon)
	}
	if m.Title, err = label.Required("title", n.Title, maxTitle); err != nil {
		return err
	}
	m.Note, m.TimeZone = n.Note, loc.String()
	m.HostID, m.MayBeRecorded, m.VideoCodec = n.HostID, n.MayBeRecorded, cmp.Or(n.VideoCodec, CodecAuto)
	if strings.ContainsRune(m.Note, 0) {
		return problem.Invalid("note", "contains control characters")
	}
	for i := range n.Agenda {
		item := &n.Agenda[i]
		if item.Title, err = label.Required(fmt.Sprintf("agenda[%d].title", i), item.Title, maxTitle); err != nil {
			return err
		}
	}
	if host, ok := accounts[n.HostID]; !ok || host.Disabled {
		return problem.Invalid("host_id", "no such account")
	}
	return nil
}

func insertMeeting(ctx context.Context, tx pgx.Tx, m meetingRow) error {
	const q = `
insert into meetings (id, room_id, own_room, title, host_id, created_by, station_id, starts_at, ends_at, time_zone, state, spontaneous,
    may_be_recorded, video_codec, note)
values (@id, @room, @own_room, @title, @host, @by, @station, @starts, @ends, @zone, @state, @spontaneous, @recorded, @codec, @note)`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": m.ID, "room": m.RoomID, "own_room": m.OwnRoom, "title": m.Title, "host": m.HostID, "by": m.CreatedBy, "station": m.StationID,
		"starts": m.StartsAt, "ends": m.EndsAt, "zone": m.TimeZone, "state": m.State, "spontaneous": m.Spontaneous,
		"recorded": m.MayBeRecorded, "codec": cmp.Or(m.VideoCodec, CodecAuto), "note": m.Note,
	}); err != nil {
		return fmt.Errorf("insert meeting: %w", err)
	}
	return nil
}

// edition is a meeting as one transaction writes it. Who the accounts are was
// read before: a transaction that waits for a second connection could wait for
// ever.
type edition struct {
	*Schedule
	tx       pgx.Tx
	m        meetingRow
	accounts map[uuid.UUID]account.Account
}

// publish writes what was arranged or changed, and tells everybody; was is the
// meeting before, which a new one has not.
func (e edition) publish(ctx context.Context, was meetingRow, agenda []NewAgendaItem, invited []inviteeRow) error {
	rows, err := readInvitees(ctx, e.tx, []uuid.UUID{e.m.ID})
	if err != nil {
		return err
	}
	invitedBefore := rows[e.m.ID]
	var before []uuid.UUID
	if was.ID != uuid.Nil {
		before = accountsOf(e.accounts, was, invitedBefore)
	}
	if err := e.put(ctx, agenda, invitedBefore, invited); err != nil {
		return err
	}
	return e.tell(ctx, was, before, accountsOf(e.accounts, e.m, invited))
}

// put writes agenda and invitees, links and letters of a new or changed meeting.
func (e edition) put(ctx context.Context, agenda []NewAgendaItem, before, invited []inviteeRow) error {
	if err := putAgenda(ctx, e.tx, e.m.ID, agenda); err != nil {
		return err
	}
	kept, err := e.putInvitees(ctx, before, invited)
	if err != nil {
		return err
	}
	return e.post(ctx, kept, notify.Invitation)
}

func putAgenda(ctx context.Context, tx pgx.Tx, meeting uuid.UUID, agenda []NewAgendaItem) error {
	batch := &pgx.Batch{}
	batch.Queue(`delete from agenda_items where meeting_id = $1`, meeting)
	for i, item := range agenda {
		const q = `insert into agenda_items (id, meeting_id, position, title, minutes) values ($1, $2, $3, $4, $5)`
		batch.Queue(q, uuid.Must(uuid.NewV7()), meeting, i, strings.TrimSpace(item.Title), item.Minutes)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write agenda: %w", err)
	}
	return nil
}

// putInvitees makes these the invited. Those who stay keep their link; those
// who go lose it and are told.
func (e edition) putInvitees(ctx context.Context, before, invited []inviteeRow) ([]inviteeRow, error) {
	m := e.m
	for n := range invited {
		invited[n].ID, invited[n].MeetingID = uuid.Must(uuid.NewV7()), m.ID
		if i := slices.IndexFunc(before, invited[n].isThat); i >= 0 {
			invited[n].keep(before[i])
		}
		if err := putInvitee(ctx, e.tx, n, invited[n]); err != nil {
			return nil, err
		}
		if !invited[n].guest() {
			continue
		}
		if err := e.Guests.Issue(ctx, e.tx, account.GuestLink{
			Invitee: invited[n].ID, Meeting: m.ID, Name: invited[n].Name, Language: invited[n].Language, ExpiresAt: m.EndsAt.Add(late),
		}); err != nil {
			return nil, err
		}
	}
	gone := slices.DeleteFunc(slices.Clone(before), func(old inviteeRow) bool {
		return slices.ContainsFunc(invited, func(i inviteeRow) bool { return i.ID == old.ID })
	})
	return invited, e.dismiss(ctx, gone)
}

func putInvitee(ctx context.Context, tx pgx.Tx, position int, i inviteeRow) error {
	const q = `
insert into invitees (id, meeting_id, position, kind, ref, name, email, language, time_zone, unit, title)
values (@id, @meeting, @position, @kind, @ref, @name, @email, @language, @zone, @unit, @title)
on conflict (id) do update set position = @position, name = @name, email = @email, language = @language,
    time_zone = @zone, unit = @unit, title = @title, undelivered = ''`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": i.ID, "meeting": i.MeetingID, "position": position, "kind": i.Kind, "ref": i.Ref, "name": i.Name,
		"email": i.Email, "language": i.Language, "zone": i.TimeZone, "unit": i.Unit, "title": i.Title,
	}); err != nil {
		return fmt.Errorf("write invitee: %w", err)
	}
	return nil
}

// dismiss takes invitations back.
func (e edition) dismiss(ctx context.Context, gone []inviteeRow) error {
	for _, i := range gone {
		if _, err := e.tx.Exec(ctx, `update invitees set removed_at = now() where id = $1`, i.ID); err != nil {
			return fmt.Errorf("remove invitee: %w", err)
		}
		if !i.guest() {
			continue
		}
		if err := e.Guests.Revoke(ctx, e.tx, i.ID); err != nil {
			return err
		}
	}
	return e.post(ctx, gone, notify.Cancellation)
}

// Change replaces a meeting that is planned or held, unless somebody else was first.
// One that has begun keeps its beginning, its host and its codec: title, end, agenda,
// note and invitees can be changed while it is held, and who is new is called into it.
func (s *Schedule) Change(ctx context.Context, id uuid.UUID, change MeetingChange) (Meeting, error) {
	before, err := s.managed(ctx, id)
	if err != nil {
		return Meeting{}, err
	}
	invited, accounts, err := s.changed(ctx, before, change)
	if err != nil {
		return Meeting{}, err
	}
	var m meetingRow
	var members []uuid.UUID
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if m, err = lockOpen(ctx, tx, id); err != nil {
			return err
		}
		if m.Sequence != change.Sequence {
			return ErrChanged
		}
		was := m
		if err := apply(accounts, s.Now(), &m, change.NewMeeting); err != nil {
			return err
		}
		if err := m.keeps(was, s.Now()); err != nil {
			return err
		}
		if change.RoomID != nil && *change.RoomID != m.RoomID {
			return problem.Invalid("room_id", "a meeting stays in its room")
		}
		m.Sequence++
		if err := updateMeeting(ctx, tx, m); err != nil {
			return err
		}
		members = accountsOf(accounts, m, invited)
		if err := s.keepRoom(ctx, tx, m, members); err != nil {
			return err
		}
		if err := (edition{s, tx, m, accounts}).publish(ctx, was, change.Agenda, invited); err != nil {
			return err
		}
		return s.Audit.RecordIn(ctx, tx, "meetings.change", m.ID.String(), map[string]any{"sequence": m.Sequence})
	})
	if err != nil {
		return Meeting{}, fmt.Errorf("change meeting %s: %w", id, err)
	}
	s.announce(ctx, m, members)
	return s.show(ctx, m)
}

// changed returns who will be invited. Who belonged to the meeting before is not asked
// for anew whether they fit into it: nobody could change a meeting any more of which
// somebody has left the house or the room.
func (s *Schedule) changed(ctx context.Context, m meetingRow, change MeetingChange) ([]inviteeRow, map[uuid.UUID]account.Account, error) {
	before, err := readInvitees(ctx, s.Pool, []uuid.UUID{m.ID})
	if err != nil {
		return nil, nil, err
	}
	invited, err := s.resolve(ctx, change.Invitees, before[m.ID])
	if err != nil {
		return nil, nil, err
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return nil, nil, err
	}
	belonged := accountsOf(accounts, m, before[m.ID])
	m.HostID = change.HostID // whoever is to be host has to be in the room, too
	fresh := slices.DeleteFunc(accountsOf(accounts, m, invited), func(id uuid.UUID) bool { return slices.Contains(belonged, id) })
	return invited, accounts, s.fitsRoom(ctx, m, invited, fresh)
}

// keepRoom brings a meeting's own room up to date.
func (s *Schedule) keepRoom(ctx context.Context, tx pgx.Tx, m meetingRow, members []uuid.UUID) error {
	if !m.OwnRoom {
		return nil
	}
	if err := s.Rooms.Rename(ctx, tx, m.RoomID, m.Title, ""); err != nil {
		return err
	}
	return s.Rooms.SetMembers(ctx, tx, m.RoomID, m.HostID, members)
}

// keeps returns nil when a meeting that was being held is changed only in what can
// be changed then.
func (m meetingRow) keeps(was meetingRow, now time.Time) error {
	switch {
	case was.State != StateLive:
		return nil
	case !m.StartsAt.Equal(was.StartsAt):
		return problem.Invalid("starts_at", "a meeting that has begun keeps its beginning")
	case !m.EndsAt.After(now):
		return problem.Invalid("ends_at", "must be after now, for a meeting that is held")
	case m.HostID != was.HostID:
		return problem.Invalid("host_id", "in a meeting that is held the host hands it over")
	case m.VideoCodec != was.VideoCodec:
		return problem.Invalid("video_codec", "a meeting that has begun keeps its codec")
	}
	return nil
}

// lockPlanned reads a meeting that has not begun, for nobody else to change
// meanwhile.
func lockPlanned(ctx context.Context, tx pgx.Tx, id uuid.UUID) (meetingRow, error) {
	m, err := lockOpen(ctx, tx, id)
	if err == nil && m.State == StateLive {
		err = ErrRunning
	}
	return m, err
}

// lockOpen reads a meeting that can still be changed, for nobody else to change
// meanwhile.
func lockOpen(ctx context.Context, tx pgx.Tx, id uuid.UUID) (meetingRow, error) {
	if _, err := tx.Exec(ctx, `select from meetings where id = $1 for update`, id); err != nil {
		return meetingRow{}, err
	}
	m, err := readMeeting(ctx, tx, id)
	switch {
	case err != nil:
		return m, err
	case m.State == StateLive && m.Spontaneous:
		return m, ErrRunning // nothing of it was arranged
	case m.State != StatePlanned && m.State != StateLive:
		return m, ErrOver
	}
	return m, nil
}

func updateMeeting(ctx context.Context, tx pgx.Tx, m meetingRow) error {
	const q = `
update meetings set title = @title, host_id = @host, starts_at = @starts, ends_at = @ends, time_zone = @zone,
    state = @state, sequence = @sequence, may_be_recorded = @recorded, video_codec = @codec, note = @note, cancel_reason = @reason, updated_at = now()
where id = @id`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": m.ID, "title": m.Title, "host": m.HostID, "starts": m.StartsAt, "ends": m.EndsAt, "zone": m.TimeZone,
		"state": m.State, "sequence": m.Sequence, "recorded": m.MayBeRecorded, "codec": m.VideoCodec, "note": m.Note, "reason": m.CancelReason,
	}); err != nil {
		return fmt.Errorf("update meeting: %w", err)
	}
	return nil
}

// Cancel calls a planned meeting off and tells the invited. The guests' links
// stay: they show that the meeting is cancelled.
func (s *Schedule) Cancel(ctx context.Context, id uuid.UUID, reason string) (Meeting, error) {
	if _, err := s.managed(ctx, id); err != nil {
		return Meeting{}, err
	}
	if strings.ContainsRune(reason, 0) {
		return Meeting{}, problem.Invalid("reason", "contains control characters")
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return Meeting{}, err
	}
	var m meetingRow
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) (err error) {
		if m, err = lockPlanned(ctx, tx, id); err != nil {
			return err
		}
		m.State, m.CancelReason, m.Sequence = StateCancelled, strings.TrimSpace(reason), m.Sequence+1
		if err := updateMeeting(ctx, tx, m); err != nil {
			return err
		}
		invited, err := readInvitees(ctx, tx, []uuid.UUID{id})
		if err != nil {
			return err
		}
		e := edition{s, tx, m, accounts}
		if err := e.post(ctx, invited[id], notify.Cancellation); err != nil {
			return err
		}
		if err := e.tellCancelled(ctx, accountsOf(accounts, m, invited[id])); err != nil {
			return err
		}
		return s.Audit.RecordIn(ctx, tx, "meetings.cancel", id.String(), nil)
	})
	if err != nil {
		return Meeting{}, fmt.Errorf("cancel meeting %s: %w", id, err)
	}
	s.announce(ctx, m, nil)
	return s.show(ctx, m)
}
