package notify_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// office is a real SMTP server that keeps what it is given.
type office struct {
	got    chan *mail.Message
	refuse *smtp.SMTPError
}

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return &visit{o}, nil }

// visit is one connection to the office.
type visit struct{ office *office }

func (*visit) Reset()                               {}
func (*visit) Logout() error                        { return nil }
func (*visit) Mail(string, *smtp.MailOptions) error { return nil }

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if v.office.refuse != nil && strings.HasPrefix(to, "nobody@") {
		return v.office.refuse
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	v.office.got <- message
	return nil
}

func open(t *testing.T, o *office) notify.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(o)
	server.Domain = "localhost"
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

// letters writes every job alike, but for those it finds out of date, and
// keeps those that will not arrive.
type letters struct {
	stale uuid.UUID
	name  string
	lost  chan string
}

// Undelivered implements notify.Letters.
func (l letters) Undelivered(_ context.Context, _ pgx.Tx, job notify.Job, reason string) ([]notify.Notice, error) {
	if l.lost != nil {
		l.lost <- reason
	}
	return []notify.Notice{{Account: job.Account, Kind: notify.Undelivered, Key: "undelivered", Meeting: &job.Meeting, Title: "交流会", Text: "徐崇宇"}}, nil
}

func (l letters) Letter(_ context.Context, job notify.Job) (notify.Letter, error) {
	if job.Invitee == l.stale {
		return notify.Letter{}, notify.ErrStale
	}
	to := "xu@example.org"
	if job.Sequence == 99 {
		to = "nobody@example.org"
	}
	return notify.Letter{
		To: to, ToName: cmp.Or(l.name, "徐崇宇"), Subject: "会议邀请：交流会", Text: "您好", HTML: "<p>您好</p>",
		Calendar: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), Method: "REQUEST", MessageID: job.Invitee.String(),
	}, nil
}

func enqueue(t *testing.T, pool *pgxpool.Pool, q *notify.Queue, jobs ...notify.Job) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return q.Enqueue(t.Context(), tx, jobs...) }); err != nil {
		t.Fatal(err)
	}
}

// work sends letters for the time of the test.
func work(t *testing.T, pool *pgxpool.Pool, config notify.Config, l notify.Letters) {
	t.Helper()
	start(t, pool, notify.Work{Mail: config, Letters: l})
}

// start does jobs until the test ends, or stop is called.
func start(t *testing.T, pool *pgxpool.Pool, w notify.Work) (stop func()) {
	t.Helper()
	runner, err := notify.NewRunner(pool, w, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func newQueue(t *testing.T, config notify.Config) *notify.Queue {
	t.Helper()
	q, err := notify.NewQueue(config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func wait(t *testing.T, o *office) *mail.Message {
	t.Helper()
	select {
	case m := <-o.got:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
		return nil
	}
}

func TestLetterArrivesOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	q := newQueue(t, config)
	stale, good, last := uuid.New(), uuid.New(), uuid.New()
	enqueue(t, pool, q, notify.Job{Letter: notify.Invitation, Invitee: stale})
	enqueue(t, pool, q, notify.Job{Letter: notify.Invitation, Invitee: good})
	enqueue(t, pool, q, notify.Job{Letter: notify.Invitation, Invitee: good})
	rolledBack := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_ = q.Enqueue(t.Context(), tx, notify.Job{Letter: notify.Invitation, Invitee: uuid.New()})
		return context.Canceled
	})
	if rolledBack == nil {
		t.Fatal("the transaction was to be rolled back")
	}
	work(t, pool, config, letters{stale: stale})
	work(t, pool, config, letters{stale: stale}) // a second node
	m := wait(t, o)
	if id := m.Header.Get("Message-ID"); id != "<"+good.String()+"@example.org>" {
		t.Errorf("Message-ID %s", id)
	}
	enqueue(t, pool, q, notify.Job{Letter: notify.Invitation, Invitee: good}, notify.Job{Letter: notify.Invitation, Invitee: last})
	if id := wait(t, o).Header.Get("Message-ID"); id != "<"+last.String()+"@example.org>" {
		t.Errorf("sent twice: %s", id)
	}
	if len(o.got) != 0 {
		t.Errorf("%d mails too many", len(o.got))
	}
}

func TestLetterIsTextHTMLAndCalendar(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	enqueue(t, pool, newQueue(t, config), notify.Job{Letter: notify.Invitation, Invitee: uuid.New()})
	work(t, pool, config, letters{})
	m := wait(t, o)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "会议邀请：交流会" {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || to[0].Name != "徐崇宇" || to[0].Address != "xu@example.org" {
		t.Errorf("to %v, %v", to, err)
	}
	found := map[string]bool{}
	collect(t, m.Header.Get("Content-Type"), m.Body, found)
	for _, want := range []string{"text/plain", "text/html", "text/calendar", "application/ics"} {
		if !found[want] {
			t.Errorf("no %s among %v", want, found)
		}
	}
}

// collect notes the types of a message's parts, inner ones included.
func collect(t *testing.T, contentType string, body io.Reader, found map[string]bool) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	found[kind] = true
	if kind == "text/calendar" && params["method"] != "REQUEST" {
		t.Errorf("calendar with %v", params)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		collect(t, part.Header.Get("Content-Type"), part, found)
	}
}

func TestRefusedLetterIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code  int
		state string
	}{"for good": {550, "cancelled"}, "for now": {451, "retryable"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			o := &office{got: make(chan *mail.Message, 8), refuse: &smtp.SMTPError{Code: test.code, Message: "no"}}
			config := open(t, o)
			enqueue(t, pool, newQueue(t, config), notify.Job{Letter: notify.Invitation, Sequence: 99, Invitee: uuid.New()})
			lost := make(chan string, 8)
			work(t, pool, config, letters{lost: lost})
			deadline := time.Now().Add(20 * time.Second)
			state := ""
			for state != test.state && time.Now().Before(deadline) {
				if err := pool.QueryRow(t.Context(), `select state::text from river_job`).Scan(&state); err != nil {
					t.Fatal(err)
				}
			}
			if state != test.state {
				t.Errorf("the job is %s, want %s", state, test.state)
			}
			if state == "retryable" {
				if len(lost) != 0 {
					t.Errorf("given up at the first try: %s", <-lost)
				}
				if _, err := pool.Exec(t.Context(), `update river_job set attempt = max_attempts - 1, scheduled_at = now()`); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case reason := <-lost:
				if !strings.Contains(reason, strconv.Itoa(test.code)) {
					t.Errorf("given up for %q", reason)
				}
			case <-time.After(20 * time.Second):
				t.Error("nobody is told")
			}
		})
	}
}

