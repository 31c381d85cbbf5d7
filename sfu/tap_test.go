package sfu

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/sfu/internal/vp8"
)

// tape is a Sink that keeps count.
type tape struct {
	mu       sync.Mutex
	packets  map[string]int
	keys     map[string]int
	height   map[string]int
	last     map[string]TapPacket
	captured int
	faults   []string
}

func newTape() *tape {
	return &tape{packets: map[string]int{}, keys: map[string]int{}, height: map[string]int{}, last: map[string]TapPacket{}}
}

func (s *tape) RTP(track TapTrack, p TapPacket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fmt.Sprintf("%s/%v", track.Peer, track.Source)
	if !strings.Contains(string(p.Payload), string(track.Peer)+"/") {
		s.faults = append(s.faults, name+": packet of somebody else")
	}
	if last, ok := s.last[name]; ok && p.SequenceNumber != last.SequenceNumber+1 {
		s.faults = append(s.faults, fmt.Sprintf("%s: %d after %d", name, p.SequenceNumber, last.SequenceNumber))
	}
	if track.Source.Video() {
		if d, err := vp8.Parse(p.Payload); err == nil && d.Keyframe {
			s.keys[name]++
			s.height[name] = int(d.Height)
		}
	}
	if !p.Captured.IsZero() {
		s.captured++
	}
	p.Payload = nil
	s.packets[name]++
	s.last[name] = p
}

func (s *tape) read(name string) (packets, keys, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packets[name], s.keys[name], s.height[name]
}

func TestTapGetsEverythingInItsBestLayer(t *testing.T) {
	t.Parallel()
	m := startSFU(t, Config{}).NewMeeting(newWitness())
	early := live(join(t, m, "early", setup{rids: []string{"q", "h", "f"}}), Microphone, Camera)
	s := newTape()
	stop, err := m.Tap(s)
	must(t, err)
	live(join(t, m, "late", setup{}), Microphone, Camera, Screen)
	eventually(t, "both are tapped", func() bool {
		early, keys, height := s.read("early/camera")
		late, _, _ := s.read("late/camera")
		voice, _, _ := s.read("late/microphone")
		screen, _, _ := s.read("late/screen")
		return height == 720 && early > 40 && keys > 0 && late > 20 && voice > 20 && screen > 20
	})
	early.peer.SetMuted(Camera, true)
	before, _, _ := s.read("early/camera")
	voice, _, _ := s.read("early/microphone")
	eventually(t, "the voice goes on", func() bool { n, _, _ := s.read("early/microphone"); return n > voice+10 })
	if n, _, _ := s.read("early/camera"); n != before {
		t.Errorf("%d packets of a muted camera", n-before)
	}
	eventually(t, "capture times are known", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		last := s.last["late/microphone"]
		return s.captured > 0 && !last.Captured.IsZero() && last.Arrived.Sub(last.Captured).Abs() < 200*time.Millisecond
	})
	stop()
	before, _, _ = s.read("late/camera")
	viewer := join(t, m, "viewer", setup{seats: 2})
	eventually(t, "others still see late", func() bool { return viewer.all("late/video0") > 5 })
	if n, _, _ := s.read("late/camera"); n != before {
		t.Errorf("%d packets after the tap was stopped", n-before)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		t.Error(f)
	}
}
