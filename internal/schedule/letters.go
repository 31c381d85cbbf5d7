package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/notify"
)

// post enqueues letters to the invited who have an address, and for an
// invitation the reminder before the start.
func (e edition) post(ctx context.Context, invited []inviteeRow, kind notify.Kind) error {
	m := e.m
	if !e.Mailer.Enabled() || len(invited) == 0 || !m.EndsAt.After(e.Now()) {
		return nil
	}
	var jobs []notify.Job
	for _, i := range invited {
		job := notify.Job{Letter: kind, Meeting: m.ID, Sequence: m.Sequence, Invitee: i.ID}
		if i.Kind != InviteeStation {
			if i.Email != "" {
				jobs = append(jobs, job)
			}
			continue
		}
		for _, id := range ofStation(e.accounts, *i.Ref) {
			if e.accounts[id].Email != "" {
				job.Account = id
				jobs = append(jobs, job)
			}
		}
	}
	if kind == notify.Invitation {
		if err := e.affordOutside(ctx, invited); err != nil {
			return err
		}
	}
	remind := m.StartsAt.Add(-early)
	if kind == notify.Invitation && remind.After(e.Now()) {
		for _, job := range jobs {
			job.Letter, job.At = notify.Reminder, remind
			jobs = append(jobs, job)
		}
	}
	return e.Mailer.Enqueue(ctx, e.tx, jobs...)
}

// Letter writes what a job is about, from what is true now. It implements
// notify.Letters.
func (s *Schedule) Letter(ctx context.Context, job notify.Job) (notify.Letter, error) {
	m, err := readMeeting(ctx, s.Pool, job.Meeting)
	if errors.Is(err, ErrNotFound) {
		return notify.Letter{}, notify.ErrStale
	}
	if err != nil {
		return notify.Letter{}, err
	}
	i, err := readInvitee(ctx, s.Pool, job.Meeting, job.Invitee)
	if errors.Is(err, ErrNoLink) || err == nil && s.stale(m, i, job) {
		return notify.Letter{}, notify.ErrStale
	}
	if err != nil {
		return notify.Letter{}, err
	}
	if job.Account != uuid.Nil {
		if i, err = s.asAccount(ctx, i, job.Account); err != nil {
			return notify.Letter{}, err
		}
	}
	inv, err := s.invitationOf(ctx, m, i)
	if err != nil {
		return notify.Letter{}, err
	}
	return inv.letter(job)
}

// Undelivered keeps at the invitee why a letter will never arrive, and names
// the host as who is to be told. It implements notify.Letters.
func (s *Schedule) Undelivered(ctx context.Context, tx pgx.Tx, job notify.Job, reason string) ([]notify.Notice, error) {
	const q = `
update invitees i set undelivered = $3 from meetings m
where i.id = $1 and m.id = $2 and i.meeting_id = m.id and m.sequence = $4 returning m.host_id, m.title, i.name,
    case when i.kind = 'account' then i.ref else i.id end`
	var host, about uuid.UUID
	var title, name string
	err := tx.QueryRow(ctx, q, job.Invitee, job.Meeting, reason, job.Sequence).Scan(&host, &title, &name, &about)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // the meeting was changed, and another letter written
	}
	if err != nil {
		return nil, fmt.Errorf("note undelivered letter: %w", err)
	}
	return []notify.Notice{{
		Account: host, Kind: notify.Undelivered, Key: fmt.Sprintf("undelivered:%s:%d", job.Invitee, job.Sequence), Meeting: &job.Meeting, About: about,
		Title: title, Text: name,
	}}, nil
}

// stale says whether time has overtaken a letter: the meeting was changed
// again, is over, or the invitee is no longer (or again) invited.
func (s *Schedule) stale(m meetingRow, i inviteeRow, job notify.Job) bool {
	if job.Letter == notify.Cancellation {
		return m.State != StateCancelled && !i.Removed
	}
	return m.Sequence != job.Sequence || i.Removed || m.State == StateCancelled || m.State == StateEnded || !m.EndsAt.After(s.Now())
}

// asAccount addresses a station's invitation to one of its accounts.
func (s *Schedule) asAccount(ctx context.Context, i inviteeRow, id uuid.UUID) (inviteeRow, error) {
	accounts, err := s.names(ctx)
	if err != nil {
		return i, err
	}
	a, ok := accounts[id]
	if !ok || a.Disabled || a.Email == "" || i.Kind != InviteeStation || !a.OfStation(*i.Ref) {
		return i, notify.ErrStale
	}
	i.Name, i.Email, i.Language, i.TimeZone = a.Name, a.Email, a.Language, a.TimeZone
	return i, nil
}

