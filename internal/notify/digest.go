package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// digestJob is one letter of what one person has not seen.
type digestJob struct {
	Digest uuid.UUID `json:"digest" river:"unique"`
}

// Kind implements river.JobArgs.
func (digestJob) Kind() string { return "digest" }

// digestPause is how far apart two letters to one person are at least.
const digestPause = time.Hour

// MakeDigests makes a letter for everybody to whom something has been unseen
// for a while, unless one went out within the hour or their hours are quiet.
func (n *Notices) MakeDigests(ctx context.Context) error {
	if !n.Queue.Enabled() {
		return nil
	}
	const q = `
select a.id, ` + personColumns + `, bool_or(n.urgent) as urgent
from notices n join accounts a on a.id = n.account_id left join notice_settings t on t.account_id = a.id
where n.told_at < clock_timestamp() - @after::interval and n.read_at is null and n.digest_id is null
    and n.kind <> all(@meetings) and not a.disabled and a.email <> '' and coalesce(t.mail, true)
    and not exists (select from digests d where d.account_id = a.id
        and (d.sent_at is null and d.dropped_at is null or d.made_at > clock_timestamp() - @pause::interval))
group by a.id, t.account_id`
	type reader struct {
		ID uuid.UUID
		person
		Urgent bool
	}
	rows, _ := n.Pool.Query(ctx, q, pgx.NamedArgs{"after": n.DigestAfter, "pause": digestPause, "meetings": ofMeetings})
	readers, err := pgx.CollectRows(rows, pgx.RowToStructByName[reader])
	if err != nil {
		return fmt.Errorf("look for what nobody has seen: %w", err)
	}
	var errs []error
	for _, r := range readers {
		if !r.Urgent && !r.quietHours().until(time.Now()).IsZero() {
			continue
		}
		errs = append(errs, n.makeDigest(ctx, r.ID))
	}
	return errors.Join(errs...)
}

var errNothingUnseen = errors.New("nothing is unseen any more")

// makeDigest makes one person's letter and its job, both or neither. Of two
// nodes that try, one does: a person has one letter on its way.
func (n *Notices) makeDigest(ctx context.Context, account uuid.UUID) error {
	if err := n.followReading(ctx, []uuid.UUID{account}); err != nil {
		return err
	}
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		id := uuid.Must(uuid.NewV7())
		const open = `
insert into digests (id, account_id) values ($1, $2)
on conflict (account_id) where sent_at is null and dropped_at is null do nothing`
		tag, err := tx.Exec(ctx, open, id, account)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		const cover = `
update notices set digest_id = $1 where account_id = $2 and told_at is not null and read_at is null and digest_id is null
    and kind <> all($3)`
		if tag, err = tx.Exec(ctx, cover, id, account, ofMeetings); err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNothingUnseen
		}
		return n.Queue.insert(ctx, tx, []river.InsertManyParams{{
			Args: digestJob{Digest: id}, InsertOpts: &river.InsertOpts{MaxAttempts: attempts, UniqueOpts: river.UniqueOpts{ByArgs: true}},
		}})
	})
	if errors.Is(err, errNothingUnseen) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make letter of notices: %w", err)
	}
	return nil
}

// digestWorker writes and sends those letters.
type digestWorker struct {
	river.WorkerDefaults[digestJob]
	notices *Notices
	mail    mailer
}

// Work implements river.Worker. A node that dies between the server's answer
// and our note of it leaves a letter that is sent again under the same
// Message-ID.
func (w *digestWorker) Work(ctx context.Context, job *river.Job[digestJob]) error {
	id := job.Args.Digest
	letter, wait, err := w.notices.writeDigest(ctx, id)
	switch {
	case errors.Is(err, ErrStale):
		return errors.Join(w.notices.close(ctx, id, false), river.JobCancel(err))
	case err != nil:
		return err
	case wait > 0:
		return river.JobSnooze(wait)
	}
	err = w.mail.send(ctx, letter)
	switch {
	case err == nil:
		return w.notices.close(ctx, id, true)
	case errors.Is(err, errRefused) || job.Attempt >= job.MaxAttempts:
		// The next letter must not wait for this one for ever.
		return errors.Join(w.notices.close(ctx, id, false), river.JobCancel(err))
	}
	return err
}

func (n *Notices) close(ctx context.Context, digest uuid.UUID, sent bool) error {
	const q = `
update digests set sent_at = case when $2 then clock_timestamp() end, dropped_at = case when $2 then null else clock_timestamp() end
where id = $1 and sent_at is null`
	if _, err := n.Pool.Exec(ctx, q, digest, sent); err != nil {
		return fmt.Errorf("close letter of notices: %w", err)
	}
	return nil
}

// digestLine is one notice in a letter.
type digestLine struct {
	Kind        NoticeKind
	Title, Text string
	Urgent      bool
}

