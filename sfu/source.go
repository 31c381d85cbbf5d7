package sfu

import "fmt"

// PeerID names one participant within its meeting.
type PeerID string

// Source is one thing a participant publishes.
type Source uint8

// The sources of a participant.
const (
	Microphone Source = iota
	Camera
	Screen
	ScreenAudio

	sources = 4
)

// String is the source's name on the wire.
func (s Source) String() string {
	switch s {
	case Microphone:
		return "microphone"
	case Camera:
		return "camera"
	case Screen:
		return "screen"
	case ScreenAudio:
		return "screen-audio"
	}
	return fmt.Sprintf("source(%d)", uint8(s))
}

// ParseSource is the inverse of String.
func ParseSource(name string) (Source, error) {
	for s := range Source(sources) {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("no source %q", name)
}

// Video reports whether the source is a picture rather than a sound.
func (s Source) Video() bool { return s == Camera || s == Screen }

func (s Source) mediaKind() string {
	if s.Video() {
		return "video"
	}
	return "audio"
}

// Kind is what sits in a seat: a pair of sources that belong together.
type Kind uint8

// The kinds of occupants.
const (
	Person      Kind = iota // microphone and camera
	ScreenShare             // screen sound and screen
)

// String is the kind's name on the wire.
func (k Kind) String() string {
	if k == ScreenShare {
		return "screen"
	}
	return "person"
}

func (k Kind) sources() (audio, video Source) {
	if k == ScreenShare {
		return ScreenAudio, Screen
	}
	return Microphone, Camera
}

// PeerState is the state of a peer's connection.
type PeerState uint8

// The states of a connection. A failed or disconnected peer keeps its place and
// recovers by another offer.
const (
	Connecting PeerState = iota
	Connected
	Disconnected
	Failed
)

// String is the state's name on the wire.
func (s PeerState) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	case Disconnected:
		return "disconnected"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}
