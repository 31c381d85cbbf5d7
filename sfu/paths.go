package sfu

import (
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

const (
	// Browsers check the pair they use every 2.5 s, and any other every 25 s.
	silentPath = 3 * time.Second
	// Who has lost the pair in use checks all others many times a second.
	enoughChecks = 3
)

// paths notices that a client is no longer heard on the pair it nominated, and
// that it tries others. Its own choice comes first here as the check after the
// next: up to 2.5 s in which media would go on into the path that is lost.
// Owned by the loop of ICE.
type paths struct {
	now       func() time.Duration
	nominated *ice.CandidatePair
	heard     time.Duration // a check of that pair
	others    int           // checks of other pairs since
}

// checked implements pion's hook for every check of a client: whether to send by
// the pair that this one came on.
func (p *paths) checked(m *stun.Message, _, _ ice.Candidate, pair *ice.CandidatePair) bool {
	now := p.now()
	if pair == p.nominated || m.Contains(stun.AttrUseCandidate) {
		p.nominated, p.heard, p.others = pair, now, 0
		return false
	}
	p.others++
	if p.nominated == nil || now-p.heard < silentPath || p.others < enoughChecks {
		return false
	}
	p.nominated, p.heard, p.others = pair, now, 0
	return true
}
