package wire

import "time"

// Source is one thing a participant publishes.
type Source string

// The sources.
const (
	Microphone  Source = "microphone"
	Camera      Source = "camera"
	Screen      Source = "screen"
	ScreenAudio Source = "screen-audio"
)

// StreamKind says which pair of sources a seat or a tile shows: a person is
// microphone and camera, a screen is screen-audio and screen.
type StreamKind string

// The stream kinds.
const (
	StreamPerson StreamKind = "person"
	StreamScreen StreamKind = "screen"
)

// As says by which cookie a socket authenticates.
type As string

// The ways to authenticate.
const (
	AsAccount As = "account"
	AsGuest   As = "guest"
)

// PersonKind tells accounts from guests.
type PersonKind string

// The kinds of person.
const (
	PersonAccount PersonKind = "account"
	PersonGuest   PersonKind = "guest"
)

// Role is what a participant may do in a meeting.
type Role string

// The roles of a meeting. Host and cohost moderate; only the host appoints.
const (
	RoleHost        Role = "host"
	RoleCohost      Role = "cohost"
	RoleParticipant Role = "participant"
)

// Connection says whether a participant's socket is there.
type Connection string

// The connection states.
const (
	Connected    Connection = "connected"
	Reconnecting Connection = "reconnecting"
)

// Quality is the state of a participant's link in plain words.
type Quality string

// The qualities.
const (
	QualityGood Quality = "good"
	QualityWeak Quality = "weak"
	QualityPoor Quality = "poor"
)

// ScreenMode says what matters more of a shared screen.
type ScreenMode string

// The modes: text keeps the resolution, motion keeps the frame rate.
const (
	ModeText   ScreenMode = "text"
	ModeMotion ScreenMode = "motion"
)

// Picture says whether a seat's picture comes, or why not.
type Picture string

// The states of a seat's picture. Paused: there is no bandwidth for it, sound
// goes on. Undecodable: this client offered no decoder for it.
const (
	PicturePlaying     Picture = "playing"
	PicturePaused      Picture = "paused"
	PictureUndecodable Picture = "undecodable"
)

// EventKind says what happened to a message.
type EventKind string

// The kinds of chat event.
const (
	EventPosted    EventKind = "posted"
	EventEdited    EventKind = "edited"
	EventDeleted   EventKind = "deleted"
	EventReacted   EventKind = "reacted"
	EventPinned    EventKind = "pinned"
	EventConfirmed EventKind = "confirmed"
)

// MentionGroup names many members of a room at once.
type MentionGroup string

// The groups: all, the room's managers, and those with a role in the
// organisation. Managers alone may name others than managers.
const (
	MentionEveryone    MentionGroup = "everyone"
	MentionManagers    MentionGroup = "managers"
	MentionStaff       MentionGroup = "staff"
	MentionStation     MentionGroup = "station"
	MentionAmbassadors MentionGroup = "ambassador"
)

// Removal says why a message is not there any more.
type Removal string

// The reasons: its author took it back, or a manager of the room did; it was
// older than the house keeps messages; its author's data was erased.
const (
	RemovedByAuthor  Removal = "author"
	RemovedByManager Removal = "manager"
	RemovedByAge     Removal = "retention"
	RemovedByErasure Removal = "erasure"
)

// CallOutcome is what became of a call for one of those who were called.
type CallOutcome string

// The outcomes.
const (
	CallRinging   CallOutcome = "ringing"
	CallAccepted  CallOutcome = "accepted"
	CallDeclined  CallOutcome = "declined"
	CallBusy      CallOutcome = "busy"
	CallMissed    CallOutcome = "missed"
	CallCancelled CallOutcome = "cancelled"
)

// RemovedReason says why a participant is out of a meeting.
type RemovedReason string

// The reasons.
const (
	RemovedByHost RemovedReason = "host"
	RemovedEnded  RemovedReason = "ended"
	// RemovedRest: whoever stood in for the host closed the meeting before its time;
	// it can go on later.
	RemovedRest      RemovedReason = "rest"
	RemovedTakenOver RemovedReason = "taken_over"
	RemovedRevoked   RemovedReason = "revoked"
)

// Topic names what a changed message is about.
type Topic string

// The topics.
const (
	TopicMeeting    Topic = "meeting"
	TopicMinutes    Topic = "minutes"
	TopicRecordings Topic = "recordings"
	TopicRoom       Topic = "room"
	TopicNotices    Topic = "notices"
)

// ErrorCode is the closed set of codes an error message carries.
type ErrorCode string

// The error codes; PROTOCOL.md says what a client should do about each.
const (
	CodeMalformed    ErrorCode = "malformed"
	CodeUnknownType  ErrorCode = "unknown_type"
	CodeVersion      ErrorCode = "version"
	CodeUnauthorized ErrorCode = "unauthorized"
	CodeForbidden    ErrorCode = "forbidden"
	CodeNotFound     ErrorCode = "not_found"
	CodeInvalid      ErrorCode = "invalid"
	CodeNotInMeeting ErrorCode = "not_in_meeting"
	CodeMustKnock    ErrorCode = "must_knock"
	CodeLocked       ErrorCode = "locked"
	CodeEnded        ErrorCode = "ended"
	CodeOffer        ErrorCode = "offer"
	CodeRate         ErrorCode = "rate"
	CodeConflict     ErrorCode = "conflict"
	CodeUnavailable  ErrorCode = "unavailable"
	CodeInternal     ErrorCode = "internal"
	CodeElsewhere    ErrorCode = "elsewhere"
)

