package layer

import "time"

const (
	// Careful is the share of a budget that a better choice has to fit into, in
	// per cent: there must be room to spare.
	Careful = 87

	calm    = 3 * time.Second
	nervous = 30 * time.Second
)

// Steady keeps a choice from going up and down with every change of the budget.
// Down is followed at once. Up has to be affordable with room to spare, and for a
// while, when it went down not long ago. The zero value has chosen nothing yet.
type Steady struct {
	at      Choice
	begun   bool
	lowered time.Duration
	fell    bool
	since   time.Duration
	better  bool
}

// Settle decides between what the whole budget allows and what the careful share
// of it does. best is what there is use for: going down to that is no fall.
func (s *Steady) Settle(full, careful, best Choice, now time.Duration) Choice {
	if !s.begun || best.Layer == None { // a picture hidden begins anew when it is shown
		*s = Steady{at: Nothing(), begun: true}
	}
	switch {
	case full.Less(s.at):
		s.at, s.better = full, false
		if full.Less(best) {
			s.fell, s.lowered = true, now
		}
	case s.at.Layer == None && !s.fell:
		s.at = full
	case !s.at.Less(careful):
		s.better = false
	case !s.better:
		s.better, s.since = true, now
		s.rise(full, careful, now)
	default:
		s.rise(full, careful, now)
	}
	return s.at
}

// Shows reports whether anything is sent.
func (s *Steady) Shows() bool { return s.begun && s.at.Layer != None }

// Forgive forgets a fall between these moments: there was no need for it, and
// the way back up is not to be feared.
func (s *Steady) Forgive(begun, ended time.Duration) {
	if s.lowered >= begun && s.lowered < ended {
		s.fell = false
	}
}

func (s *Steady) rise(full, careful Choice, now time.Duration) {
	if s.fell && now-s.lowered < nervous && now-s.since < calm {
		return
	}
	if careful.Less(full) {
		full = careful
	}
	s.at, s.better, s.fell = full, false, false
}
