package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
)

// This file: room.json is read one message at a time, and no more of it than a
// message may have.

const (
	maxRoomJSON = 512 << 20 // bytes, of all of it
	maxValue    = 4 << 20   // bytes, of one message
	maxList     = 10_000    // elements of a list in a message
)

// message is what is read of a Message; the rest stays elsewhere.
type message struct {
	ID        uuid.UUID       `json:"id"`
	Seq       int64           `json:"seq"`
	Author    chat.Person     `json:"author"`
	PostedAt  time.Time       `json:"posted_at"`
	Removed   chat.Removal    `json:"removed"`
	Text      string          `json:"text"`
	TextEN    string          `json:"text_en"`
	Topic     string          `json:"topic"`
	ReplyTo   *uuid.UUID      `json:"reply_to"`
	Reactions list[reaction]  `json:"reactions"`
	Files     list[File]      `json:"files"`
	Forwarded *chat.Forwarded `json:"forwarded"`
	Call      *struct{}       `json:"call"`
}

type reaction struct {
	Emoji string            `json:"emoji"`
	By    list[chat.Person] `json:"by"`
}

// list is a JSON array of at most maxList elements: an empty one takes two bytes
// there, and hundreds here.
type list[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := expect(d, '['); err != nil {
		return err
	}
	for d.More() {
		var one T
		if err := d.Decode(&one); err != nil {
			return err
		}
		if len(*l) == maxList {
			return errNoArchive("at most %d in a list", maxList)
		}
		*l = append(*l, one)
	}
	return expect(d, ']')
}

var errForm = errors.New("not of this form")

func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err == nil && token != want {
		err = errForm
	}
	return err
}

// messages reads room.json. The format comes first, so that nothing else is
// looked at.
func (a *archive) messages(do func(*message) error) error {
	content, err := a.described.Open()
	if err != nil {
		return errNoArchive("%s cannot be opened", roomName)
	}
	defer content.Close()
	p := newParser(content, do)
	if err := p.room(); err != nil {
		if p.doing != nil {
			return p.doing
		}
		return errNoArchive("%s cannot be read", roomName)
	}
	if a.title = p.title; a.title == "" { // of two people's room the names of the two
		a.title = namesOf(p.members)
	}
	return p.checkFormat()
}

// parser reads one room.json.
type parser struct {
	*json.Decoder

	in      *meter
	do      func(*message) error
	doing   error // what do, or a bound, said
	seen    int   // messages
	format  string
	version int
	title   string
	members []Member
}

func newParser(content io.Reader, do func(*message) error) *parser {
	in := &meter{from: content}
	return &parser{Decoder: json.NewDecoder(in), in: in, do: do}
}

// meter lets a decoder read as far as it may.
type meter struct {
	from        io.Reader
	read, limit int64
}

var errTooMuch = errors.New("a value is too long")

// Read implements io.Reader.
func (m *meter) Read(b []byte) (int, error) {
	left := min(m.limit, maxRoomJSON) - m.read
	if left <= 0 {
		return 0, errTooMuch
	}
	n, err := m.from.Read(b[:min(int64(len(b)), left)])
	m.read += int64(n)
	return n, err
}

// next allows one more value to be read.
func (p *parser) next() { p.in.limit = p.InputOffset() + maxValue }

func (p *parser) room() error {
	p.next()
	if err := expect(p.Decoder, '{'); err != nil {
		return err
	}
	for p.More() {
		key, err := p.Token()
		if err != nil {
			return err
		}
		p.next()
		if err := p.member(key); err != nil {
			return err
		}
		p.next()
	}
	return expect(p.Decoder, '}')
}

func (p *parser) member(key any) error {
	switch key {
	case "format":
		return p.Decode(&p.format)
	case "version":
		return p.Decode(&p.version)
	case "title":
		return p.Decode(&p.title)
	case "members":
		return p.elements(func() error { return p.person() })
	case "messages":
		if p.doing = p.checkFormat(); p.doing != nil {
			return p.doing
		}
		return p.elements(func() error { return p.message() })
	}
	var ignored json.RawMessage
	return p.Decode(&ignored)
}

func (p *parser) elements(one func() error) error {
	if err := expect(p.Decoder, '['); err != nil {
		return err
	}
	for p.More() {
		p.next()
		if err := one(); err != nil {
			return err
		}
		p.next()
	}
	return expect(p.Decoder, ']')
}

func (p *parser) person() error {
	var m Member
	if err := p.Decode(&m); err != nil {
		return err
	}
	if p.members = append(p.members, m); len(p.members) > maxMembers {
		p.doing = errNoArchive("at most %d members", maxMembers)
	}
	return p.doing
}

func (p *parser) message() error {
	var m message
	if err := p.Decode(&m); err != nil {
		return err
	}
	if p.seen++; p.seen > maxMessages {
		p.doing = errNoArchive("at most %d messages", maxMessages)
		return p.doing
	}
	p.doing = p.do(&m)
	return p.doing
}

func (p *parser) checkFormat() error {
	if p.format != format || p.version != version {
		return errNoArchive("not a %s of version %d", format, version)
	}
	return nil
}
