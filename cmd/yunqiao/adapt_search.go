package main

import (
	"context"
	"strings"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/schedule"
	"github.com/yunqiao/yunqiao/internal/search"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// This file answers the search from the features, each with its own rights.

func (n *node) newSearch() *search.Search {
	folder := textsearch.NewFolder()
	return search.New(n.log, map[search.Kind]search.Source{
		search.People:   peopleSource{n.contacts, folder},
		search.Rooms:    roomSource{n.chat, folder},
		search.Contacts: contactSource{n.contacts, folder},
		search.Meetings: meetingSource{n.schedule, folder},
		search.Minutes:  minutesSource{n.minutes, folder},
		search.Messages: messageSource{n.chat},
		search.Files:    fileSource{n.chat, folder},
	})
}

// plain says that a text alone is asked for, which is all that things without
// place and time can answer.
func plain(a search.Asked) bool {
	return a.Text != "" && a.Room == nil && a.By == nil && a.From.IsZero() && a.To.IsZero() && !a.HasFile && a.Topic == ""
}

// marked shows a text with what was typed in it.
func marked(f *textsearch.Folder, typed, text string) []textsearch.Piece {
	return f.Query(typed).Excerpt(text)
}

// peopleSource finds accounts and stations.
type peopleSource struct {
	contacts *contacts.Contacts
	folder   *textsearch.Folder
}

// Understands implements search.Source.
func (peopleSource) Understands(a search.Asked) bool { return plain(a) }

// Find implements search.Source.
func (s peopleSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	picks, err := s.contacts.Colleagues(ctx, a.Text)
	var found search.Found
	for _, p := range picks[:min(len(picks), a.Limit)] {
		item := search.Hit{
			ID: p.ID, Title: marked(s.folder, a.Text, p.Name), Sort: string(p.Kind), TimeZone: p.TimeZone,
			Text: marked(s.folder, a.Text, p.DetailZH), TextEN: marked(s.folder, a.Text, p.DetailEN),
		}
		if p.NameLatin != "" {
			item.TitleEN = marked(s.folder, a.Text, p.NameLatin)
		}
		found.Items = append(found.Items, item)
	}
	return found, err
}

// contactSource finds people and organisations in the address book.
type contactSource struct {
	contacts *contacts.Contacts
	folder   *textsearch.Folder
}

// Understands implements search.Source.
func (contactSource) Understands(a search.Asked) bool { return plain(a) }

// Find implements search.Source.
func (s contactSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	rows, err := s.contacts.Find(ctx, a.Text, a.Limit)
	var found search.Found
	for _, c := range rows {
		name := c.Name
		if c.NameLatin != "" && c.NameLatin != c.Name {
			name += " · " + c.NameLatin
		}
		detail := joined(" · ", c.OrganisationName, c.Title, c.City)
		found.Items = append(found.Items, search.Hit{
			ID: c.ID, Title: marked(s.folder, a.Text, name), Text: marked(s.folder, a.Text, detail), Sort: string(c.Kind),
		})
	}
	return found, err
}

// joined puts what is there behind one another.
func joined(between string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, between)
}

// roomSource finds the asker's rooms by their names.
type roomSource struct {
	chat   *chat.Store
	folder *textsearch.Folder
}

// Understands implements search.Source.
func (roomSource) Understands(a search.Asked) bool { return plain(a) }

// Find implements search.Source.
func (s roomSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	asker, err := chat.RequireCaller(ctx)
	if err != nil {
		return search.Found{}, err
	}
	rooms, err := s.chat.FindRooms(ctx, asker, a.Text, a.Limit)
	var found search.Found
	for _, r := range rooms {
		item := search.Hit{ID: r.ID, Title: marked(s.folder, a.Text, r.Title), Sort: string(r.Kind)}
		if r.TitleEN != "" {
			item.TitleEN = marked(s.folder, a.Text, r.TitleEN)
		}
		if r.Counterpart != nil {
			item.Title = marked(s.folder, a.Text, r.Counterpart.Name)
		}
		found.Items = append(found.Items, item)
	}
	return found, err
}

// meetingSource finds meetings by title, agenda and note.
type meetingSource struct {
	schedule *schedule.Schedule
	folder   *textsearch.Folder
}

// Understands implements search.Source. Who a meeting is by is its host.
func (meetingSource) Understands(a search.Asked) bool {
	return a.Text != "" && !a.HasFile && a.Topic == ""
}

