package signaling

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// stage is a meeting of a moderator and one other, whose rosters go out when the
// test says so.
type stage struct {
	r          *room
	host, them *session
}

func newStage(t *testing.T) *stage {
	t.Helper()
	engine, err := sfu.Listen(sfu.Config{UDPAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	h := New(Parts{Log: slog.New(slog.DiscardHandler)})
	st := &stage{r: newRoom(h, uuid.New())}
	st.r.roster.every, st.r.roster.told = time.Hour, time.Now()
	m := &meeting{media: engine.NewMeeting(&mediaEvents{st.r})}
	st.r.meeting = m
	for _, s := range []**session{&st.host, &st.them} {
		*s = newSession(h, &websocket.Conn{}) // without one it is an encoder
		(*s).me = chat.Person{ID: uuid.New(), Kind: chat.AccountPerson}
		if _, err := st.r.enter(m, *s, false); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func (st *stage) source(t *testing.T, live, lift bool) {
	t.Helper()
	if err := st.r.setSource(st.them, &wire.SetSource{Source: wire.Microphone, Live: live, Lift: lift}); err != nil {
		t.Fatal(err)
	}
}

func (st *stage) mute(t *testing.T, m wire.Mute) {
	t.Helper()
	m.Source = wire.Microphone
	if err := st.r.mute(st.host, &m); err != nil {
		t.Fatal(err)
	}
}

// shown is the microphone as the roster shows it, and whether its participant was
// told of a mute since.
func (st *stage) shown(t *testing.T) (state wire.SourceState, told bool) {
	t.Helper()
	st.r.tellRoster()
	for _, frame := range st.them.out.take() {
		var m struct {
			Type string
			Body wire.Roster
		}
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		told = told || m.Type == "muted"
		for _, p := range m.Body.Participants {
			if p.ID == st.them.me.ID.String() {
				state = p.Sources[0]
			}
		}
	}
	return state, told
}

func TestAMuteAlwaysTakes(t *testing.T) {
	t.Parallel()
	on := wire.SourceState{Source: wire.Microphone, Live: true}
	off := wire.SourceState{Source: wire.Microphone}
	muted := wire.SourceState{Source: wire.Microphone, Muted: true}
	st := newStage(t)
	check := func(what string, want wire.SourceState, wantTold bool) {
		t.Helper()
		if got, told := st.shown(t); got != want || told != wantTold {
			t.Errorf("%s: shown as %+v, told of a mute: %v", what, got, told)
		}
	}
	id := st.them.me.ID.String()
	st.source(t, true, false)
	check("switched on", on, false)
	st.source(t, false, false)
	check("switched off", off, false)
	st.mute(t, wire.Mute{Participant: id})
	check("muted while off", muted, true)
	st.source(t, true, false)
	check("switched on without knowing of the mute", muted, true)
	st.source(t, true, true)
	st.source(t, false, false)
	check("on and off before anybody could see it", muted, false)
	st.source(t, true, true)
	st.mute(t, wire.Mute{Everyone: true})
	check("muted before it was seen to be on", muted, true)
	st.source(t, true, true)
	check("lifted", on, false)
	st.mute(t, wire.Mute{Everyone: true})
	check("muted while on", muted, true)
	p, err := st.r.enter(st.r.meeting, st.them, false) // its page was reloaded
	if err != nil {
		t.Fatal(err)
	}
	if st.r.seat(p, st.them, []wire.Source{wire.Microphone}) == nil {
		t.Fatal("not seated")
	}
	check("back with a microphone that it thinks is on", muted, false)
}
