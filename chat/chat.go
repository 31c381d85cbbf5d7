// Package chat keeps rooms, their members and their messages. What it has
// acknowledged is in Postgres: never lost, doubled or reordered. DESIGN.md
// tells how.
package chat

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// RoomKind says what a room is for.
type RoomKind string

// The kinds of room.
const (
	Station RoomKind = "station"
	Group   RoomKind = "group"
	Direct  RoomKind = "direct"
	Meeting RoomKind = "meeting"
)

// MemberRole is what a member may do in a room.
type MemberRole string

// The roles in a room. Owners and moderators manage it; owners alone say who
// else does.
const (
	Owner     MemberRole = "owner"
	Moderator MemberRole = "moderator"
	Member    MemberRole = "member"
)

// Posting says who may post into a room.
type Posting string

// Everybody in the room, or its managers alone: a room of announcements.
const (
	PostingMembers  Posting = "members"
	PostingManagers Posting = "managers"
)

// PersonKind tells accounts from guests.
type PersonKind string

// The kinds of person.
const (
	AccountPerson PersonKind = "account"
	GuestPerson   PersonKind = "guest"
)

// Person is an account or a guest, as others see it.
type Person struct {
	ID   uuid.UUID  `json:"id"`
	Kind PersonKind `json:"kind" enum:"account,guest"`
	Name string     `json:"name"`
}

// Caller is who asks for something. A guest reads and writes one room, the one
// of the meeting that a host let them into, and of that what came after an event.
type Caller struct {
	Person
	GuestRoom  uuid.UUID
	GuestSince int64
}

// EventKind says what happened to a message.
type EventKind string

// The kinds of event.
const (
	Posted    EventKind = "posted"
	Edited    EventKind = "edited"
	Deleted   EventKind = "deleted"
	Reacted   EventKind = "reacted"
	Pinned    EventKind = "pinned"
	Confirmed EventKind = "confirmed"
)

// Reaction is one emoji on a message and who chose it, in order.
type Reaction struct {
	Emoji string   `json:"emoji"`
	By    []Person `json:"by"`
}

// Quote is the message a reply answers, shortened to 120 characters; one that
// carries only files is quoted by the name of the first, in brackets.
type Quote struct {
	ID uuid.UUID `json:"id"`
	// Seq is the message's place in its room.
	Seq    int64  `json:"seq"`
	Author Person `json:"author"`
	Text   string `json:"text"`
}

// Message is one message in its present state. A deleted one has no text and
// no attachments.
type Message struct {
	ID       uuid.UUID
	Room     uuid.UUID
	Seq      int64
	ClientID string
	Author   Person
	Text     string
	// TextEN says the same in English, side by side; empty where it is not bilingual.
	TextEN string
	// Topic names what it is about within its room; empty: nothing in particular.
	Topic         string
	PostedAt      time.Time
	EditedAt      *time.Time
	Deleted       bool
	Removed       Removal // why it is deleted
	ReplyTo       *Quote
	Mentions      []uuid.UUID
	MentionGroups []MentionGroup
	// MentionsLate and GroupsLate are those that it names only since an edit.
	MentionsLate []uuid.UUID
	GroupsLate   []MentionGroup
	Reactions    []Reaction
	Attachments  []Attachment
	Forwarded    *Forwarded
	Call         *CallRecord
	Pin          *Pin
	Confirmation *Confirmation
}

// MentionGroup names many at once: everyone, the room's managers, or the
// members with a role in the organisation.
type MentionGroup string

// The groups that can be mentioned.
const (
	MentionEveryone    MentionGroup = "everyone"
	MentionManagers    MentionGroup = "managers"
	MentionStaff       MentionGroup = "staff"
	MentionStation     MentionGroup = "station"
	MentionAmbassadors MentionGroup = "ambassador"
)

// Attachment is a file that a message carries, described as it was when the
// message was posted. Its content is with the files.
type Attachment struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	// Type is the media type, found by looking at the content (RFC 6838).
	Type string `json:"type"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// Width and Height are those of a picture, in pixels; 0 otherwise.
	Width  int `json:"width"`
	Height int `json:"height"`
	// DurationMS is that of a sound, in milliseconds; 0 while unknown.
	DurationMS int `json:"duration_ms"`
	// Voice: it was spoken for this message.
	Voice bool `json:"voice"`
	// Preview: a small picture of it can be shown.
	Preview bool `json:"preview"`
}

// Forwarded is where a message was taken from.
type Forwarded struct {
	Author   Person    `json:"author"`
	PostedAt time.Time `json:"posted_at"`
}

// CallRecord is what remains of a call.
type CallRecord struct {
	ID         uuid.UUID    `json:"id"`
	By         Person       `json:"by"`
	People     []CallPerson `json:"people"`
	StartedAt  time.Time    `json:"started_at"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	EndedAt    time.Time    `json:"ended_at"`
}

// CallPerson is one who was called, and what became of it: accepted, declined,
// busy, missed or cancelled.
type CallPerson struct {
	Person Person `json:"person"`
	State  string `json:"state"`
}

// Pin says who keeps a message in sight, and since when.
type Pin struct {
	By Person    `json:"by"`
	At time.Time `json:"at"`
}

// Confirmation is what a message asks of its readers: to confirm it. Urgent
// ones disturb people at night.
type Confirmation struct {
	Urgent bool
	// By are the accounts that have confirmed, in order.
	By []uuid.UUID
}

// Event is one step of a room's order, with the message as it is now. Applying
// events in order to a page of history gives what a fresh page would hold.
type Event struct {
	Room    uuid.UUID
	Seq     int64
	Kind    EventKind
	Message Message
}

// Limits of what is stored.
const (
	maxText     = 10_000 // characters of a message
	maxClientID = 64     // bytes
	maxMentions = 50
	maxEmoji    = 32 // bytes: the longest joined sequences in use are shorter
	maxPage     = 200
	maxBytes    = 256 << 10 // of text in one page: it has to fit what waits for a client
	// maxReactions is how many different emoji a message carries.
	maxReactions = 24
	maxTitle     = 300 // characters: a meeting gives its room its title
	maxTopic     = 60  // characters
	// maxAttachments is how many files a message carries.
	maxAttachments = 20
	// maxPins is how many messages a room keeps in sight.
	maxPins = 50
)

// Errors of this package, as users see them.
var (
	ErrNoRoom    = problem.NotFound("room")
	ErrNoMessage = problem.NotFound("message")
	ErrDeleted   = problem.New(http.StatusConflict, "message_deleted", "the message was deleted")
	ErrArchived  = problem.New(http.StatusConflict, "room_archived", "the room is archived: it is only read")

	errGroupsForManagers = problem.Forbidden("only the room's managers mention everyone, or all with a role").At("mention_groups")
)
