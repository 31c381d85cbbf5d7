package notify

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/SherClockHolmes/webpush-go"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// vapid is the installation's key pair (RFC 8292), by which push services
// know that it is always the same house that sends.
type vapid struct{ private, public string }

// readVAPID reads the keys, making them at the first start.
func readVAPID(ctx context.Context, pool *pgxpool.Pool) (vapid, error) {
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return vapid{}, fmt.Errorf("make keys of web push: %w", err)
	}
	const insert = `insert into secrets (name, value) values ('web push', $1) on conflict do nothing`
	if _, err := pool.Exec(ctx, insert, []byte(private+" "+public)); err != nil {
		return vapid{}, fmt.Errorf("keep keys of web push: %w", err)
	}
	var kept []byte
	if err := pool.QueryRow(ctx, `select value from secrets where name = 'web push'`).Scan(&kept); err != nil {
		return vapid{}, fmt.Errorf("read keys of web push: %w", err)
	}
	private, public, _ = strings.Cut(string(kept), " ")
	return vapid{private, public}, nil
}

// PushKey is what a browser needs to subscribe.
func (n *Notices) PushKey() string { return n.keys.public }

// PushBrowser is a browser that is pushed to.
type PushBrowser struct {
	ID     uuid.UUID `json:"id"`
	Device string    `json:"device"`
	// Current: it belongs to the sign-in that asks.
	Current   bool      `json:"current"`
	CreatedAt time.Time `json:"created_at"`
}

// NewPushBrowser is what a browser gives (PushSubscription of the Push API).
type NewPushBrowser struct {
	Endpoint string `json:"endpoint" maxLength:"2000"`
	P256dh   string `json:"p256dh" maxLength:"200"`
	Auth     string `json:"auth" maxLength:"100"`
}

// maxSubscriptions is how many browsers of one account are pushed to.
const maxSubscriptions = 20

func (s NewPushBrowser) check(o *Outside) error {
	if err := o.check("endpoint", s.Endpoint); err != nil {
		return err
	}
	key, err := decodeKey(s.P256dh)
	if err != nil {
		return problem.Invalid("p256dh", "base64url")
	}
	if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return problem.Invalid("p256dh", "a point of P-256 (RFC 8291 section 2.1)")
	}
	if secret, err := decodeKey(s.Auth); err != nil || len(secret) != 16 {
		return problem.Invalid("auth", "16 bytes in base64url (RFC 8291 section 3.2)")
	}
	return nil
}

func decodeKey(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// Subscribe keeps a browser for the sign-in that it belongs to, in place of what
// the same browser was reached by before. One that was somebody else's is this
// person's now.
func (n *Notices) Subscribe(ctx context.Context, account, session uuid.UUID, s NewPushBrowser) error {
	if err := s.check(n.Outside); err != nil {
		return err
	}
	const q = `
insert into push_subscriptions (id, account_id, session_id, endpoint, p256dh, auth, device)
select @id, @account, s.id, @endpoint, @p256dh, @auth, s.device from sessions s
where s.id = @session and s.account_id = @account
    and (select count(*) from push_subscriptions p where p.account_id = @account and p.endpoint <> @endpoint) < @most
on conflict (endpoint) do update set account_id = excluded.account_id, session_id = excluded.session_id,
    p256dh = excluded.p256dh, auth = excluded.auth, device = excluded.device`
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const replaced = `delete from push_subscriptions where session_id = $1 and account_id = $2 and endpoint <> $3`
		if _, err := tx.Exec(ctx, replaced, session, account, s.Endpoint); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": uuid.Must(uuid.NewV7()), "account": account, "session": session, "endpoint": s.Endpoint, "p256dh": s.P256dh,
			"auth": s.Auth, "most": maxSubscriptions,
		})
		if err == nil && tag.RowsAffected() == 0 {
			err = problem.New(http.StatusConflict, "too_many", "at most %d browsers are pushed to", maxSubscriptions)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("keep browser to push to: %w", err)
	}
	return nil
}

// Subscriptions lists an account's browsers.
func (n *Notices) Subscriptions(ctx context.Context, account, session uuid.UUID) ([]PushBrowser, error) {
	const q = `
select id, device, session_id = $2 as current, created_at from push_subscriptions where account_id = $1 order by created_at, id`
	rows, _ := n.Pool.Query(ctx, q, account, session)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[PushBrowser])
	if err != nil {
		return nil, fmt.Errorf("read browsers to push to: %w", err)
	}
	return list, nil
}

