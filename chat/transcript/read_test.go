package transcript

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
)

// shelf takes every file, and reads it as the real one does.
type shelf struct{}

func (shelf) Content(context.Context, uuid.UUID) (io.ReadSeekCloser, error) { return nil, io.EOF }

func (shelf) Keep(_ context.Context, _ chat.Caller, _ chat.Attachment, content io.Reader, size int64) (uuid.UUID, error) {
	_, err := io.CopyN(io.Discard, content, min(size, 1<<20))
	return uuid.New(), err
}

func pack(f *testing.F, entries map[string]string) []byte {
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
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		list, err := newIntake(a, shelf{}, chat.Caller{}).all(t.Context())
		if err != nil {
			return
		}
		for _, m := range list {
			if m.Author.Kind != chat.GuestPerson {
				t.Errorf("the author is %+v", m.Author)
			}
		}
	})
}
