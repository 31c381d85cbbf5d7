package sfu

import (
	"fmt"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

// Mode says what a source is good for: what to give up first where it does not
// fit.
type Mode uint8

// The modes of a source.
const (
	// Auto is right for a camera, and for a screen the same as Text.
	Auto Mode = iota
	// Text keeps the size and gives up pictures.
	Text
	// Motion keeps the pictures and gives up size.
	Motion

	modes = int(Motion) + 1
)

// String is the mode's name on the wire.
func (m Mode) String() string {
	if int(m) < modes {
		return [modes]string{"auto", "text", "motion"}[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// ParseMode is the inverse of String.
func ParseMode(name string) (Mode, error) {
	for m := range Mode(modes) {
		if m.String() == name {
			return m, nil
		}
	}
	return 0, fmt.Errorf("no mode %q", name)
}

// SetMode says what a source shows. It takes effect within a moment.
func (p *Peer) SetMode(source Source, mode Mode) {
	if source >= sources || int(mode) >= modes {
		return
	}
	p.tracks[source].mode.Store(uint32(mode))
	p.meeting.wake()
}

// sheds is how the track's layers are given up.
func (t *track) sheds() layer.Mode {
	switch Mode(t.mode.Load()) {
	case Text:
		return layer.Text
	case Motion:
		return layer.Motion
	case Auto:
	}
	if t.source == Screen {
		return layer.Text
	}
	return layer.Balanced
}
