package sfu

import "testing"

func TestEarsCarryWhoeverTalks(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	player := join(t, m, "player", setup{ears: 1})
	b := live(join(t, m, "b", setup{}), Microphone)
	c := live(join(t, m, "c", setup{}), Microphone)
	b.level.Store(20)
	eventually(t, "the player hears b", func() bool { return player.got("ear-0-audio", "b/audio") > 20 })
	b.level.Store(127)
	heard := player.got("ear-0-audio", "b/audio")
	eventually(t, "the ear stays with b", func() bool { return player.got("ear-0-audio", "b/audio") > heard+80 })
	c.level.Store(20)
	eventually(t, "the player hears c", func() bool { return player.got("ear-0-audio", "c/audio") > 20 })
	c.peer.Close()
	b.level.Store(20)
	heard = player.got("ear-0-audio", "b/audio")
	eventually(t, "the player hears b again", func() bool { return player.got("ear-0-audio", "b/audio") > heard+20 })
	if n := player.lacking("ear-0-audio"); n != 0 {
		t.Errorf("%d numbers are missing", n)
	}
}
