package sfu

import (
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/layer"
)

func TestDemanded(t *testing.T) {
	t.Parallel()
	three := [layer.Max]layer.Layer{{Live: true, Height: 180}, {Live: true, Height: 360}, {Live: true, Height: 720}}
	two := three
	two[2].Live = false
	for name, c := range map[string]struct {
		layers [layer.Max]layer.Layer
		height int
		choice int
		want   uint8
	}{
		"not shown":          {three, 0, layer.None, 0},
		"nothing known":      {[layer.Max]layer.Layer{}, 360, layer.None, 0b111},
		"fits":               {three, 360, 1, 0b010},
		"no bandwidth":       {three, 720, 0, 0b001},
		"paused":             {three, 720, layer.None, 0b001},
		"paused, lowest off": {[layer.Max]layer.Layer{{}, {Live: true, Height: 360}}, 360, layer.None, 0b010},
		"a higher may come":  {two, 720, 1, 0b110},
		"the highest":        {three, 2000, 2, 0b100},
	} {
		w := layer.Want{Layers: c.layers, Height: c.height}
		if got := demanded(&w, layer.Choice{Layer: c.choice}); got != c.want {
			t.Errorf("%s: %03b, want %03b", name, got, c.want)
		}
	}
}

func TestDemandLingers(t *testing.T) {
	t.Parallel()
	var d demand
	const sec = time.Second
	for i, step := range []struct {
		at           time.Duration
		live         bool
		now          uint8
		off, resumed uint8
	}{
		{1 * sec, false, 0, 0, 0}, // a camera that is off is not judged
		{9 * sec, false, 0, 0, 0},
		{10 * sec, true, 0b001, 0, 0},
		{11 * sec, true, 0b001, 0, 0},
		{12 * sec, true, 0b001, 0b110, 0},
		{13 * sec, true, 0b100, 0b010, 0b100},
		{15 * sec, true, 0b100, 0b011, 0},
		{16 * sec, true, 0b100, 0b011, 0},
		{17 * sec, false, 0, 0b011, 0},
		{29 * sec, false, 0, 0b011, 0},
		{30 * sec, true, 0, 0b011, 0},
		{34 * sec, true, 0, 0b111, 0},
	} {
		before := d.off
		d.now = step.now
		changed, resumed := d.settle(step.live, step.at)
		if d.off != step.off || resumed != step.resumed || changed != (before != step.off) || d.now != 0 {
			t.Errorf("step %d: off %03b, resumed %03b, changed %v", i, d.off, resumed, changed)
		}
	}
	if !d.rests(0, 40*sec) || d.rests(2, 50*sec) != true {
		t.Error("layers that were switched off can be had")
	}
	d.off = 0
	if d.rests(2, 16*sec) || !d.rests(2, 14*sec) {
		t.Error("a layer asked for again has a while to come, and no longer")
	}
}

func TestLayersWithinAStreamAreWantedWithThoseBelow(t *testing.T) {
	t.Parallel()
	p, _ := kindPath(t, VP9, 1)
	enc := newEncoder(VP9, 3, 180)
	p.send(t, enc, true)
	camera := p.in.encoding.track
	m := &Meeting{sfu: p.sfu, peers: map[PeerID]*Peer{}, closed: true}
	peer := &Peer{id: "p", meeting: m}
	for s := range Source(sources) {
		peer.tracks[s] = newTrack(p.sfu, "p", s, 1)
	}
	peer.tracks[Camera], camera.live = camera, true
	m.order = append(m.order, peer)
	for at := time.Second; at < 10*time.Second; at += time.Second {
		camera.demand.now = 0b010
		m.demandLocked(at)
	}
	if camera.demand.off != 0b100 {
		t.Errorf("off is %03b", camera.demand.off)
	}
}
