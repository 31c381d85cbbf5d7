package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
)

func (f *filling) ids(keep func(account.Account) bool) []uuid.UUID {
	var ids []uuid.UUID
	for _, a := range f.people {
		if keep(a) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func (f *filling) groups(ctx context.Context) error {
	staff := f.people[Staff].ID
	for _, g := range []struct {
		key  string
		make Group
		keep func(account.Account) bool
	}{
		{"ambassadors", Group{Title: "招才引智大使群"}, func(a account.Account) bool { return a.IsStaff() || a.Role == account.Ambassador }},
		{"liaison", Group{Title: "海外工作站联络组"}, func(a account.Account) bool { return a.IsStaff() || a.Role == account.Station }},
		{"partners", Group{Title: "Partners abroad"}, func(a account.Account) bool {
			return a.IsStaff() || a.Language == "en" || a.Role == account.Station
		}},
		{"announcements", Group{Title: "通知公告", TitleEN: "Announcements", Announcements: true}, func(account.Account) bool { return true }},
	} {
		g.make.Owner, g.make.Members = staff, f.ids(g.keep)
		room, err := f.Chat.Found(ctx, g.make)
		if err != nil {
			return err
		}
		f.rooms["group:"+g.key] = room
	}
	return nil
}

// messageData is one line of messages.json.
type messageData struct {
	Room     string `json:"room"`
	By       string `json:"by"`
	HoursAgo int    `json:"hours_ago"`
	Text     string `json:"text"`
	TextEN   string `json:"text_en"`
	Topic    string `json:"topic"`
	// PinnedBy keeps it in sight.
	PinnedBy string `json:"pinned_by"`
	// MustConfirm asks for confirmation; these have confirmed.
	MustConfirm bool     `json:"must_confirm"`
	ConfirmedBy []string `json:"confirmed_by"`
}

func (f *filling) messages(ctx context.Context) error {
	list, err := read[messageData]("messages.json")
	if err != nil {
		return err
	}
	for i, m := range list {
		at := f.Now.Add(-time.Duration(m.HoursAgo) * time.Hour).Add(time.Duration(i) * time.Minute)
		if err := f.say(ctx, m, at); err != nil {
			return fmt.Errorf("message %d in %s: %w", i, m.Room, err)
		}
	}
	return nil
}

// say posts a message, and lets those answer who have.
func (f *filling) say(ctx context.Context, m messageData, at time.Time) error {
	room := f.rooms[m.Room]
	id, err := f.Chat.Post(ctx, f.people[m.By], Message{
		Room: room, Text: m.Text, TextEN: m.TextEN, Topic: m.Topic, MustConfirm: m.MustConfirm, At: at,
	})
	if err != nil {
		return err
	}
	if m.PinnedBy != "" {
		if err := f.Chat.Pin(ctx, f.people[m.PinnedBy], room, id); err != nil {
			return fmt.Errorf("pin: %w", err)
		}
	}
	for _, who := range m.ConfirmedBy {
		if err := f.Chat.Confirm(ctx, f.people[who], room, id); err != nil {
			return fmt.Errorf("%s confirms: %w", who, err)
		}
	}
	return nil
}
