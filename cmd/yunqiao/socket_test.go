package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

func TestSocketsAreForTheHubsOwnPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	own := strings.TrimPrefix(h.url, "http://")
	for origin, allowed := range map[string]bool{
		h.url: true, "null": false, "http://evil.example": false, "http://" + own + ".evil.example": false,
		"http://evil-" + own: false, "http://127.0.0.1:1": false, "https://sub." + own: false, "file://": false,
	} {
		header := http.Header{"Origin": {origin}, "Cookie": {p.cookies[0].Name + "=" + p.cookies[0].Value}}
		conn, response, err := websocket.Dial(t.Context(), strings.Replace(h.url, "http", "ws", 1)+"/api/socket", &websocket.DialOptions{HTTPHeader: header})
		switch {
		case allowed && err != nil:
			t.Errorf("our own page is refused: %v", err)
		case !allowed && (err == nil || response == nil || response.StatusCode != http.StatusForbidden):
			t.Errorf("a page of %q may open a socket: %v", origin, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}

func TestBadHellosAreAnsweredAndClosed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	for name, test := range map[string]struct {
		cookies []*http.Cookie
		frame   string
		code    wire.ErrorCode
		status  websocket.StatusCode
	}{
		"another version":  {p.cookies, `{"type":"hello","id":"1","body":{"version":99,"as":"account"}}`, wire.CodeVersion, 4000},
		"no cookie":        {nil, `{"type":"hello","id":"1","body":{"version":4,"as":"account"}}`, wire.CodeUnauthorized, 4003},
		"forged cookie":    {[]*http.Cookie{{Name: account.AccountCookie, Value: "x"}}, `{"type":"hello","id":"1","body":{"version":4,"as":"account"}}`, wire.CodeUnauthorized, 4003},
		"guest by account": {p.cookies, `{"type":"hello","id":"1","body":{"version":4,"as":"guest"}}`, wire.CodeUnauthorized, 4003},
		"as a king":        {p.cookies, `{"type":"hello","id":"1","body":{"version":4,"as":"king"}}`, wire.CodeInvalid, 4003},
		"not hello":        {p.cookies, `{"type":"ping","id":"1"}`, wire.CodeUnauthorized, websocket.StatusPolicyViolation},
		"not JSON":         {p.cookies, `hello`, wire.CodeMalformed, websocket.StatusPolicyViolation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := signalingtest.Open(t, h.url, test.cookies)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(test.frame)); err != nil {
				t.Fatal(err)
			}
			_, data, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, m, err := wire.DecodeServer(data)
			f, ok := m.(*wire.Failure)
			if err != nil || !ok || f.Code != test.code {
				t.Errorf("answer %s, err %v, want code %q", data, err, test.code)
			}
			if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != test.status {
				t.Errorf("closed with %v, want %d", err, test.status)
			}
		})
	}
}

func TestBadFramesLeaveTheSocketOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.person(t, "linyue", account.Staff)
	conn, err := signalingtest.Open(t, h.url, p.cookies)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	ask := func(frame string) wire.ServerMessage {
		t.Helper()
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
			t.Fatal(err)
		}
		for {
			_, data, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			re, m, err := wire.DecodeServer(data)
			if err != nil {
				t.Fatal(err)
			}
			if _, failed := m.(*wire.Failure); re != "" || failed {
				return m
			}
		}
	}
	ask(`{"type":"hello","id":"1","body":{"version":4,"as":"account"}}`)
	for frame, code := range map[string]wire.ErrorCode{
		`{"type":"reboot","id":"2"}`:                                                    wire.CodeUnknownType,
		`{"type":"post","id":"2","body":7}`:                                             wire.CodeMalformed,
		`{"type":"hello","id":"2","body":{"version":4,"as":"account"}}`:                 wire.CodeConflict,
		`{"type":"join","id":"2","body":{"room":"not an id"}}`:                          wire.CodeInvalid,
		`{"type":"history","id":"2","body":{"room":"` + p.ID.String() + `"}}`:           wire.CodeNotFound,
		`{"type":"view","id":"2","body":{"tiles":[]}}`:                                  wire.CodeNotInMeeting,
		`{"type":"post","id":"2","body":{"room":"x","client_id":"1","mentions":["y"]}}`: wire.CodeInvalid,
	} {
		f, ok := ask(frame).(*wire.Failure)
		if !ok || f.Code != code {
			t.Errorf("%s was answered with %+v, want %q", frame, f, code)
		}
	}
	if _, ok := ask(`{"type":"ping","id":"3"}`).(*wire.Pong); !ok {
		t.Error("the socket does not answer any more")
	}
}

