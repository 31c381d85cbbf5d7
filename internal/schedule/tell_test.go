package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func (h *house) wantTold(t *testing.T, kind notify.NoticeKind, names ...string) {
	t.Helper()
	if got := h.told(kind); !slices.Equal(got, names) {
		t.Errorf("%s: told %v, want %v", kind, got, names)
	}
}

// Whoever has an account and is invited is told, on their clock and in their
// language; who is no longer invited, too; who did it, never.
func TestAccountsAreToldOfTheirMeetings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plan := h.plan()
	plan.Invitees = append(plan.Invitees, schedule.NewInvitee{Kind: schedule.InviteeAccount, Ref: new(h.people["zhou"].ID)})
	m, err := h.schedule.Arrange(h.as(t, "linyue"), plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range h.teller.notices {
		mexican := strings.Contains(n.Text, "UTC-6")
		if n.Title != "人才交流会" || mexican != (n.Account == h.people["mexico"].ID) || *n.Room != m.RoomID {
			t.Errorf("%+v", n)
		}
		if n.Kind == notify.MeetingSoon && (!n.At.Equal(m.StartsAt.Add(-10*time.Minute)) || !n.Urgent) {
			t.Errorf("soon is told at %v", n.At)
		}
	}
	h.wantTold(t, notify.MeetingInvited, "mexico", "zhou")
	h.wantTold(t, notify.MeetingSoon, "linyue", "mexico", "zhou")

	change := schedule.MeetingChange{NewMeeting: plan, Sequence: m.Sequence}
	change.Note = "无关紧要"
	if m, err = h.schedule.Change(h.as(t, "linyue"), m.ID, change); err != nil {
		t.Fatal(err)
	}
	h.wantTold(t, notify.MeetingChanged) // nothing that they have to know
	change.Sequence, change.Title = m.Sequence, "人才座谈会"
	change.Invitees = []schedule.NewInvitee{plan.Invitees[0], {Kind: schedule.InviteeAccount, Ref: new(h.people["ambassador"].ID)}}
	if m, err = h.schedule.Change(h.as(t, "linyue"), m.ID, change); err != nil {
		t.Fatal(err)
	}
	h.wantTold(t, notify.MeetingChanged, "mexico")
	h.wantTold(t, notify.MeetingInvited, "ambassador")
	h.wantTold(t, notify.MeetingCancelled, "zhou")
	if _, err := h.schedule.Cancel(h.as(t, "linyue"), m.ID, ""); err != nil {
		t.Fatal(err)
	}
	h.wantTold(t, notify.MeetingCancelled, "ambassador", "mexico")
	h.wantTold(t, notify.MeetingSoon) // it is taken back
}

// A meeting that begins calls those who are not there, once; who waits for it calls
// those who lead it, when it is near.
func TestABeginningCallsThoseWhoAreNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	guest := uuid.New()
	wait := func() {
		t.Helper()
		if err := h.schedule.TellWaiting(t.Context(), m.ID, guest, "Ana Torres"); err != nil {
			t.Fatal(err)
		}
	}
	wait()
	h.wantTold(t, notify.GuestWaits) // two hours before
	h.now = m.StartsAt.Add(-12 * time.Minute)
	wait()
	h.wantTold(t, notify.GuestWaits, "linyue")
	for range 2 {
		if _, err := h.schedule.Begin(t.Context(), m.RoomID, h.people["mexico"].ID); err != nil {
			t.Fatal(err)
		}
	}
	h.wantTold(t, notify.MeetingBegun, "linyue")
	h.wantTold(t, notify.MeetingSoon) // it has begun: nobody is told that it will
	if err := h.schedule.RecordJoin(t.Context(), m.ID, h.people["linyue"].ID, "account", "linyue", h.now); err != nil {
		t.Fatal(err)
	}
	if err := h.schedule.End(t.Context(), m.ID, h.now); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(h.teller.came, []uuid.UUID{h.people["linyue"].ID, uuid.Nil}) {
		t.Errorf("came: %v", h.teller.came)
	}
	wait()
	h.wantTold(t, notify.GuestWaits) // it is over
}
