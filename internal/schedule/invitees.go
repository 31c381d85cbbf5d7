package schedule

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// resolve looks everybody invited up and completes what was left out: the
// language and the zone fall back to the house's.
func (s *Schedule) resolve(ctx context.Context, invited []NewInvitee) ([]inviteeRow, error) {
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
		if !ok || a.Disabled {
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
	switch {
	case i.Name == "" || len([]rune(i.Name)) > 200 || strings.ContainsFunc(i.Name, unicode.IsControl):
		return problem.Invalid(at+".name", "1 to 200 characters, no control characters")
	case i.Language != "zh-CN" && i.Language != "en":
		return problem.Invalid(at+".language", "zh-CN or en")
	case i.Email != "":
		if a, err := mail.ParseAddress(i.Email); err != nil || a.Address != i.Email {
			return problem.Invalid(at+".email", "not an e-mail address")
		}
	}
	_, err := loadZone(at+".time_zone", i.TimeZone)
	return err
}

// accountsOf returns the accounts a meeting belongs to: host, who arranged
// it, invited accounts, and those of invited stations.
func accountsOf(all map[uuid.UUID]account.Account, m meetingRow, invited []inviteeRow) []uuid.UUID {
	members := []uuid.UUID{m.HostID, m.CreatedBy}
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

func ofStation(all map[uuid.UUID]account.Account, station uuid.UUID) []uuid.UUID {
	var found []uuid.UUID
	for id, a := range all {
		if a.StationID != nil && *a.StationID == station && !a.Disabled {
			found = append(found, id)
		}
	}
	return found
}