// Person is an account or a guest, as others see it.
type Person struct {
	ID   string     `json:"id"`
	Kind PersonKind `json:"kind"`
	Name string     `json:"name"`
}

// SourceState is one source of a participant. Live: the participant sends it;
// Muted: a moderator keeps it off, until the participant switches it on with Lift.
// Nothing is forwarded or recorded of a source that is not live.
type SourceState struct {
	Source Source `json:"source"`
	Live   bool   `json:"live"`
	Muted  bool   `json:"muted"`
}

// Participant is someone in a live meeting.
type Participant struct {
	Person
	Role       Role          `json:"role"`
	Connection Connection    `json:"connection"`
	Quality    Quality       `json:"quality"`
	Sources    []SourceState `json:"sources"`
	// HandRaisedAt orders raised hands; absent when the hand is down.
	HandRaisedAt *time.Time `json:"hand_raised_at,omitempty"`
	JoinedAt     time.Time  `json:"joined_at"`
	// StandsIn: it moderates somebody else's meeting until they come, and keeps
	// order only. It does not record, block, or end the meeting before its time.
	StandsIn bool `json:"stands_in"`
}

// Waiting is someone in the lobby.
type Waiting struct {
	Person
	Since time.Time `json:"since"`
	// Link is the name that a guest's link was made out to, which need not be what
	// the guest calls itself; "" for accounts.
	Link string `json:"link"`
}

// RecordingState is what everybody in a meeting knows about its recording.
type RecordingState struct {
	On    bool       `json:"on"`
	Since *time.Time `json:"since,omitempty"`
	// StartedBy is a name: who started it may have left.
	StartedBy string `json:"started_by"`
}

// MeetingState is what a meeting is, apart from who is in it.
type MeetingState struct {
	ID        string         `json:"id"`
	Room      string         `json:"room"`
	Title     string         `json:"title"`
	StartedAt time.Time      `json:"started_at"`
	Locked    bool           `json:"locked"`
	Recording RecordingState `json:"recording"`
}

// Snapshot rebuilds the whole meeting at a client.
type Snapshot struct {
	Meeting      MeetingState  `json:"meeting"`
	Me           string        `json:"me"`
	Participants []Participant `json:"participants"`
	// Waiting is empty for those who may not admit.
	Waiting  []Waiting `json:"waiting"`
	Seats    []Seating `json:"seats"`
	Speaking []string  `json:"speaking"`
	// Wanted holds the sources of which not every layer is wanted.
	Wanted []Wanted `json:"wanted"`
}

// Grade is how well media passes in one direction, in a word.
type Grade string

// The grades. Lost: nothing passes.
const (
	GradeGood Grade = "good"
	GradeFair Grade = "fair"
	GradePoor Grade = "poor"
	GradeLost Grade = "lost"
)

// Direction is one half of a participant's link, as the node measures it over
// the last seconds.
type Direction struct {
	Grade Grade `json:"grade"`
	// Loss and Frozen are in percent: of the packets, before repair, and of the
	// time in which a picture stood still.
	Loss   int `json:"loss"`
	Frozen int `json:"frozen"`
	// RTTMS is the round trip in milliseconds; 0 while unknown.
	RTTMS int `json:"rtt_ms"`
	// JitterMS is the interarrival jitter (RFC 3550 section 6.4.1) in milliseconds.
	JitterMS int `json:"jitter_ms"`
	// Bitrate is what comes up, or what could go down, in bits per second.
	Bitrate int `json:"bitrate"`
}

// Seating says whose stream a seat carries. An empty participant: nobody's.
type Seating struct {
	// Seat is the index into the seats of the client's offer.
	Seat        int        `json:"seat"`
	Participant string     `json:"participant"`
	Kind        StreamKind `json:"kind"`
	Picture     Picture    `json:"picture"`
}

// Tile is one stream a client shows, and how large, in pixels of its screen.
type Tile struct {
	Participant string     `json:"participant"`
	Kind        StreamKind `json:"kind"`
	Width       int        `json:"width"`
	Height      int        `json:"height"`
}

// SeatOffer names the m-lines of one seat by their mid (RFC 5888).
type SeatOffer struct {
	Audio string `json:"audio"`
	Video string `json:"video"`
}

// SourceOffer names the m-line a source is sent on.
type SourceOffer struct {
	Source Source `json:"source"`
	MID    string `json:"mid"`
	// Packed sounds may repeat those before them within Opus's own payload type,
	// laid out as redundant audio (RFC 2198) with block type 0: for browsers that
	// do not know that format, or repeat less. It stays as it is while the
	// connection lasts.
	Packed bool `json:"packed,omitempty"`
}

