package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/yunqiao/yunqiao/signaling/wire"
)

// hub is the server under load, as the host's account sees it.
type hub struct {
	url  string
	http *http.Client
}

// meeting is the one that is held for the load.
type meeting struct {
	ID       string `json:"id"`
	RoomID   string `json:"room_id"`
	Sequence int    `json:"sequence"`
	Invitees []struct {
		ID string `json:"id"`
	} `json:"invitees"`
}

func (h *hub) signIn(ctx context.Context, user, password string) error {
	body := map[string]any{"login": user, "password": password}
	return h.call(ctx, h.http, http.MethodPost, "/api/session", body, nil)
}

// arrange makes a meeting with a guest for each participant. They have no mail
// address, so nobody is written to.
func (h *hub) arrange(ctx context.Context, participants int) (*meeting, error) {
	var me struct {
		ID string `json:"id"`
	}
	if err := h.call(ctx, h.http, http.MethodGet, "/api/session", nil, &me); err != nil {
		return nil, err
	}
	const layout = "2006-01-02T15:04"
	start := time.Now().UTC().Add(time.Minute)
	invitees := make([]map[string]any, participants)
	for i := range invitees {
		invitees[i] = map[string]any{"kind": "address", "name": "load " + strconv.Itoa(i), "language": "en", "time_zone": "UTC"}
	}
	body := map[string]any{
		"title": "load " + start.Format(time.DateTime), "host_id": me.ID, "time_zone": "UTC",
		"starts_at": start.Format(layout), "ends_at": start.Add(time.Hour).Format(layout), "invitees": invitees,
	}
	m := &meeting{}
	if err := h.call(ctx, h.http, http.MethodPost, "/api/meetings", body, m); err != nil {
		return nil, err
	}
	return m, nil
}

// cancel calls the meeting off where it has not been held; one that was rests.
func (h *hub) cancel(ctx context.Context, m *meeting) {
	_ = h.call(ctx, h.http, http.MethodPost, "/api/meetings/"+m.ID+"/cancel", map[string]any{"sequence": m.Sequence, "reason": ""}, nil)
}

// enter opens the session of one guest and returns its client.
func (h *hub) enter(ctx context.Context, m *meeting, number int) (*http.Client, error) {
	var link struct {
		URL string `json:"url"`
	}
	path := "/api/meetings/" + m.ID + "/invitees/" + m.Invitees[number].ID + "/link"
	if err := h.call(ctx, h.http, http.MethodGet, path, nil, &link); err != nil {
		return nil, err
	}
	_, token, _ := strings.Cut(link.URL, "#")
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make cookie jar: %w", err)
	}
	client := &http.Client{Jar: jar, Timeout: h.http.Timeout}
	body := map[string]any{"token": token, "name": "load " + strconv.Itoa(number), "language": "en", "time_zone": "UTC"}
	return client, h.call(ctx, client, http.MethodPost, "/api/guest/session", body, nil)
}

func (h *hub) call(ctx context.Context, client *http.Client, method, path string, body, into any) error {
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, &payload)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, bytes.TrimSpace(answer))
	}
	if into == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// metrics reads the server's own figures (the Prometheus text format).
func (h *hub) metrics(ctx context.Context, admin string) (map[string]float64, error) {
	if admin == "" {
		return nil, nil //nolint:nilnil // not asked for
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(admin, "/")+"/metrics", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	defer res.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); ok && err == nil {
			values[name] = number
		}
	}
	return values, lines.Err()
}

// socket speaks the meeting's protocol.
type socket struct {
	conn *websocket.Conn
	next int

	mu      sync.Mutex
	waiting map[string]chan wire.ServerMessage // by the id of a request; Guarded by mu.
	news    chan wire.ServerMessage
	done    chan struct{}
}

var errClosed = errors.New("the socket was closed")

// dial opens a socket as an account or a guest.
func (h *hub) dial(ctx context.Context, as wire.As, client *http.Client) (*socket, error) {
	header := http.Header{"Origin": {h.url}}
	url := "ws" + strings.TrimPrefix(h.url, "http") + "/api/socket"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: &http.Client{Jar: client.Jar}, HTTPHeader: header}) //nolint:bodyclose // the library closes it
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	conn.SetReadLimit(16 << 20)
	s := &socket{conn: conn, waiting: map[string]chan wire.ServerMessage{}, news: make(chan wire.ServerMessage, 64), done: make(chan struct{})}
	go s.read()
	if _, err := s.ask(ctx, &wire.Hello{Version: wire.Version, As: as}); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) close() {
	_ = s.conn.CloseNow() // whatever became of it
	<-s.done
}

// read hands answers to those who wait for them, and who waits or was let in to
// whoever looks; the rest is let go.
func (s *socket) read() {
	defer close(s.done)
	for {
		_, data, err := s.conn.Read(context.Background())
		if err != nil {
			return
		}
		re, m, err := wire.DecodeServer(data)
		if err != nil {
			continue
		}
		s.mu.Lock()
		answer := s.waiting[re]
		delete(s.waiting, re)
		s.mu.Unlock()
		if answer != nil {
			answer <- m
			continue
		}
		switch m.(type) {
		case *wire.Lobby, *wire.Admitted:
			s.tell(m)
		}
	}
}

// tell keeps the newest of what somebody waits for. A lobby says who waits now,
// so the last one must not be lost.
func (s *socket) tell(m wire.ServerMessage) {
	for {
		select {
		case s.news <- m:
			return
		default:
		}
		select {
		case <-s.news:
		default:
		}
	}
}

// ask sends a request and returns its answer.
func (s *socket) ask(ctx context.Context, m wire.ClientMessage) (wire.ServerMessage, error) {
	answer := make(chan wire.ServerMessage, 1)
	s.mu.Lock()
	s.next++
	id := strconv.Itoa(s.next)
	s.waiting[id] = answer
	s.mu.Unlock()
	frame, err := wire.EncodeClient(id, m)
	if err == nil {
		err = s.conn.Write(ctx, websocket.MessageText, frame)
	}
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", wire.TypeOf(m), err)
	}
	select {
	case got := <-answer:
		if f, failed := got.(*wire.Failure); failed {
			return nil, fmt.Errorf("%s: %s: %s", wire.TypeOf(m), f.Code, f.Message)
		}
		return got, nil
	case <-s.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// admitEverybody holds the meeting as its host.
func (s *socket) admitEverybody(ctx context.Context, room string) error {
	defer s.close()
	p := &peer{seats: 1}
	defer p.close()
	if err := p.enter(ctx, s, room); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.done:
			return errClosed
		case m := <-s.news:
			lobby, ok := m.(*wire.Lobby)
			if !ok || len(lobby.Waiting) == 0 {
				continue
			}
			if _, err := s.ask(ctx, &wire.Admit{All: true, People: []string{}}); err != nil {
				return fmt.Errorf("host: %w", err)
			}
		}
	}
}
