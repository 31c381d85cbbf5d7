package wire

// Hello opens a socket. The cookie named by As says who it is.
//
//wire:client hello
type Hello struct {
	Version int `json:"version"`
	As      As  `json:"as"`
	// Resume is the session of an earlier welcome. A participant that was held
	// by it is re-attached to this socket.
	Resume string `json:"resume,omitempty"`
}

// Ping asks for a pong; browsers cannot see the socket's own pings.
//
//wire:client ping
type Ping struct{}

// Knock asks to be let into a room's meeting by those who may admit.
//
//wire:client knock
type Knock struct {
	Room string `json:"room"`
}

// Join enters the room's meeting, starting it when the room has none and the
// person may start one.
//
//wire:client join
type Join struct {
	Room  string `json:"room"`
	Offer Offer  `json:"offer"`
	// Live are the sources that are sent from the beginning.
	Live []Source `json:"live"`
}

// Renegotiate carries a later offer: more seats, or an ICE restart.
//
//wire:client offer
type Renegotiate struct {
	Offer Offer `json:"offer"`
}

// Leave leaves the meeting; the socket stays.
//
//wire:client leave
type Leave struct{}

// View says what the client shows, most important first.
//
//wire:client view
type View struct {
	Tiles []Tile `json:"tiles"`
}

// SetSource says that a source is now sent, or no longer. Its packets pass from
// when the roster shows it as live on.
//
//wire:client source
type SetSource struct {
	Source Source `json:"source"`
	Live   bool   `json:"live"`
	// Lift says that the participant knows of a moderator's mute and ends it. Without
	// it a muted source stays off, and its client is told Muted again.
	Lift bool `json:"lift,omitempty"`
	// Mode is of a screen; text when absent.
	Mode ScreenMode `json:"mode,omitempty"`
}

// Measure asks how a participant's link is.
//
//wire:client measure
type Measure struct {
	Participant string `json:"participant"`
}

// Hand raises or lowers a hand; moderators may lower somebody else's.
//
//wire:client hand
type Hand struct {
	Raised      bool   `json:"raised"`
	Participant string `json:"participant,omitempty"`
}

// Cheer shows an emoji to everybody in the meeting for a moment.
//
//wire:client cheer
type Cheer struct {
	Emoji string `json:"emoji"`
}

// ReportQuality is the client's own judgement of its link.
//
//wire:client quality
type ReportQuality struct {
	Quality Quality `json:"quality"`
}

// Admit lets people in from the lobby: those named, or all.
//
//wire:client admit
type Admit struct {
	People []string `json:"people"`
	All    bool     `json:"all"`
}

// Refuse turns somebody in the lobby away.
//
//wire:client refuse
type Refuse struct {
	Person string `json:"person"`
}

// Mute stops a source of one participant, or of everybody but the moderators.
//
//wire:client mute
type Mute struct {
	Participant string `json:"participant,omitempty"`
	Everyone    bool   `json:"everyone"`
	Source      Source `json:"source"`
}

// AskUnmute asks a participant to switch a source on.
//
//wire:client ask_unmute
type AskUnmute struct {
	Participant string `json:"participant"`
	Source      Source `json:"source"`
}

// Remove puts a participant out of the meeting, and with Block keeps them out.
//
//wire:client remove
type Remove struct {
	Participant string `json:"participant"`
	Block       bool   `json:"block"`
}

// Lock closes the meeting to newcomers, or opens it.
//
//wire:client lock
type Lock struct {
	Locked bool `json:"locked"`
}

// Appoint gives a participant a role. Appointing a host hands the role over.
//
//wire:client appoint
type Appoint struct {
	Participant string `json:"participant"`
	Role        Role   `json:"role"`
}

// Record starts or stops the recording.
//
//wire:client record
type Record struct {
	On bool `json:"on"`
}

// End ends the meeting for everybody.
//
//wire:client end
type End struct{}

