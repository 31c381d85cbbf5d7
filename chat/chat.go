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

// The roles in a room. Owners change its title and its members.
const (
	Owner  MemberRole = "owner"
	Member MemberRole = "member"
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
// of the meeting that a host let them into.
type Caller struct {
	Person
	GuestRoom uuid.UUID
}

// EventKind says what happened to a message.
type EventKind string

// The kinds of event.
const (
	Posted  EventKind = "posted"
	Edited  EventKind = "edited"
	Deleted EventKind = "deleted"
	Reacted EventKind = "reacted"
)

// Reaction is one emoji on a message and who chose it, in order.
type Reaction struct {
	Emoji string   `json:"emoji"`
	By    []Person `json:"by"`
}

// Quote is the message a reply answers, shortened to 120 characters.
type Quote struct {
	ID     uuid.UUID `json:"id"`
	Author Person    `json:"author"`
	Text   string    `json:"text"`
}

// Message is one message in its present state. A deleted one has no text.
type Message struct {
	ID        uuid.UUID
	Room      uuid.UUID
	Seq       int64
	ClientID  string
	Author    Person
	Text      string
	PostedAt  time.Time
	EditedAt  *time.Time
	Deleted   bool
	ReplyTo   *Quote
	Mentions  []uuid.UUID
	Reactions []Reaction
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
)

// Errors of this package, as users see them.
var (
	ErrNoRoom    = problem.NotFound("room")
	ErrNoMessage = problem.NotFound("message")
	ErrDeleted   = problem.New(http.StatusConflict, "message_deleted", "the message was deleted")
)
