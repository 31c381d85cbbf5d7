// Package loudness decides who speaks from the audio levels of RFC 6464. Pure.
package loudness

import "time"

// Silent is the level of digital silence, in -dBov.
const Silent = 127

const (
	threshold = 45 // -dBov; louder is a smaller number
	attack    = 3  // loud windows in a row to become active
	window    = 100 * time.Millisecond
	release   = 800 * time.Millisecond
)

// Meter follows one microphone.
type Meter struct {
	windowEnds time.Duration
	loudest    uint8 // in this window
	sum, count int
	run        int
	active     bool
	lastLoud   time.Duration
	level      int // smoothed ×16
	started    bool
}

// Level takes the level of one packet at now.
func (m *Meter) Level(level uint8, now time.Duration) {
	if !m.started {
		m.started, m.windowEnds, m.loudest, m.level = true, now+window, Silent, Silent*16
	}
	if now >= m.windowEnds {
		m.close(now)
	}
	level &= 0x7f
	m.loudest = min(m.loudest, level)
	m.sum += int(level)
	m.count++
}

func (m *Meter) close(now time.Duration) {
	mean := Silent
	if m.count > 0 {
		mean = m.sum / m.count
	}
	m.level += (mean*16 - m.level) / 3
	if mean <= threshold {
		m.run++
		m.lastLoud = now
		m.active = m.active || m.run >= attack
	} else {
		m.run = 0
	}
	m.windowEnds, m.loudest, m.sum, m.count = now+window, Silent, 0, 0
}

// Speaking says whether the microphone is an active speaker's at now and how
// loud; a microphone that stopped sending (DTX, mute) falls silent by itself.
func (m *Meter) Speaking(now time.Duration) (level uint8, ok bool) {
	if !m.active {
		return Silent, false
	}
	if now-m.lastLoud > release {
		m.active, m.run = false, 0
		return Silent, false
	}
	return uint8(m.level / 16), true
}
