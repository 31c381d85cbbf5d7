package schedule

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// resolve looks everybody invited up and completes what was left out: the
// language and the zone fall back to the house's. Before are who is invited already:
// of them nobody is refused whose account has been closed since.
func (s *Schedule) resolve(ctx context.Context, invited []NewInvitee, before []inviteeRow) ([]inviteeRow, error) {
	accounts, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]inviteeRow, 0, len(invited))
	for n, i := range invited {
		at := "invitees[" + strconv.Itoa(n) + "]"
		row, err := s.resolveOne(ctx, accounts, i, at)
		if err != nil {
			return nil, err
		}
		if i.Kind == InviteeAccount && accounts[*i.Ref].Disabled {
			if !slices.ContainsFunc(before, row.same) {
				return nil, problem.Invalid(at+".ref", "no such account")
			}
			row.Email = "" // nobody reads it
		}
		if slices.ContainsFunc(all, row.same) {
			return nil, problem.Invalid(at, "is invited already")
		}
		all = append(all, row)
	}
	return all, nil
}

// same says whether two rows invite the same.
func (i inviteeRow) same(other inviteeRow) bool {
	if i.Kind != other.Kind {
		return false
	}
	if i.Ref != nil && other.Ref != nil {
		return *i.Ref == *other.Ref
	}
	return i.Name == other.Name && strings.EqualFold(i.Email, other.Email)
}

func (s *Schedule) resolveOne(ctx context.Context, accounts map[uuid.UUID]account.Account, i NewInvitee, at string) (inviteeRow, error) {
	row := inviteeRow{Kind: i.Kind, Ref: i.Ref, Name: strings.TrimSpace(i.Name), Language: i.Language, TimeZone: i.TimeZone, Response: "unknown"}
	if i.Email != nil {
		row.Email = strings.TrimSpace(*i.Email)
	}
	if (i.Ref == nil) != (i.Kind == InviteeAddress) {
		return row, problem.Invalid(at+".ref", "needed for accounts, stations and contacts, and only for them")
	}
	var err error
	switch i.Kind {
	case InviteeAccount:
		a, ok := accounts[*i.Ref]
		if !ok {
			return row, problem.Invalid(at+".ref", "no such account")
		}
		row.Name, row.Email, row.Language, row.TimeZone = a.Name, a.Email, a.Language, a.TimeZone
		row.Unit = s.unitOf(ctx, a)
	case InviteeStation:
		err = row.fill(s.Directory.StationParty(ctx, *i.Ref))
	case InviteeContact:
		err = row.fill(s.Directory.ContactParty(ctx, *i.Ref))
	case InviteeAddress:
	default:
		return row, problem.Invalid(at+".kind", "account, station, contact or address")
	}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return row, problem.Invalid(at+".ref", "%s", p.Message)
	}
	if err != nil {
		return row, err
	}
	return row, s.check(&row, at)
}

// unitOf names what an account belongs to, as minutes do.
func (s *Schedule) unitOf(ctx context.Context, a account.Account) string {
	switch {
	case a.IsStaff():
		return s.House.NameZH
	case a.StationID != nil:
		if p, err := s.Directory.StationParty(ctx, *a.StationID); err == nil {
			return p.Unit
		}
	}
	return ""
}

// fill takes from the directory what the invitation leaves open.
func (i *inviteeRow) fill(p Party, err error) error {
	if err != nil {
		return err
	}
	i.Name, i.Unit, i.Title = p.Name, p.Unit, p.Title
	for _, part := range []struct {
		to   *string
		from string
	}{{&i.Email, p.Email}, {&i.Language, p.Language}, {&i.TimeZone, p.TimeZone}} {
		if *part.to == "" {
			*part.to = part.from
		}
	}
	return nil
}

func (s *Schedule) check(i *inviteeRow, at string) error {
	if i.Language == "" {
		i.Language = "zh-CN"
	}
	if i.TimeZone == "" {
		i.TimeZone = s.House.TimeZone
	}
	var err error
	if i.Name, err = label.Required(at+".name", i.Name, label.MaxName); err != nil {
		return err
	}
	switch {
	case i.Language != "zh-CN" && i.Language != "en":
		return problem.Invalid(at+".language", "zh-CN or en")
	case i.Email != "":
		if a, err := mail.ParseAddress(i.Email); err != nil || a.Address != i.Email {
			return problem.Invalid(at+".email", "not an e-mail address")
		}
	}
	loc, err := clock.Zone(at+".time_zone", i.TimeZone)
	if err == nil {
		i.TimeZone = loc.String()
	}
	return err
}

// accountsOf returns the accounts a meeting belongs to: host, who arranged
// it, invited accounts, and those of invited stations.
func accountsOf(all map[uuid.UUID]account.Account, m meetingRow, invited []inviteeRow) []uuid.UUID {
	members := []uuid.UUID{m.HostID}
	if arranged(all[m.CreatedBy], m) {
		members = append(members, m.CreatedBy)
	}
	for _, i := range invited {
		switch i.Kind {
		case InviteeAccount:
			members = append(members, *i.Ref)
		case InviteeStation:
			members = append(members, ofStation(all, *i.Ref)...)
		case InviteeContact, InviteeAddress:
		}
	}
	slices.SortFunc(members, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(members)
}

// OwnRooms returns the rooms that were made for meetings an account belongs to, by
// the rule of accountsOf and as the transaction sees it. Whoever changes what an
// account is brings its membership up to that.
func OwnRooms(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]uuid.UUID, error) {
	const q = `
select m.room_id from meetings m, accounts a where a.id = $1 and m.own_room and (m.host_id = a.id or ` + arrangedBy + ` or exists (
    select from invitees i where i.meeting_id = m.id and i.removed_at is null and (i.kind = 'account' and i.ref = a.id
        or i.kind = 'station' and i.ref = a.station_id and a.role = 'station' and not a.disabled)))`
	rows, _ := tx.Query(ctx, q, id)
	rooms, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read rooms of meetings of %s: %w", id, err)
	}
	return rooms, nil
}

// people returns as whom an invitee may have come: an account, those of a station, or
// the guest of the invitation's link.
func (i inviteeRow) people(accounts map[uuid.UUID]account.Account) []uuid.UUID {
	switch i.Kind {
	case InviteeAccount:
		return []uuid.UUID{*i.Ref}
	case InviteeStation:
		return ofStation(accounts, *i.Ref)
	default:
		return []uuid.UUID{i.ID}
	}
}

func ofStation(all map[uuid.UUID]account.Account, station uuid.UUID) []uuid.UUID {
	var found []uuid.UUID
	for id, a := range all {
		if a.OfStation(station) && !a.Disabled {
			found = append(found, id)
		}
	}
	return found
}
