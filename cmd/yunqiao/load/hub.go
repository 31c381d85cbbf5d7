package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"time"

	"github.com/yunqiao/yunqiao/signaling/client"
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
	guest := &http.Client{Jar: jar, Timeout: h.http.Timeout}
	body := map[string]any{"token": token, "name": "load " + strconv.Itoa(number), "language": "en", "time_zone": "UTC"}
	return guest, h.call(ctx, guest, http.MethodPost, "/api/guest/session", body, nil)
}

func (h *hub) call(ctx context.Context, who *http.Client, method, path string, body, into any) error {
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
	res, err := who.Do(req)
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

// socket is a participant's. Who waits in the lobby, or that one was let in, is
// kept for whoever looks; the rest of what the node says is let go.
type socket struct {
	*client.Client
	news chan wire.ServerMessage
}

// dial opens a socket as an account or a guest.
func (h *hub) dial(ctx context.Context, as wire.As, who *http.Client) (*socket, error) {
	s := &socket{news: make(chan wire.ServerMessage, 64)}
	var err error
	if s.Client, err = client.Dial(ctx, client.Options{URL: h.url, Origin: h.url, Jar: who.Jar, Heard: s.hear}); err != nil {
		return nil, err
	}
	if _, err := s.Ask(ctx, &wire.Hello{Version: wire.Version, As: as}); err != nil {
		s.Drop()
		return nil, err
	}
	return s, nil
}

// hear keeps the newest of what somebody waits for. A lobby says who waits now,
// so the last one must not be lost.
func (s *socket) hear(m wire.ServerMessage) {
	switch m.(type) {
	case *wire.Lobby, *wire.Admitted:
	default:
		return
	}
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

// admitEverybody holds the meeting as its host.
func (s *socket) admitEverybody(ctx context.Context, room string) error {
	defer s.Drop()
	p := &peer{seats: 1}
	defer p.close()
	if err := p.enter(ctx, s, room); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.Done():
			return client.ErrClosed
		case m := <-s.news:
			lobby, ok := m.(*wire.Lobby)
			if !ok || len(lobby.Waiting) == 0 {
				continue
			}
			if _, err := s.Ask(ctx, &wire.Admit{All: true, People: []string{}}); err != nil {
				return fmt.Errorf("host: %w", err)
			}
		}
	}
}
