package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// machine is an encoder or a player.
type machine struct {
	t        *testing.T
	h        *house
	token    string
	pc       *webrtc.PeerConnection
	location string
	etag     string
	got      [2]atomic.Int64 // packets of sound and of picture
}

func newMachine(t *testing.T, h *house, token string) *machine {
	t.Helper()
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(e)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, h: h, token: token, pc: pc}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return m
}

// encode makes the machine an encoder that sends until the test ends.
func (m *machine) encode() {
	m.t.Helper()
	var tracks []*webrtc.TrackLocalStaticRTP
	for mime, id := range map[string]string{webrtc.MimeTypeOpus: "sound", webrtc.MimeTypeVP8: "picture"} {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, id, "encoder")
		if err != nil {
			m.t.Fatal(err)
		}
		if _, err := m.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			m.t.Fatal(err)
		}
		tracks = append(tracks, track)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	m.t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(1); ctx.Err() == nil; n++ {
			for _, track := range tracks {
				p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 960, Marker: true}, Payload: []byte{1, 2, 3}}
				if track.ID() == "picture" { // a key frame each time
					p.Timestamp = uint32(n) * 1800
					p.Payload = []byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2}
				}
				_ = track.WriteRTP(p)
			}
			<-tick.C
		}
	}()
}

// play makes the machine a player with one sound and one picture.
func (m *machine) play() {
	m.t.Helper()
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := m.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			m.t.Fatal(err)
		}
	}
	m.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			m.got[track.Kind()-webrtc.RTPCodecTypeAudio].Add(1)
		}
	})
}

func (m *machine) send(method, path, kind, body string, more ...string) *http.Response {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.t.Context(), method, m.h.url+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", "https://encoder.example")
	if m.token != "" {
		req.Header.Set("Authorization", "Bearer "+m.token)
	}
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// offer posts the machine's offer and applies the answer, if it gets one.
func (m *machine) offer(path string) *http.Response {
	m.t.Helper()
	if m.pc.SignalingState() == webrtc.SignalingStateStable {
		offer, err := m.pc.CreateOffer(nil)
		if err != nil {
			m.t.Fatal(err)
		}
		gathered := webrtc.GatheringCompletePromise(m.pc)
		if err := m.pc.SetLocalDescription(offer); err != nil {
			m.t.Fatal(err)
		}
		<-gathered
	}
	res := m.send(http.MethodPost, path, "application/sdp", m.pc.LocalDescription().SDP)
	if res.StatusCode != http.StatusCreated {
		return res
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	m.location, m.etag = res.Header.Get("Location"), res.Header.Get("ETag")
	if err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		m.t.Fatal(err)
	}
	return res
}

// hallMeeting is a meeting with an encoder and a player among its invitees.
func (h *house) hallMeeting(t *testing.T, host person) (room uuid.UUID, tokens map[string]string) {
	t.Helper()
	start := time.Now().UTC().Add(5 * time.Minute)
	const layout = "2006-01-02T15:04"
	body := map[string]any{
		"title": "会场直播", "agenda": []any{}, "host_id": host.ID, "time_zone": "UTC", "may_be_recorded": false, "note": "",
		"starts_at": start.Format(layout), "ends_at": start.Add(time.Hour).Format(layout),
	}
	var invitees []map[string]any
	for _, name := range []string{"Encoder", "Player"} {
		invitees = append(invitees, map[string]any{"kind": "address", "name": name, "email": name + "@example.org", "language": "en", "time_zone": "UTC"})
	}
	body["invitees"] = invitees
	var meeting struct {
		RoomID   uuid.UUID `json:"room_id"`
		Invitees []struct {
			ID   uuid.UUID `json:"id"`
			Name string    `json:"name"`
		} `json:"invitees"`
	}
	h.request(t, host.cookies, http.MethodPost, "/api/meetings", body, http.StatusCreated, &meeting)
	tokens = map[string]string{}
	for _, i := range meeting.Invitees {
		if token, _, err := h.guests.Token(t.Context(), i.ID); err == nil {
			tokens[i.Name] = token
		}
	}
	return meeting.RoomID, tokens
}

func TestEncoderAndPlayerTakePart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	room, tokens := h.hallMeeting(t, host)
	encoder, player := newMachine(t, h, tokens["Encoder"]), newMachine(t, h, tokens["Player"])
	encoder.encode()
	player.play()
	// More than is wanted of it: that is turned down, not refused.
	if _, err := player.pc.CreateDataChannel("more", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := player.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo); err != nil { // sends, too
		t.Fatal(err)
	}
	ch := h.dial(t, host)
	ch.Join(room.String(), 2)
	admit := func(name string) {
		lobby := signalingtest.Await(ch, name+" in the lobby", func(m *wire.Lobby) bool { return len(m.Waiting) == 1 && m.Waiting[0].Name == name })
		ch.Call(&wire.Admit{People: []string{lobby.Waiting[0].ID}})
	}
	go admit("Encoder")
	if res := encoder.offer("/whip"); res.StatusCode != http.StatusCreated || encoder.etag == "" || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("the encoder's offer: %d %v", res.StatusCode, res.Header)
	}
	go admit("Player")
	if res := player.offer("/whep"); res.StatusCode != http.StatusCreated {
		t.Fatalf("the player's offer: %d", res.StatusCode)
	}
	for start := time.Now(); player.got[0].Load() < 20 || player.got[1].Load() < 20; {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("the player got %d sounds and %d pictures", player.got[0].Load(), player.got[1].Load())
		}
		<-time.After(10 * time.Millisecond)
	}
	ch.Call(&wire.Mute{Participant: idOf(t, h, tokens["Encoder"]), Source: wire.Microphone})
	for _, on := range []bool{false, true} { // what went out before has arrived, then nothing more comes
		sounds, pictures := player.got[0].Load(), player.got[1].Load()
		for start := time.Now(); player.got[1].Load() < pictures+20 && time.Since(start) < 20*time.Second; {
			<-time.After(10 * time.Millisecond)
		}
		if n := player.got[0].Load() - sounds; on && (n > 0 || player.got[1].Load() == pictures) {
			t.Errorf("%d sounds of a muted encoder, %d pictures", n, player.got[1].Load()-pictures)
		}
	}
	fragment := "a=ice-ufrag:x\r\n"
	if res := encoder.send(http.MethodPatch, encoder.location, "application/trickle-ice-sdpfrag", fragment, "If-Match", encoder.etag); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a restart by PATCH: %d", res.StatusCode)
	}
	for line := range strings.SplitSeq(encoder.pc.LocalDescription().SDP, "\r\n") {
		if strings.HasPrefix(line, "a=ice-ufrag:") {
			fragment = line + "\r\n"
		}
	}
	if res := encoder.send(http.MethodPatch, encoder.location, "application/trickle-ice-sdpfrag", fragment, "If-Match", encoder.etag); res.StatusCode != http.StatusNoContent {
		t.Errorf("candidates: %d", res.StatusCode)
	}
	for _, match := range [][]string{{"If-Match", "*"}, nil} {
		if res := encoder.send(http.MethodPatch, encoder.location, "application/trickle-ice-sdpfrag", fragment, match...); res.StatusCode != http.StatusNoContent {
			t.Errorf("candidates with %q: %d", match, res.StatusCode)
		}
	}
	if res := encoder.send(http.MethodPatch, encoder.location, "application/trickle-ice-sdpfrag", fragment, "If-Match", `"other"`); res.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("candidates for another session: %d", res.StatusCode)
	}
	stranger := &machine{t: t, h: h, token: player.token}
	if res := stranger.send(http.MethodDelete, encoder.location, "", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else ends the encoder: %d", res.StatusCode)
	}
	if res := encoder.send(http.MethodDelete, encoder.location, "", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the encoder ends: %d", res.StatusCode)
	}
	signalingtest.Await(ch, "the encoder's end", func(m *wire.Roster) bool { return len(m.Left) == 1 })
	ch.Call(&wire.Remove{Participant: idOf(t, h, tokens["Player"]), Block: true})
	signalingtest.Await(ch, "the player's end", func(m *wire.Roster) bool { return len(m.Left) == 1 })
	if res := player.send(http.MethodPatch, player.location, "application/trickle-ice-sdpfrag", "", "If-Match", "*"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a removed player's resource: %d", res.StatusCode)
	}
}

