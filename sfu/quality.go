package sfu

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

// Grade is how well media passes, in a word.
type Grade uint8

// The grades. Lost means that nothing passes at all.
const (
	Good Grade = iota
	Fair
	Poor
	Lost

	grades = int(Lost) + 1
)

// String is the grade's name on the wire.
func (g Grade) String() string {
	if int(g) < grades {
		return [grades]string{"good", "fair", "poor", "lost"}[g]
	}
	return fmt.Sprintf("grade(%d)", uint8(g))
}

// Way is how media passes in one direction, over the last seconds.
type Way struct {
	Loss   float64       // share of packets that need repair
	RTT    time.Duration // there and back
	Jitter time.Duration
	Frozen float64 // share of the time in which a picture stood still
	Rate   int     // bits per second: of what comes up, and of what could go down
	Grade  Grade
}

// Quality is how media passes between one peer and the SFU.
type Quality struct{ Up, Down Way }

// Quality gives the latest numbers; they are taken once a second.
func (p *Peer) Quality() Quality {
	if q := p.quality.Load(); q != nil {
		return *q
	}
	return Quality{Up: Way{Grade: Lost}, Down: Way{Grade: Lost}}
}

const (
	judgeEvery  = time.Second
	fairLoss    = 0.05
	poorLoss    = 0.20
	fairRTT     = 250 * time.Millisecond
	poorRTT     = 600 * time.Millisecond
	fairJitter  = 60 * time.Millisecond
	fairFrozen  = 0.02
	poorFrozen  = 0.15
	stillPeriod = 500 * time.Millisecond // without a picture: it stands still
	frozenDecay = 50                     // looks of 200 ms: ten seconds
)

// grade puts the numbers of a way that is open into a word.
func (w *Way) grade() Grade {
	switch {
	case w.Loss >= poorLoss, w.RTT >= poorRTT, w.Frozen >= poorFrozen:
		return Poor
	case w.Loss >= fairLoss, w.RTT >= fairRTT, w.Jitter >= fairJitter, w.Frozen >= fairFrozen:
		return Fair
	}
	return Good
}

// judged is what a peer's quality is found from. Guarded by the meeting's mu.
type judged struct {
	at        time.Duration
	frozen    [2]float64 // up, down: share of looks, decaying
	got, lost uint64     // of what came up, at the last judgement
	upLoss    float64
}

// judgeLocked looks at the peer with every choice of layers, and makes a
// judgement every second.
func (p *Peer) judgeLocked(now time.Duration) {
	j := &p.judged
	for i, still := range [...]bool{p.stillUpLocked(now), p.stillDownLocked()} {
		if still {
			j.frozen[i] += (1 - j.frozen[i]) / frozenDecay
		} else {
			j.frozen[i] -= j.frozen[i] / frozenDecay
		}
	}
	if now-j.at < judgeEvery {
		return
	}
	j.at = now
	q := Quality{Up: Way{Grade: Lost}, Down: Way{Grade: Lost}}
	if t := p.transport; t != nil && t.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
		q = Quality{Up: p.upLocked(), Down: p.downLocked(now)}
		p.meeting.sfu.counters.quality.observe(q)
	}
	p.quality.Store(&q)
}

// stillUpLocked reports whether the camera should be moving and is not.
func (p *Peer) stillUpLocked(now time.Duration) bool {
	t := p.tracks[Camera]
	if !t.open.Load() || len(*t.outlets.Load()) == 0 {
		return false
	}
	var last time.Duration
	for _, e := range t.layers {
		e.mu.Lock()
		last = max(last, e.lastAt)
		e.mu.Unlock()
	}
	return last != 0 && now-last > stillPeriod
}

// stillDownLocked reports whether a picture on the client's screen is paused or
// waits for a key frame.
func (p *Peer) stillDownLocked() bool {
	for i, s := range p.places {
		if p.seated[i] != s.aimed.key {
			continue
		}
		if s.aimed.picture == Paused {
			return true
		}
		o := s.video.outlet
		o.mu.Lock()
		waits := o.track != nil && o.fresh && o.target != layer.None && o.track.open.Load()
		o.mu.Unlock()
		if waits {
			return true
		}
	}
	return false
}

func (p *Peer) upLocked() Way {
	w := Way{Frozen: p.judged.frozen[0]}
	var got, lost uint64
	for _, t := range p.tracks {
		for _, e := range t.layers {
			e.mu.Lock()
			if e.ssrc != 0 && e.stats.started {
				expected := e.stats.highest - e.stats.first + 1
				got += expected
				lost += e.stats.repaired + expected - min(e.stats.got, expected)
				jitter := time.Duration(e.stats.jitter>>4) * time.Second / time.Duration(t.clock)
				w.Jitter = max(w.Jitter, jitter)
			}
			w.Rate += e.rate.now()
			e.mu.Unlock()
		}
	}
	j := &p.judged
	if got > j.got && lost >= j.lost {
		j.upLoss += (float64(lost-j.lost)/float64(got-j.got) - j.upLoss) / 2
	}
	j.got, j.lost = got, lost
	w.Loss = min(max(j.upLoss, 0), 1)
	p.transport.mu.Lock()
	w.RTT = p.transport.rtt.smoothed
	p.transport.mu.Unlock()
	w.Grade = w.grade()
	return w
}

func (p *Peer) downLocked(now time.Duration) Way {
	t := p.transport
	w := Way{Frozen: p.judged.frozen[1]}
	t.mu.Lock()
	w.RTT, w.Loss = t.rtt.smoothed, t.link.Loss()
	for _, e := range t.ends {
		clock := time.Duration(opusClock)
		if e.outlet.video {
			clock = videoClock
		}
		w.Jitter = max(w.Jitter, time.Duration(e.reported.jitter)*time.Second/clock)
	}
	t.mu.Unlock()
	t.down.mu.Lock()
	if t.down.estimator.Heard() {
		w.Loss, w.Rate = t.down.estimator.Loss(), t.down.estimator.Target()
	}
	silent := t.down.estimator.Silent(now)
	t.down.mu.Unlock()
	w.Grade = w.grade()
	if silent {
		w.Grade = Lost
	}
	return w
}
