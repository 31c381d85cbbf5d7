package signaling

import (
	"time"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// This file: what every participant may do.

func (r *room) view(s *session, m *wire.View) error {
	tiles, err := fromTiles(m.Tiles)
	if err != nil {
		return err
	}
	r.mu.Lock()
	p, err := r.ofLocked(s)
	r.mu.Unlock()
	if err == nil {
		p.peer.View(tiles)
	}
	return err
}

// setSource switches a source on or off. Switching it on again lifts a
// moderator's mute: nobody is opened but by themselves.
func (r *room) setSource(s *session, m *wire.SetSource) error {
	source, err := sourceOf(m.Source)
	if err != nil {
		return err
	}
	mode, err := modeOf(m.Mode)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.ofLocked(s)
	if err != nil {
		return err
	}
	p.peer.SetMode(source, mode)
	r.setLiveLocked(p, m.Source, m.Live)
	r.tellStateLocked(p)
	return nil
}

func (r *room) setLiveLocked(p *participant, source wire.Source, live bool) {
	media, err := sourceOf(source)
	if err != nil {
		return // checked by the caller
	}
	p.live[source] = live
	if live && p.muted[source] {
		p.muted[source] = false
		p.peer.SetMuted(media, false)
	}
	p.peer.SetLive(media, live)
}

func (r *room) hand(s *session, m *wire.Hand) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.ofLocked(s)
	if err != nil {
		return err
	}
	if m.Participant != "" && m.Participant != p.person.ID.String() {
		if !p.moderates() || m.Raised {
			return errModerators
		}
		if p, err = r.namedLocked(m.Participant); err != nil {
			return err
		}
	}
	switch {
	case !m.Raised:
		p.hand = nil
	case p.hand == nil:
		now := time.Now().UTC()
		p.hand = &now
	}
	r.tellStateLocked(p)
	return nil
}

func (r *room) cheer(s *session, m *wire.Cheer) error {
	if !chat.IsEmoji(m.Emoji) {
		return failure(wire.CodeInvalid, "one emoji").at("emoji")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.ofLocked(s)
	if err != nil {
		return err
	}
	r.putLocked(r.hub.encode("", &wire.Cheered{Participant: p.person.ID.String(), Emoji: m.Emoji}), true)
	return nil
}

func (r *room) quality(s *session, m *wire.ReportQuality) error {
	switch m.Quality {
	case wire.QualityGood, wire.QualityWeak, wire.QualityPoor:
	default:
		return failure(wire.CodeInvalid, "good, weak or poor").at("quality")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.ofLocked(s)
	if err != nil || p.quality == m.Quality {
		return err
	}
	p.quality = m.Quality
	r.tellStateLocked(p)
	return nil
}

// measure tells anybody in the meeting how a participant's link is: whom one does
// not hear well, one may want to know why.
func (r *room) measure(s *session, m *wire.Measure) (wire.ServerMessage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.ofLocked(s); err != nil {
		return nil, err
	}
	p, err := r.namedLocked(m.Participant)
	if err != nil {
		return nil, err
	}
	q := p.peer.Quality()
	return &wire.Measured{Up: toDirection(q.Up), Down: toDirection(q.Down)}, nil
}
