package minutes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/minutes/official"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// Document writes minutes as DOCX; the first result is the file's name.
func (b *Book) Document(ctx context.Context, id uuid.UUID) (string, []byte, error) {
	h, err := b.readable(ctx, id)
	if err != nil {
		return "", nil, err
	}
	m, err := b.minutes(ctx, b.Pool, h)
	if err != nil {
		return "", nil, err
	}
	file, err := official.Write(b.layOut(m))
	if err != nil {
		return "", nil, fmt.Errorf("write document of minutes %s: %w", id, err)
	}
	return fileName(m), file, b.Audit.Record(ctx, "minutes.export", id.String(), map[string]any{"bytes": len(file)})
}

// fileName is the number, or that there is none yet, without what file
// systems refuse.
func fileName(m Minutes) string {
	name := "草稿 " + m.Title
	if m.Number != nil {
		name = *m.Number
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if short := []rune(name); len(short) > 80 {
		name = string(short[:80])
	}
	return name + ".docx"
}

// layOut turns a record into the parts of the official document.
func (b *Book) layOut(m Minutes) official.Minutes {
	number, date := "（草稿）", b.Now()
	if m.Number != nil && m.SignedAt != nil {
		number, date = *m.Number, *m.SignedAt
	}
	day := chineseDate(date.In(b.zone))
	doc := official.Minutes{
		Mark: b.House.Name + "会议纪要", Number: number, Issuer: b.House.Name, Date: day, Title: title(m),
		Facts: b.facts(m), Body: paragraphs(m.Blocks), People: people(m), Copies: m.CopiesTo, Modified: date,
	}
	if m.Number != nil {
		doc.Printed = b.House.Name + "\t" + day + "印发"
	}
	return doc
}

func title(m Minutes) string {
	t := m.Title
	if !strings.HasSuffix(t, "纪要") {
		t += "纪要"
	}
	if m.Corrects != nil {
		t += "（更正）"
	}
	return t
}

func chineseDate(t time.Time) string {
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// facts are time, place, host and recorder. The time is given by the house's
// clock, and by the meeting's own where it is another one.
func (b *Book) facts(m Minutes) []official.Labelled {
	when := schedule.Span(m.StartsAt, m.EndsAt, b.zone, "zh-CN")
	if loc, err := clock.Zone("time_zone", m.TimeZone); err == nil && loc.String() != b.zone.String() {
		when += "；" + schedule.Span(m.StartsAt, m.EndsAt, loc, "zh-CN")
	}
	return []official.Labelled{
		{Label: "时间", Text: when},
		{Label: "地点", Text: m.Place},
		{Label: "主持", Text: m.HostName},
		{Label: "记录", Text: m.RecorderName},
	}
}

// people are the lists that the standard asks for, and the signer.
func people(m Minutes) []official.Labelled {
	signer := ""
	if m.Signer != nil {
		signer = *m.Signer
	}
	return []official.Labelled{
		{Label: "出席", Text: names(m.Present)},
		{Label: "请假", Text: names(m.Absent)},
		{Label: "列席", Text: names(m.Attending)},
		{Label: "签发人", Text: signer},
	}
}

// names lists unit, title and name of each.
func names(all []Attendee) string {
	list := make([]string, len(all))
	for i, a := range all {
		list[i] = strings.Join(strings.Fields(a.Unit+a.Title+" "+a.Name), " ")
	}
	return strings.Join(list, "，")
}

// paragraphs lays the blocks out: agenda items as numbered headings, discussion as
// text, decisions with a lead and, where an item has several, a number, and
// the actions together at the end.
func paragraphs(blocks []Block) []official.Paragraph {
	var all []official.Paragraph
	var actions []Block
	sections, decision := 0, 0
	for i, block := range blocks {
		switch block.Kind {
		case BlockAgenda:
			sections, decision = sections+1, 0
			head, rest, _ := strings.Cut(block.Text, "\n")
			all = append(all, official.Paragraph{Heading: true, Text: numeral(sections) + "、" + head})
			if rest != "" {
				all = append(all, official.Paragraph{Text: rest})
			}
		case BlockDiscussion:
			all = append(all, official.Paragraph{Text: block.Text})
		case BlockDecision:
			decision++
			lead := "会议议定："
			if decision > 1 || more(blocks[i+1:]) {
				lead = "（" + numeral(decision) + "）" + lead
			}
			all = append(all, official.Paragraph{Lead: lead, Text: block.Text})
		case BlockAction:
			actions = append(actions, block)
		}
	}
	if len(actions) == 0 {
		return all
	}
	all = append(all, official.Paragraph{Heading: true, Text: numeral(sections+1) + "、工作安排"})
	for i, a := range actions {
		all = append(all, official.Paragraph{Text: fmt.Sprintf("%d．%s%s", i+1, strings.TrimSpace(a.Text), duty(a))})
	}
	return all
}

// more says whether another decision follows before the next agenda item.
func more(blocks []Block) bool {
	for _, b := range blocks {
		switch b.Kind {
		case BlockAgenda:
			return false
		case BlockDecision:
			return true
		case BlockDiscussion, BlockAction:
		}
	}
	return false
}

// duty says who does it until when.
func duty(a Block) string {
	var parts []string
	if a.Owner != "" {
		parts = append(parts, "责任人："+a.Owner)
	}
	if a.Due != nil {
		if due, err := time.Parse(time.DateOnly, *a.Due); err == nil {
			parts = append(parts, "完成时限："+chineseDate(due))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "（" + strings.Join(parts, "；") + "）"
}

// numeral writes a number from 1 to 99 in Chinese; others in digits.
func numeral(n int) string {
	ones := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 1 || n > 99:
		return fmt.Sprint(n)
	case n < 10:
		return ones[n]
	case n < 20:
		return "十" + ones[n-10]
	}
	return ones[n/10] + "十" + ones[n%10]
}
