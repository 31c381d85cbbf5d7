package sfu

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"
)

func live(c *client, sources ...Source) *client {
	for _, s := range sources {
		c.peer.SetLive(s, true)
	}
	return c
}

func TestPeersSeeAndHearEachOther(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	seeAndHear(t, s)
	if n := len(s.door.known); n != 3 {
		t.Errorf("%d addresses are known", n)
	}
}

// TestSeveralReadersTakeMediaIn, each what the kernel sorts to it.
func TestSeveralReadersTakeMediaIn(t *testing.T) {
	t.Parallel()
	seeAndHear(t, startSFU(t, Config{readers: 4}))
}

// TestPionDecryptsWithoutKeys: what we have to know of pion for our own way in may
// change; then media comes by pion's.
func TestPionDecryptsWithoutKeys(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{keyless: true})
	seeAndHear(t, s)
	if n := len(s.door.known); n != 0 {
		t.Errorf("%d addresses are known", n)
	}
}

func seeAndHear(t *testing.T, s *SFU) {
	t.Helper()
	w := newWitness()
	m := s.NewMeeting(w)
	people := []PeerID{"anna", "bela", "chen"}
	clients := map[PeerID]*client{}
	for _, id := range people {
		clients[id] = live(join(t, m, id, setup{seats: 3}), Microphone, Camera)
	}
	for _, at := range people {
		for _, of := range people {
			if at == of {
				continue
			}
			eventually(t, fmt.Sprintf("%s gets %s", at, of), func() bool {
				seat := w.seatOf(at, of, Person)
				audio, video := fmt.Sprintf("seat-%d-audio", seat), fmt.Sprintf("seat-%d-video", seat)
				return seat >= 0 && clients[at].got(audio, string(of)+"/audio") > 20 &&
					clients[at].got(video, string(of)+"/video0") > 20
			})
		}
		if got := clients[at].all(string(at) + "/audio"); got != 0 {
			t.Errorf("%s got %d of its own packets", at, got)
		}
		if clients[at].offers != 1 {
			t.Errorf("%s made %d offers", at, clients[at].offers)
		}
		eventually(t, "nothing is missing", func() bool {
			return clients[at].lacking("seat-0-video") == 0 && clients[at].lacking("seat-1-video") == 0
		})
	}
	if w.state("anna") != Connected {
		t.Errorf("anna is %v", w.state("anna"))
	}
}

func TestSeatsAreStableAndRefilled(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 2})
	b := live(join(t, m, "b", setup{seats: 1}), Microphone, Camera)
	live(join(t, m, "c", setup{seats: 1}), Microphone, Camera)
	eventually(t, "a sees b and c", func() bool {
		return a.got("seat-0-video", "b/video0") > 5 && a.got("seat-1-video", "c/video0") > 5
	})
	b.peer.Close()
	live(join(t, m, "d", setup{seats: 1}), Microphone, Camera)
	eventually(t, "d sits where b sat", func() bool {
		return a.got("seat-0-video", "d/video0") > 20 && a.got("seat-0-audio", "d/audio") > 20
	})
	if seat := w.seatOf("a", "c", Person); seat != 1 {
		t.Errorf("c moved to seat %d", seat)
	}
	if a.offers != 1 {
		t.Errorf("a made %d offers", a.offers)
	}
}

func TestScreenTakesItsOwnSeat(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 3})
	b := live(join(t, m, "b", setup{seats: 1}), Camera)
	eventually(t, "a sees b", func() bool { return a.got("seat-0-video", "b/video0") > 5 })
	live(b, Screen)
	eventually(t, "a sees the screen", func() bool { return a.got("seat-1-video", "b/video9") > 5 })
	b.peer.SetLive(Screen, false)
	eventually(t, "the screen's seat is empty", func() bool { return w.seatOf("a", "b", ScreenShare) == -1 })
}

