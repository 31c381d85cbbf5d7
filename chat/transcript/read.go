package transcript

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Limits of what is taken in.
const (
	maxRoomJSON = 512 << 20 // bytes
	maxMessages = 1_000_000
	maxEntries  = 100_000
)

// errNoArchive: what came is no archive of a room, for a reason.
func errNoArchive(format string, args ...any) error {
	return problem.Invalid("archive", format, args...)
}

// archive is an archive that was opened.
type archive struct {
	room    Room
	entries map[string]*zip.File
}

// read opens an archive and checks its form. What it says is checked where it is
// stored.
func read(in io.ReaderAt, size int64) (*archive, error) {
	opened, err := zip.NewReader(in, size)
	if err != nil {
		return nil, errNoArchive("not a ZIP archive")
	}
	if len(opened.File) > maxEntries {
		return nil, errNoArchive("at most %d entries", maxEntries)
	}
	a := &archive{entries: make(map[string]*zip.File, len(opened.File))}
	for _, f := range opened.File {
		a.entries[f.Name] = f
	}
	described := a.entries[roomName]
	if described == nil {
		return nil, errNoArchive("%s is missing", roomName)
	}
	content, err := described.Open()
	if err != nil {
		return nil, errNoArchive("%s cannot be opened", roomName)
	}
	defer content.Close()
	limited := io.LimitReader(content, maxRoomJSON)
	if err := json.NewDecoder(limited).Decode(&a.room); err != nil {
		return nil, errNoArchive("%s cannot be read", roomName)
	}
	switch {
	case a.room.Format != format || a.room.Version != version:
		return nil, errNoArchive("not a %s of version %d", format, version)
	case len(a.room.Messages) > maxMessages:
		return nil, errNoArchive("at most %d messages", maxMessages)
	}
	return a, nil
}

// intake turns an archive's messages into such that the hub can store: with new
// ids, names for authors, and files of the importer's own.
type intake struct {
	archive  *archive
	files    Files
	by       chat.Caller
	people   map[uuid.UUID]uuid.UUID // from ids of elsewhere to names of here
	messages map[uuid.UUID]uuid.UUID
	kept     map[uuid.UUID]uuid.UUID // files
}

func newIntake(a *archive, files Files, by chat.Caller) *intake {
	return &intake{
		archive: a, files: files, by: by,
		people: map[uuid.UUID]uuid.UUID{}, messages: map[uuid.UUID]uuid.UUID{}, kept: map[uuid.UUID]uuid.UUID{},
	}
}

func (in *intake) all(ctx context.Context) ([]chat.Imported, error) {
	list := make([]chat.Imported, 0, len(in.archive.room.Messages))
	for i := range in.archive.room.Messages {
		m := &in.archive.room.Messages[i]
		if m.Removed != "" || m.Call != nil || m.Text == "" && len(m.Files) == 0 {
			continue // nothing of it is left to read
		}
		one, err := in.one(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", m.Seq, err)
		}
		list = append(list, one)
	}
	return list, nil
}

func (in *intake) one(ctx context.Context, m *Message) (chat.Imported, error) {
	one := chat.Imported{ID: fresh(in.messages, m.ID), Author: in.person(m.Author), Forwarded: m.Forwarded}
	one.NewMessage = chat.NewMessage{
		ClientID: "import:" + m.ID.String(), Text: m.Text, TextEN: m.TextEN, Topic: m.Topic, At: m.PostedAt,
	}
	if one.Author.Name == "" {
		return one, errNoArchive("an author has no name")
	}
	if m.PostedAt.IsZero() {
		return one, errNoArchive("a message has no time")
	}
	if m.ReplyTo != nil {
		one.ReplyTo = new(fresh(in.messages, *m.ReplyTo))
	}
	if m.Forwarded != nil {
		one.Forwarded = &chat.Forwarded{Author: in.person(m.Forwarded.Author), PostedAt: m.Forwarded.PostedAt}
	}
	for _, r := range m.Reactions {
		named := chat.Reaction{Emoji: r.Emoji}
		for _, who := range r.By {
			named.By = append(named.By, in.person(who))
		}
		one.Reactions = append(one.Reactions, named)
	}
	for _, f := range m.Files {
		id, err := in.file(ctx, f)
		if err != nil {
			return one, err
		}
		if id != uuid.Nil {
			one.Attachments = append(one.Attachments, id)
		}
	}
	if one.Text == "" && len(one.Attachments) == 0 {
		one.Text = missing(m.Files)
	}
	return one, nil
}

// missing stands for files that the archive does not hold.
func missing(files []File) string {
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, "["+f.Name+"]")
	}
	return strings.Join(names, " ")
}

// person is a name of here: never an account, whatever the archive says.
func (in *intake) person(p chat.Person) chat.Person {
	name := strings.Join(strings.Fields(strings.Map(printable, p.Name)), " ")
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80])
	}
	return chat.Person{ID: fresh(in.people, p.ID), Kind: chat.GuestPerson, Name: name}
}

func printable(r rune) rune {
	if r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
		return ' '
	}
	return r
}

// file keeps a file of the archive; once, however many messages carry it.
func (in *intake) file(ctx context.Context, f File) (uuid.UUID, error) {
	if id, done := in.kept[f.ID]; done {
		return id, nil
	}
	entry := in.archive.entries[f.Path]
	if f.Path == "" || entry == nil || !strings.HasPrefix(f.Path, filesFolder) {
		return uuid.Nil, nil
	}
	content, err := entry.Open()
	if err != nil {
		return uuid.Nil, errNoArchive("%s cannot be opened", f.Path)
	}
	defer content.Close()
	// What the entry says of its size bounds what is read of it.
	id, err := in.files.Keep(ctx, in.by, f.Attachment, content, int64(min(entry.UncompressedSize64, 1<<62))) //nolint:gosec // bounded
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) {
		return uuid.Nil, errNoArchive("%s is damaged", f.Path)
	}
	in.kept[f.ID] = id
	return id, err
}

// fresh returns the id that stands for another one, making it when needed.
func fresh(known map[uuid.UUID]uuid.UUID, id uuid.UUID) uuid.UUID {
	if known[id] == uuid.Nil {
		known[id] = uuid.Must(uuid.NewV7())
	}
	return known[id]
}
