package schedule_test

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// inbox is a real SMTP server that keeps what it is given.
type inbox chan *mail.Message

func (i inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return i, nil }
func (inbox) Reset()                                        {}
func (inbox) Logout() error                                 { return nil }
func (inbox) Mail(string, *smtp.MailOptions) error          { return nil }
func (inbox) Rcpt(string, *smtp.RcptOptions) error          { return nil }

func (i inbox) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	m.Body = strings.NewReader(string(body))
	i <- m
	return nil
}

// serve runs the server for the time of the test.
func (i inbox) serve(t *testing.T) notify.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(i)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return notify.Config{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: "none", From: "云侨 <meeting@example.org>",
	}
}

// withMail returns the same schedule, writing real letters.
func (h *house) withMail(t *testing.T, config notify.Config) *schedule.Schedule {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	queue, err := notify.NewQueue(config, quiet)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.New(schedule.Deps{
		Pool: h.pool, Accounts: account.NewStore(h.pool), Directory: h.directory, Guests: h.guests, Rooms: h.rooms,
		Mailer: queue, Teller: h.teller, Announcer: h.announcer, Audit: audit.New(h.pool), House: h.schedule.House,
	})
	if err != nil {
		t.Fatal(err)
	}
	runner, err := notify.NewRunner(h.pool, notify.Work{Mail: config, Letters: s}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// A letter that will never arrive is shown at its invitee, to those who manage
// the meeting and to nobody else, until another one is written.
func TestUndeliveredIsShownAtTheInvitee(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.arrange(t)
	job := notify.Job{Letter: notify.Invitation, Meeting: m.ID, Sequence: m.Sequence, Invitee: m.Invitees[1].ID}
	note := func(job notify.Job) (notices []notify.Notice) {
		t.Helper()
		err := pgx.BeginFunc(t.Context(), h.pool, func(tx pgx.Tx) (err error) {
			notices, err = h.schedule.Undelivered(t.Context(), tx, job, "550 no such user")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return notices
	}
	told := note(job)
	if len(told) != 1 || told[0].Account != m.Host.ID || *told[0].Meeting != m.ID || told[0].Text != m.Invitees[1].Name {
		t.Errorf("told: %+v", told)
	}
	shown := func(who string) *string {
		t.Helper()
		seen, err := h.schedule.Meeting(h.as(t, who), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return seen.Invitees[1].Undelivered
	}
	if got := shown("linyue"); got == nil || *got != "550 no such user" {
		t.Errorf("the host sees %v", got)
	}
	if got := shown("mexico"); got != nil {
		t.Errorf("an invited station sees %q", *got)
	}
	n := h.plan()
	n.Title = "改期"
	if _, err := h.schedule.Change(h.as(t, "linyue"), m.ID, schedule.MeetingChange{NewMeeting: n, Sequence: m.Sequence}); err != nil {
		t.Fatal(err)
	}
	if got := shown("linyue"); got != nil {
		t.Errorf("after another letter: %q", *got)
	}
	if late := note(job); late != nil {
		t.Errorf("an older letter is told of: %+v", late)
	}
}

func TestInvitationsArriveByMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mails := make(inbox, 8)
	s := h.withMail(t, mails.serve(t))
	m, err := s.Arrange(h.as(t, "linyue"), h.plan())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ana@example.org": "Invitation: 人才交流会", "mexico@example.org": "Invitation: 人才交流会", "guest@example.org": "会议邀请：人才交流会",
	}
	ids := map[string]bool{}
	for range want {
		select {
		case letter := <-mails:
			to, err := letter.Header.AddressList("To")
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
			if err != nil || want[to[0].Address] != subject {
				t.Errorf("to %s: %q, %v", to[0].Address, subject, err)
			}
			ids[letter.Header.Get("Message-ID")] = true
		case <-time.After(20 * time.Second):
			t.Fatalf("a mail is missing; came: %v", ids)
		}
	}
	if len(ids) != 3 {
		t.Errorf("Message-IDs: %v", ids)
	}
	var waiting int
	const q = `select count(*) from river_job where state = 'scheduled' and args ->> 'letter' = 'reminder' and scheduled_at = $1`
	if err := h.pool.QueryRow(t.Context(), q, m.StartsAt.Add(-15*time.Minute)).Scan(&waiting); err != nil || waiting != 3 {
		t.Errorf("%d reminders wait, %v", waiting, err)
	}
}
