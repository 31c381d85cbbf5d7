package schedule_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func TestMeetingIsHeldInItsWindow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	guest := m.Invitees[1].ID
	h.now = m.StartsAt.Add(-16 * time.Minute)
	if _, err := h.schedule.Begin(t.Context(), m.RoomID, guest); !errors.Is(err, schedule.ErrOver) {
		t.Errorf("a guest begins too early: %v", err)
	}
	h.now = m.StartsAt.Add(-15 * time.Minute)
	live, err := h.schedule.Begin(t.Context(), m.RoomID, guest)
	if err != nil || live.ID != m.ID || live.HostID != h.people["linyue"].ID || !live.MayBeRecorded || live.Title != m.Title {
		t.Fatalf("begun: %+v, %v", live, err)
	}
	again, err := h.schedule.Begin(t.Context(), m.RoomID, h.people["linyue"].ID)
	if err != nil || again != live {
		t.Errorf("begun again: %+v, %v", again, err)
	}
	if now, err := h.schedule.LiveIn(t.Context(), m.RoomID); err != nil || now == nil || now.ID != m.ID {
		t.Errorf("live now: %+v, %v", now, err)
	}
	if _, err := h.schedule.Cancel(h.as(t, "linyue"), m.ID, ""); !errors.Is(err, schedule.ErrRunning) {
		t.Errorf("cancelled while live: %v", err)
	}
	if err := h.schedule.End(t.Context(), m.ID, m.EndsAt); err != nil {
		t.Fatal(err)
	}
	if now, err := h.schedule.LiveIn(t.Context(), m.RoomID); err != nil || now != nil {
		t.Errorf("still live: %+v, %v", now, err)
	}
}

// While a meeting is held its title, end and invitees can be changed, by those who run
// it, and who is new hears that it has begun.
func TestChangeALiveMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plan := h.plan()
	m, err := h.schedule.Arrange(h.as(t, "linyue"), plan)
	if err != nil {
		t.Fatal(err)
	}
	h.now = m.StartsAt.Add(10 * time.Minute)
	if _, err := h.schedule.Begin(t.Context(), m.RoomID, h.people["linyue"].ID); err != nil {
		t.Fatal(err)
	}
	h.teller.notices = nil
	if m, err = h.schedule.Meeting(h.as(t, "linyue"), m.ID); err != nil || !m.May.Edit {
		t.Fatalf("the host may not change it: %+v, %v", m.May, err)
	}
	shanghai, err := time.LoadLocation(plan.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	later := func(d time.Duration) string { return m.StartsAt.In(shanghai).Add(d).Format("2006-01-02T15:04") }
	for name, spoil := range map[string]func(n *schedule.NewMeeting){
		"starts_at":   func(n *schedule.NewMeeting) { n.StartsAt = later(time.Minute) },
		"ends_at":     func(n *schedule.NewMeeting) { n.EndsAt = later(10 * time.Minute) },
		"host_id":     func(n *schedule.NewMeeting) { n.HostID = h.people["zhou"].ID },
		"video_codec": func(n *schedule.NewMeeting) { n.VideoCodec = schedule.CodecVP9 },
	} {
		n := plan
		spoil(&n)
		if _, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: n, Sequence: m.Sequence}); field(err) != name {
			t.Errorf("%s of a live meeting: %v", name, err)
		}
	}
	n := plan
	zhou := h.people["zhou"].ID
	n.Title, n.EndsAt = "延长的交流会", later(2*time.Hour)
	n.Invitees = append(slices.Clone(n.Invitees), schedule.NewInvitee{Kind: schedule.InviteeAccount, Ref: &zhou})
	if _, err := h.schedule.Change(h.as(t, "ambassador"), m.ID, schedule.MeetingChange{NewMeeting: n, Sequence: m.Sequence}); !errors.Is(err, schedule.ErrNotFound) {
		t.Errorf("a stranger changes it: %v", err)
	}
	after, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: n, Sequence: m.Sequence})
	if err != nil || after.Title != n.Title || !after.EndsAt.Equal(m.StartsAt.Add(2*time.Hour)) || after.State != schedule.StateLive {
		t.Fatalf("changed: %+v, %v", after, err)
	}
	if now, err := h.schedule.LiveIn(t.Context(), m.RoomID); err != nil || now == nil || now.Title != n.Title {
		t.Errorf("the live meeting is %+v, %v", now, err)
	}
	h.wantTold(t, notify.MeetingInvited) // it is no invitation to wait for
	h.wantTold(t, notify.MeetingBegun, "zhou")
}

func TestMeetingBegunEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.people["linyue"].ID
	own := h.arrange(t)
	if live, err := h.schedule.Begin(t.Context(), own.RoomID, host); err != nil || live.ID != own.ID {
		t.Errorf("in its own room begins %+v, %v", live, err)
	}
	if err := h.schedule.End(t.Context(), own.ID, h.now.Add(20*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if r, err := h.schedule.Record(t.Context(), own.ID); err != nil || !r.StartsAt.Equal(h.now) || !r.EndsAt.Equal(h.now.Add(20*time.Minute)) {
		t.Errorf("the record says %+v, %v", r, err)
	}
	shared := uuid.New()
	h.rooms.titles[shared], h.rooms.members[shared] = "群", []uuid.UUID{host}
	n := h.plan()
	n.RoomID = &shared
	refused := func(why, field string) {
		t.Helper()
		_, err := h.schedule.Arrange(h.as(t, "linyue"), n)
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Field != field {
			t.Errorf("%s: %v", why, err)
		}
	}
	refused("a guest let into a group's conversation", "room_id")
	n.Invitees = slices.DeleteFunc(n.Invitees, func(i schedule.NewInvitee) bool {
		return i.Kind == schedule.InviteeContact || i.Kind == schedule.InviteeAddress
	})
	refused("a stranger let into a group's conversation", "invitees")
	n.Invitees = nil
	arranged, err := h.schedule.Arrange(h.as(t, "linyue"), n)
	if err != nil || arranged.RoomID != shared {
		t.Fatalf("arranged in a room: %+v, %v", arranged, err)
	}
	if live, err := h.schedule.Begin(t.Context(), shared, host); err != nil || live.ID == arranged.ID {
		t.Errorf("two hours early a shared room holds %+v, %v", live, err)
	}
}

func TestSpontaneousMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	room := uuid.New()
	h.rooms.titles[room], h.rooms.members[room] = "墨西哥工作站", []uuid.UUID{h.people["mexico"].ID}
	begun := make(chan schedule.Live, 8)
	for range 8 {
		go func() {
			live, err := h.schedule.Begin(context.Background(), room, h.people["mexico"].ID)
			if err != nil {
				t.Error(err)
			}
			begun <- live
		}()
	}
	first := <-begun
	for range 7 {
		if other := <-begun; other.ID != first.ID {
			t.Errorf("two meetings at once: %v and %v", first.ID, other.ID)
		}
	}
	if err := h.schedule.End(t.Context(), first.ID, h.now.Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
	m, err := h.schedule.Meeting(h.as(t, "mexico"), first.ID)
	if err != nil || !m.Spontaneous || m.Title != "墨西哥工作站" || m.State != schedule.StateEnded || !m.EndsAt.Equal(h.now.Add(10*time.Minute)) {
		t.Errorf("held: %+v, %v", m, err)
	}
}

func TestAttendance(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	if m.Held != nil || m.Invitees[1].Came != nil {
		t.Errorf("before it was held: %+v", m)
	}
	h.now = m.StartsAt.Add(-4 * time.Minute) // people come a little early
	live, err := h.schedule.Begin(t.Context(), m.RoomID, h.people["linyue"].ID)
	if err != nil {
		t.Fatal(err)
	}
	host, expert := h.people["linyue"].ID, m.Invitees[1].ID
	join := func(person uuid.UUID, kind, name string, after time.Duration) {
		if err := h.schedule.RecordJoin(t.Context(), live.ID, person, kind, name, m.StartsAt.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	join(host, "account", "linyue", 0)
	join(host, "account", "linyue", time.Minute) // the same person on another device
	join(expert, "guest", "Ana", time.Minute)
	if err := h.schedule.RecordLeave(t.Context(), live.ID, expert, m.StartsAt.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	join(expert, "guest", "Ana", 3*time.Minute)
	join(h.people["zhou"].ID, "account", "zhou", 4*time.Minute)
	if err := h.schedule.End(t.Context(), live.ID, m.StartsAt.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	stays, err := h.schedule.Attendance(h.as(t, "mexico"), m.ID)
	if err != nil || len(stays) != 4 {
		t.Fatalf("stays: %+v, %v", stays, err)
	}
	if stays[0].Seconds != 3600 || stays[1].Seconds != 60 || stays[2].Seconds != 57*60 || stays[2].LeftAt == nil {
		t.Errorf("stays: %+v", stays)
	}
	if _, err := h.schedule.Attendance(h.as(t, "ambassador"), m.ID); !errors.Is(err, schedule.ErrNotFound) {
		t.Errorf("an ambassador reads attendance: %v", err)
	}
	r, err := h.schedule.Record(t.Context(), m.ID)
	want := []schedule.Expected{
		{Name: "linyue", Unit: "徐州侨联", Invited: true, Came: true},
		{Name: "墨西哥工作站", Unit: "墨西哥工作站", Invited: true},
		{Name: "Ana Torres", Unit: "Universidad", Title: "Professor", Guest: true, Invited: true, Came: true},
		{Name: "陈先生", Guest: true, Invited: true},
		{Name: "zhou", Unit: "徐州侨联", Came: true},
	}
	if err != nil || !slices.Equal(r.People, want) || len(r.Agenda) != 2 || r.HostName != "linyue" {
		t.Errorf("record: %+v, %v", r, err)
	}
	if !r.StartsAt.Equal(h.now) || !r.EndsAt.Equal(m.StartsAt.Add(time.Hour)) {
		t.Errorf("the record says %v to %v, not when it was held", r.StartsAt, r.EndsAt)
	}
	after, err := h.schedule.Meeting(h.as(t, "linyue"), m.ID)
	if err != nil || after.Held == nil || !after.Held.From.Equal(h.now) || !after.Held.To.Equal(m.StartsAt.Add(time.Hour)) {
		t.Fatalf("held: %+v, %v", after, err)
	}
	var came []bool
	for _, i := range after.Invitees {
		came = append(came, i.Came != nil && *i.Came)
	}
	if !slices.Equal(came, []bool{false, true, false}) {
		t.Errorf("of the station, the expert and the visitor came %v", came)
	}
}

func TestCrashAndForgottenMeetings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	h.now = m.StartsAt
	host := h.people["linyue"].ID
	live, err := h.schedule.Begin(t.Context(), m.RoomID, host)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.schedule.RecordJoin(t.Context(), live.ID, host, "account", "linyue", h.now); err != nil {
		t.Fatal(err)
	}
	h.now = m.StartsAt.Add(10 * time.Minute)
	if err := h.schedule.Sweep(t.Context()); err != nil { // the node was alive then
		t.Fatal(err)
	}
	for why, do := range map[string]func() error{
		"at another node":       func() error { return h.schedule.Recover(t.Context(), h.now, []uuid.UUID{m.RoomID}) },
		"since this node began": func() error { return h.schedule.Recover(t.Context(), m.StartsAt, nil) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if stays, err := h.schedule.Attendance(h.as(t, "linyue"), m.ID); err != nil || len(stays) != 1 || stays[0].LeftAt != nil {
			t.Fatalf("who is in the meeting %s has %+v, %v", why, stays, err)
		}
	}
	h.now = m.StartsAt.Add(30 * time.Minute)
	if err := h.schedule.Recover(t.Context(), h.now, nil); err != nil {
		t.Fatal(err)
	}
	stays, err := h.schedule.Attendance(h.as(t, "linyue"), m.ID)
	if err != nil || len(stays) != 1 || stays[0].LeftAt == nil || stays[0].Seconds != 600 {
		t.Errorf("stays after a crash: %+v, %v", stays, err)
	}
	if again, err := h.schedule.Begin(t.Context(), m.RoomID, host); err != nil || again.ID != live.ID {
		t.Errorf("who comes back finds %+v, %v", again, err)
	}
	h.now = m.EndsAt.Add(2*time.Hour + time.Minute)
	if err := h.schedule.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if swept, err := h.schedule.Meeting(h.as(t, "linyue"), m.ID); err != nil || swept.State != schedule.StateEnded {
		t.Errorf("a forgotten meeting is %s, %v", swept.State, err)
	}
}
