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
	names     string        // of the ICE session that the pair belongs to
	heard     time.Duration // a check of that pair
	others    int           // checks of other pairs since
}

// checked implements pion's hook for every check of a client: whether to send by
// the pair that this one came on.
func (p *paths) checked(m *stun.Message, _, _ ice.Candidate, pair *ice.CandidatePair) bool {
	var names stun.Username
	_ = names.GetFrom(m) // pion has checked it
	switch {
	case pair == p.nominated || m.Contains(stun.AttrUseCandidate):
		p.use(pair, names)
		return false
	case p.nominated == nil:
		return false
	case p.restarted(names), p.lost():
		p.use(pair, names)
		return true
	}
	return false
}

// restarted tells whether a check belongs to another ICE session than the pair in
// use. That pair is gone, and a browser may take a second to nominate one of the
// new: until then media would have no way at all.
func (p *paths) restarted(names stun.Username) bool { return names.String() != p.names }

// lost counts a check of another pair, and tells whether the one in use is lost.
func (p *paths) lost() bool {
	p.others++
	return p.now()-p.heard >= silentPath && p.others >= enoughChecks
}

func (p *paths) use(pair *ice.CandidatePair, names stun.Username) {
	p.nominated, p.names, p.heard, p.others = pair, names.String(), p.now(), 0
}
