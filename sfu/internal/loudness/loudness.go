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

	quick      int // follows within some packets, ×16
	quickLoud  time.Duration
	quickAt    time.Duration
	everTalked bool
}

// Level takes the level of one packet at now.
func (m *Meter) Level(level uint8, now time.Duration) {
	if !m.started {
		m.started, m.windowEnds, m.loudest, m.level = true, now+window, Silent, Silent*16
		m.quick = Silent * 16
	}
	if now >= m.windowEnds {
		m.close(now)
	}
	level &= 0x7f
	m.follow(level, now)
	m.loudest = min(m.loudest, level)
	m.sum += int(level)
	m.count++
}

// follow rises with the first syllable and falls by two decibels a packet.
func (m *Meter) follow(level uint8, now time.Duration) {
	if next := int(level) * 16; next < m.quick {
		m.quick -= (m.quick - next + 1) / 2
	} else {
		m.quick = min(m.quick+2*16, next)
	}
	m.quickAt = now
	if m.quick <= threshold*16 {
		m.quickLoud, m.everTalked = now, true
	}
}

// Now is how loud the microphone is at this moment, and whether somebody seems
// to talk into it: quicker than Speaking, and more easily mistaken. ok is false
// when no levels came.
func (m *Meter) Now(now time.Duration) (level uint8, talking, ok bool) {
	if !m.started {
		return Silent, false, false
	}
	if now-m.quickAt > release {
		return Silent, false, true
	}
	return uint8(m.quick / 16), m.everTalked && now-m.quickLoud <= release, true
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
