package chat

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Whatever is posted, now or later, is stored as it may be or refused with the
// field at fault.
func FuzzCheckMessage(f *testing.F) {
	f.Add("c1", "你好", "hello", "签证", "everyone", uint8(1), true, true, int64(3600))
	f.Add("", " ", "\x00", "a\x07b", "admins", uint8(21), false, true, int64(-3600))
	f.Add("x", "", "", "  长  题 ", "managers", uint8(0), false, false, int64(1<<40))
	f.Fuzz(func(t *testing.T, id, text, english, topic, group string, files uint8, mustConfirm, urgent bool, ahead int64) {
		n := NewMessage{
			ClientID: id, Text: text, TextEN: english, Topic: topic, MentionGroups: []MentionGroup{MentionGroup(group)},
			Attachments: make([]uuid.UUID, files), MustConfirm: mustConfirm, Urgent: urgent,
		}
		refused(t, n.check())
		if utf8.RuneCountInString(n.Topic) > maxTopic && n.check() == nil {
			t.Errorf("topic of %d characters", utf8.RuneCountInString(n.Topic))
		}
		r := Revision{Text: text, TextEN: &english, MentionGroups: n.MentionGroups}
		refused(t, r.check())
		now := time.Unix(1_800_000_000, 0)
		m := Scheduled{Content: Content{Text: text, TextEN: english, Topic: topic, Attachments: n.Attachments}, SendAt: now.Add(time.Duration(ahead) * time.Second)}
		if err := m.check(now); err == nil && m.SendAt.Before(now.Add(-lateBy)) {
			t.Errorf("%s was taken at %s", m.SendAt, now)
		} else {
			refused(t, err)
		}
	})
}

// refused fails when an error does not say to its user what is wrong.
func refused(t *testing.T, err error) {
	t.Helper()
	if p, ok := errors.AsType[*problem.Error](err); err != nil && (!ok || p.Field == "") {
		t.Errorf("refused without a field: %v", err)
	}
}

// Everybody hears of a chase within a day, and within their own day.
func FuzzDueAt(f *testing.F) {
	for _, zone := range []string{"Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo", "", "../etc", "Local"} {
		f.Add(int64(1_800_000_000), zone, false)
		f.Add(int64(1_774_742_400), zone, true)
	}
	f.Fuzz(func(t *testing.T, seconds int64, zone string, urgent bool) {
		now := time.Unix(seconds%4_000_000_000, 0)
		at, asleep := dueAt(now, zone, urgent)
		if at.Before(now) || at.Sub(now) > 24*time.Hour || urgent && !at.Equal(now) || !asleep && !at.Equal(now) {
			t.Errorf("at %s in %q: due %s, asleep %v", now, zone, at, asleep)
		}
		place, err := time.LoadLocation(zone)
		if err != nil {
			return
		}
		if hour := at.In(place).Hour(); !urgent && (hour < dayBegins || hour >= dayEnds) {
			t.Errorf("at %s in %q: due at %d o'clock", now, zone, hour)
		}
	})
}
