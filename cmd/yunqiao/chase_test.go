package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// zoneAt finds a zone where it is about that hour now.
func zoneAt(t *testing.T, hour int) string {
	t.Helper()
	for _, zone := range []string{
		"Asia/Shanghai", "Asia/Dubai", "Europe/Berlin", "Atlantic/Azores", "America/Sao_Paulo", "America/New_York",
		"America/Los_Angeles", "Pacific/Honolulu", "Pacific/Auckland", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Noumea",
	} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if distance := (time.Now().In(place).Hour() - hour + 24) % 24; distance <= 2 || distance >= 22 {
			return zone
		}
	}
	t.Fatalf("no zone where it is about %d o'clock", hour)
	return ""
}

// Who is reminded is told of it: those who are awake now, the others in their
// morning, unless they confirm before.
func TestChasedPeopleAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, awake, asleep := h.person(t, "linyue", account.Staff), h.person(t, "berlin", account.Station), h.person(t, "dashi", account.Ambassador)
	for zone, p := range map[string]person{zoneAt(t, 14): awake, zoneAt(t, 3): asleep} {
		if _, err := h.pool.Exec(t.Context(), `update accounts set time_zone = $2 where id = $1`, p.ID, zone); err != nil {
			t.Fatal(err)
		}
	}
	room := h.group(t, owner, awake, asleep).String()
	c := h.dial(t, owner)
	m := c.Call(&wire.Post{Room: room, ClientID: "1", Text: "请确认", Mentions: []string{}, MustConfirm: true}).(*wire.Posted).Event.Message
	path := "/api/rooms/" + room + "/messages/" + m.ID
	var chased []struct {
		Person wire.Person `json:"person"`
		At     time.Time   `json:"at"`
		Asleep bool        `json:"asleep"`
	}
	h.request(t, owner.cookies, http.MethodPost, path+"/chase", map[string]any{"urgent": false}, http.StatusOK, &chased)
	if len(chased) != 2 {
		t.Fatalf("chased %+v", chased)
	}
	for _, p := range chased {
		if p.Asleep != (p.Person.ID == asleep.ID.String()) || p.Asleep != p.At.After(time.Now().Add(time.Hour)) {
			t.Errorf("chased %+v", p)
		}
	}
	notices := func(p person) (told, waiting int) {
		const q = `
select count(*) filter (where due_at <= now()), count(*) filter (where due_at > now()) from notices
where account_id = $1 and kind = 'chase' and title = $2 and text = '请确认'`
		if err := h.pool.QueryRow(t.Context(), q, p.ID, owner.Name).Scan(&told, &waiting); err != nil {
			t.Fatal(err)
		}
		return told, waiting
	}
	if told, waiting := notices(awake); told != 1 || waiting != 0 {
		t.Errorf("who is awake has %d notices now and %d later", told, waiting)
	}
	if told, waiting := notices(asleep); told != 0 || waiting != 1 {
		t.Errorf("who is asleep has %d notices now and %d later", told, waiting)
	}
	h.request(t, owner.cookies, http.MethodPost, path+"/chase", map[string]any{"urgent": true}, http.StatusTooManyRequests, nil)
	h.dial(t, asleep).Call(&wire.Confirm{Room: room, Message: m.ID})
	if told, waiting := notices(asleep); told != 0 || waiting != 0 {
		t.Errorf("who has confirmed has %d notices and %d later", told, waiting)
	}
}
