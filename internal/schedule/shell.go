package schedule

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Schedule is the calendar of the house.
type Schedule struct{}

func soon() error { return problem.New(http.StatusNotImplemented, "not_implemented", "not built yet") }

// List returns meetings.
func (s *Schedule) List(context.Context, time.Time, time.Time, int) ([]Meeting, error) {
	return nil, soon()
}

// Arrange arranges a meeting.
func (s *Schedule) Arrange(context.Context, NewMeeting) (Meeting, error) { return Meeting{}, soon() }

// Meeting returns a meeting.
func (s *Schedule) Meeting(context.Context, uuid.UUID) (Meeting, error) { return Meeting{}, soon() }

// Change changes a meeting.
func (s *Schedule) Change(context.Context, uuid.UUID, MeetingChange) (Meeting, error) {
	return Meeting{}, soon()
}

// Cancel cancels a meeting.
func (s *Schedule) Cancel(context.Context, uuid.UUID, string) (Meeting, error) {
	return Meeting{}, soon()
}

// Calendar returns a meeting as iCalendar.
func (s *Schedule) Calendar(context.Context, uuid.UUID) ([]byte, error) { return nil, soon() }

// Attendance returns who came.
func (s *Schedule) Attendance(context.Context, uuid.UUID) ([]Attendance, error) { return nil, soon() }

// Link returns a guest's link.
func (s *Schedule) Link(context.Context, uuid.UUID, uuid.UUID) (InviteeLink, error) {
	return InviteeLink{}, soon()
}

// RevokeLink revokes a guest's link.
func (s *Schedule) RevokeLink(context.Context, uuid.UUID, uuid.UUID) error { return soon() }

// RenewLink renews a guest's link.
func (s *Schedule) RenewLink(context.Context, uuid.UUID, uuid.UUID) (InviteeLink, error) {
	return InviteeLink{}, soon()
}
