package wire

import "time"

// Welcome answers hello.
//
//wire:server welcome
type Welcome struct {
	Version int `json:"version"`
	// Session is what a later hello resumes.
	Session string `json:"session"`
	Me      Person `json:"me"`
	// Resumed: a held participant was re-attached; Snapshot is its meeting.
	Resumed  bool      `json:"resumed"`
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	// Rooms are all rooms this person is in. A client that knows an older
	// sequence number of one catches up.
	Rooms []RoomHead `json:"rooms"`
	// Online are the accounts that are here now.
	Online []string  `json:"online"`
	Now    time.Time `json:"now"`
	// Node is the node of this socket, where others can be sent to it: who meets
	// here asks for it when coming back.
	Node string `json:"node,omitempty"`
}

// Failure answers a message that could not be carried out.
//
//wire:server error
type Failure struct {
	Code ErrorCode `json:"code"`
	// Message is for developers, in English; clients word the code themselves.
	Message string `json:"message"`
	// Field names the part of the message that was wrong, if one was.
	Field string `json:"field,omitempty"`
	// Node is the one to ask: the code is elsewhere.
	Node string `json:"node,omitempty"`
}

// Pong answers ping.
//
//wire:server pong
type Pong struct {
	Now time.Time `json:"now"`
}

// Done answers a message that was carried out and has nothing to return.
//
//wire:server done
type Done struct{}

// Joined answers join.
//
//wire:server joined
type Joined struct {
	Answer   string   `json:"answer"`
	Snapshot Snapshot `json:"snapshot"`
}

// Answer answers a later offer with SDP.
//
//wire:server answer
type Answer struct {
	SDP string `json:"sdp"`
}

// Knocked answers knock. Admitted: join may follow at once.
//
//wire:server knocked
type Knocked struct {
	Admitted bool `json:"admitted"`
	// Live says whether the meeting has begun.
	Live bool `json:"live"`
	// ICEServers are for those who are admitted.
	ICEServers []ICEServer `json:"ice_servers"`
}

// Admitted tells somebody in the lobby that join may follow.
//
//wire:server admitted
type Admitted struct {
	Room       string      `json:"room"`
	ICEServers []ICEServer `json:"ice_servers"`
}

// Refused tells somebody in the lobby that they were turned away.
//
//wire:server refused
type Refused struct {
	Room string `json:"room"`
}

// Removed tells a participant that it is out of the meeting.
//
//wire:server removed
type Removed struct {
	Room   string        `json:"room"`
	Reason RemovedReason `json:"reason"`
}

// Roster announces newcomers, participants' new states, and who is gone. What
// happens within a moment comes in one message.
//
//wire:server roster
type Roster struct {
	Participants []Participant `json:"participants"`
	Left         []string      `json:"left"`
}

// Wanted says which layers of this client's source anybody uses, lowest first:
// the others need not be sent. Until it is told, all are wanted.
//
//wire:server wanted
type Wanted struct {
	Source Source `json:"source"`
	Layers []bool `json:"layers"`
}

// Measured answers measure.
//
//wire:server measured
type Measured struct {
	// Up is from the participant to the node, Down the way back.
	Up   Direction `json:"up"`
	Down Direction `json:"down"`
}

// Seated is the whole list of this client's seats.
//
//wire:server seated
type Seated struct {
	Seats []Seating `json:"seats"`
}

// Speaking lists who speaks, loudest first.
//
//wire:server speaking
type Speaking struct {
	Participants []string `json:"participants"`
}

// MeetingChanged is the meeting's new state.
//
//wire:server meeting
type MeetingChanged struct {
	Meeting MeetingState `json:"meeting"`
}

// Lobby is the whole list of those who wait, for those who may admit.
//
//wire:server lobby
type Lobby struct {
	Waiting []Waiting `json:"waiting"`
}

// Muted tells a participant that a moderator stopped its source.
//
//wire:server muted
type Muted struct {
	Source Source `json:"source"`
	// By is the moderator's participant id.
	By string `json:"by"`
}

// UnmuteAsked tells a participant that a moderator would like to hear or see it.
//
//wire:server unmute_asked
type UnmuteAsked struct {
	Source Source `json:"source"`
	// By is the moderator's participant id.
	By string `json:"by"`
}

// Cheered shows somebody's emoji.
//
//wire:server cheered
type Cheered struct {
	Participant string `json:"participant"`
	Emoji       string `json:"emoji"`
}

// RoomLive says whether a room of this person has a live meeting.
//
//wire:server room_live
type RoomLive struct {
	Room string `json:"room"`
	Live bool   `json:"live"`
	// Participants counts who is in it.
	Participants int `json:"participants"`
}

// RoomsChanged says that the list of this person's rooms is to be read again.
//
//wire:server rooms_changed
type RoomsChanged struct {
	Room string `json:"room"`
}

// Posted answers post, and edit, delete, react, pin and confirm likewise.
//
//wire:server posted
type Posted struct {
	Event Event `json:"event"`
}

// HistoryPage answers history. More: older messages exist; Newer: newer ones do.
//
//wire:server history_page
type HistoryPage struct {
	Room     string    `json:"room"`
	Messages []Message `json:"messages"`
	// Head is the room's newest sequence number when the page was read.
	Head  int64 `json:"head"`
	More  bool  `json:"more"`
	Newer bool  `json:"newer"`
}

// EventsPage answers catch_up. More: ask again after the last event.
//
//wire:server events_page
type EventsPage struct {
	Room   string  `json:"room"`
	Events []Event `json:"events"`
	More   bool    `json:"more"`
}

// RoomsEvents answers catch_up_rooms: room by room, in order. More: ask again
// with the cursors moved on. Rooms that this person is not in are left out.
//
//wire:server rooms_events
type RoomsEvents struct {
	Events []Event `json:"events"`
	More   bool    `json:"more"`
}

// Happened announces an event of a room.
//
//wire:server event
type Happened struct {
	Event Event `json:"event"`
}

// Marks announces how far people have read a room, and answers get_marks. Of
// each member it holds the newest mark. The announcements bring every mark after
// the number that the welcome gave.
//
//wire:server marks
type Marks struct {
	Room  string `json:"room"`
	Marks []Mark `json:"marks"`
	// Newest is the number up to which marks are known by now.
	Newest int64 `json:"newest"`
}

// IsTyping announces that somebody is writing.
//
//wire:server is_typing
type IsTyping struct {
	Room   string `json:"room"`
	Person Person `json:"person"`
}

// Presence announces that an account came or went.
//
//wire:server presence
type Presence struct {
	Account string `json:"account"`
	Online  bool   `json:"online"`
}

// Ringing answers ring.
//
//wire:server ringing
type Ringing struct {
	Call Call `json:"call"`
}

// Rung tells somebody that a call rings them; again when it changes meanwhile,
// and to a socket that opens meanwhile.
//
//wire:server rung
type Rung struct {
	Call Call `json:"call"`
}

// CallChanged tells those who ring or were rung how a call stands.
//
//wire:server call_changed
type CallChanged struct {
	Call Call `json:"call"`
}

// Changed says that something shown beside the meeting or the chat is to be
// read again over REST: the ID is that of the topic's object.
//
//wire:server changed
type Changed struct {
	Topic Topic  `json:"topic"`
	ID    string `json:"id"`
}
