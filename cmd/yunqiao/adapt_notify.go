package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/notify"
)

// chatNews passes on what the chat committed: to the sockets, and to those who
// tell people of it.
type chatNews struct {
	*chat.Feed
	notices *notify.Notices // nil until it is made, while nothing runs
}

// Advanced implements chat.Announcer.
func (n *chatNews) Advanced(ctx context.Context, room uuid.UUID, seq int64) {
	n.Feed.Advanced(ctx, room, seq)
	if n.notices != nil {
		n.notices.Advanced(room)
	}
}

// Marked implements chat.Announcer.
func (n *chatNews) Marked(ctx context.Context, room uuid.UUID, mark chat.Mark) {
	n.Feed.Marked(ctx, room, mark)
	if n.notices != nil {
		n.notices.Marked(mark.Person.ID, room, mark.Read)
	}
}

// noticeRooms is where things are said that people are told of.
type noticeRooms struct{ chat *chat.Store }

// Heads implements notify.Rooms.
func (r noticeRooms) Heads(ctx context.Context) (map[uuid.UUID]int64, error) {
	return r.chat.AllHeads(ctx)
}

// Events implements notify.Rooms.
func (r noticeRooms) Events(ctx context.Context, room uuid.UUID, after int64, limit int) ([]notify.Event, error) {
	events, err := r.chat.EventsAfter(ctx, room, after, limit)
	if err != nil {
		return nil, err
	}
	list := make([]notify.Event, 0, len(events))
	for _, e := range events {
		m := e.Message
		event := notify.Event{
			Seq: e.Seq, Kind: notify.EventKind(e.Kind), Message: m.ID, MessageSeq: m.Seq, Author: m.Author.ID, AuthorName: m.Author.Name,
			Text: wordsOf(m), Mentions: m.Mentions, MustConfirm: m.Confirmation != nil,
			Urgent: m.Confirmation != nil && m.Confirmation.Urgent, Call: m.Call != nil, Deleted: m.Deleted, At: m.PostedAt,
		}
		if m.Confirmation != nil {
			event.Confirmed = m.Confirmation.By
		}
		event.MentionsLate = m.MentionsLate
		for _, g := range m.GroupsLate {
			event.GroupsLate = append(event.GroupsLate, string(g))
		}
		for _, g := range m.MentionGroups {
			event.MentionGroups = append(event.MentionGroups, string(g))
		}
		list = append(list, event)
	}
	return list, nil
}

// wordsOf is what a message says in one line; of files, their names.
func wordsOf(m chat.Message) string {
	text := m.Text
	for _, a := range m.Attachments {
		if text != "" {
			text += " "
		}
		text += "[" + a.Name + "]"
	}
	return text
}

// Room implements notify.Rooms.
func (r noticeRooms) Room(ctx context.Context, room uuid.UUID) (notify.Room, error) {
	a, err := r.chat.Audience(ctx, room)
	if err != nil {
		return notify.Room{}, err
	}
	n := notify.Room{ID: a.ID, Direct: a.Kind == chat.Direct, Title: a.Title, TitleEN: a.TitleEN, Archived: a.Archived}
	for _, m := range a.Members {
		if !m.Disabled {
			n.Members = append(n.Members, notify.Member{
				Account: m.Account, Role: m.Role, Manager: m.Manager, Level: notify.Level(m.Notify), Read: m.Read, Language: m.Language,
			})
		}
	}
	return n, nil
}

// Marks implements notify.Rooms.
func (r noticeRooms) Marks(ctx context.Context, accounts, rooms []uuid.UUID) ([]notify.Mark, error) {
	marks, err := r.chat.Readings(ctx, accounts, rooms)
	if err != nil {
		return nil, err
	}
	list := make([]notify.Mark, 0, len(marks))
	for _, m := range marks {
		list = append(list, notify.Mark(m))
	}
	return list, nil
}

// Title implements notify.Rooms.
func (r noticeRooms) Title(ctx context.Context, account, room uuid.UUID) (title string, about uuid.UUID, err error) {
	found, err := r.chat.Room(ctx, account, room)
	if err != nil {
		return "", uuid.Nil, err
	}
	if found.Counterpart != nil {
		return found.Counterpart.Name, found.Counterpart.ID, nil
	}
	return found.Title, uuid.Nil, nil
}

// NoticesChanged implements notify.Announcer.
func (a *announcer) NoticesChanged(ctx context.Context, accounts []uuid.UUID) {
	if a.hub != nil {
		a.hub.ChangedFor(ctx, "notices", accounts)
	}
}

// CallChanged implements calls.Announcer.
func (a *announcer) CallChanged(ctx context.Context, call uuid.UUID) {
	if a.hub != nil {
		a.hub.CallChanged(ctx, call)
	}
}

// makeNotices makes what tells people of things.
func (n *node) makeNotices(ctx context.Context, queue *notify.Queue) (err error) {
	n.notices, err = notify.NewNotices(ctx, notify.Deps{
		Pool: n.pool, Rooms: noticeRooms{n.chat}, Announcer: n.announce, Audit: n.audit, Queue: queue,
		House:       notify.House{NameZH: n.cfg.House.NameZH, NameEN: n.cfg.House.NameEN, URL: n.cfg.BaseURL()},
		DigestAfter: time.Duration(n.cfg.Mail.DigestAfter) * time.Minute, Outside: notify.NewOutside(n.cfg.PublicIPs()), Log: n.log,
	})
	n.news.notices = n.notices
	n.chat.Chaser = chaser{n.notices}
	return err
}

// tellAdministrators tells administrators that somebody has forgotten a password;
// once a day for each account.
func tellAdministrators(notices *notify.Notices) func(context.Context, pgx.Tx, account.Account, []uuid.UUID) error {
	return func(ctx context.Context, tx pgx.Tx, a account.Account, administrators []uuid.UUID) error {
		var told []notify.Notice
		for _, admin := range administrators {
			key := fmt.Sprintf("password:%s:%s", a.ID, time.Now().UTC().Format(time.DateOnly))
			told = append(told, notify.Notice{Account: admin, Kind: notify.PasswordAsked, Key: key, About: a.ID, Title: a.Name})
		}
		return notices.Tell(ctx, tx, told...)
	}
}

// tellOfLinks tells the owner of an account that somebody made a link that sets its
// password.
func tellOfLinks(notices *notify.Notices) func(context.Context, pgx.Tx, uuid.UUID, string) error {
	return func(ctx context.Context, tx pgx.Tx, owner uuid.UUID, link string) error {
		var about uuid.UUID
		by := "yunqiao account link"
		if a, ok := account.From(ctx); ok {
			about, by = a.ID, a.Name
		}
		return notices.Tell(ctx, tx, notify.Notice{Account: owner, Kind: notify.LinkMade, Key: "link:" + link, About: about, Title: by, Urgent: true})
	}
}