// Unsubscribe ends pushing to one of an account's browsers.
func (n *Notices) Unsubscribe(ctx context.Context, account, id uuid.UUID) error {
	tag, err := n.Pool.Exec(ctx, `delete from push_subscriptions where id = $1 and account_id = $2`, id, account)
	if err != nil {
		return fmt.Errorf("end pushing: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return problem.NotFound("subscription")
	}
	return nil
}

// pushJob pushes one notice to one browser.
type pushJob struct {
	Notice       int64     `json:"notice" river:"unique"`
	Subscription uuid.UUID `json:"subscription" river:"unique"`
}

// Kind implements river.JobArgs.
func (pushJob) Kind() string { return "push" }

const (
	// pushAttempts is how often a push is tried: for about twenty minutes, since
	// nobody needs it later.
	pushAttempts = 6
	// pushFor is how long a push service keeps what it cannot deliver.
	pushFor = 4 * time.Hour
	// pushAgain is how long a push waits whose person has had too many.
	pushAgain = 20 * time.Second
)

// pushLimit is how much one person's pocket takes: a talk at which somebody is
// named now and then, not a flood.
var pushLimit = budget.Limit{Rate: 0.1, Burst: 30} //nolint:gochecknoglobals // a constant

// pushWorker pushes.
type pushWorker struct {
	river.WorkerDefaults[pushJob]
	notices *Notices
}

// Work implements river.Worker.
func (w *pushWorker) Work(ctx context.Context, job *river.Job[pushJob]) error {
	p, err := w.notices.readPush(ctx, job.Args)
	switch {
	case errors.Is(err, ErrStale):
		return river.JobCancel(err)
	case err != nil:
		return err
	}
	if until := p.quietHours().until(time.Now()); !p.urgent && !until.IsZero() {
		return river.JobSnooze(time.Until(until)) // the settings have changed since
	}
	if !p.urgent && w.notices.Pushes.Ask(time.Now(), p.AccountID.String(), 1) != nil {
		if p.superseded {
			return river.JobCancel(errSuperseded)
		}
		return river.JobSnooze(pushAgain)
	}
	return w.notices.push(ctx, p)
}

// push is what one push is made of.
type push struct {
	target
	kind        NoticeKind
	room        *uuid.UUID
	meeting     *uuid.UUID
	title, text string
	urgent      bool
	// superseded: there is a newer one about the same room, which would be shown in
	// this one's place.
	superseded bool
}

var errSuperseded = errors.New("a newer notice of the same room is shown in its place")

// readPush reads a notice that is still unread and the browser it is for.
func (n *Notices) readPush(ctx context.Context, job pushJob) (push, error) {
	t, err := n.target(ctx, job.Subscription)
	if err != nil {
		return push{}, err
	}
	if err := n.followReading(ctx, []uuid.UUID{t.AccountID}); err != nil {
		return push{}, err
	}
	p := push{target: t}
	const q = `
select kind, room_id, meeting_id, title, text, urgent, exists (select from notices x
    where x.account_id = n.account_id and x.room_id = n.room_id and x.id > n.id and x.meeting_id is not distinct from n.meeting_id and x.told_at is not null and x.read_at is null)
from notices n where id = $1 and account_id = $2 and read_at is null`
	err = n.Pool.QueryRow(ctx, q, job.Notice, t.AccountID).
		Scan(&p.kind, &p.room, &p.meeting, &p.title, &p.text, &p.urgent, &p.superseded)
	if errors.Is(err, pgx.ErrNoRows) {
		return push{}, ErrStale
	}
	if err != nil {
		return push{}, fmt.Errorf("read notice to push: %w", err)
	}
	return p, nil
}

// pushed is what the service worker shows.
type pushed struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	// Tag replaces what was shown of the same before.
	Tag string `json:"tag"`
	// Path is where a click leads.
	Path string `json:"path"`
}

// payload words a push. Names and words of messages are in it only for those
// who chose so: it is shown on locked screens.
func (p push) payload() pushed {
	shown := pushed{Title: heading(p.kind, p.Language), Path: "/notices", Tag: string(p.kind)}
	switch {
	case p.meeting != nil:
		shown.Path, shown.Tag = "/meetings/"+p.meeting.String(), p.meeting.String()
	case p.room != nil:
		shown.Path, shown.Tag = "/rooms/"+p.room.String(), p.room.String()
	}
	if p.WithText {
		shown.Body = p.title
		if p.text != "" {
			shown.Body += ": " + p.text
		}
	}
	return shown
}

// isGone says whether a push service will never again take anything for a
// subscription: it has ended (RFC 8030 section 7.3), or was made under another
// key than the hub has now (RFC 8292 section 4.2). The browser subscribes anew
// when its person next opens the page.
func isGone(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// push hands a notice to the browser's push service.
func (n *Notices) push(ctx context.Context, p push) error {
	body, err := json.Marshal(p.payload())
	if err != nil {
		return fmt.Errorf("write push: %w", err)
	}
	urgency := webpush.UrgencyNormal
	if p.urgent || p.kind == MissedCall || p.kind == Reminded {
		urgency = webpush.UrgencyHigh
	}
	return n.send(ctx, p.target, body, urgency, pushFor)
}

// send hands a body to a browser's push service, which keeps it for so long.
func (n *Notices) send(ctx context.Context, t target, body []byte, urgency webpush.Urgency, keep time.Duration) error {
	response, err := webpush.SendNotificationWithContext(ctx, body,
		&webpush.Subscription{Endpoint: t.Endpoint, Keys: webpush.Keys{Auth: t.Auth, P256dh: t.P256dh}},
		&webpush.Options{
			HTTPClient: n.Outside, Subscriber: n.House.URL, TTL: int(keep.Seconds()), Urgency: urgency,
			VAPIDPublicKey: n.keys.public, VAPIDPrivateKey: n.keys.private,
		})
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // what it says is for nobody
	switch {
	case isGone(response.StatusCode):
		if _, err := n.Pool.Exec(ctx, `delete from push_subscriptions where id = $1`, t.ID); err != nil {
			return fmt.Errorf("remove browser that is gone: %w", err)
		}
		return river.JobCancel(errors.New("the browser is gone"))
	case response.StatusCode >= 400 && response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests:
		return river.JobCancel(fmt.Errorf("the push service refuses with status %d", response.StatusCode))
	case response.StatusCode >= 300:
		return fmt.Errorf("the push service answers with status %d", response.StatusCode)
	}
	return nil
}
