package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/files/picture"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/signaling/signalingtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// TestMain lets a test run the program itself, in a process that can be killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == picture.Command { // the hub starts itself to draw previews
		os.Exit(picture.Main(os.Stdin, os.Stdout))
	}
	if os.Getenv("YUNQIAO_TEST_RUN_MAIN") != "" {
		main()
		return
	}
	httpd.Prepare(slog.New(slog.DiscardHandler))
	bus.Prepare(slog.New(slog.DiscardHandler))
	os.Exit(pgtest.Run(m))
}

const testPassword = "a long enough password"

// quick is what hashing takes in tests that wait for something else: with the race
// detector an honest hash takes a second.
var quick = account.Cost{Passes: 1, Memory: 64, Threads: 1}

// house is a whole node on a database of its own.
type house struct {
	*node
	url string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseOn(t, pgtest.URL(t))
}

func newHouseOn(t *testing.T, databaseURL string) *house {
	t.Helper()
	return newHouseWith(t, databaseURL, "")
}

// newHouseWith is one node of those that share a database and a Redis.
func newHouseWith(t *testing.T, databaseURL, redisURL string) *house {
	t.Helper()
	return startHouse(t, houseConfig(t, databaseURL, redisURL))
}

func houseConfig(t *testing.T, databaseURL, redisURL string) *config.Config {
	t.Helper()
	return &config.Config{
		DataDir: t.TempDir(), DatabaseURL: databaseURL, LogLevel: "info", Redis: config.Redis{URL: redisURL},
		HTTP:  config.HTTP{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"},
		Media: config.Media{UDPAddr: "127.0.0.1:0"}, Mail: config.Mail{Port: 25},
		House: config.House{NameZH: "测试侨联", NameEN: "Test Federation", TimeZone: "Asia/Shanghai", MinutesPrefix: "测侨联纪要"},
	}
}

// nextYear is a day within the years that a meeting may be arranged ahead.
var nextYear = time.Now().AddDate(1, 0, 0).Format(time.DateOnly)

// ownAddress stands for the address that a node gets when it starts.
const ownAddress = "http://own.invalid"

func startHouse(t *testing.T, cfg *config.Config) *house {
	t.Helper()
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	d, err := openDatabase(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return startHouseOver(t, cfg, d)
}

// startHouseOver is a node over a database that is open.
func startHouseOver(t *testing.T, cfg *config.Config, d *database) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	n, err := newNode(t.Context(), cfg, log, d)
	if err != nil {
		t.Fatal(err)
	}
	n.accounts.SetCost(quick)
	l, err := n.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tlsConfig, err := httpd.TLSConfig(t.Context(), cfg.TLS, cfg.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTP.PublicURL = "http://" + l.http.Addr().String()
	if tlsConfig != nil {
		cfg.HTTP.PublicURL = "https://" + l.http.Addr().String()
	}
	if cfg.Cluster.Addr == ownAddress {
		cfg.Cluster.Addr = cfg.HTTP.PublicURL
	}
	n.share(l, tlsConfig)
	if err := n.goLive(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.run(ctx, l, tlsConfig) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := d.close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return &house{node: n, url: cfg.HTTP.PublicURL}
}

// person is an account that is signed in.
type person struct {
	account.Account
	cookies []*http.Cookie
}

func (h *house) person(t *testing.T, userName string, role account.Role) person {
	t.Helper()
	a, err := h.accounts.Create(t.Context(), account.New{Name: "名 " + userName, UserName: userName, Role: role, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := h.accounts.SignIn(t.Context(), userName, testPassword, account.Device{Name: "test", Address: userName})
	if err != nil {
		t.Fatal(err)
	}
	return person{a, []*http.Cookie{{Name: account.AccountCookie, Value: token}}}
}

func (h *house) dial(t *testing.T, p person) *signalingtest.Client {
	t.Helper()
	return signalingtest.Dial(t, h.url, p.cookies, wire.Hello{As: wire.AsAccount})
}

func (h *house) group(t *testing.T, owner person, members ...person) uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	room, err := h.chat.CreateGroup(t.Context(), owner.ID, "测试群", ids)
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// invited is a guest with a link to a meeting that is on now.
type invited struct {
	room, meeting, invitee uuid.UUID
	token                  string
}

// guestMeeting arranges a meeting of a host, accounts and one guest, now.
func (h *house) guestMeeting(t *testing.T, host person, members ...person) invited {
	t.Helper()
	return h.guestMeetingWith(t, host, nil, members...)
}

// guestMeetingWith is a guestMeeting in which some things are different.
func (h *house) guestMeetingWith(t *testing.T, host person, different map[string]any, members ...person) invited {
	t.Helper()
	inv := invited{invitee: uuid.New()}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now().In(zone).Add(5 * time.Minute)
	body := map[string]any{
		"title": "海外专家交流会", "agenda": []map[string]any{{"title": "开场", "minutes": 10}}, "host_id": host.ID,
		"starts_at": start.Format("2006-01-02T15:04"), "ends_at": start.Add(time.Hour).Format("2006-01-02T15:04"),
		"time_zone": "Asia/Shanghai", "may_be_recorded": true, "note": "",
		"invitees": []map[string]any{{"kind": "address", "name": "Dr. Hannah Weiss", "email": "weiss@example.org", "language": "en", "time_zone": "Europe/Berlin"}},
	}
	for _, m := range members {
		body["invitees"] = append(body["invitees"].([]map[string]any), map[string]any{"kind": "account", "ref": m.ID, "name": m.Name})
	}
	maps.Copy(body, different)
	var meeting struct {
		ID       uuid.UUID `json:"id"`
		RoomID   uuid.UUID `json:"room_id"`
		Invitees []struct {
			ID    uuid.UUID `json:"id"`
			Guest bool      `json:"guest"`
		} `json:"invitees"`
	}
	h.request(t, host.cookies, http.MethodPost, "/api/meetings", body, http.StatusCreated, &meeting)
	inv.room, inv.meeting = meeting.RoomID, meeting.ID
	for _, i := range meeting.Invitees {
		if i.Guest {
			inv.invitee = i.ID
			if inv.token, _, err = h.guests.Token(t.Context(), i.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	return inv
}

// enter opens the guest's session on a new device.
func (h *house) enter(t *testing.T, inv invited) []*http.Cookie {
	t.Helper()
	response := h.request(t, nil, http.MethodPost, "/api/guest/session", map[string]any{
		"token": inv.token, "name": "Hannah Weiss", "language": "en", "time_zone": "Europe/Berlin",
	}, http.StatusOK, nil)
	return response.Cookies()
}

func (h *house) dialGuest(t *testing.T, cookies []*http.Cookie) *signalingtest.Client {
	t.Helper()
	return signalingtest.Dial(t, h.url, cookies, wire.Hello{As: wire.AsGuest})
}

// request makes a request and checks its status; into may be nil.
func (h *house) request(t *testing.T, cookies []*http.Cookie, method, path string, body any, status int, into any) *http.Response {
	t.Helper()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	response, data := h.send(t, cookies, method, path, reader)
	if response.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, response.StatusCode, status, data)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, data)
		}
	}
	return response
}

// send makes a request and reads its answer.
func (h *house) send(t *testing.T, cookies []*http.Cookie, method, path string, body io.Reader) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, c := range cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, data
}

// inTx runs a step in a transaction.
func (h *house) inTx(t *testing.T, do func(tx pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), h.pool, do); err != nil {
		t.Fatal(err)
	}
}