// Post sends a message. ClientID is the client's own, unique for ever: posting
// it again returns the first result.
//
//wire:client post
type Post struct {
	Room     string `json:"room"`
	ClientID string `json:"client_id"`
	// Text may be empty where there are attachments, or something is forwarded.
	Text   string `json:"text"`
	TextEN string `json:"text_en,omitempty"`
	// Topic names what it is about, at most 60 characters.
	Topic         string         `json:"topic,omitempty"`
	ReplyTo       string         `json:"reply_to,omitempty"`
	Mentions      []string       `json:"mentions"`
	MentionGroups []MentionGroup `json:"mention_groups,omitempty"`
	// Attachments are finished uploads of this person, at most 20.
	Attachments []string `json:"attachments,omitempty"`
	// Forward posts another message again, with what it carries.
	Forward *ForwardOf `json:"forward,omitempty"`
	// MustConfirm asks every reader to confirm; Urgent disturbs them at night.
	MustConfirm bool `json:"must_confirm,omitempty"`
	Urgent      bool `json:"urgent,omitempty"`
}

// ForwardOf names a message that this person may read.
type ForwardOf struct {
	Room    string `json:"room"`
	Message string `json:"message"`
}

// Ring rings people of a room: those named, or everybody else in it. While a
// call rings in the room it is added to; who is rung by it accepts it so.
//
//wire:client ring
type Ring struct {
	Room   string   `json:"room"`
	People []string `json:"people"`
}

// AnswerCall accepts a call, or declines it, on all of a person's devices.
//
//wire:client answer_call
type AnswerCall struct {
	Call   string `json:"call"`
	Accept bool   `json:"accept"`
}

// CancelCall stops one's own ringing.
//
//wire:client cancel_call
type CancelCall struct {
	Call string `json:"call"`
}

// Edit replaces what one's own message says. What is absent stays as it is; an
// empty English text goes.
//
//wire:client edit
type Edit struct {
	Room          string         `json:"room"`
	Message       string         `json:"message"`
	Text          string         `json:"text"`
	TextEN        *string        `json:"text_en,omitempty"`
	Mentions      []string       `json:"mentions,omitempty"`
	MentionGroups []MentionGroup `json:"mention_groups,omitempty"`
}

// Delete takes a message back; its place stays visible.
//
//wire:client delete
type Delete struct {
	Room    string `json:"room"`
	Message string `json:"message"`
}

// React puts an emoji on a message, or takes it off.
//
//wire:client react
type React struct {
	Room    string `json:"room"`
	Message string `json:"message"`
	Emoji   string `json:"emoji"`
	On      bool   `json:"on"`
}

// PinMessage keeps a message in sight of everybody in its room, or no longer.
//
//wire:client pin
type PinMessage struct {
	Room    string `json:"room"`
	Message string `json:"message"`
	On      bool   `json:"on"`
}

// Confirm says that this person has read a message that asks for it.
//
//wire:client confirm
type Confirm struct {
	Room    string `json:"room"`
	Message string `json:"message"`
}

// Read marks a room as read up to a sequence number. It never goes back.
//
//wire:client read
type Read struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
}

// GetMarks asks how far people have read a room: the marks after a number, or
// with 0 where everybody stands.
//
//wire:client get_marks
type GetMarks struct {
	Room  string `json:"room"`
	After int64  `json:"after"`
}

// Typing says that somebody is writing; it is good for six seconds.
//
//wire:client typing
type Typing struct {
	Room string `json:"room"`
}

// History asks for a part of a room's messages, newest last: those posted
// before or after a sequence number, or around one. At most one of the three is
// set; none: the newest.
//
//wire:client history
type History struct {
	Room   string `json:"room"`
	Before int64  `json:"before"`
	After  int64  `json:"after,omitempty"`
	Around int64  `json:"around,omitempty"`
	// Topic narrows it to one topic.
	Topic string `json:"topic,omitempty"`
	Limit int    `json:"limit"`
}

// CatchUp asks for the events after a sequence number, in order.
//
//wire:client catch_up
type CatchUp struct {
	Room  string `json:"room"`
	After int64  `json:"after"`
	Limit int    `json:"limit"`
}

// CatchUpRooms asks for the events that were missed in many rooms at once.
//
//wire:client catch_up_rooms
type CatchUpRooms struct {
	Rooms []Cursor `json:"rooms"`
	Limit int      `json:"limit"`
}
