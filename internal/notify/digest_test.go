package notify_test

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// quietNow are settings whose quiet hours are on now, or are not, in UTC.
func quietNow(quiet bool) notify.NoticeSettings {
	now := time.Now().UTC()
	minute := now.Hour()*60 + now.Minute()
	s := notify.NoticeSettings{Mail: true, Quiet: true, QuietFrom: (minute + 1380) % 1440, QuietTo: (minute + 120) % 1440}
	if !quiet {
		s.QuietFrom, s.QuietTo = (minute+120)%1440, (minute+180)%1440
	}
	return s
}

// set keeps somebody's settings.
func (w *world) set(t *testing.T, n *notify.Notices, who uuid.UUID, s notify.NoticeSettings) {
	t.Helper()
	if err := n.WriteSettings(t.Context(), who, s); err != nil {
		t.Fatal(err)
	}
}

func subjectOf(t *testing.T, m *mail.Message) string {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return subject
}

// ages makes what was told and made so much older.
func (w *world) age(t *testing.T, by string) {
	t.Helper()
	w.exec(t, `update notices set told_at = told_at - $1::interval`, by)
	w.exec(t, `update digests set made_at = made_at - $1::interval`, by)
}

func TestWhatIsUnseenComesByLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	n := w.notices(t, config)
	author := w.person(t, "author", "UTC", notify.Member{})
	reader, asleep := w.person(t, "reader", "UTC", notify.Member{Language: "en"}), w.person(t, "asleep", "UTC", notify.Member{})
	none, read := w.person(t, "none", "UTC", notify.Member{}), w.person(t, "read", "UTC", notify.Member{})
	for _, who := range []uuid.UUID{reader, read} {
		w.set(t, n, who, quietNow(false))
	}
	w.set(t, n, asleep, quietNow(true))
	silent := quietNow(false)
	silent.Mail = false
	w.set(t, n, none, silent)
	w.run(t, n, config)
	w.run(t, n, config) // another node
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "机密"})
	w.bring(t, n)
	digest := func() {
		t.Helper()
		if err := n.MakeDigests(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	digest() // too early for anybody
	w.age(t, "16 minutes")
	w.mu.Lock()
	w.marks[read] = 2
	w.mu.Unlock()
	digest()
	digest()
	m := wait(t, o)
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	if to := m.Header.Get("To"); !strings.Contains(to, "reader@") || subjectOf(t, m) != "Test Federation: 1 unread notice" {
		t.Errorf("a letter to %s: %s", to, subjectOf(t, m))
	}
	if strings.Contains(string(body), "机密") || !strings.Contains(string(body), "https://hub.example.org/") {
		t.Errorf("the letter says %s", body)
	}
	w.until(t, "noting the letter", `select count(*) = 1 from digests where sent_at is not null`)
	// More within the hour waits for the next one.
	w.say(notify.Event{Author: author, AuthorName: "林", Text: "又一条"})
	w.bring(t, n)
	w.age(t, "20 minutes")
	digest()
	w.until(t, "no second letter", `select count(*) = 1 from digests`)
	w.age(t, "45 minutes")
	digest()
	if m := wait(t, o); !strings.Contains(m.Header.Get("To"), "reader@") {
		t.Errorf("the second letter is to %s", m.Header.Get("To"))
	}
	if len(o.got) != 0 {
		t.Errorf("%d letters too many", len(o.got))
	}
}

// The node dies between the server's answer and its note of it: the letter
// comes again under the same Message-ID, and no other.
func TestALetterSentTwiceIsOneToTheReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	n := w.notices(t, config)
	me := w.person(t, "me", "UTC", notify.Member{})
	w.set(t, n, me, quietNow(false))
	w.tell(t, n, notify.Notice{Account: me, Kind: notify.MissedCall, Key: "1", Title: "林"})
	w.bring(t, n)
	w.age(t, "16 minutes")
	if err := n.MakeDigests(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Nothing can be noted, as if the node were gone.
	w.exec(t, `create function broken() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$`)
	w.exec(t, `create trigger broken before update on digests for each row execute function broken()`)
	w.run(t, n, config)
	first := wait(t, o)
	w.until(t, "trying again", `select bool_or(attempt >= 1 and state = 'retryable') from river_job`)
	w.exec(t, `drop trigger broken on digests`)
	w.exec(t, `update river_job set scheduled_at = now() where state = 'retryable'`)
	w.until(t, "noting the letter", `select sent_at is not null from digests`)
	again := 0
	for ; len(o.got) > 0; again++ {
		if a, b := first.Header.Get("Message-ID"), wait(t, o).Header.Get("Message-ID"); a != b || a == "" {
			t.Errorf("two letters: %s and %s", a, b)
		}
	}
	if again == 0 {
		t.Error("the letter was not sent again")
	}
}

func TestALetterThatCannotBeSentIsNotInTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	n := w.notices(t, config)
	me := w.person(t, "me", "UTC", notify.Member{})
	w.set(t, n, me, quietNow(false))
	w.run(t, n, config)
	for i := range 2 {
		w.tell(t, n, notify.Notice{Account: me, Kind: notify.MissedCall, Key: fmt.Sprint(i), Title: "林"})
		w.bring(t, n)
		w.exec(t, `update accounts set email = 'not an address' where id = $1`, me)
		w.age(t, "2 hours")
		if err := n.MakeDigests(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.until(t, "giving up", `select count(*) = $1 from digests where dropped_at is not null`, i+1)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.notices(t, notify.Config{})
	me := w.person(t, "me", "UTC", notify.Member{})
	s, err := n.ReadSettings(t.Context(), me)
	if err != nil || s != (notify.NoticeSettings{Mail: true, Quiet: true, QuietFrom: 1320, QuietTo: 420}) {
		t.Errorf("to begin with %+v, %v", s, err)
	}
	var fields []string
	for _, bad := range []notify.NoticeSettings{{QuietFrom: -1}, {QuietFrom: 1440}, {QuietTo: 1440}} {
		if err := n.WriteSettings(t.Context(), me, bad); problem.Code(err) != "invalid" {
			t.Errorf("%+v: %v", bad, err)
		} else {
			fields = append(fields, strings.Split(err.Error(), ": ")[1])
		}
	}
	if !slices.Equal(fields, []string{"quiet_from", "quiet_from", "quiet_to"}) {
		t.Errorf("the fields at fault: %v", fields)
	}
	want := notify.NoticeSettings{WithText: true, QuietFrom: 1, QuietTo: 2}
	w.set(t, n, me, want)
	if s, err := n.ReadSettings(t.Context(), me); err != nil || s != want {
		t.Errorf("kept %+v, %v", s, err)
	}
}