func TestViewChoosesWhoIsSeated(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 1})
	for _, id := range []PeerID{"b", "c"} {
		live(join(t, m, id, setup{}), Microphone, Camera)
	}
	eventually(t, "b comes first", func() bool { return a.got("seat-0-video", "b/video0") > 5 })
	a.peer.View([]Tile{{Peer: "c", Kind: Person, Width: 320, Height: 180}})
	eventually(t, "c is seated", func() bool {
		return w.seatOf("a", "c", Person) == 0 && a.got("seat-0-video", "c/video0") > 5
	})
}

func TestSpeakers(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 1})
	b, c := live(join(t, m, "b", setup{}), Microphone), live(join(t, m, "c", setup{}), Microphone)
	eventually(t, "b is seated", func() bool { return a.got("seat-0-audio", "b/audio") > 5 })
	c.level.Store(20)
	eventually(t, "c speaks", func() bool { return w.loudest() == "c" })
	c.level.Store(127)
	eventually(t, "nobody speaks", func() bool { return w.loudest() == "" })
	b.peer.SetMuted(Microphone, true)
	b.level.Store(10)
	c.level.Store(30)
	eventually(t, "c speaks again", func() bool { return w.loudest() == "c" })
}

func TestNewcomerToFiftyMakesOneExchange(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	const others = 49
	for i := range others {
		c := live(join(t, m, PeerID(fmt.Sprintf("p%02d", i)), setup{}), Microphone, Camera)
		c.quiet.Store(i >= 3) // the test machine is small
	}
	n := join(t, m, "new", setup{seats: others})
	eventually(t, "everybody is seated", func() bool { return w.seatOf("new", "p48", Person) >= 0 })
	for i := range others {
		if w.seatOf("new", PeerID(fmt.Sprintf("p%02d", i)), Person) < 0 {
			t.Errorf("p%02d is not seated", i)
		}
	}
	eventually(t, "those who send are seen and heard", func() bool {
		return n.all("p00/video0") > 5 && n.all("p01/audio") > 5 && n.all("p02/video0") > 5
	})
	if n.offers != 1 {
		t.Errorf("newcomer made %d offers", n.offers)
	}
}

func TestMoreSeatsByAnotherOffer(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 1})
	for _, id := range []PeerID{"b", "c"} {
		live(join(t, m, id, setup{}), Microphone, Camera)
	}
	eventually(t, "a sees b", func() bool { return a.got("seat-0-video", "b/video0") > 5 })
	a.addSeat()
	must(t, a.negotiate())
	eventually(t, "a sees c too", func() bool { return a.got("seat-1-video", "c/video0") > 5 })
	if w.seatOf("a", "b", Person) != 0 {
		t.Error("b moved")
	}
}

func TestSimulcastFollowsTheTile(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	m := s.NewMeeting(newWitness())
	a := join(t, m, "a", setup{seats: 1})
	live(join(t, m, "b", setup{rids: []string{"q", "h", "f"}}), Microphone, Camera)
	for _, want := range []struct {
		height int
		origin string
		layer  int
	}{{180, "b/video0", 180}, {720, "b/video2", 720}, {360, "b/video1", 360}} {
		a.peer.View([]Tile{{Peer: "b", Kind: Person, Width: want.height * 16 / 9, Height: want.height}})
		before := a.got("seat-0-video", want.origin)
		eventually(t, want.origin, func() bool {
			return a.got("seat-0-video", want.origin) > before+20 && a.height("seat-0-video") == want.layer
		})
	}
	a.peer.View(nil)
	eventually(t, "the picture stops and the voice goes on", func() bool {
		video, audio := a.got("seat-0-video", "b/video1"), a.got("seat-0-audio", "b/audio")
		eventually(t, "more voice", func() bool { return a.got("seat-0-audio", "b/audio") > audio+10 })
		return a.got("seat-0-video", "b/video1") == video
	})
	if n := a.lacking("seat-0-video"); n != 0 {
		t.Errorf("%d packets missing over the switches", n)
	}
}

