// Package schedule knows meetings before, while and after they are live: who
// is invited, when it is for whom, who came.
//
// A meeting's time is agreed as a wall clock in a named zone; it is stored as
// an instant together with the zone's IANA name, so that every reader gets his
// own clock and the meeting's. Everything that leaves the house, the link text,
// the mail, the iCalendar file, says whose clock each time is.
//
// The package owns the tables meetings, agenda_items, invitees and attendance.
// Rooms are chat's, guest links account's, mail notify's: they are reached
// through the interfaces in deps.go, inside the one transaction of a change, so
// that a meeting never exists without its room, links and invitations.
//
// A meeting is planned, then live from the first join, then ended; or
// cancelled. SEQUENCE (RFC 5545 section 3.8.7.4) counts the changes and doubles
// as the version that two writers are compared by.
package schedule

import (
	"time"

	"github.com/google/uuid"
)

// State is where a meeting is in its life.
type State string

// The states.
const (
	StatePlanned   State = "planned"
	StateLive      State = "live"
	StateEnded     State = "ended"
	StateCancelled State = "cancelled"
)

// InviteeKind says what was invited.
type InviteeKind string

// The kinds of invitee.
const (
	InviteeAccount InviteeKind = "account"
	InviteeStation InviteeKind = "station"
	InviteeContact InviteeKind = "contact"
	InviteeAddress InviteeKind = "address"
)

// AgendaItem is one point of a meeting's agenda.
type AgendaItem struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Title   string    `json:"title"`
	Minutes int       `json:"minutes"`
}

// Invitee is somebody invited, as the meeting shows them.
type Invitee struct {
	ID       uuid.UUID   `json:"id" format:"uuid"`
	Kind     InviteeKind `json:"kind" enum:"account,station,contact,address"`
	Ref      *uuid.UUID  `json:"ref,omitempty" format:"uuid"`
	Name     string      `json:"name"`
	Email    *string     `json:"email,omitempty"`
	Language string      `json:"language"`
	TimeZone string      `json:"time_zone"`
	Response string      `json:"response" enum:"unknown,accepted,declined"`
	// Came says whether they were there; once the meeting has ended.
	Came *bool `json:"came,omitempty"`
	// Undelivered is why a letter to them will never arrive, in the mail server's
	// words; for those who may manage the meeting.
	Undelivered *string `json:"undelivered,omitempty"`
	// Guest is true for those who come by a personal link.
	Guest bool `json:"guest"`
	// LinkState is present for guests when one meeting is opened by a manager.
	LinkState *string `json:"link_state,omitempty" enum:"active,revoked,expired"`
}

// MinutesHead is what a meeting says of its newest minutes.
type MinutesHead struct {
	ID     uuid.UUID `json:"id" format:"uuid"`
	State  string    `json:"state" enum:"draft,review,signed"`
	Number string    `json:"number"`
}

// Rights says what the reader may do with a meeting.
type Rights struct {
	Edit             bool `json:"edit"`
	Moderate         bool `json:"moderate"`
	WriteMinutes     bool `json:"write_minutes"`
	DeleteRecordings bool `json:"delete_recordings"`
}

// MeetingHost is the account that leads a meeting, as others see it.
type MeetingHost struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Kind string    `json:"kind" enum:"account"`
	Name string    `json:"name"`
}

// Held is from when to when a meeting really took place.
type Held struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Meeting is one gathering in a room.
type Meeting struct {
	ID       uuid.UUID    `json:"id" format:"uuid"`
	RoomID   uuid.UUID    `json:"room_id" format:"uuid"`
	Title    string       `json:"title"`
	Agenda   []AgendaItem `json:"agenda" nullable:"false"`
	Host     MeetingHost  `json:"host"`
	StartsAt time.Time    `json:"starts_at"`
	EndsAt   time.Time    `json:"ends_at"`
	// Held is when it really took place; once it has ended, unless nobody came.
	Held        *Held  `json:"held,omitempty"`
	TimeZone    string `json:"time_zone"`
	State       State  `json:"state" enum:"planned,live,ended,cancelled"`
	Spontaneous bool   `json:"spontaneous"`
	// Sequence counts the changes; saving must name the one it changes.
	Sequence      int          `json:"sequence"`
	MayBeRecorded bool         `json:"may_be_recorded"`
	VideoCodec    VideoCodec   `json:"video_codec" enum:"auto,vp8,vp9,h264,av1"`
	Note          string       `json:"note"`
	CancelReason  string       `json:"cancel_reason"`
	Invitees      []Invitee    `json:"invitees" nullable:"false"`
	Recordings    int          `json:"recordings"`
	Minutes       *MinutesHead `json:"minutes,omitempty"`
	May           Rights       `json:"may"`
}

