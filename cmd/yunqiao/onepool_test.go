package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// newHouseOfConnections is a house whose work has so many connections.
func newHouseOfConnections(t *testing.T, n int32) *house {
	t.Helper()
	cfg := houseConfig(t, pgtest.URL(t), "")
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	d, err := openDatabase(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d.pool.Close()
	if d.pool, err = postgres.Open(t.Context(), cfg.DatabaseURL, n); err != nil {
		t.Fatal(err)
	}
	return startHouseOver(t, cfg, d)
}

// postFile posts a file without a word.
func (h *house) postFile(t *testing.T, by person, room uuid.UUID, file string) {
	t.Helper()
	caller := chat.Caller{Person: chat.Person{ID: by.ID, Kind: chat.AccountPerson, Name: by.Name}}
	n := chat.NewMessage{Room: room, ClientID: uuid.NewString(), Attachments: []uuid.UUID{uuid.MustParse(file)}}
	if _, err := h.chat.Post(t.Context(), caller, n); err != nil {
		t.Fatal(err)
	}
}

// Every operation of the REST interface gets along with one connection: none
// holds one while it waits for another.
func TestOneConnectionIsEnoughForEveryOperation(t *testing.T) {
	t.Parallel()
	h := newHouseOfConnections(t, 1)
	me := h.person(t, "admin", account.Admin)
	inv := h.guestMeeting(t, me)
	objects := h.objects(t, me, inv)
	var d description
	h.request(t, nil, http.MethodGet, "/api/openapi.json", nil, http.StatusOK, &d)
	for _, o := range operations(t, h) {
		if o.id == "signOut" {
			continue // last
		}
		if got := h.status(t, me.cookies, o, objects); got >= "500" {
			t.Errorf("%s (%s %s) gives %s", o.id, o.method, o.path, got)
		}
	}
	for path, methods := range d.Paths { // with bodies as the description has them
		for method, o := range methods {
			content, has := o.RequestBody.Content["application/json"]
			if !has || o.OperationID == "changePassword" {
				continue
			}
			a := &attacker{house: h, t: t, me: me, objects: objects}
			body, err := json.Marshal(d.example(content.Schema))
			if err != nil {
				t.Fatal(err)
			}
			a.send(strings.ToUpper(method), a.fill(path), body)
		}
	}
	h.request(t, me.cookies, http.MethodDelete, "/api/session", nil, http.StatusOK, nil)
}

// And every message of the socket does.
func TestOneConnectionIsEnoughForEveryMessage(t *testing.T) {
	t.Parallel()
	h := newHouseOfConnections(t, 1)
	me, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, me, other).String()
	c := h.dial(t, me)
	for _, kind := range wire.ClientTypes() {
		if kind == "hello" {
			continue
		}
		c.Join(room, 1) // a message before may have ended it
		data, err := os.ReadFile("../../signaling/wire/testdata/client-" + kind + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var frame struct{ Body any }
		if err := json.Unmarshal(data, &frame); err != nil {
			t.Fatal(err)
		}
		if object, ok := frame.Body.(map[string]any); ok && object["room"] != nil {
			object["room"] = room
		}
		raw, err := json.Marshal(frame.Body)
		if err != nil {
			t.Fatal(err)
		}
		if _, failure := c.TryRaw(kind, raw); failure != nil && (failure.Code == wire.CodeInternal || failure.Code == wire.CodeUnavailable) {
			t.Errorf("%s: %+v", kind, failure)
		}
		if _, failure := c.Try(on(kind, uuid.MustParse(room), uuid.New())); failure != nil && (failure.Code == wire.CodeInternal || failure.Code == wire.CodeUnavailable) {
			t.Errorf("%s: %+v", kind, failure)
		}
	}
}

// Rooms with files go out, and forwards are scheduled and scheduled anew, on one
// connection: these two used to hold one while they waited for another.
func TestExportsAndForwardsUseOneConnection(t *testing.T) {
	t.Parallel()
	h := newHouseOfConnections(t, 1)
	me := h.person(t, "linyue", account.Staff)
	room := h.group(t, me)
	for range 3 {
		h.postFile(t, me, room, h.upload(t, me.cookies, "a.txt", []byte("公开")))
	}
	by := chat.Caller{Person: chat.Person{ID: me.ID, Kind: chat.AccountPerson, Name: me.Name}}
	posted, err := h.chat.Post(t.Context(), by, chat.NewMessage{Room: room, ClientID: uuid.NewString(), Text: "转发"})
	if err != nil {
		t.Fatal(err)
	}
	h.request(t, me.cookies, http.MethodGet, "/api/rooms/"+room.String()+"/export", nil, http.StatusOK, nil)
	id := uuid.New()
	content := map[string]any{"text": "", "forward": map[string]any{"room": room, "message": posted.Message.ID}}
	body := map[string]any{"id": id, "room": room, "content": content, "send_at": time.Now().Add(time.Hour)}
	h.request(t, me.cookies, http.MethodPost, "/api/scheduled", body, http.StatusOK, nil)
	h.request(t, me.cookies, http.MethodPatch, "/api/scheduled/"+id.String(), map[string]any{"content": content}, http.StatusOK, nil)
}

// Twenty exports at once, of rooms with twenty files, leave the hub at work: one
// person has one, and a node prepares few. Nobody is answered with 500.
func TestManyExportsLeaveTheHubAtWork(t *testing.T) {
	t.Parallel()
	h := newHouseOfConnections(t, 4)
	me := h.person(t, "linyue", account.Staff)
	room := h.group(t, me)
	for range 20 {
		h.postFile(t, me, room, h.upload(t, me.cookies, "a.txt", []byte("公开")))
	}
	statuses := make(chan int, 20)
	var wait sync.WaitGroup
	for range cap(statuses) {
		wait.Go(func() {
			response, _ := h.send(t, me.cookies, http.MethodGet, "/api/rooms/"+room.String()+"/export", nil)
			statuses <- response.StatusCode
		})
	}
	by := chat.Caller{Person: chat.Person{ID: me.ID, Kind: chat.AccountPerson, Name: me.Name}}
	if _, err := h.chat.Post(t.Context(), by, chat.NewMessage{Room: room, ClientID: uuid.NewString(), Text: "会议继续"}); err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	h.request(t, nil, http.MethodGet, "/readyz", nil, http.StatusOK, nil)
	wait.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	if count[http.StatusOK] == 0 || count[http.StatusOK]+count[http.StatusTooManyRequests]+count[http.StatusServiceUnavailable] != 20 {
		t.Errorf("answers: %v", count)
	}
}

// A slow reader of an archive keeps others from nothing.
func TestASlowExportHoldsNothing(t *testing.T) {
	t.Parallel()
	h := newHouseOfConnections(t, 1)
	me := h.person(t, "linyue", account.Staff)
	room := h.group(t, me)
	noise := make([]byte, 8<<20) // more than what sockets hold
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	h.postFile(t, me, room, h.upload(t, me.cookies, "a.bin", noise))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/api/rooms/"+room.String()+"/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(me.cookies[0])
	response, err := http.DefaultClient.Do(request) // and its body is not read
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	refused, _ := h.send(t, me.cookies, http.MethodGet, "/api/rooms/"+room.String()+"/export", nil)
	if refused.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second export of the same person: %s", refused.Status)
	}
	check := "/api/rooms/" + room.String() + "/export/check"
	if refused, _ := h.send(t, me.cookies, http.MethodGet, check, nil); refused.StatusCode != http.StatusTooManyRequests {
		t.Errorf("whether it could begin: %s", refused.Status)
	}
	other := h.person(t, "other", account.Staff)
	elsewhere := h.group(t, other)
	h.request(t, other.cookies, http.MethodGet, "/api/rooms/"+elsewhere.String()+"/export", nil, http.StatusOK, nil)
	var whole bytes.Buffer
	if _, err := whole.ReadFrom(response.Body); err != nil || whole.Len() < len(noise) {
		t.Errorf("the slow one got %d bytes, %v", whole.Len(), err)
	}
	h.request(t, me.cookies, http.MethodGet, check, nil, http.StatusNoContent, nil)
}
