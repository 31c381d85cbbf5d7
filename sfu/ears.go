package sfu

import (
	"slices"
	"strconv"

	"github.com/pion/webrtc/v4"
)

// An ear is a receiving sound of its own, for players that show one picture but
// have to hear everybody: it carries whoever talks, whatever is shown.
type ear struct {
	end *seatEnd
	mid string
}

// addEars adds the ears the offer has beyond those there are.
func (t *transport) addEars(mids []string, ends map[string]*seatEnd) {
	for i := len(t.ears); i < len(mids); i++ {
		e := &ear{end: t.newEnd("ear-"+strconv.Itoa(i), webrtc.RTPCodecTypeAudio), mid: mids[i]}
		ends[e.mid] = e.end
		t.ears = append(t.ears, e)
		t.wait(e.end.outlet)
	}
}

// hearLocked gives the peer's ears to those who talk. An ear stays with its
// talker until another needs it.
func (m *Meeting) hearLocked(p *Peer) {
	if len(p.ears) == 0 {
		return
	}
	wanted := slices.DeleteFunc(slices.Clone(m.ears.talkers), func(id PeerID) bool { return id == p.id })
	wanted = wanted[:min(len(wanted), len(p.ears))]
	for i, id := range p.hears {
		if m.peers[id] == nil {
			p.hears[i] = ""
		}
	}
	for _, id := range wanted {
		if slices.Contains(p.hears, id) {
			continue
		}
		free := slices.IndexFunc(p.hears, func(id PeerID) bool { return !slices.Contains(wanted, id) })
		p.hears[free] = id
	}
	for i, e := range p.ears {
		var t *track
		if other := m.peers[p.hears[i]]; other != nil {
			t = other.tracks[Microphone]
		}
		e.end.outlet.attach(t)
	}
}