// Offer is a client's SDP offer (RFC 3264) and what its m-lines are for.
type Offer struct {
	SDP     string        `json:"sdp"`
	Sources []SourceOffer `json:"sources"`
	Seats   []SeatOffer   `json:"seats"`
}

// ICEServer is a relay that this person may use (RTCIceServer).
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username"`
	Credential string   `json:"credential"`
}

// Reaction is one emoji on a message and who chose it.
type Reaction struct {
	Emoji string   `json:"emoji"`
	By    []Person `json:"by"`
}

// ReplyTo is the quoted message of a reply, shortened.
type ReplyTo struct {
	ID     string `json:"id"`
	Author Person `json:"author"`
	Text   string `json:"text"`
}

// Attachment is a file that a message carries. Its content is read over REST.
type Attachment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Type is the media type, found by looking at the content.
	Type string `json:"type"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// Width and Height are a picture's, in pixels; 0 otherwise.
	Width  int `json:"width"`
	Height int `json:"height"`
	// DurationMS is a sound's, in milliseconds; 0 while unknown.
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

// CallPerson is one who was called.
type CallPerson struct {
	Person Person      `json:"person"`
	State  CallOutcome `json:"state"`
}

// Call is one ringing. It ends when nobody is being rung any more; who accepted
// joins the room's meeting.
type Call struct {
	ID   string `json:"id"`
	Room string `json:"room"`
	By   Person `json:"by"`
	// Version grows with every change: an older one than is known is late.
	Version   int       `json:"version"`
	StartedAt time.Time `json:"started_at"`
	// RingsUntil is when it ends by itself.
	RingsUntil time.Time    `json:"rings_until"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	EndedAt    *time.Time   `json:"ended_at,omitempty"`
	People     []CallPerson `json:"people"`
}

// CallRecord is what remains of a call.
type CallRecord struct {
	ID         string       `json:"id"`
	By         Person       `json:"by"`
	People     []CallPerson `json:"people"`
	StartedAt  time.Time    `json:"started_at"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	EndedAt    time.Time    `json:"ended_at"`
}

// Pin says who keeps a message in sight, and since when.
type Pin struct {
	By Person    `json:"by"`
	At time.Time `json:"at"`
}

// Confirmation is what a message asks of its readers: to confirm it.
type Confirmation struct {
	Urgent bool `json:"urgent"`
	// By are the accounts that have confirmed, in order.
	By []string `json:"by"`
}

// Message is one chat message in its present state.
type Message struct {
	ID   string `json:"id"`
	Room string `json:"room"`
	// Seq is the sequence number of its posting in the room's order.
	Seq      int64  `json:"seq"`
	ClientID string `json:"client_id"`
	Author   Person `json:"author"`
	// Text is Markdown, of which clients render a part. It is empty where
	// attachments or a call say everything.
	Text string `json:"text"`
	// TextEN says the same in English; absent where the message is not bilingual.
	TextEN string `json:"text_en,omitempty"`
	// Topic names what it is about within its room.
	Topic    string     `json:"topic,omitempty"`
	PostedAt time.Time  `json:"posted_at"`
	EditedAt *time.Time `json:"edited_at,omitempty"`
	// Deleted messages have no text; their place stays visible.
	Deleted       bool           `json:"deleted"`
	Removed       Removal        `json:"removed,omitempty"`
	ReplyTo       *ReplyTo       `json:"reply_to,omitempty"`
	Mentions      []string       `json:"mentions"`
	MentionGroups []MentionGroup `json:"mention_groups"`
	Reactions     []Reaction     `json:"reactions"`
	Attachments   []Attachment   `json:"attachments"`
	Forwarded     *Forwarded     `json:"forwarded,omitempty"`
	Call          *CallRecord    `json:"call,omitempty"`
	Pin           *Pin           `json:"pin,omitempty"`
	Confirmation  *Confirmation  `json:"confirmation,omitempty"`
}

// Event is one step of a room's order. Message is the message's present state,
// so that applying an event is replacing the message.
type Event struct {
	Room    string    `json:"room"`
	Seq     int64     `json:"seq"`
	Kind    EventKind `json:"kind"`
	Message Message   `json:"message"`
}

// RoomHead is where a room stands for the person of this socket.
type RoomHead struct {
	Room string `json:"room"`
	// Seq is the newest sequence number of the room.
	Seq int64 `json:"seq"`
	// Read is the newest sequence number this person has read.
	Read int64 `json:"read"`
	// Unread counts messages of others posted after Read.
	Unread int `json:"unread"`
	// Mentions counts those of them that name this person, or a group it is in.
	Mentions int `json:"mentions"`
	// Mark is the number of the room's newest mark. A client that knows a lower
	// one asks for those it missed.
	Mark int64 `json:"mark"`
	// Manages: this person is among those who manage the room.
	Manages bool `json:"manages"`
}

// Mark is how far somebody has read a room.
type Mark struct {
	Person Person `json:"person"`
	// Seq is the newest sequence number that the person has read.
	Seq int64 `json:"seq"`
}

// Cursor is how far a client knows a room.
type Cursor struct {
	Room string `json:"room"`
	// After is the newest sequence number that the client has applied.
	After int64 `json:"after"`
}