func TestWithoutServerNothingIsEnqueued(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	q := newQueue(t, notify.Config{})
	enqueue(t, pool, q, notify.Job{Letter: notify.Invitation, Invitee: uuid.New()})
	count := -1
	if err := pool.QueryRow(t.Context(), `select count(*) from river_job`).Scan(&count); err != nil || count != 0 || q.Enabled() {
		t.Errorf("%d jobs, %v", count, err)
	}
}

// Whatever somebody is called, the letter comes to them under their name.
func TestAnyNameIsWrittenTo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	o := &office{got: make(chan *mail.Message, 8)}
	config := open(t, o)
	queue := newQueue(t, config)
	for _, name := range []string{
		`Bob "`, `李明\`, `Robert "Bob" Lee`, `O'Neil, "Ana" <x@example.org>`, "Жанна (Алматы)", strings.Repeat("长", 60), `\"`, "=?utf-8?q?x?=",
	} {
		t.Run(name, func(t *testing.T) {
			stop := start(t, pool, notify.Work{Mail: config, Letters: letters{name: name}})
			enqueue(t, pool, queue, notify.Job{Letter: notify.Invitation, Invitee: uuid.New()})
			to, err := wait(t, o).Header.AddressList("To")
			if err != nil || len(to) != 1 || strings.ReplaceAll(to[0].Name, "＼", `\`) != name || to[0].Address != "xu@example.org" {
				t.Errorf("to %v, %v", to, err)
			}
			stop()
		})
	}
}

// rescue makes a job look as if its process had died under it, so often.
func rescue(t *testing.T, w *world, deaths int) {
	t.Helper()
	const q = `
update river_job set state = 'running', attempt = $1::int, attempted_at = now() - interval '10 minutes', attempted_by = '{gone}',
    errors = array_fill('{"at":"2026-11-30T00:00:00Z","attempt":1,"error":"Stuck job rescued by JobRescuer","trace":""}'::jsonb, array[$1 - 1])`
	w.exec(t, q, deaths)
}

// A job that was running when the process died is tried again; when that
// happened twice it is put aside, and those who wait for it are told.
func TestAJobThatEndsTheProcessIsPutAside(t *testing.T) {
	t.Parallel()
	for deaths, survives := range map[int]bool{1: true, 2: false} {
		t.Run(strconv.Itoa(deaths), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			o := &office{got: make(chan *mail.Message, 8)}
			config := open(t, o)
			n := w.notices(t, config)
			host := w.person(t, "host", "UTC", notify.Member{})
			enqueue(t, w.pool, newQueue(t, config), notify.Job{Letter: notify.Invitation, Invitee: uuid.New(), Meeting: uuid.New(), Account: host})
			rescue(t, w, deaths)
			start(t, w.pool, notify.Work{Mail: config, Letters: letters{}, Notices: n})
			if survives {
				wait(t, o)
				return
			}
			w.until(t, "putting aside", `select state = 'cancelled' from river_job`)
			w.bring(t, n)
			if got := w.list(t, n, host); len(got) != 1 || got[0] != "undelivered 交流会: 徐崇宇" || len(o.got) != 0 {
				t.Errorf("told %q, %d letters sent", got, len(o.got))
			}
		})
	}
}