// VideoCodec is what the participants of a meeting send their pictures with, where
// they know it.
type VideoCodec string

// The codecs. Auto leaves the choice to each client: VP8, which all know and which
// costs least.
const (
	CodecAuto VideoCodec = "auto"
	CodecVP8  VideoCodec = "vp8"
	CodecVP9  VideoCodec = "vp9"
	CodecH264 VideoCodec = "h264"
	CodecAV1  VideoCodec = "av1"
)

// Order lists the codecs to use, the chosen one first; nil leaves it to the clients.
func (c VideoCodec) Order() []string {
	if c == CodecAuto || c == "" {
		return nil
	}
	order := []string{string(c)}
	for _, other := range []VideoCodec{CodecVP8, CodecVP9, CodecH264, CodecAV1} {
		if other != c {
			order = append(order, string(other))
		}
	}
	return order
}

// NewAgendaItem is a point of the agenda as it is written.
type NewAgendaItem struct {
	Title   string `json:"title" minLength:"1" maxLength:"300"`
	Minutes int    `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
}

// NewInvitee is somebody as they are invited: an account, a station or a
// contact by ref, or a name and a typed address.
type NewInvitee struct {
	Kind     InviteeKind `json:"kind" enum:"account,station,contact,address"`
	Ref      *uuid.UUID  `json:"ref,omitempty" format:"uuid"`
	Name     string      `json:"name,omitempty" maxLength:"200"`
	Email    *string     `json:"email,omitempty" maxLength:"254"`
	Language string      `json:"language,omitempty" enum:"zh-CN,en,"`
	TimeZone string      `json:"time_zone,omitempty" maxLength:"64"`
}

// NewMeeting is a meeting as it is arranged. StartsAt and EndsAt are wall
// clock times in TimeZone.
type NewMeeting struct {
	Title         string          `json:"title" minLength:"1" maxLength:"300"`
	Agenda        []NewAgendaItem `json:"agenda,omitempty" maxItems:"100" nullable:"false"`
	HostID        uuid.UUID       `json:"host_id" format:"uuid"`
	RoomID        *uuid.UUID      `json:"room_id,omitempty" format:"uuid"`
	StartsAt      string          `json:"starts_at" maxLength:"19" example:"2026-11-25T15:00"`
	EndsAt        string          `json:"ends_at" maxLength:"19" example:"2026-11-25T16:00"`
	TimeZone      string          `json:"time_zone" minLength:"1" maxLength:"64" example:"Asia/Shanghai"`
	Invitees      []NewInvitee    `json:"invitees,omitempty" maxItems:"300" nullable:"false"`
	MayBeRecorded bool            `json:"may_be_recorded,omitempty"`
	VideoCodec    VideoCodec      `json:"video_codec,omitempty" enum:"auto,vp8,vp9,h264,av1,"`
	Note          string          `json:"note,omitempty" maxLength:"5000"`
}

// MeetingChange is a whole meeting as it shall be, and the sequence it changes.
type MeetingChange struct {
	NewMeeting
	Sequence int `json:"sequence" minimum:"0"`
}

// InviteeLink is a guest's personal link with texts fit for any messenger.
type InviteeLink struct {
	URL    string `json:"url"`
	TextZH string `json:"text_zh"`
	TextEN string `json:"text_en"`
}

// Attendance is one stay of one person in a meeting.
type Attendance struct {
	PersonID uuid.UUID `json:"person_id" format:"uuid"`
	Kind     string    `json:"kind" enum:"account,guest"`
	Name     string    `json:"name"`
	JoinedAt time.Time `json:"joined_at"`
	// LeftAt is absent while the person is there.
	LeftAt  *time.Time `json:"left_at,omitempty"`
	Seconds int        `json:"seconds"`
}

// Live is what the live meeting needs to know of its record.
type Live struct {
	ID            uuid.UUID
	Room          uuid.UUID
	Title         string
	HostID        uuid.UUID
	StartsAt      time.Time
	MayBeRecorded bool
	VideoCodec    VideoCodec
}
