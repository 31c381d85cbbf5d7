// Package wire defines every message of the socket between a client and a
// node, once. The structs in client.go, server.go and types.go are the source:
// `make gen` derives from them the decoder in wire_gen.go and the TypeScript
// unions in web/src/wire/messages.ts. PROTOCOL.md explains the same in words.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/yunqiao/yunqiao/internal/strictjson"
)

//go:generate go run ./gen -dir . -ts ../../web/src/wire/messages.ts

// Version is the protocol's version. Fields and messages are only added; any
// other change raises it, and older clients are told so by name.
const Version = 4

// MaxFrame is the largest frame a node reads, in bytes: an SDP offer with many
// seats is the largest honest message.
const MaxFrame = 256 << 10

// ClientMessage is one message a client may send.
type ClientMessage interface{ clientType() string }

// ServerMessage is one message a node may send.
type ServerMessage interface{ serverType() string }

// Frame is the envelope of every message: one JSON object in one text frame.
type Frame struct {
	// Type names the message.
	Type string `json:"type"`
	// ID asks for an answer; it is chosen by the client.
	ID string `json:"id,omitempty"`
	// Re repeats the ID of the message this one answers.
	Re string `json:"re,omitempty"`
	// Body is the message itself.
	Body json.RawMessage `json:"body,omitempty"`
}

// Errors of decoding. They name what is wrong; the session answers with the
// code beside them in PROTOCOL.md.
var (
	ErrMalformed   = errors.New("malformed frame")
	ErrUnknownType = errors.New("unknown message type")
)

// TypeOf returns the type a client message has on the wire.
func TypeOf(m ClientMessage) string { return m.clientType() }

// TypeOfServer returns the type a server message has on the wire.
func TypeOfServer(m ServerMessage) string { return m.serverType() }

// DecodeClient reads one frame from a client. The returned id is set whenever
// the envelope could be read, so that an error can be answered.
func DecodeClient(data []byte) (id string, m ClientMessage, err error) {
	frame, err := decodeFrame(data)
	if err != nil {
		return "", nil, err
	}
	m, err = newClientMessage(frame.Type)
	if err != nil {
		return frame.ID, nil, err
	}
	return frame.ID, m, decodeBody(frame, m)
}

// DecodeServer reads one frame from a node; Go clients (tests, the load
// generator) use it.
func DecodeServer(data []byte) (re string, m ServerMessage, err error) {
	frame, err := decodeFrame(data)
	if err != nil {
		return "", nil, err
	}
	m, err = newServerMessage(frame.Type)
	if err != nil {
		return frame.Re, nil, err
	}
	return frame.Re, m, decodeBody(frame, m)
}

// EncodeClient builds a client's frame; id may be empty.
func EncodeClient(id string, m ClientMessage) ([]byte, error) {
	return encode(Frame{Type: m.clientType(), ID: id}, m)
}

// EncodeServer builds a node's frame; re is the id it answers, or empty.
func EncodeServer(re string, m ServerMessage) ([]byte, error) {
	return encode(Frame{Type: m.serverType(), Re: re}, m)
}

func encode(frame Frame, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode %q: %w", frame.Type, err)
	}
	frame.Body = raw
	return json.Marshal(frame)
}

func decodeFrame(data []byte) (Frame, error) {
	var frame Frame
	if len(data) > MaxFrame {
		return frame, fmt.Errorf("%w: %d bytes, at most %d", ErrMalformed, len(data), MaxFrame)
	}
	if err := strictjson.Unmarshal(data, &frame); err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if frame.Type == "" {
		return frame, fmt.Errorf("%w: no type", ErrMalformed)
	}
	if len(frame.ID) > 64 || len(frame.Re) > 64 {
		return Frame{}, fmt.Errorf("%w: id longer than 64 bytes", ErrMalformed)
	}
	return frame, nil
}

func decodeBody(frame Frame, into any) error {
	if len(frame.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(frame.Body, into); err != nil {
		return fmt.Errorf("%w: body of %q: %w", ErrMalformed, frame.Type, err)
	}
	return nil
}