// Find implements search.Source.
func (s meetingSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	typed := s.folder.Query(a.Text)
	if typed.Empty() {
		return search.Found{}, nil
	}
	meetings, err := s.schedule.Find(ctx, schedule.Sought{
		Patterns: typed.Patterns(), Room: a.Room, Host: a.By, From: a.From, To: a.To, Limit: a.Limit,
	})
	var found search.Found
	for _, m := range meetings {
		at := m.StartsAt
		found.Items = append(found.Items, search.Hit{
			ID: m.ID, Title: typed.Excerpt(m.Title), Text: typed.Excerpt(matching(typed, append(m.Agenda, m.Note))), Sort: string(m.State),
			At: &at, TimeZone: m.TimeZone, Author: &search.HitAuthor{Name: m.HostName}, Meeting: &m.ID,
		})
	}
	return found, err
}

// matching is the first text that holds a part of what was typed.
func matching(typed textsearch.Query, texts []string) string {
	for _, text := range texts {
		for _, piece := range typed.Excerpt(text) {
			if piece.Hit {
				return text
			}
		}
	}
	return ""
}

// minutesSource finds minutes by title, number and text.
type minutesSource struct {
	minutes *minutes.Book
	folder  *textsearch.Folder
}

// Understands implements search.Source.
func (minutesSource) Understands(a search.Asked) bool {
	return a.Text != "" && a.By == nil && !a.HasFile && a.Topic == ""
}

// Find implements search.Source.
func (s minutesSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	typed := s.folder.Query(a.Text)
	if typed.Empty() {
		return search.Found{}, nil
	}
	all, err := s.minutes.Find(ctx, minutes.Sought{Patterns: typed.Patterns(), Room: a.Room, From: a.From, To: a.To, Limit: a.Limit})
	var found search.Found
	for _, m := range all {
		title := m.Title
		if m.Number != nil {
			title = joined(" · ", *m.Number, m.Title)
		}
		at := m.StartsAt
		found.Items = append(found.Items, search.Hit{
			ID: m.ID, Title: typed.Excerpt(title), Text: typed.Excerpt(matching(typed, m.Texts)), Sort: string(m.State),
			At: &at, TimeZone: m.TimeZone, Meeting: &m.MeetingID,
		})
	}
	return found, err
}

// asked is a search in the chat's words.
func asked(a search.Asked) chat.Search {
	return chat.Search{
		Text: a.Text, Room: a.Room, By: a.By, From: a.From, To: a.To, HasFile: a.HasFile, Topic: a.Topic, Cursor: a.Cursor, Limit: a.Limit,
	}
}

// messageSource finds messages.
type messageSource struct{ chat *chat.Store }

// Understands implements search.Source.
func (messageSource) Understands(search.Asked) bool { return true }

// Find implements search.Source.
func (s messageSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	return findMessages(ctx, s.chat, asked(a), func(h chat.Hit) []search.Hit {
		item := itemOf(h)
		item.Text = h.Excerpt
		if len(h.Message.Attachments) > 0 {
			item.File = fileOf(h.Message.Attachments[0])
		}
		return []search.Hit{item}
	})
}

// fileSource finds files by their names.
type fileSource struct {
	chat   *chat.Store
	folder *textsearch.Folder
}

// Understands implements search.Source.
func (fileSource) Understands(search.Asked) bool { return true }

// Find implements search.Source.
func (s fileSource) Find(ctx context.Context, a search.Asked) (search.Found, error) {
	q := asked(a)
	q.Names, q.HasFile = true, true
	typed := s.folder.Query(a.Text)
	return findMessages(ctx, s.chat, q, func(h chat.Hit) []search.Hit {
		var items []search.Hit
		for _, file := range h.Message.Attachments {
			if !typed.Match(file.Name) && len(h.Message.Attachments) > 1 {
				continue
			}
			item := itemOf(h)
			item.Title, item.File = typed.Excerpt(file.Name), fileOf(file)
			items = append(items, item)
		}
		return items
	})
}

func findMessages(ctx context.Context, store *chat.Store, q chat.Search, show func(chat.Hit) []search.Hit) (search.Found, error) {
	asker, err := chat.RequireCaller(ctx)
	if err != nil {
		return search.Found{}, err
	}
	hits, err := store.Search(ctx, asker, q)
	found := search.Found{Next: hits.Next}
	for _, h := range hits.Hits {
		found.Items = append(found.Items, show(h)...)
	}
	return found, err
}

func itemOf(h chat.Hit) search.Hit {
	m := h.Message
	room := &search.HitRoom{ID: m.Room, Title: h.RoomTitle, TitleEN: h.RoomTitleEN, Kind: string(h.RoomKind)}
	if h.Counterpart != nil {
		room.Title = h.Counterpart.Name
	}
	return search.Hit{
		ID: m.ID, Title: []textsearch.Piece{}, At: &m.PostedAt, Author: &search.HitAuthor{ID: m.Author.ID, Name: m.Author.Name}, Room: room, Seq: m.Seq,
	}
}

func fileOf(a chat.Attachment) *search.HitFile {
	return &search.HitFile{ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Preview: a.Preview}
}