// writeDigest writes a letter from what is still unseen; wait is how long it
// has to, for the person's quiet hours.
func (n *Notices) writeDigest(ctx context.Context, id uuid.UUID) (l Letter, wait time.Duration, err error) {
	const who = `
select a.id, ` + personColumns + ` from digests d join accounts a on a.id = d.account_id
left join notice_settings t on t.account_id = a.id
where d.id = $1 and d.sent_at is null and d.dropped_at is null and not a.disabled and a.email <> ''`
	type reader struct {
		ID uuid.UUID
		person
	}
	rows, _ := n.Pool.Query(ctx, who, id)
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[reader])
	if errors.Is(err, pgx.ErrNoRows) {
		return l, 0, ErrStale
	}
	if err != nil {
		return l, 0, fmt.Errorf("read letter of notices: %w", err)
	}
	if err := n.followReading(ctx, []uuid.UUID{r.ID}); err != nil {
		return l, 0, err
	}
	const what = `select kind, title, text, urgent from notices where digest_id = $1 and read_at is null order by id desc`
	rows, _ = n.Pool.Query(ctx, what, id)
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[digestLine])
	switch {
	case err != nil:
		return l, 0, fmt.Errorf("read letter of notices: %w", err)
	case len(lines) == 0:
		return l, 0, ErrStale
	}
	urgent := false
	for _, line := range lines {
		urgent = urgent || line.Urgent
	}
	now := time.Now()
	if until := r.quietHours().until(now); !urgent && !until.IsZero() {
		return l, until.Sub(now), nil
	}
	l, err = n.digestLetter(id, r.person, lines)
	return l, 0, err
}

// linesInLetter is how many notices a letter names.
const linesInLetter = 20

func (n *Notices) digestLetter(id uuid.UUID, p person, lines []digestLine) (Letter, error) {
	page := digestPage{Zh: chinese(p.Language), Name: p.Name, House: n.House.NameZH, URL: n.House.URL, Rest: max(0, len(lines)-linesInLetter)}
	if !page.Zh {
		page.House = n.House.NameEN
	}
	for _, line := range lines[:min(len(lines), linesInLetter)] {
		shown := digestRow{Heading: heading(line.Kind, p.Language), Title: line.Title}
		if p.WithText {
			shown.Text = line.Text
		}
		page.Rows = append(page.Rows, shown)
	}
	html, err := page.html()
	if err != nil {
		return Letter{}, err
	}
	return Letter{
		To: p.Email, ToName: p.Name, Subject: digestSubject(len(lines), n.House, p.Language),
		Text: page.text(), HTML: html, MessageID: "digest-" + id.String(),
	}, nil
}

// digestPage is what a letter says.
type digestPage struct {
	Zh               bool
	Name, House, URL string
	Rows             []digestRow
	Rest             int
}

type digestRow struct{ Heading, Title, Text string }

func (p digestPage) text() string {
	var b bytes.Buffer
	if p.Zh {
		fmt.Fprintf(&b, "%s，您好：\n\n您有以下未读通知：\n\n", p.Name)
	} else {
		fmt.Fprintf(&b, "Dear %s,\n\nyou have not seen these yet:\n\n", p.Name)
	}
	for _, r := range p.Rows {
		fmt.Fprintf(&b, "- %s: %s\n", r.Heading, r.Title)
		if r.Text != "" {
			fmt.Fprintf(&b, "  %s\n", r.Text)
		}
	}
	switch {
	case p.Rest > 0 && p.Zh:
		fmt.Fprintf(&b, "\n另有 %d 条。\n", p.Rest)
	case p.Rest > 0:
		fmt.Fprintf(&b, "\nAnd %d more.\n", p.Rest)
	}
	if p.Zh {
		fmt.Fprintf(&b, "\n打开云侨查看：%s/\n不想收到此类邮件：%s/settings\n\n%s\n", p.URL, p.URL, p.House)
	} else {
		fmt.Fprintf(&b, "\nOpen Yunqiao: %s/\nTo stop these letters: %s/settings\n\n%s\n", p.URL, p.URL, p.House)
	}
	return b.String()
}

const digestTemplate = `<!doctype html>
<html lang="{{if .Zh}}zh-CN{{else}}en{{end}}"><body style="font-family:sans-serif;line-height:1.6;color:#1d2530">
<p>{{if .Zh}}{{.Name}}，您好：{{else}}Dear {{.Name}},{{end}}</p>
<p>{{if .Zh}}您有以下未读通知：{{else}}you have not seen these yet:{{end}}</p>
<ul>{{range .Rows}}<li>{{.Heading}}: <strong>{{.Title}}</strong>{{if .Text}}<br><span style="color:#5a6472">{{.Text}}</span>{{end}}</li>
{{end}}</ul>
{{if .Rest}}<p>{{if .Zh}}另有 {{.Rest}} 条。{{else}}And {{.Rest}} more.{{end}}</p>{{end}}
<p><a href="{{.URL}}/">{{if .Zh}}打开云侨{{else}}Open Yunqiao{{end}}</a></p>
<p style="color:#5a6472;font-size:13px">{{.House}} · <a href="{{.URL}}/settings">{{if .Zh}}不想收到此类邮件{{else}}Stop these letters{{end}}</a></p>
</body></html>
`

func (p digestPage) html() (string, error) {
	t, err := template.New("digest").Parse(digestTemplate)
	if err != nil {
		return "", fmt.Errorf("read template of letters: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("write letter of notices: %w", err)
	}
	return b.String(), nil
}
