package sfu

import (
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// TestLostPathIsLeft: media leaves a pair that is silent for one that is checked,
// and no other.
func TestLostPathIsLeft(t *testing.T) {
	t.Parallel()
	var now time.Duration
	p := &paths{now: func() time.Duration { return now }}
	first, second := new(ice.CandidatePair), new(ice.CandidatePair)
	use, plain := new(stun.Message), new(stun.Message)
	use.Add(stun.AttrUseCandidate, nil)
	check := func(m *stun.Message, pair *ice.CandidatePair, switches bool) {
		t.Helper()
		if got := p.checked(m, nil, nil, pair); got != switches {
			t.Errorf("at %v: switched %v", now, got)
		}
	}
	for range 2 * enoughChecks {
		check(plain, second, false) // nothing is nominated yet
	}
	check(use, first, false)
	for range 20 {
		now += 2500 * time.Millisecond
		check(plain, second, false) // a backup that is kept up
		check(use, first, false)
	}
	now += silentPath
	check(plain, second, false)
	check(plain, second, false)
	check(plain, second, true)
	check(plain, second, false) // it is in use
	now += silentPath
	check(use, first, false) // pion follows what the client nominates
	check(plain, second, false)
}

// TestRestartedPathIsUsedAtOnce: after an ICE restart the pair in use is gone, and
// the first of the new ones does until the client has nominated one.
func TestRestartedPathIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	var now time.Duration
	p := &paths{now: func() time.Duration { return now }}
	old, first, better := new(ice.CandidatePair), new(ice.CandidatePair), new(ice.CandidatePair)
	check := func(names string, pair *ice.CandidatePair, nominates, switches bool) {
		t.Helper()
		m := stun.MustBuild(stun.BindingRequest, stun.NewUsername(names))
		if nominates {
			m.Add(stun.AttrUseCandidate, nil)
		}
		if got := p.checked(m, nil, nil, pair); got != switches {
			t.Errorf("%s: switched %v", names, got)
		}
	}
	check("node:client", first, false, false)
	check("node:client", old, true, false)
	check("node2:client2", first, false, true)
	for range 2 * enoughChecks {
		now += 400 * time.Millisecond
		check("node2:client2", better, false, false)
		check("node2:client2", first, false, false)
	}
	check("node2:client2", better, true, false)
	check("node2:client2", first, false, false)
}
