package transcript

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Limits of what is taken in.
const (
	maxEntries = 100_000
	// maxDirectory is how many bytes are read of the archive's own list of entries.
	maxDirectory = 16 << 20
	maxMembers   = 10_000
	maxMessages  = 1_000_000
	// maxPeople is how many people messages may name.
	maxPeople = 100_000
)

// errNoArchive: what came is no archive of a room, for a reason.
func errNoArchive(format string, args ...any) error {
	return problem.Invalid("archive", format, args...)
}

// archive is an archive that was opened.
type archive struct {
	entries   map[string]*zip.File
	described *zip.File // room.json
	title     string
}

// read opens an archive of at most a size when it is unpacked, and checks its
// form. What it says of sizes is added up first, and counted again as it comes.
// What it holds is checked where it is stored.
func read(in io.ReaderAt, size, unpacked int64) (*archive, error) {
	list := &directory{ReaderAt: in, left: maxDirectory}
	opened, err := zip.NewReader(list, size)
	list.opened = true
	if errors.Is(err, errLongDirectory) || err == nil && len(opened.File) > maxEntries {
		return nil, errNoArchive("at most %d entries", maxEntries)
	}
	if err != nil {
		return nil, errNoArchive("not a ZIP archive")
	}
	a := &archive{entries: make(map[string]*zip.File, len(opened.File))}
	left := uint64(max(0, unpacked)) //nolint:gosec // not negative
	for _, f := range opened.File {
		if f.UncompressedSize64 > left {
			return nil, problem.New(http.StatusRequestEntityTooLarge, "too_large", "at most %d bytes unpacked", unpacked).With("max", unpacked)
		}
		left -= f.UncompressedSize64
		a.entries[f.Name] = f
	}
	if a.described = a.entries[roomName]; a.described == nil {
		return nil, errNoArchive("%s is missing", roomName)
	}
	return a, nil
}

var errLongDirectory = errors.New("the archive's list of entries is too long")

// directory bounds what is read of an archive while it is opened, which puts its
// list of entries into memory, and nothing after.
type directory struct {
	io.ReaderAt
	left   int
	opened bool
}

// ReadAt implements io.ReaderAt.
func (d *directory) ReadAt(b []byte, at int64) (int, error) {
	if d.left -= len(b); d.left < 0 && !d.opened {
		return 0, errLongDirectory
	}
	return d.ReaderAt.ReadAt(b, at)
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

// prepare looks at every message and keeps the files. It returns how many
// messages are to be stored.
func (in *intake) prepare(ctx context.Context) (n int, err error) {
	err = in.each(ctx, func(chat.Imported) error { n++; return nil })
	return n, err
}

// each hands over the messages, in order. When it is called again the files are
// those that were kept the first time.
func (in *intake) each(ctx context.Context, do func(chat.Imported) error) error {
	return in.archive.messages(func(m *message) error {
		if m.Removed != "" || m.Call != nil || m.Text == "" && len(m.Files) == 0 {
			return nil // nothing of it is left to read
		}
		one, err := in.one(ctx, m)
		if err == nil && len(in.people) > maxPeople {
			err = errNoArchive("at most %d people", maxPeople)
		}
		if err == nil {
			err = do(one)
		}
		if err != nil {
			return fmt.Errorf("message %d: %w", m.Seq, err)
		}
		return nil
	})
}

func (in *intake) one(ctx context.Context, m *message) (chat.Imported, error) {
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
func missing(files list[File]) string {
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
	if len(in.kept) >= maxEntries {
		return uuid.Nil, errNoArchive("at most %d files", maxEntries)
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