func TestServerMuteIsFinal(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	m := s.NewMeeting(newWitness())
	a := join(t, m, "a", setup{seats: 1})
	b := live(join(t, m, "b", setup{}), Microphone, Camera)
	eventually(t, "a hears b", func() bool { return a.got("seat-0-audio", "b/audio") > 5 })
	b.peer.SetMuted(Microphone, true)
	drain(t, a)
	before := a.all("b/audio")
	must(t, b.renegotiate(&webrtc.OfferOptions{ICERestart: true}))
	again := live(join(t, m, "b", setup{existing: b.peer}), Microphone, Camera)
	video := a.all("b/video0")
	eventually(t, "the picture of the new connection comes", func() bool { return a.all("b/video0") > video+20 })
	if got := a.all("b/audio"); got != before {
		t.Errorf("%d packets went through a mute", got-before)
	}
	again.peer.SetMuted(Microphone, false)
	eventually(t, "a hears b again", func() bool { return a.all("b/audio") > before+5 })
}

// drain waits until what was sent before has arrived: a later packet of the same
// connection has.
func drain(t *testing.T, c *client) {
	t.Helper()
	before := c.all("b/video0")
	eventually(t, "later packets", func() bool { return c.all("b/video0") > before+2 })
}

func TestICERestart(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 1})
	b := live(join(t, m, "b", setup{}), Microphone, Camera)
	eventually(t, "a hears b", func() bool { return a.got("seat-0-audio", "b/audio") > 5 })
	for _, c := range []*client{a, b} {
		must(t, c.renegotiate(&webrtc.OfferOptions{ICERestart: true}))
		before := a.got("seat-0-audio", "b/audio")
		eventually(t, "it goes on", func() bool { return a.got("seat-0-audio", "b/audio") > before+50 })
	}
}

func TestNewConnectionKeepsThePlace(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := live(join(t, m, "a", setup{seats: 2}), Microphone, Camera)
	b := live(join(t, m, "b", setup{seats: 2}), Microphone, Camera)
	eventually(t, "they see each other", func() bool {
		return a.got("seat-0-video", "b/video0") > 5 && b.got("seat-0-video", "a/video0") > 5
	})
	again := join(t, m, "a", setup{seats: 2, existing: a.peer})
	before := b.got("seat-0-video", "a/video0")
	eventually(t, "both directions come back", func() bool {
		return again.got("seat-0-video", "b/video0") > 5 && b.got("seat-0-video", "a/video0") > before+20
	})
	if w.seatOf("b", "a", Person) != 0 {
		t.Error("a lost its seat")
	}
}

func TestOverTCP(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{TCPAddr: "127.0.0.1:0"})
	if !s.TCPAddr().IsValid() {
		t.Fatal("no TCP address")
	}
	m := s.NewMeeting(newWitness())
	tcp := []webrtc.NetworkType{webrtc.NetworkTypeTCP4}
	a := join(t, m, "a", setup{seats: 1, network: tcp})
	live(join(t, m, "b", setup{network: tcp}), Microphone, Camera)
	eventually(t, "a sees b", func() bool {
		return a.got("seat-0-video", "b/video0") > 20 && a.got("seat-0-audio", "b/audio") > 20
	})
}

func TestPublicAddressIsAnnounced(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{TCPAddr: "127.0.0.1:0", PublicIPs: []netip.Addr{netip.MustParseAddr("203.0.113.7")}})
	c := join(t, s.NewMeeting(newWitness()), "a", setup{seats: 1})
	text := c.pc.RemoteDescription().SDP
	for _, want := range []string{
		fmt.Sprintf(" 203.0.113.7 %d typ host", s.UDPAddr().Port()),
		fmt.Sprintf(" 203.0.113.7 %d typ host tcptype passive", s.TCPAddr().Port()),
		fmt.Sprintf(" 127.0.0.1 %d typ host", s.UDPAddr().Port()),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("answer lacks %q", want)
		}
	}
}

