package schedule

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/clock"
)

// CalendarFile returns a meeting the caller may see as an iCalendar file.
func (s *Schedule) CalendarFile(ctx context.Context, meeting uuid.UUID) ([]byte, error) {
	m, err := s.visible(ctx, meeting)
	if err != nil {
		return nil, err
	}
	a, err := account.Require(ctx)
	if err != nil {
		return nil, err
	}
	inv, err := s.invitationOf(ctx, m, inviteeRow{
		Kind: InviteeAccount, Name: a.Name, Language: a.Language, TimeZone: a.TimeZone,
	})
	if err != nil {
		return nil, err
	}
	return inv.calendar(ics.MethodPublish)
}

// Calendar returns a guest's meeting as an iCalendar file with the personal link.
func (s *Schedule) Calendar(ctx context.Context, meeting, invitee uuid.UUID) ([]byte, error) {
	m, err := readMeeting(ctx, s.Pool, meeting)
	if err != nil {
		return nil, err
	}
	i, err := readInvitee(ctx, s.Pool, meeting, invitee)
	if err != nil {
		return nil, err
	}
	inv, err := s.invitationOf(ctx, m, i)
	if err != nil {
		return nil, err
	}
	return inv.calendar(ics.MethodPublish)
}

// calendar writes the invitation as an iCalendar object (RFC 5545; methods of
// RFC 5546): times on the meeting's own clock, which the object describes.
func (inv invitation) calendar(method ics.Method) ([]byte, error) {
	loc, err := clock.Zone("time_zone", inv.Meeting.TimeZone)
	if err != nil {
		return nil, err
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//Yunqiao//Meetings//ZH")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(method)
	cal.AddVTimezone(timezone(loc, inv.Meeting.StartsAt, inv.Meeting.EndsAt))
	cal.AddVEvent(inv.event(method, loc))
	return []byte(cal.Serialize(ics.WithNewLine("\r\n"))), nil
}

func (inv invitation) event(method ics.Method, loc *time.Location) *ics.VEvent {
	m, language := inv.Meeting, inv.Invitee.Language
	e := ics.NewEvent(m.ID.String() + "@" + inv.House.domain())
	e.SetDtStampTime(m.UpdatedAt)
	e.SetModifiedAt(m.UpdatedAt)
	e.SetSequence(m.Sequence)
	zone := ics.WithTZID(loc.String())
	e.SetProperty(ics.ComponentPropertyDtStart, m.StartsAt.In(loc).Format(localTime), zone)
	e.SetProperty(ics.ComponentPropertyDtEnd, m.EndsAt.In(loc).Format(localTime), zone)
	e.SetSummary(plain(m.Title))
	e.SetDescription(plain(inv.text(language)))
	e.SetLocation(plain(inv.URL))
	e.SetURL(inv.URL)
	e.SetStatus(ics.ObjectStatusConfirmed)
	if m.State == StateCancelled || method == ics.MethodCancel {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	if inv.House.Mail != "" {
		e.SetOrganizer("mailto:"+inv.House.Mail, ics.WithCN(parameter(inv.houseName(language))))
	}
	if inv.Invitee.Email != "" && method != ics.MethodPublish {
		e.AddAttendee("mailto:"+inv.Invitee.Email, ics.WithCN(parameter(inv.Invitee.Name)),
			ics.ParticipationRoleReqParticipant, ics.ParticipationStatusNeedsAction)
	}
	if e.GetProperty(ics.ComponentPropertyStatus).Value == string(ics.ObjectStatusConfirmed) {
		alarm := e.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetTrigger("-PT15M")
		alarm.SetDescription(plain(m.Title))
	}
	return e
}

// domain is the hub's host name, for identifiers that must be the world's only.
func (h House) domain() string {
	if u, err := url.Parse(h.PublicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "yunqiao.invalid"
}

// plain takes from text what may not stand in a property value: control
// characters other than the line break (RFC 5545 section 3.3.11), and what is
// not text at all.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s)
}

// parameter makes text fit for an unquoted parameter value, where neither
// quoting nor escaping is understood by all readers (RFC 5545 section 3.2).
func parameter(s string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == '\'':
			return '’'
		case unicode.IsControl(r), strings.ContainsRune(`",;:\`, r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(kept), " ")
}
