package sfu

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// registerCodecs lets a client speak Opus and these codecs, or whatever pion
// speaks.
func registerCodecs(t *testing.T, m *webrtc.MediaEngine, knows []Codec) {
	t.Helper()
	must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: extDependency}, webrtc.RTPCodecTypeVideo))
	if len(knows) == 0 {
		must(t, m.RegisterDefaultCodecs())
		return
	}
	must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, PayloadType: 111,
	}, webrtc.RTPCodecTypeAudio))
	// In another order than the server's table, and with other numbers.
	for i, k := range knows {
		for _, f := range videoFormats() {
			if kindOf(f.MimeType) != k {
				continue
			}
			f.PayloadType = webrtc.PayloadType(116 + 2*i)
			must(t, m.RegisterCodec(f, webrtc.RTPCodecTypeVideo))
			must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
				RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mimeRTX, ClockRate: 90000, SDPFmtpLine: aptLine(f.PayloadType)},
				PayloadType:        f.PayloadType + 1,
			}, webrtc.RTPCodecTypeVideo))
		}
	}
}

// encode sends a picture of the camera's encoder, a key frame every tenth time.
func (c *client) encode(n int) {
	e := c.encoder
	var id uint8
	for _, x := range c.tx[Camera].Sender().GetParameters().HeaderExtensions {
		if x.URI == extDependency {
			id = uint8(x.ID)
		}
	}
	for sid := range e.spatial {
		payload, dependency := e.frame(n%10 == 0, sid)
		label := fmt.Sprintf("|%s/svc%d/%d", c.id, sid, n)
		if e.kind == H264 && payload[0] == 24 { // a unit of its own: supplemental information
			payload = append(payload, 0, byte(1+len(label)), 6)
		}
		h := rtp.Header{
			Version: 2, SequenceNumber: uint16(n*e.spatial + sid), Timestamp: uint32(n * 2970), Marker: sid == e.spatial-1,
		}
		if dependency != nil && id != 0 {
			_ = h.SetExtension(id, dependency)
		}
		_ = c.layers[0].WriteRTP(&rtp.Packet{Header: h, Payload: append(payload, label...)})
	}
	e.picture++
}

func (w *witness) picture(id, peer PeerID) Picture {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seats[id] {
		if s.Peer == peer && s.Kind == Person {
			return s.Picture
		}
	}
	return 0
}

func (w *witness) wants(id PeerID, source Source) (uint8, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	layers, ok := w.wanted[id][source]
	return layers, ok
}

func TestEveryCodecReachesWhoKnowsIt(t *testing.T) {
	t.Parallel()
	for _, kind := range videoKinds {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			s, w := startSFU(t, Config{}), newWitness()
			m := s.NewMeeting(w)
			all := join(t, m, "all", setup{seats: 3})
			only := join(t, m, "only", setup{seats: 3, knows: []Codec{VP8, kind}})
			var without *client
			if kind != VP8 {
				without = join(t, m, "without", setup{seats: 3, knows: []Codec{VP8}})
			}
			live(join(t, m, "pub", setup{knows: []Codec{kind, VP8}, encoder: newEncoder(kind, 1, 360)}), Microphone, Camera)
			for _, c := range []*client{all, only} {
				eventually(t, "the picture", func() bool { return c.all("pub/svc0") > 30 })
			}
			for id, c := range map[PeerID]*client{"all": all, "only": only} {
				if n := c.lacking(fmt.Sprintf("seat-%d-video", w.seatOf(id, "pub", Person))); n != 0 {
					t.Errorf("%s lacks %d packets", id, n)
				}
			}
			if w.picture("all", "pub") != Playing {
				t.Errorf("the picture is %v", w.picture("all", "pub"))
			}
			if without == nil {
				return
			}
			eventually(t, "who lacks the codec is told", func() bool { return w.picture("without", "pub") == Undecodable })
			eventually(t, "and hears", func() bool { return without.all("pub/audio") > 20 })
			if n := without.all("pub/svc0"); n != 0 {
				t.Errorf("%d packets nobody can decode", n)
			}
		})
	}
}

