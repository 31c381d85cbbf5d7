// Package transcript takes a room's history out of the hub and into it: one ZIP
// archive with the history as a page to read, as JSON to work with, and every
// file that was sent.
//
//	history.html    to read, without anything from elsewhere
//	room.json       everything, in the form of Room
//	files/<id>.<extension>
//	manifest.json   the SHA-256 of every other entry
package transcript

import (
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
)

// The names of the entries, and what the format is called in them.
const (
	pageName     = "history.html"
	roomName     = "room.json"
	filesFolder  = "files/"
	manifestName = "manifest.json"
	format       = "yunqiao-room"
	version      = 1
)

// Room is the content of room.json.
type Room struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Header
	Messages []Message `json:"messages"`
}

// Header is what room.json says before the messages.
type Header struct {
	ID         uuid.UUID     `json:"id"`
	Kind       chat.RoomKind `json:"kind"`
	Title      string        `json:"title"`
	TitleEN    string        `json:"title_en,omitempty"`
	CreatedAt  time.Time     `json:"created_at"`
	ExportedAt time.Time     `json:"exported_at"`
	ExportedBy string        `json:"exported_by"`
	// Head is the number of the room's newest event that is in here.
	Head    int64    `json:"head"`
	Members []Member `json:"members"`
}

// Member is who was in the room.
type Member struct {
	ID   uuid.UUID       `json:"id"`
	Name string          `json:"name"`
	Role chat.MemberRole `json:"role"`
}

// Message is one message as it was when the room was exported.
type Message struct {
	ID            uuid.UUID           `json:"id"`
	Seq           int64               `json:"seq"`
	Author        chat.Person         `json:"author"`
	PostedAt      time.Time           `json:"posted_at"`
	EditedAt      *time.Time          `json:"edited_at,omitempty"`
	Removed       chat.Removal        `json:"removed,omitempty"`
	Text          string              `json:"text"`
	TextEN        string              `json:"text_en,omitempty"`
	Topic         string              `json:"topic,omitempty"`
	ReplyTo       *uuid.UUID          `json:"reply_to,omitempty"`
	Mentions      []uuid.UUID         `json:"mentions,omitempty"`
	MentionGroups []chat.MentionGroup `json:"mention_groups,omitempty"`
	Reactions     []chat.Reaction     `json:"reactions,omitempty"`
	Files         []File              `json:"files,omitempty"`
	Forwarded     *chat.Forwarded     `json:"forwarded,omitempty"`
	Call          *chat.CallRecord    `json:"call,omitempty"`
	Pin           *chat.Pin           `json:"pin,omitempty"`
	ConfirmedBy   []uuid.UUID         `json:"confirmed_by,omitempty"`
	MustConfirm   bool                `json:"must_confirm,omitempty"`
	Versions      []chat.Version      `json:"versions,omitempty"`
}

// File is a file that a message carries. Path names its entry in the archive;
// it is empty where the content was not there any more.
type File struct {
	chat.Attachment
	Path string `json:"path,omitempty"`
}

func messageOf(t chat.Transcribed, path func(chat.Attachment) string) Message {
	m := Message{
		ID: t.ID, Seq: t.Seq, Author: t.Author, PostedAt: t.PostedAt.UTC(), EditedAt: t.EditedAt, Removed: t.Removed,
		Text: t.Text, TextEN: t.TextEN, Topic: t.Topic, Mentions: t.Mentions, MentionGroups: t.MentionGroups,
		Reactions: t.Reactions, Forwarded: t.Forwarded, Call: t.Call, Pin: t.Pin, Versions: t.Versions,
	}
	if t.ReplyTo != nil {
		m.ReplyTo = &t.ReplyTo.ID
	}
	if t.Confirmation != nil {
		m.MustConfirm, m.ConfirmedBy = true, t.Confirmation.By
	}
	for _, a := range t.Attachments {
		m.Files = append(m.Files, File{Attachment: a, Path: path(a)})
	}
	return m
}
