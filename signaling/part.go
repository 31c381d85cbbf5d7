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

// setSource switches a source on or off. Nobody is opened but by themselves: a
// moderator's mute is lifted by its participant, who has to know of it. One that
// was switched on while the mute was on its way is told again.
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
	switch {
	case !m.Live:
		p.switchOffLocked(m.Source)
	case !p.switchOnLocked(m.Source, m.Lift):
		s.send(&wire.Muted{Source: m.Source, By: p.muted[m.Source]})
	}
	r.tellStateLocked(p)
	return nil
}

// switchOnLocked has a source pass as soon as the roster shows it, and reports
// false where a mute keeps it off. The caller tells the roster.
func (p *participant) switchOnLocked(source wire.Source, lift bool) bool {
	if p.muted[source] != "" && !lift {
		return false
	}
	p.live[source], p.untold[source] = true, true
	return true
}

// switchOffLocked stops a source at once.
func (p *participant) switchOffLocked(source wire.Source) {
	p.live[source] = false
	delete(p.untold, source)
	if media, err := sourceOf(source); err == nil {
		p.peer.SetLive(media, false)
	}
}

// openLocked lets pass what the roster is about to show as live, so that nothing
// is heard or seen of anybody that is not shown: not even between two rosters.
func (p *participant) openLocked() {
	for source := range p.untold {
		delete(p.muted, source)
		if media, err := sourceOf(source); err == nil {
			p.peer.SetMuted(media, false)
			p.peer.SetLive(media, true)
		}
	}
	clear(p.untold)
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
	if r.hub.Budgets.Cheers.Ask(time.Now(), r.id.String(), 1) != nil {
		return nil // more than anybody sees; it is counted
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
