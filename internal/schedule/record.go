package schedule

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Expected is somebody who was invited, or came, as minutes list them.
type Expected struct {
	Name, Unit, Title string
	// Guest is true for those from outside the house.
	Guest bool
	// Invited and Came: an excused person was invited and did not come.
	Invited, Came bool
}

// Record is what is known of a meeting when its minutes begin.
type Record struct {
	ID, Room         uuid.UUID
	Title, HostName  string
	StartsAt, EndsAt time.Time
	TimeZone         string
	Agenda           []string
	People           []Expected
}

// Record returns what is known of a meeting, in the order of the invitations,
// the host first. Rights are the caller's to check.
func (s *Schedule) Record(ctx context.Context, meeting uuid.UUID) (Record, error) {
	m, err := readMeeting(ctx, s.Pool, meeting)
	if err != nil {
		return Record{}, err
	}
	agendas, err := readAgendas(ctx, s.Pool, []uuid.UUID{meeting})
	if err != nil {
		return Record{}, err
	}
	r := Record{ID: m.ID, Room: m.RoomID, Title: m.Title, TimeZone: m.TimeZone, Agenda: []string{}}
	r.StartsAt, r.EndsAt = m.held()
	for _, item := range agendas[meeting] {
		r.Agenda = append(r.Agenda, item.Title)
	}
	r.HostName, r.People, err = s.people(ctx, m)
	return r, err
}

// people matches the invited with those who came.
func (s *Schedule) people(ctx context.Context, m meetingRow) (host string, all []Expected, err error) {
	accounts, err := s.names(ctx)
	if err != nil {
		return "", nil, err
	}
	invited, err := readInvitees(ctx, s.Pool, []uuid.UUID{m.ID})
	if err != nil {
		return "", nil, err
	}
	attendance, err := s.attendance(ctx, m.ID)
	if err != nil {
		return "", nil, err
	}
	came := map[uuid.UUID]Attendance{}
	for _, a := range attendance {
		came[a.PersonID] = a
	}
	take := func(ids ...uuid.UUID) (present bool) {
		for _, id := range ids {
			if _, ok := came[id]; ok {
				delete(came, id)
				present = true
			}
		}
		return present
	}
	h := accounts[m.HostID]
	all = append(all, Expected{Name: h.Name, Unit: s.unitOf(ctx, h), Invited: true, Came: take(m.HostID)})
	for _, i := range invited[m.ID] {
		switch i.Kind {
		case InviteeAccount:
			if *i.Ref != m.HostID {
				all = append(all, Expected{Name: i.Name, Unit: i.Unit, Title: i.Title, Invited: true, Came: take(*i.Ref)})
			}
		case InviteeStation:
			all = append(all, stationPeople(i, ofStation(accounts, *i.Ref), came)...)
		case InviteeContact, InviteeAddress:
			all = append(all, Expected{Name: i.Name, Unit: i.Unit, Title: i.Title, Guest: true, Invited: true, Came: take(i.ID)})
		}
	}
	return h.Name, s.uninvited(ctx, all, accounts, attendance, came), nil
}

// stationPeople returns those of an invited station who came, or the station
// itself when nobody did.
func stationPeople(i inviteeRow, members []uuid.UUID, came map[uuid.UUID]Attendance) []Expected {
	var all []Expected
	for _, id := range members {
		if a, ok := came[id]; ok {
			delete(came, id)
			all = append(all, Expected{Name: a.Name, Unit: i.Unit, Invited: true, Came: true})
		}
	}
	if len(all) == 0 {
		all = append(all, Expected{Name: i.Name, Unit: i.Unit, Invited: true})
	}
	slices.SortFunc(all, func(a, b Expected) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// uninvited adds those who came without an invitation, in their order.
func (s *Schedule) uninvited(ctx context.Context, all []Expected, accounts map[uuid.UUID]account.Account, attendance []Attendance, came map[uuid.UUID]Attendance) []Expected {
	for _, a := range attendance {
		if _, ok := came[a.PersonID]; !ok {
			continue
		}
		delete(came, a.PersonID)
		e := Expected{Name: a.Name, Guest: true, Came: true}
		if who, ok := accounts[a.PersonID]; ok {
			e.Guest, e.Unit = false, s.unitOf(ctx, who)
		}
		all = append(all, e)
	}
	return all
}
