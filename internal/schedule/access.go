package schedule

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// manages says whether an account runs a meeting: its host, who arranged it,
// and administrators.
func manages(a account.Account, m meetingRow) bool {
	return a.Role == account.Admin || a.ID == m.HostID || arranged(a, m)
}

// arranged says whether an account is who arranged a meeting, and still what it was
// as such: staff, or of the station for which it was arranged. Who is that no more
// belongs to the meeting as host or invited, or not at all.
func arranged(a account.Account, m meetingRow) bool {
	return a.ID == m.CreatedBy && (a.IsStaff() || m.StationID != nil && a.OfStation(*m.StationID))
}

// arrangedBy is the same rule as arranged, of the meeting m and the account a.
const arrangedBy = `(m.created_by = a.id and (a.role in ('admin', 'staff') or a.role = 'station' and m.station_id = a.station_id))`

// viewer is a caller with what decides which meetings they see.
type viewer struct {
	account.Account
	rooms []uuid.UUID
}

func (s *Schedule) viewer(ctx context.Context) (viewer, error) {
	a, err := account.Require(ctx)
	if err != nil {
		return viewer{}, err
	}
	rooms, err := s.Rooms.RoomsOf(ctx, a.ID)
	return viewer{Account: a, rooms: rooms}, err
}

// sees says whether the viewer may see a meeting: those who run it, members of
// its room, the invited accounts and the accounts of invited stations.
func (v viewer) sees(m meetingRow, invited []inviteeRow) bool {
	return manages(v.Account, m) || slices.Contains(v.rooms, m.RoomID) ||
		slices.ContainsFunc(invited, func(i inviteeRow) bool {
			return i.Ref != nil && (i.Kind == InviteeAccount && *i.Ref == v.ID ||
				i.Kind == InviteeStation && v.OfStation(*i.Ref))
		})
}

func (v viewer) rights(m meetingRow) Rights {
	own := manages(v.Account, m)
	open := m.State == StatePlanned || m.State == StateLive && !m.Spontaneous
	return Rights{
		Edit: own && open, Moderate: own, DeleteRecordings: own,
		WriteMinutes: own || v.IsStaff(),
	}
}

// MayView returns nil when the caller may see a meeting, else the problem.
// A meeting one may not see is one that does not exist.
func (s *Schedule) MayView(ctx context.Context, meeting uuid.UUID) error {
	_, err := s.visible(ctx, meeting)
	return err
}

// MayManage returns nil when the caller runs a meeting, else the problem.
func (s *Schedule) MayManage(ctx context.Context, meeting uuid.UUID) error {
	_, err := s.managed(ctx, meeting)
	return err
}

// MayWriteMinutes returns nil when the caller may write a meeting's minutes:
// those who run it, and the staff who may see it.
func (s *Schedule) MayWriteMinutes(ctx context.Context, meeting uuid.UUID) error {
	m, err := s.visible(ctx, meeting)
	if err != nil {
		return err
	}
	a, _ := account.From(ctx)
	if !a.IsStaff() && !manages(a, m) {
		return problem.Forbidden("minutes are written by staff and the host")
	}
	return nil
}

func (s *Schedule) visible(ctx context.Context, meeting uuid.UUID) (meetingRow, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return meetingRow{}, err
	}
	m, err := readMeeting(ctx, s.Pool, meeting)
	if err != nil {
		return meetingRow{}, err
	}
	invited, err := readInvitees(ctx, s.Pool, []uuid.UUID{meeting})
	if err != nil {
		return meetingRow{}, err
	}
	if !v.sees(m, invited[meeting]) {
		return meetingRow{}, ErrNotFound
	}
	return m, nil
}

func (s *Schedule) managed(ctx context.Context, meeting uuid.UUID) (meetingRow, error) {
	m, err := s.visible(ctx, meeting)
	if err != nil {
		return meetingRow{}, err
	}
	if a, _ := account.From(ctx); !manages(a, m) {
		return meetingRow{}, problem.Forbidden("only the host, who arranged the meeting, and administrators")
	}
	return m, nil
}