func TestOversizedAndManyBadFramesCloseOnlyTheirSocket(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	witness := h.dial(t, other)
	closes := func(name string, want websocket.StatusCode, frames func(write func(string) error)) {
		conn, err := signalingtest.Open(t, h.url, p.cookies)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		status := make(chan websocket.StatusCode, 1)
		go func() {
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					status <- websocket.CloseStatus(err)
					return
				}
			}
		}()
		frames(func(frame string) error { return conn.Write(ctx, websocket.MessageText, []byte(frame)) })
		if got := <-status; got != want {
			t.Errorf("%s: closed with %d, want %d", name, got, want)
		}
	}
	const hello = `{"type":"hello","id":"1","body":{"version":4,"as":"account"}}`
	closes("oversized", websocket.StatusMessageTooBig, func(write func(string) error) {
		_ = write(hello)
		_ = write(`{"type":"` + strings.Repeat("x", wire.MaxFrame) + `"}`)
	})
	closes("many bad frames", websocket.StatusPolicyViolation, func(write func(string) error) {
		_ = write(hello)
		for range 30 {
			if write("bad") != nil {
				return
			}
		}
	})
	closes("flood", 4008, func(write func(string) error) {
		_ = write(hello)
		for range 1000 {
			if write(`{"type":"ping"}`) != nil {
				return
			}
		}
	})
	witness.Call(&wire.Ping{})
}

func TestBadOffersLeaveTheMeetingAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, a, b).String()
	ca, cb := h.dial(t, a), h.dial(t, b)
	ca.Join(room, 2)
	_, offer := signalingtest.NewOffer(t, 2)
	for name, spoil := range map[string]func(*wire.Offer){
		"empty":               func(o *wire.Offer) { o.SDP = "" },
		"not SDP":             func(o *wire.Offer) { o.SDP = strings.Repeat("x", 10_000) },
		"no fingerprint":      func(o *wire.Offer) { o.SDP = strings.ReplaceAll(o.SDP, "a=fingerprint", "a=finger") },
		"unknown source":      func(o *wire.Offer) { o.Sources[0].Source = "smell" },
		"source without line": func(o *wire.Offer) { o.Sources[0].MID = "99" },
		"seat without line":   func(o *wire.Offer) { o.Seats[0].Video = "99" },
		"too many seats":      func(o *wire.Offer) { o.Seats = make([]wire.SeatOffer, 1000) },
	} {
		bad := wire.Offer{SDP: offer.SDP, Sources: slices.Clone(offer.Sources), Seats: slices.Clone(offer.Seats)}
		spoil(&bad)
		_, failure := cb.Try(&wire.Join{Room: room, Offer: bad, Live: []wire.Source{}})
		if failure == nil || failure.Code != wire.CodeOffer && failure.Code != wire.CodeInvalid {
			t.Errorf("%s: %+v", name, failure)
		}
	}
	if joined := cb.Join(room, 2); len(joined.Snapshot.Participants) != 2 {
		t.Errorf("after bad offers the meeting has %d participants, want 2", len(joined.Snapshot.Participants))
	}
}

func TestSlowReaderIsCutOffAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, a, b)
	stalled, err := signalingtest.Open(t, h.url, b.cookies)
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.CloseNow()
	hello, err := wire.EncodeClient("1", &wire.Hello{Version: wire.Version, As: wire.AsAccount})
	if err == nil {
		err = stalled.Write(t.Context(), websocket.MessageText, hello)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := stalled.Read(t.Context()); err != nil { // the welcome; nothing is read after it
		t.Fatal(err)
	}
	ca := h.dial(t, a)
	long := strings.Repeat("很长的消息", 1900)
	waitFor := func() bool { return h.hub.SlowClients() > 0 }
	for i := 0; !waitFor(); i++ {
		if i > 3000 {
			t.Fatal("a client that reads nothing is never cut off")
		}
		caller := chat.Caller{Person: chat.Person{ID: a.ID, Kind: chat.AccountPerson, Name: a.Name}}
		if _, err := h.chat.Post(t.Context(), caller, chat.NewMessage{Room: room, ClientID: fmt.Sprint(i), Text: long}); err != nil {
			t.Fatalf("post %d: %v", i, err)
		}
	}
	ca.Call(&wire.Ping{})
}
