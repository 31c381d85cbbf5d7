package schedule_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// outside is a meeting with so many invited by an address.
func (h *house) outside(n int) schedule.NewMeeting {
	m := h.plan()
	m.Invitees = nil
	for i := range n {
		email := fmt.Sprintf("guest%d@example.org", i)
		m.Invitees = append(m.Invitees, schedule.NewInvitee{Kind: schedule.InviteeAddress, Name: fmt.Sprint("客人", i), Email: &email})
	}
	return m
}

// A station's account cannot write to hundreds of strangers in the house's name:
// what is over is refused whole, with the invitees as the reason and when it is
// possible again. Who is inside is invited without a limit.
func TestLettersToOutsidersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mexico := h.as(t, "mexico")
	begin := h.now
	arrange := func(n int) error {
		m := h.outside(n)
		m.HostID = h.people["mexico"].ID
		_, err := h.schedule.Arrange(mexico, m)
		return err
	}
	if err := arrange(200); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Hour)
	if err := arrange(100); err != nil {
		t.Fatal(err)
	}
	letters := len(h.mailer.jobs)
	h.now = h.now.Add(time.Hour)
	err := arrange(1)
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Status != 429 || p.Code != "many_letters" || p.Field != "invitees" || p.GetHeaders().Get("Retry-After") == "" {
		t.Fatalf("the 301st letter of a day: %v", err)
	}
	if again := p.Extra["again_at"].(time.Time); !again.Equal(begin.Add(24 * time.Hour)) {
		t.Errorf("again at %v", again)
	}
	if len(h.mailer.jobs) != letters {
		t.Error("refused and sent")
	}
	if err := arrange(0); err != nil {
		t.Errorf("without outsiders: %v", err)
	}
	if _, err := h.schedule.Arrange(h.as(t, "linyue"), h.plan()); err != nil {
		t.Errorf("another account: %v", err)
	}
	h.now = begin.Add(24 * time.Hour)
	if err := arrange(200); err != nil {
		t.Errorf("a day later: %v", err)
	}
	if err := arrange(1); err == nil {
		t.Error("the day begins anew though half of the letters are younger")
	}
}

// Changing a meeting again and again writes to everybody again and again.
func TestChangesSpendLettersToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m, err := h.schedule.Arrange(h.as(t, "linyue"), h.outside(250))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		m, err = h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: h.outside(250), Sequence: m.Sequence})
		if problem.Code(err) == "many_letters" && n == 1 {
			break
		}
		if err != nil || n > 0 {
			t.Fatalf("change %d: %v", n, err)
		}
	}
	// The host may always call it off, and everybody hears of it.
	planned, err := h.schedule.List(h.as(t, "linyue"), h.now, h.now.AddDate(0, 0, 1), 10)
	if err != nil || len(planned) != 1 {
		t.Fatal(planned, err)
	}
	letters := len(h.mailer.jobs)
	if _, err := h.schedule.Cancel(h.as(t, "linyue"), planned[0].ID, "改期"); err != nil || len(h.mailer.jobs) != letters+250 {
		t.Errorf("cancelled: %v, %d letters", err, len(h.mailer.jobs)-letters)
	}
}

// All accounts together write so many letters an hour.
func TestTheHouseWritesSoManyLettersAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	begin := h.now
	for n, name := range []string{"linyue", "linyue", "zhou", "zhou", "admin"} {
		h.now = h.now.Add(time.Minute)
		_, err := h.schedule.Arrange(h.as(t, name), h.outside(250))
		if p, _ := errors.AsType[*problem.Error](err); (n == 4) != (p != nil) {
			t.Fatalf("meeting %d: %v", n, err)
		} else if n == 4 && !p.Extra["again_at"].(time.Time).Equal(begin.Add(time.Minute+time.Hour)) {
			t.Errorf("again at %v", p.Extra)
		}
	}
	h.now = begin.Add(time.Minute + time.Hour)
	if _, err := h.schedule.Arrange(h.as(t, "admin"), h.outside(250)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}
