package signaling

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// heard are the rosters that wait in a session's queue.
func heard(t *testing.T, s *session) (list []wire.Roster) {
	t.Helper()
	for _, frame := range s.out.take() {
		var m struct {
			Type string
			Body wire.Roster
		}
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		if m.Type == "roster" {
			list = append(list, m.Body)
		}
	}
	return list
}

func TestManyNewcomersAreToldTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Parts{Log: slog.New(slog.DiscardHandler)})
		r, watcher := newRoom(h, uuid.New()), newSession(h, nil)
		time.Sleep(time.Second)
		add := func(i int) *participant {
			p := &participant{person: chat.Person{ID: uuid.New(), Name: fmt.Sprint(i)}, joined: time.Now()}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.participants[p.person.ID] = p
			r.tellStateLocked(p)
			return p
		}
		add(0).session = watcher
		var all []*participant
		for i := range 300 { // over three seconds
			all = append(all, add(i))
			time.Sleep(10 * time.Millisecond)
		}
		r.mu.Lock()
		for _, p := range all[:150] {
			delete(r.participants, p.person.ID)
			r.tellLeftLocked(p)
		}
		r.mu.Unlock()
		time.Sleep(time.Second)
		rosters := heard(t, watcher)
		came, left := map[string]bool{}, map[string]bool{}
		for _, m := range rosters {
			for _, p := range m.Participants {
				came[p.ID] = true
			}
			for _, id := range m.Left {
				left[id] = true
			}
		}
		if len(rosters) > 40 || len(came) < 300 || len(left) != 150 {
			t.Errorf("%d messages tell of %d newcomers and %d who left", len(rosters), len(came), len(left))
		}
		add(1)
		if got := heard(t, watcher); len(got) != 1 || len(got[0].Participants) != 1 {
			t.Errorf("after a quiet moment a newcomer is not told at once: %+v", got)
		}
		time.Sleep(time.Second)
	})
}