func TestWrongOffers(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	m := s.NewMeeting(newWitness())
	a := join(t, m, "a", setup{seats: 2})
	b := live(join(t, m, "b", setup{}), Microphone, Camera)
	good := a.describe(a.pc.LocalDescription().SDP)
	for name, c := range map[string]struct {
		field string
		wrong func(*Offer)
	}{
		"not SDP":        {"sdp", func(o *Offer) { o.SDP = "hello" }},
		"empty":          {"sdp", func(o *Offer) { o.SDP = "" }},
		"no credentials": {"sdp", func(o *Offer) { o.SDP = strings.ReplaceAll(o.SDP, "a=ice-ufrag", "a=x-ufrag") }},
		"unknown mid":    {"sources.camera", func(o *Offer) { o.Sources = map[Source]string{Camera: "77"} }},
		"wrong kind":     {"sources.microphone", func(o *Offer) { o.Sources = map[Source]string{Microphone: good.Sources[Camera]} }},
		"seat twice":     {"seats[1].audio", func(o *Offer) { o.Seats = []SeatMIDs{good.Seats[0], good.Seats[0]} }},
		"seat sends":     {"seats[0].audio", func(o *Offer) { o.Seats[0].Audio = good.Sources[ScreenAudio]; delete(o.Sources, ScreenAudio) }},
		"left over":      {"sdp", func(o *Offer) { o.Seats = o.Seats[:1] }},
	} {
		bad := a.describe(good.SDP)
		c.wrong(&bad)
		_, err := a.peer.Answer(t.Context(), bad)
		var oe *OfferError
		if !errors.As(err, &oe) || oe.Field != c.field {
			t.Errorf("%s: got %v, want field %q", name, err, c.field)
		}
	}
	before := a.all("b/audio")
	eventually(t, "media still flows", func() bool { return a.all("b/audio") > before+5 })
	if _, err := m.Join("b"); !errors.Is(err, ErrPresent) {
		t.Errorf("join twice: %v", err)
	}
	b.peer.Close()
	if _, err := b.peer.Answer(t.Context(), good); !errors.Is(err, ErrClosed) {
		t.Errorf("answer after close: %v", err)
	}
	m.Close()
	if _, err := m.Join("d"); !errors.Is(err, ErrClosed) {
		t.Errorf("join after close: %v", err)
	}
}

func TestOnlyWhatIsAnnouncedPasses(t *testing.T) {
	t.Parallel()
	m := startSFU(t, Config{}).NewMeeting(newWitness())
	recorded := newTape()
	stop, err := m.Tap(recorded)
	must(t, err)
	defer stop()
	a, b := join(t, m, "a", setup{seats: 2, ears: 1}), join(t, m, "b", setup{})
	came := func(s Source) int {
		n, _, _ := recorded.read("b/" + s.String())
		return n + a.all("b/"+map[Source]string{Microphone: "audio", Camera: "video0", Screen: "video9"}[s])
	}
	// While the one source passes, the client goes on sending the others.
	others := func(on Source, what string) {
		t.Helper()
		// What went out before has arrived when something sent later has.
		already, before := came(on), map[Source]int{}
		eventually(t, on.String()+" passes", func() bool { return came(on) > already+5 })
		for _, s := range []Source{Microphone, Camera, Screen} {
			before[s] = came(s)
		}
		eventually(t, on.String()+" goes on", func() bool { return came(on) > before[on]+20 })
		for s, n := range before {
			if s != on && came(s) != n {
				t.Errorf("%s: %d packets of the %v passed", what, came(s)-n, s)
			}
		}
	}
	for _, s := range []Source{Microphone, Camera, Screen} {
		live(b, s)
		others(s, "never announced, or switched off")
		b.peer.SetLive(s, false)
	}
	live(b, Microphone)
	for _, s := range []Source{Camera, Screen} {
		b.peer.SetMuted(s, true) // while it is off
		b.peer.SetLive(s, true)
	}
	others(Microphone, "muted while it was off, then switched on")
	b.peer.SetMuted(Camera, false)
	eventually(t, "the unmuted camera passes", func() bool { return came(Camera) > 0 })
	b.peer.SetLive(Camera, false)
	b.peer.SetMuted(Camera, true)
	b.peer.SetMuted(Camera, false)
	others(Microphone, "unmuted while it was off")
}
