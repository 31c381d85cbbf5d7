package transcript

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// shelf takes every file, and reads it as the real one does.
type shelf struct{}

func (shelf) Content(context.Context, uuid.UUID) (io.ReadSeekCloser, error) { return nil, io.EOF }

func (shelf) Keep(_ context.Context, _ chat.Caller, _ chat.Attachment, content io.Reader, size int64) (uuid.UUID, error) {
	_, err := io.CopyN(io.Discard, content, min(size, 1<<20))
	return uuid.New(), err
}

func pack(f testing.TB, entries map[string]string) []byte {
	f.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range entries {
		entry, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(entry, text)
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	return out.Bytes()
}

// FuzzRead: whatever comes is read or refused; names that lead out of the
// archive lead nowhere, and nobody's account is taken for an author.
func FuzzRead(f *testing.F) {
	const id = `"01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21"`
	const message = `{"id":` + id + `,"seq":1,"author":{"id":` + id + `,"kind":"account","name":"林悦"},"posted_at":"2026-11-25T08:00:00Z","text":"你好","reply_to":` + id + `,"files":[{"id":` + id + `,"name":"../x","path":"files/x.bin"}],"reactions":[{"emoji":"👍","by":[{"id":` + id + `,"name":"x"}]}],"forwarded":{"author":{"id":` + id + `,"name":"y"}}}`
	f.Add(pack(f, map[string]string{"room.json": `{"format":"yunqiao-room","version":1,"title":"x","messages":[` + message + `]}`, "files/x.bin": "content"}))
	f.Add(pack(f, map[string]string{"room.json": `{"format":"yunqiao-room","version":1,"messages":[null,{}]}`}))
	f.Add(pack(f, map[string]string{"../room.json": "{}"}))
	f.Add(pack(f, map[string]string{"room.json": `{"messages":[{}],"format":"yunqiao-room","version":1}`}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := read(bytes.NewReader(data), int64(len(data)), 64<<20)
		if err != nil {
			return
		}
		in := newIntake(a, shelf{}, chat.Caller{})
		n, err := in.prepare(t.Context())
		if err != nil {
			return
		}
		err = in.each(t.Context(), func(m chat.Imported) error {
			if n--; m.Author.Kind != chat.GuestPerson {
				t.Errorf("the author is %+v", m.Author)
			}
			return nil
		})
		if err != nil || n != 0 {
			t.Errorf("the second time: %d more, %v", n, err)
		}
	})
}

const head = `{"format":"yunqiao-room","version":1,"title":"x","messages":[`

// repeated is a text that is made as it is read.
func repeated(text string, bytes int) io.Reader {
	block := strings.Repeat(text, 1+1<<20/len(text))
	readers := make([]io.Reader, bytes/len(block)+1)
	for i := range readers {
		readers[i] = strings.NewReader(block)
	}
	return io.MultiReader(readers...)
}

// TestOfABombLittleIsRead: whatever it unpacks to, no more of it is read than a
// message may have, or as many messages as a room.
func TestOfABombLittleIsRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begins, goesOn string
		most           int64
	}{
		"empty messages":        {head, "{},", 3*maxMessages + 1<<20},
		"one endless message":   {head + `{"text":"`, "x", maxValue + 1<<10},
		"one endless key":       {`{"`, "x", maxValue + 1<<10},
		"spaces":                {head, " ", maxValue + 1<<10},
		"an ignored member":     {`{"x":[`, "{},", maxValue + 1<<10},
		"empty files":           {head + `{"files":[`, "{},", maxValue + 1<<10},
		"members":               {`{"members":[`, "{},", 3*maxMembers + 1<<20},
		"deep":                  {head, "[", maxValue + 1<<10},
		"the format comes late": {`{"messages":[`, "{},", 1 << 10},
	} {
		ignore := func(*message) error { return nil }
		p := newParser(io.MultiReader(strings.NewReader(test.begins), repeated(test.goesOn, 512<<20)), ignore)
		if err := p.room(); err == nil || p.in.read > test.most {
			t.Errorf("%s: %d bytes were read, %v", name, p.in.read, err)
		}
	}
	lists := newParser(strings.NewReader(head+`{"files":[`+strings.Repeat("{},", maxList)+`{}]}]}`), func(*message) error { return nil })
	if err := lists.room(); err == nil {
		t.Error("a list of more than it may have is taken")
	}
}

func TestWhatAnArchiveSaysOfItselfIsAddedUpFirst(t *testing.T) {
	t.Parallel()
	large := pack(t, map[string]string{roomName: head + "]}", "files/a": strings.Repeat("a", 1000), "files/b": strings.Repeat("b", 1000)})
	if _, err := read(bytes.NewReader(large), int64(len(large)), 1500); problem.Code(err) != "too_large" {
		t.Errorf("too much in all: %v", err)
	}
	if _, err := read(bytes.NewReader(large), int64(len(large)), 5000); err != nil {
		t.Errorf("not too much: %v", err)
	}
	long := pack(t, map[string]string{roomName: head + "]}"})
	end := bytes.LastIndex(long, []byte("PK\x05\x06"))
	at := binary.LittleEndian.Uint32(long[end+16:])
	entry := bytes.Clone(long[at:end])
	list := bytes.Repeat(entry, maxDirectory/len(entry)+10)
	bomb := bytes.Join([][]byte{long[:at], list, long[end:]}, nil)
	if _, err := read(bytes.NewReader(bomb), int64(len(bomb)), 1<<40); problem.Code(err) != "invalid" || !strings.Contains(err.Error(), "entries") {
		t.Errorf("a long list of entries: %v", err)
	}
}
