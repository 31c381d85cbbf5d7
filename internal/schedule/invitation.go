package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/clock"
)

// shownClock is one way to say when a meeting is.
type shownClock struct {
	label map[string]string
	loc   *time.Location
}

// invitation is everything one invitee is told of a meeting.
type invitation struct {
	Meeting meetingRow
	Invitee inviteeRow
	Agenda  []AgendaItem
	Host    string
	House   House
	URL     string
	clocks  []shownClock
}

// invitationOf puts an invitation together. A guest's link is personal; an
// account's leads to the meeting and asks to sign in.
func (s *Schedule) invitationOf(ctx context.Context, m meetingRow, i inviteeRow) (invitation, error) {
	inv := invitation{Meeting: m, Invitee: i, House: s.House, URL: s.House.PublicURL + "/meetings/" + m.ID.String()}
	if i.guest() {
		token, _, err := s.Guests.Token(ctx, i.ID)
		if err != nil {
			return inv, err
		}
		inv.URL = s.House.PublicURL + "/join#" + token
	}
	agendas, err := readAgendas(ctx, s.Pool, []uuid.UUID{m.ID})
	if err != nil {
		return inv, err
	}
	accounts, err := s.names(ctx)
	if err != nil {
		return inv, err
	}
	inv.Agenda, inv.Host = agendas[m.ID], accounts[m.HostID].Name
	inv.clocks, err = s.clocks(m.TimeZone, i.TimeZone)
	return inv, err
}

// clocks returns the invitee's own clock, the house's, and the meeting's where
// it is another one; each once.
func (s *Schedule) clocks(meeting, own string) ([]shownClock, error) {
	ownLoc, err := clock.Zone("time_zone", own)
	if err != nil {
		return nil, fmt.Errorf("zone of invitee: %w", err)
	}
	meetingLoc, err := clock.Zone("time_zone", meeting)
	if err != nil {
		return nil, fmt.Errorf("zone of meeting: %w", err)
	}
	all := []shownClock{{label: map[string]string{"zh-CN": "您的当地时间", "en": "Your time"}, loc: ownLoc}}
	add := func(loc *time.Location, zh, en string) {
		for _, c := range all {
			if c.loc.String() == loc.String() {
				return
			}
		}
		all = append(all, shownClock{label: map[string]string{"zh-CN": zh, "en": en}, loc: loc})
	}
	add(s.house, "主办方时间", "Organiser's time")
	add(meetingLoc, "会议时区", "Meeting's time zone")
	return all, nil
}

// line is one labelled line of an invitation.
type line struct{ Label, Text string }

// wording holds the words of an invitation in one language.
type wording struct {
	greeting, intro, title, host, agenda, note, link, colon string
	personal, signIn, recorded, minutes                     string
}

func words(language string) wording {
	if language == "zh-CN" {
		return wording{
			greeting: "%s，您好！", intro: "%s邀请您参加线上会议。", title: "主题", host: "主持人", agenda: "议程", note: "说明",
			link: "入会链接", colon: "：", minutes: "（%d分钟）",
			personal: "此链接仅供您本人使用，无需注册或安装，请勿转发。请用系统浏览器打开。",
			signIn:   "请登录后入会。", recorded: "本次会议可能录制；开始录制时会提示所有人。",
		}
	}
	return wording{
		greeting: "Dear %s,", intro: "%s invites you to an online meeting.", title: "Subject", host: "Host", agenda: "Agenda", note: "Note",
		link: "Join", colon: ": ", minutes: " (%d min)",
		personal: "This link is for you alone; please do not forward it. Nothing to install or register. Open it in your system browser.",
		signIn:   "Sign in to join.", recorded: "The meeting may be recorded; everybody is told when recording starts.",
	}
}

func (inv invitation) houseName(language string) string {
	if language == "zh-CN" {
		return inv.House.NameZH
	}
	return inv.House.NameEN
}

// lines returns subject, host, every clock, agenda and note.
func (inv invitation) lines(language string) []line {
	w := words(language)
	all := []line{{w.title, inv.Meeting.Title}, {w.host, inv.Host}}
	for _, c := range inv.clocks {
		all = append(all, line{c.label[language], Span(inv.Meeting.StartsAt, inv.Meeting.EndsAt, c.loc, language)})
	}
	var agenda strings.Builder
	for n, item := range inv.Agenda {
		fmt.Fprintf(&agenda, "\n%d. %s", n+1, item.Title)
		if item.Minutes > 0 {
			fmt.Fprintf(&agenda, w.minutes, item.Minutes)
		}
	}
	if agenda.Len() > 0 {
		all = append(all, line{w.agenda, agenda.String()})
	}
	if inv.Meeting.Note != "" {
		all = append(all, line{w.note, inv.Meeting.Note})
	}
	return all
}

// hints says what to know before joining.
func (inv invitation) hints(language string) []string {
	w := words(language)
	hints := []string{w.signIn}
	if inv.Invitee.guest() {
		hints[0] = w.personal
	}
	if inv.Meeting.MayBeRecorded {
		hints = append(hints, w.recorded)
	}
	return hints
}

// text is the invitation as one block, fit for a messenger.
func (inv invitation) text(language string) string {
	w := words(language)
	var b strings.Builder
	fmt.Fprintf(&b, w.greeting+"\n", inv.Invitee.Name)
	fmt.Fprintf(&b, w.intro+"\n\n", inv.houseName(language))
	for _, l := range inv.lines(language) {
		colon := w.colon
		if strings.HasPrefix(l.Text, "\n") {
			colon = strings.TrimSpace(colon)
		}
		b.WriteString(l.Label + colon + l.Text + "\n")
	}
	b.WriteString("\n" + w.link + w.colon + inv.URL + "\n")
	b.WriteString(strings.Join(inv.hints(language), "\n"))
	return b.String()
}
