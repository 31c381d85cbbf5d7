package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// hostile are the values that a value of this kind is replaced by.
func hostile(v any) []any {
	switch v.(type) {
	case string:
		return []any{"a\x00b", strings.Repeat("长", 30_000), "\u202eevil\ufffe", "", "../../etc/passwd", "99999-12-31T23:59", -1, nil}
	case float64, int:
		return []any{-1, 0, int64(1)<<53 - 1, int64(-1) << 62, 1.5, "1", nil}
	case []any:
		return []any{[]any{}, []any{nil}, slices.Repeat([]any{"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21"}, 3000), map[string]any{}, nil}
	}
	return []any{map[string]any{}, map[string]any{"__proto__": 1}, []any{}, 7, "x", nil}
}

// variants returns copies of a JSON value with each of its parts replaced by
// hostile values.
func variants(v any) []any {
	list := hostile(v)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			for _, bad := range variants(v[key]) {
				changed := maps.Clone(v)
				changed[key] = bad
				list = append(list, changed)
			}
		}
	case []any:
		if len(v) > 0 {
			for _, bad := range variants(v[0]) {
				list = append(list, []any{bad})
			}
		}
	}
	return list
}

// description is the part of the OpenAPI document that tells what to send.
type description struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Parameters  []struct {
			Name, In string
			Schema   schema
		}
		RequestBody struct {
			Content map[string]struct{ Schema schema }
		} `json:"requestBody"`
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Format     string
	Enum       []any
	Properties map[string]schema
	Items      *schema
}

// example makes a value that is right in form.
func (d *description) example(s schema) any {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	kind := fmt.Sprint(s.Type)
	switch {
	case s.Properties != nil:
		object := map[string]any{}
		for name, p := range s.Properties {
			object[name] = d.example(p)
		}
		return object
	case s.Items != nil:
		return []any{d.example(*s.Items)}
	case s.Format == "uuid":
		return "01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21"
	case s.Format == "date-time":
		return "2099-01-01T10:00:00Z"
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		return 1
	case strings.Contains(kind, "boolean"):
		return true
	}
	return "Europe/Berlin" // a text, and a zone
}

// attacker sends requests as an administrator who owns everything, and notes
// every answer that is the server's fault.
type attacker struct {
	*house
	t       *testing.T
	me      person
	objects map[string]string
	sent    int
}

func (a *attacker) send(method, path string, body []byte) {
	a.t.Helper()
	a.sent++
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, strings.NewReader(string(body)))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "\xff\xfe")
	for _, c := range a.me.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if response.StatusCode >= http.StatusInternalServerError {
		a.t.Errorf("%s %s %.300s: %s %s", method, path, body, response.Status, answer)
	}
	if response.StatusCode == http.StatusUnauthorized { // signed out on the way
		_, token, err := a.accounts.SignIn(a.t.Context(), a.me.UserName, testPassword, account.Device{Name: "test", Address: uuid.NewString()})
		if err != nil {
			a.t.Fatal(err)
		}
		a.me.cookies = []*http.Cookie{{Name: account.AccountCookie, Value: token}}
	}
}

// fill names the owner's objects in a path.
func (a *attacker) fill(path string) string {
	for name, id := range a.objects {
		if strings.HasPrefix(name, "/api") && strings.HasPrefix(path, name) {
			path = strings.Replace(path, "{id}", id, 1)
		}
	}
	for name, id := range a.objects {
		if strings.HasPrefix(name, "{") {
			path = strings.ReplaceAll(path, name, id)
		}
	}
	return path
}

// Whatever is sent to the REST interface, the fault is the sender's: an answer
// below 500 and a word why.
func TestHostileRequestsAreTheSendersFault(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withoutBudgets()
	me := h.person(t, "admin", account.Admin)
	inv := h.guestMeeting(t, me)
	a := &attacker{house: h, t: t, me: me, objects: h.objects(t, me, inv)}
	var d description
	h.request(t, nil, http.MethodGet, "/api/openapi.json", nil, http.StatusOK, &d)
	for path, methods := range d.Paths {
		for method, o := range methods {
			method := strings.ToUpper(method)
			filled := a.fill(path)
			for _, p := range o.Parameters {
				for _, bad := range []string{"\x00", "\xff", "-1", "9223372036854775808", "x", strings.Repeat("长", 500), "%", "\u202e"} {
					switch p.In {
					case "query":
						a.send(method, filled+"?"+url.Values{p.Name: {bad}}.Encode(), []byte("{}"))
					case "path":
						a.send(method, a.fill(strings.Replace(path, "{"+p.Name+"}", url.PathEscape(bad), 1)), []byte("{}"))
					}
				}
			}
			content, has := o.RequestBody.Content["application/json"]
			if !has {
				continue
			}
			for _, raw := range []string{"", "{", "[]", "null", "\xff", `{"a":1}{"b":2}`, strings.Repeat("[", 100_000)} {
				a.send(method, filled, []byte(raw))
			}
			for _, bad := range variants(d.example(content.Schema)) {
				body, err := json.Marshal(bad)
				if err != nil {
					t.Fatal(err)
				}
				a.send(method, filled, body)
			}
		}
	}
	if a.sent < 2000 {
		t.Errorf("only %d requests were tried", a.sent)
	}
}

// Whatever is sent on the socket, it is answered with a code that says what is
// wrong, never with the server's own fault, and the socket stays.
func TestHostileMessagesAreTheSendersFault(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withoutBudgets()
	me, other := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station)
	room := h.group(t, me, other).String()
	h.dial(t, other).Join(room, 2)
	for _, kind := range wire.ClientTypes() {
		if kind == "hello" {
			continue // TestBadHellosAreAnsweredAndClosed
		}
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
		for chunk := range slices.Chunk(variants(frame.Body), 15) { // within what is tolerated
			h.attack(t, me, room, kind, chunk)
		}
	}
}

// attack sends bodies on a new socket, from within the meeting, and checks
// each answer.
func (h *house) attack(t *testing.T, me person, room, kind string, bodies []any) {
	t.Helper()
	c := h.dial(t, me)
	defer c.Close()
	if kind == "join" || !strings.Contains(fmt.Sprint(bodies[len(bodies)-1]), room) {
		c.Join(room, 1) // what is said in a meeting
	}
	for _, body := range bodies {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > wire.MaxFrame/2 {
			continue // TestOversizedAndManyBadFramesCloseOnlyTheirSocket
		}
		if _, failure := c.TryRaw(kind, raw); failure != nil && failure.Code == wire.CodeInternal {
			t.Errorf("%s %.300s: %s", kind, raw, failure.Message)
		}
	}
	c.Call(&wire.Ping{})
}
