package schedule_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

func (h *house) job(t *testing.T, kind notify.Kind, sequence int, invitee uuid.UUID) notify.Job {
	t.Helper()
	for _, j := range h.mailer.jobs {
		if j.Letter == kind && j.Sequence == sequence && j.Invitee == invitee {
			return j
		}
	}
	t.Fatalf("no %s of sequence %d among %+v", kind, sequence, h.mailer.jobs)
	return notify.Job{}
}

func TestLettersSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	expert, err := h.schedule.Letter(t.Context(), h.job(t, notify.Invitation, 0, m.Invitees[1].ID))
	if err != nil || expert.To != "ana@example.org" || expert.Subject != "Invitation: 人才交流会" || expert.Method != "REQUEST" {
		t.Fatalf("to the expert: %+v, %v", expert, err)
	}
	for _, want := range []string{"Dear Ana Torres,", "Beijing time", "Sao Paulo time", "/join#"} {
		if !strings.Contains(expert.Text, want) || !strings.Contains(expert.HTML, want) {
			t.Errorf("no %q in\n%s\n%s", want, expert.Text, expert.HTML)
		}
	}
	if file := string(expert.Calendar); !strings.Contains(file, "METHOD:REQUEST") || !strings.Contains(file, ":mailto:meeting@example.org") {
		t.Errorf("calendar: %s", expert.Calendar)
	}
	station, err := h.schedule.Letter(t.Context(), h.job(t, notify.Invitation, 0, m.Invitees[0].ID))
	if err != nil || station.To != "mexico@example.org" || !strings.Contains(station.Text, "https://hub.example.org/meetings/"+m.ID.String()) {
		t.Errorf("to the station: %+v, %v", station, err)
	}
	if strings.Contains(station.Text, "/join#") {
		t.Error("a station is sent a guest's link")
	}
	address, err := h.schedule.Letter(t.Context(), h.job(t, notify.Reminder, 0, m.Invitees[2].ID))
	if err != nil || address.Subject != "会议即将开始：人才交流会" || len(address.Calendar) != 0 || !strings.Contains(address.Text, "柏林时间") {
		t.Errorf("reminder: %+v, %v", address, err)
	}
	for _, l := range []notify.Letter{expert, station, address} {
		linksEnd(t, l.Text)
		linksEnd(t, l.HTML)
	}
	if expert.MessageID == station.MessageID || expert.MessageID == "" {
		t.Errorf("ids %q and %q", expert.MessageID, station.MessageID)
	}
}

// linksEnd checks that where our links end nothing stands that a mail program could
// take for a part of them: what it reads as a link is ASCII to the end of the line, a
// space, a quotation mark or a tag.
func linksEnd(t *testing.T, text string) {
	t.Helper()
	links := regexp.MustCompile(`https://hub\.example\.org[!-~]*`)
	ends := regexp.MustCompile(`^([\s<"]|$)`)
	found := links.FindAllStringIndex(text, -1)
	if len(found) == 0 {
		t.Errorf("no link in\n%s", text)
	}
	for _, at := range found {
		link, _, _ := strings.Cut(text[at[0]:at[1]], `"`)
		link, _, _ = strings.Cut(link, "<")
		if !ends.MatchString(text[at[0]+len(link):]) || strings.ContainsAny(link[len(link)-1:], ".,;:!?)") {
			t.Errorf("something stands behind the link %s in\n%s", link, text)
		}
	}
}

func TestLettersThatTimeHasOvertaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	expert := m.Invitees[1].ID
	first, reminder := h.job(t, notify.Invitation, 0, expert), h.job(t, notify.Reminder, 0, expert)
	if _, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: h.plan()}); err != nil {
		t.Fatal(err)
	}
	for _, job := range []notify.Job{first, reminder, {Letter: notify.Invitation, Meeting: uuid.New()}, {Letter: notify.Cancellation, Meeting: m.ID, Invitee: expert}} {
		if _, err := h.schedule.Letter(t.Context(), job); !errors.Is(err, notify.ErrStale) {
			t.Errorf("%+v is not stale: %v", job, err)
		}
	}
	second := h.job(t, notify.Invitation, 1, expert)
	if l, err := h.schedule.Letter(t.Context(), second); err != nil || !strings.HasPrefix(l.Subject, "Updated invitation") {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := h.schedule.Cancel(h.as(t, "linyue"), m.ID, "Typhoon <b>"); err != nil {
		t.Fatal(err)
	}
	l, err := h.schedule.Letter(t.Context(), h.job(t, notify.Cancellation, 2, expert))
	if err != nil || l.Method != "CANCEL" || !strings.Contains(l.HTML, "Typhoon &lt;b&gt;") || strings.Contains(l.Text, "/join#") {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := h.schedule.Letter(t.Context(), second); !errors.Is(err, notify.ErrStale) {
		t.Errorf("an invitation to a cancelled meeting: %v", err)
	}
}