// subjects are what mails are headed with: for zh-CN and en.
func subject(kind notify.Kind, sequence int, language string) string {
	zh := language == "zh-CN"
	switch {
	case kind == notify.Cancellation && zh:
		return "会议取消：%s"
	case kind == notify.Cancellation:
		return "Cancelled: %s"
	case kind == notify.Reminder && zh:
		return "会议即将开始：%s"
	case kind == notify.Reminder:
		return "Starting soon: %s"
	case sequence > 0 && zh:
		return "会议变更：%s"
	case sequence > 0:
		return "Updated invitation: %s"
	case zh:
		return "会议邀请：%s"
	}
	return "Invitation: %s"
}

// letter words the invitation as a mail in the invitee's language.
func (inv invitation) letter(job notify.Job) (notify.Letter, error) {
	language := inv.Invitee.Language
	l := notify.Letter{
		To: inv.Invitee.Email, ToName: inv.Invitee.Name,
		Subject:   fmt.Sprintf(subject(job.Letter, job.Sequence, language), inv.Meeting.Title),
		MessageID: messageID(job),
	}
	method := ics.MethodRequest
	if job.Letter == notify.Cancellation {
		method = ics.MethodCancel
	}
	var err error
	if job.Letter != notify.Reminder {
		l.Method = string(method)
		if l.Calendar, err = inv.calendar(method); err != nil {
			return l, err
		}
	}
	page := inv.page(job.Letter)
	l.Text = page.text()
	l.HTML, err = page.html()
	return l, err
}

func messageID(job notify.Job) string {
	id := fmt.Sprintf("%s.%d.%s.%s", job.Meeting, job.Sequence, job.Invitee, job.Letter)
	if job.Account != uuid.Nil {
		id += "." + job.Account.String()
	}
	return id
}

// page is a mail before it is text or HTML.
type page struct {
	Language        string
	Greeting, Intro string
	Lines           []line
	LinkLabel, URL  string
	Hints           []string
	House, colon    string
}

func (inv invitation) page(kind notify.Kind) page {
	language := inv.Invitee.Language
	w := words(language)
	p := page{
		Language: language, Greeting: fmt.Sprintf(w.greeting, inv.Invitee.Name),
		Intro: fmt.Sprintf(intro(kind, language), inv.houseName(language)),
		Lines: inv.lines(language), House: inv.houseName(language), colon: w.colon,
	}
	if kind == notify.Cancellation {
		if inv.Meeting.CancelReason != "" {
			p.Lines = append(p.Lines, line{w.note, inv.Meeting.CancelReason})
		}
		return p
	}
	p.LinkLabel, p.URL, p.Hints = w.link, inv.URL, inv.hints(language)
	return p
}

func intro(kind notify.Kind, language string) string {
	switch {
	case kind == notify.Cancellation && language == "zh-CN":
		return "%s通知您：以下会议已取消，或您无需参加。"
	case kind == notify.Cancellation:
		return "%s informs you that this meeting is cancelled, or that you need not attend."
	case kind == notify.Reminder && language == "zh-CN":
		return "%s提醒您：会议将在15分钟后开始。"
	case kind == notify.Reminder:
		return "%s reminds you: the meeting starts in 15 minutes."
	}
	return words(language).intro
}

func (p page) text() string {
	var b strings.Builder
	b.WriteString(p.Greeting + "\n\n" + p.Intro + "\n\n")
	for _, l := range p.Lines {
		b.WriteString(l.Label + p.colon + l.Text + "\n")
	}
	if p.URL != "" {
		b.WriteString("\n" + p.LinkLabel + p.colon + p.URL + "\n" + strings.Join(p.Hints, "\n") + "\n")
	}
	return b.String() + "\n" + p.House + "\n"
}

const mailTemplate = `<!doctype html>
<html lang="{{.Language}}"><body style="font-family:sans-serif;line-height:1.6;color:#1f2933">
<p>{{.Greeting}}</p><p>{{.Intro}}</p>
<table cellpadding="4" style="border-collapse:collapse">{{range .Lines}}
<tr><td style="color:#52606d;vertical-align:top;white-space:nowrap">{{.Label}}</td><td style="white-space:pre-line">{{.Trimmed}}</td></tr>{{end}}
</table>{{if .URL}}
<p><a href="{{.URL}}" style="display:inline-block;padding:10px 20px;background:#0b5cad;color:#fff;text-decoration:none;border-radius:6px">{{.LinkLabel}}</a></p>
<p style="color:#52606d">{{.URL}}</p>{{range .Hints}}
<p style="color:#52606d">{{.}}</p>{{end}}{{end}}
<p>{{.House}}</p>
</body></html>
`

// Trimmed is the text without the line break that sets a list off in plain text.
func (l line) Trimmed() string { return strings.TrimPrefix(l.Text, "\n") }

func (p page) html() (string, error) {
	t, err := template.New("mail").Parse(mailTemplate)
	if err != nil {
		return "", fmt.Errorf("read mail template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("write mail: %w", err)
	}
	return b.String(), nil
}
