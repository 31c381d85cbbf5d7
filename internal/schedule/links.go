package schedule

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Invitation returns what a guest is shown of a meeting before entering.
func (s *Schedule) Invitation(ctx context.Context, meeting uuid.UUID) (account.Invited, error) {
	m, err := readMeeting(ctx, s.Pool, meeting)
	if err != nil {
		return account.Invited{}, err
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return account.Invited{}, err
	}
	return account.Invited{
		MeetingID: m.ID, RoomID: m.RoomID, Title: m.Title, HostName: accounts[m.HostID].Name,
		OrganisationZH: s.House.NameZH, OrganisationEN: s.House.NameEN, StartsAt: m.StartsAt, EndsAt: m.EndsAt,
		TimeZone: m.TimeZone, MayBeRecorded: m.MayBeRecorded, State: string(m.State),
	}, nil
}

// Link returns a guest's personal link, for those who run the meeting.
func (s *Schedule) Link(ctx context.Context, meeting, invitee uuid.UUID) (InviteeLink, error) {
	m, i, err := s.guestOf(ctx, meeting, invitee)
	if err != nil {
		return InviteeLink{}, err
	}
	return s.linkOf(ctx, m, i)
}

func (s *Schedule) guestOf(ctx context.Context, meeting, invitee uuid.UUID) (meetingRow, inviteeRow, error) {
	m, err := s.managed(ctx, meeting)
	if err != nil {
		return meetingRow{}, inviteeRow{}, err
	}
	i, err := readInvitee(ctx, s.Pool, meeting, invitee)
	if err == nil && (i.Removed || !i.guest()) {
		err = ErrNoLink
	}
	return m, i, err
}

func (s *Schedule) linkOf(ctx context.Context, m meetingRow, i inviteeRow) (InviteeLink, error) {
	inv, err := s.invitationOf(ctx, m, i)
	if err != nil {
		return InviteeLink{}, err
	}
	return InviteeLink{URL: inv.URL, TextZH: inv.text("zh-CN"), TextEN: inv.text("en")}, nil
}

// RevokeLink makes a guest's link useless.
func (s *Schedule) RevokeLink(ctx context.Context, meeting, invitee uuid.UUID) error {
	m, i, err := s.guestOf(ctx, meeting, invitee)
	if err != nil {
		return err
	}
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.Guests.Revoke(ctx, tx, i.ID); err != nil {
			return err
		}
		return s.Audit.RecordIn(ctx, tx, "links.revoke", i.ID.String(), nil)
	})
	if err != nil {
		return fmt.Errorf("revoke link of %s: %w", invitee, err)
	}
	s.Announcer.Changed(ctx, "meeting", m.ID.String(), m.RoomID)
	return nil
}

// RenewLink replaces a guest's link. The new one works as long as the meeting
// can be held.
func (s *Schedule) RenewLink(ctx context.Context, meeting, invitee uuid.UUID) (InviteeLink, error) {
	m, i, err := s.guestOf(ctx, meeting, invitee)
	if err != nil {
		return InviteeLink{}, err
	}
	expires := m.EndsAt.Add(late)
	if m.State == StateEnded || m.State == StateCancelled || !expires.After(s.Now()) && m.State != StateLive {
		return InviteeLink{}, ErrOver
	}
	if soonest := s.Now().Add(late); expires.Before(soonest) {
		expires = soonest
	}
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.Guests.Renew(ctx, tx, i.ID, expires); err != nil {
			return err
		}
		return s.Audit.RecordIn(ctx, tx, "links.renew", i.ID.String(), nil)
	})
	if err != nil {
		return InviteeLink{}, fmt.Errorf("renew link of %s: %w", invitee, err)
	}
	s.Announcer.Changed(ctx, "meeting", m.ID.String(), m.RoomID)
	return s.linkOf(ctx, m, i)
}