func idOf(t *testing.T, h *house, token string) string {
	t.Helper()
	g, err := h.guests.Look(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return g.ID.String()
}

func TestMachinesWithoutRightsStayOutside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	_, tokens := h.hallMeeting(t, host)
	m := newMachine(t, h, "")
	m.play()
	if res := m.offer("/whep"); res.StatusCode != http.StatusUnauthorized || res.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a token: %d", res.StatusCode)
	}
	m.token = strings.Repeat("A", 43)
	if res := m.offer("/whep"); res.StatusCode != http.StatusNotFound {
		t.Errorf("with a forged token: %d", res.StatusCode)
	}
	m.token = tokens["Player"]
	if res := m.offer("/whep"); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("before the meeting: %d", res.StatusCode)
	}
	if res := m.offer("/whip"); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an offer that sends nothing: %d", res.StatusCode)
	}
	for body, want := range map[string]int{"": 422, "v=0": 422, strings.Repeat("x", 600<<10): 413} {
		if res := m.send(http.MethodPost, "/whep", "application/sdp", body); res.StatusCode != want {
			t.Errorf("an offer of %d bytes: %d, want %d", len(body), res.StatusCode, want)
		}
	}
	if res := m.send(http.MethodPost, "/whep", "text/plain", "v=0"); res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("plain text: %d", res.StatusCode)
	}
	if res := m.send(http.MethodOptions, "/whip", "", ""); res.StatusCode != http.StatusNoContent || res.Header.Get("Accept-Post") != "application/sdp" {
		t.Errorf("options: %d %v", res.StatusCode, res.Header)
	}
}
