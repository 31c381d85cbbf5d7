package schedule

import (
	"context"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Leads says whether an account leads a meeting while it is live, by what was
// arranged:
//
//	its host leads, and who arranged it while they are still of that station, or staff
//	administrators                 lead
//	accounts of the host's station lead: a station hosts as one
//	everybody, if it was not arranged but begun on the spot
//	anybody else                   stands in for the host and keeps order only
func (s *Schedule) Leads(ctx context.Context, meeting, id uuid.UUID) (bool, error) {
	m, err := readMeeting(ctx, s.Pool, meeting)
	if err != nil {
		return false, err
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return false, err
	}
	a, known := accounts[id]
	if !known || a.Disabled {
		return false, nil
	}
	return m.Spontaneous || manages(a, m) || ofOneStation(a, accounts[m.HostID]), nil
}

func ofOneStation(a, b account.Account) bool {
	return b.StationID != nil && b.OfStation(*b.StationID) && a.OfStation(*b.StationID)
}
