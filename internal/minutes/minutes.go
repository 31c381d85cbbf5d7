// Package minutes keeps the formal record of a meeting (会议纪要).
//
// Minutes begin with what is known: title, time, host, agenda, and who was
// present (出席), attending (列席) or excused (请假), from invitations and
// attendance. Several people write them as blocks. Every save names the
// revision it changes and is kept as a version; a save that comes second is
// refused with the first one's text, so nobody is overwritten unseen.
//
// A record is a draft, then in review, then signed. Signing takes the next
// number of the year from a counter in the same transaction, so numbers have
// no gaps. A signed record cannot change, which a trigger in the database
// enforces as well; a correction is a new version that follows the same way.
package minutes

import (
	"time"

	"github.com/google/uuid"
)

// State is where minutes are in their life.
type State string

// The states.
const (
	StateDraft  State = "draft"
	StateReview State = "review"
	StateSigned State = "signed"
)

// BlockKind says what a block records.
type BlockKind string

// The kinds of block.
const (
	BlockAgenda     BlockKind = "agenda"
	BlockDiscussion BlockKind = "discussion"
	BlockDecision   BlockKind = "decision"
	BlockAction     BlockKind = "action"
)

// Attendee is one person in the record, with unit and title.
type Attendee struct {
	Name  string `json:"name" minLength:"1" maxLength:"200"`
	Unit  string `json:"unit" maxLength:"200"`
	Title string `json:"title" maxLength:"200"`
}

// Block is one piece of the record.
type Block struct {
	ID       uuid.UUID `json:"id" format:"uuid"`
	Position int       `json:"position"`
	Kind     BlockKind `json:"kind" enum:"agenda,discussion,decision,action"`
	Text     string    `json:"text"`
	// Owner and Due belong to actions.
	Owner         string    `json:"owner"`
	Due           *string   `json:"due,omitempty" format:"date"`
	Revision      int       `json:"revision"`
	UpdatedByName string    `json:"updated_by_name"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// BlockVersion is a block as it once was.
type BlockVersion struct {
	Revision int       `json:"revision"`
	Kind     BlockKind `json:"kind" enum:"agenda,discussion,decision,action"`
	Text     string    `json:"text"`
	Owner    string    `json:"owner"`
	Due      *string   `json:"due,omitempty" format:"date"`
	// Deleted is true for the version that took the block away.
	Deleted bool      `json:"deleted"`
	ByName  string    `json:"by_name"`
	At      time.Time `json:"at"`
}

// MinutesRights says what the reader may do with a record.
type MinutesRights struct {
	Edit    bool `json:"edit"`
	Submit  bool `json:"submit"`
	Sign    bool `json:"sign"`
	Correct bool `json:"correct"`
}

// Minutes is a whole record.
type Minutes struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	MeetingID uuid.UUID `json:"meeting_id" format:"uuid"`
	Version   int       `json:"version"`
	State     State     `json:"state" enum:"draft,review,signed"`
	// Number is given when signed.
	Number       *string    `json:"number,omitempty"`
	Title        string     `json:"title"`
	StartsAt     time.Time  `json:"starts_at"`
	EndsAt       time.Time  `json:"ends_at"`
	TimeZone     string     `json:"time_zone"`
	Place        string     `json:"place"`
	HostName     string     `json:"host_name"`
	RecorderName string     `json:"recorder_name"`
	Present      []Attendee `json:"present" nullable:"false"`
	Attending    []Attendee `json:"attending" nullable:"false"`
	Absent       []Attendee `json:"absent" nullable:"false"`
	Signer       *string    `json:"signer,omitempty"`
	SignedAt     *time.Time `json:"signed_at,omitempty"`
	CopiesTo     string     `json:"copies_to"`
	ReturnReason string     `json:"return_reason"`
	// Revision counts the changes of the head, blocks apart.
	Revision int           `json:"revision"`
	Blocks   []Block       `json:"blocks" nullable:"false"`
	Corrects *uuid.UUID    `json:"corrects,omitempty" format:"uuid"`
	May      MinutesRights `json:"may"`
}

// MinutesVersion is one version of a meeting's minutes in a list.
type MinutesVersion struct {
	ID       uuid.UUID  `json:"id" format:"uuid"`
	Version  int        `json:"version"`
	State    State      `json:"state" enum:"draft,review,signed"`
	Number   *string    `json:"number,omitempty"`
	SignedAt *time.Time `json:"signed_at,omitempty"`
}

// MinutesChange names what is changed of the head, and the revision it changes.
type MinutesChange struct {
	Revision     int         `json:"revision" minimum:"1"`
	Title        *string     `json:"title,omitempty" minLength:"1" maxLength:"300"`
	Place        *string     `json:"place,omitempty" maxLength:"200"`
	HostName     *string     `json:"host_name,omitempty" maxLength:"200"`
	RecorderName *string     `json:"recorder_name,omitempty" maxLength:"200"`
	Present      *[]Attendee `json:"present,omitempty" maxItems:"500"`
	Attending    *[]Attendee `json:"attending,omitempty" maxItems:"500"`
	Absent       *[]Attendee `json:"absent,omitempty" maxItems:"500"`
	CopiesTo     *string     `json:"copies_to,omitempty" maxLength:"1000"`
}

// BlockText is what a writer gives of a block.
type BlockText struct {
	Kind  BlockKind `json:"kind" enum:"agenda,discussion,decision,action"`
	Text  string    `json:"text" maxLength:"20000"`
	Owner string    `json:"owner,omitempty" maxLength:"200"`
	Due   *string   `json:"due,omitempty" format:"date"`
}

// NewBlock is a block as it is added: after another one, or at the end.
type NewBlock struct {
	After *uuid.UUID `json:"after,omitempty" format:"uuid"`
	BlockText
}

// BlockChange is a block as it shall be, and the revision it changes.
type BlockChange struct {
	Revision int `json:"revision" minimum:"1"`
	BlockText
}