func TestSpatialLayersReachBrowsersAsTheirTilesNeed(t *testing.T) {
	t.Parallel()
	for _, kind := range []Codec{VP9, AV1} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			s := startSFU(t, Config{})
			m := s.NewMeeting(newWitness())
			must(t, m.SetVideoCodecs(kind.String()))
			a := join(t, m, "a", setup{seats: 1})
			live(join(t, m, "b", setup{encoder: newEncoder(kind, 3, 180)}), Microphone, Camera)
			for _, want := range []struct {
				height int
				top    int
			}{{180, 0}, {720, 2}, {360, 1}} {
				a.peer.View([]Tile{{Peer: "b", Kind: Person, Width: want.height * 16 / 9, Height: want.height}})
				at := func(sid int) int { return a.got("seat-0-video", fmt.Sprintf("b/svc%d", sid)) }
				before := at(want.top)
				eventually(t, fmt.Sprintf("layer %d", want.top), func() bool { return at(want.top) > before+20 })
				for above := want.top + 1; above < 3; above++ {
					n, base := at(above), at(0)
					eventually(t, "more pictures", func() bool { return at(0) > base+10 })
					if got := at(above) - n; got > 0 {
						t.Errorf("%d packets of layer %d for a tile of %d", got, above, want.height)
					}
				}
			}
			if n := a.lacking("seat-0-video"); n != 0 {
				t.Errorf("%d packets missing over the switches", n)
			}
		})
	}
}

func TestMeetingPrefersCodecs(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{})
	m := s.NewMeeting(newWitness())
	if err := m.SetVideoCodecs("opus"); err == nil {
		t.Error("sound was taken for a picture's codec")
	}
	must(t, m.SetVideoCodecs("av1", "vp9"))
	for name, c := range map[string]struct {
		knows []Codec
		want  string
	}{
		"all":     {nil, "AV1 VP9"},
		"some":    {[]Codec{VP8, VP9}, "VP9"},
		"neither": {[]Codec{H264, VP8}, "H264 VP8"},
	} {
		o := setup{seats: 1, knows: c.knows, encoder: newEncoder(VP8, 1, 180)}
		if c.knows != nil {
			o.encoder = newEncoder(c.knows[0], 1, 180)
		}
		a := join(t, m, PeerID(name), o)
		text := a.pc.RemoteDescription().SDP
		if got := offered(text, a.tx[Camera].Mid()); got != c.want {
			t.Errorf("%s: a camera may send %q, want %q", name, got, c.want)
		}
		if got := offered(text, a.tx[Screen].Mid()); got != c.want {
			t.Errorf("%s: a screen may send %q, want %q", name, got, c.want)
		}
		if got := offered(text, a.seats[0][1].Mid()); c.knows == nil && len(strings.Fields(got)) < 4 {
			t.Errorf("%s: a seat may show %q only", name, got)
		}
	}
}

// offered is the codecs of a section, in order, without repairs.
func offered(text, mid string) string {
	var list []string
	for section := range strings.SplitSeq(text, "\r\nm=") {
		if !strings.Contains(section, "a=mid:"+mid+"\r\n") {
			continue
		}
		first, _, _ := strings.Cut(section, "\r\n")
		for _, pt := range strings.Fields(first)[3:] {
			_, rest, _ := strings.Cut(section, "a=rtpmap:"+pt+" ")
			name, _, _ := strings.Cut(rest, "/")
			if !strings.EqualFold(name, "rtx") && !strings.HasPrefix(strings.ToLower(name), "flexfec") {
				list = append(list, name)
			}
		}
	}
	return strings.Join(list, " ")
}

func TestLayersNobodyWantsAreNotSent(t *testing.T) {
	t.Parallel()
	s, w := startSFU(t, Config{}), newWitness()
	m := s.NewMeeting(w)
	a := join(t, m, "a", setup{seats: 1})
	b := live(join(t, m, "b", setup{rids: []string{"q", "h", "f"}}), Microphone, Camera)
	is := func(want uint8) func() bool {
		return func() bool {
			got, ok := w.wants("b", Camera)
			if ok {
				b.off.Store(uint32(^got & allLayers)) // as a client does
			}
			return ok && got == want
		}
	}
	view := func(height int) {
		a.peer.View([]Tile{{Peer: "b", Kind: Person, Width: height * 16 / 9, Height: height}})
	}
	view(180)
	eventually(t, "only the lowest layer is wanted", is(0b001))
	view(720)
	start := s.now()
	eventually(t, "the highest is wanted again", func() bool { return is(0b101)() || is(0b100)() })
	if d := s.now() - start; d > 2*time.Second {
		t.Logf("the highest layer came back after %v", d) // of a machine under load
	}
	eventually(t, "it comes", func() bool { return a.height("seat-0-video") == 720 })
	eventually(t, "the lowest is not wanted any more", is(0b100))
	before := a.got("seat-0-video", "b/video2")
	eventually(t, "it goes on", func() bool { return a.got("seat-0-video", "b/video2") > before+20 })
	a.peer.View(nil)
	eventually(t, "nothing is wanted", is(0))
	if got, ok := w.wants("b", Microphone); ok {
		t.Errorf("a microphone was told %b", got)
	}
	view(360)
	eventually(t, "the picture comes back", func() bool { return is(0b010)() && a.height("seat-0-video") == 360 })
	if n := a.lacking("seat-0-video"); n != 0 {
		t.Errorf("%d packets missing", n)
	}
}
