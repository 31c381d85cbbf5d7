package notify

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Level is what a member wants to be told of a room.
type Level string

// The levels.
const (
	LevelAll      Level = "all"
	LevelMentions Level = "mentions"
	LevelNone     Level = "none"
)

// EventKind says what happened to a message, as far as notices care.
type EventKind string

// The kinds of event; everything else changes no notice.
const (
	EventPosted    EventKind = "posted"
	EventEdited    EventKind = "edited"
	EventDeleted   EventKind = "deleted"
	EventConfirmed EventKind = "confirmed"
)

// Event is one step of a room's order, with its message as it is now.
type Event struct {
	Seq        int64
	Kind       EventKind
	Message    uuid.UUID
	MessageSeq int64
	Author     uuid.UUID
	AuthorName string
	Text       string
	// Mentions are people, MentionGroups "everyone", "managers" or an account role.
	Mentions      []uuid.UUID
	MentionGroups []string
	// MentionsLate and GroupsLate are those that the message names only since an
	// edit.
	MentionsLate []uuid.UUID
	GroupsLate   []string
	MustConfirm  bool
	Urgent       bool
	// Confirmed are those who have confirmed the message.
	Confirmed []uuid.UUID
	// Call marks the entry of a call, which tells of itself.
	Call    bool
	Deleted bool
	At      time.Time
}

// Member is somebody in a room.
type Member struct {
	Account uuid.UUID
	// Role is the account's role in the organisation.
	Role string
	// Manager says that the member moderates the room.
	Manager  bool
	Level    Level
	Read     int64
	Language string
}

// Room is where something was said.
type Room struct {
	ID             uuid.UUID
	Direct         bool
	Title, TitleEN string
	Archived       bool
	Members        []Member
}

// freshFor is how old a message may be to be news: what an import brings is none.
const freshFor = 24 * time.Hour

// noticesOf says who is told of an event, and of what. Nobody is told of their
// own messages, of what they have read, or, but for what has to be confirmed, of
// a room that they silenced.
func noticesOf(r Room, e Event, now time.Time) []Notice {
	if e.Kind != EventPosted || e.Deleted || e.Call || r.Archived || now.Sub(e.At) > freshFor {
		return nil
	}
	var list []Notice
	for _, m := range r.Members {
		kind, told := kindFor(r, e, m)
		if !told {
			continue
		}
		message, room := e.Message, r.ID
		list = append(list, Notice{
			Account: m.Account, Kind: kind, Key: fmt.Sprintf("message:%s", e.Message), Room: &room, Message: &message,
			About: e.Author, Seq: e.MessageSeq, Title: titleFor(r, e, m.Language), Text: e.Text, Urgent: e.Urgent,
		})
	}
	return list
}

func kindFor(r Room, e Event, m Member) (NoticeKind, bool) {
	mentioned := isMentioned(e, m)
	switch {
	case m.Account == e.Author, m.Read >= e.MessageSeq:
		return "", false
	case e.MustConfirm:
		return MustConfirm, true
	case m.Level == LevelNone:
		return "", false
	case mentioned:
		return Mention, true
	case m.Level == LevelAll, r.Direct:
		return Message, true
	}
	return "", false
}

func isMentioned(e Event, m Member) bool { return isNamed(e.Mentions, e.MentionGroups, m) }

func isNamed(people []uuid.UUID, groups []string, m Member) bool {
	return slices.Contains(people, m.Account) || slices.ContainsFunc(groups, func(group string) bool {
		return group == "everyone" || group == "managers" && m.Manager || group == m.Role || group == "staff" && m.Role == "admin"
	})
}

// titleFor names who spoke and, where several meet, where.
func titleFor(r Room, e Event, language string) string {
	title := r.Title
	if language == "en" && r.TitleEN != "" {
		title = r.TitleEN
	}
	if r.Direct || title == "" {
		return e.AuthorName
	}
	return e.AuthorName + " · " + title
}
