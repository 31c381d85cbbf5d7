package main

import (
	"context"
	"io"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/chat/transcript"
	"github.com/yunqiao/yunqiao/internal/files"
)

// makeTranscripts joins rooms and files for the archives of rooms. An archive
// holds many files: it may be as large as one person's.
func (n *node) makeTranscripts() *transcript.HTTP {
	return &transcript.HTTP{Store: n.chat, Files: archivedFiles{n.files}, MaxArchive: n.cfg.Files.Quota << 20, Log: n.log}
}

// archivedFiles gives archives the files of rooms, and takes theirs.
type archivedFiles struct{ files *files.Files }

// Content implements transcript.Files.
func (a archivedFiles) Content(ctx context.Context, id uuid.UUID) (io.ReadSeekCloser, error) {
	return a.files.Content(ctx, id)
}

// Keep implements transcript.Files.
func (a archivedFiles) Keep(ctx context.Context, by chat.Caller, is chat.Attachment, content io.Reader, size int64) (uuid.UUID, error) {
	file, err := a.files.Take(ctx, files.Person{ID: by.ID, Kind: files.AccountPerson}, files.Arrival{
		Name: is.Name, Voice: is.Voice, DurationMS: is.DurationMS, Size: size, Content: content,
	})
	return file.ID, err
}
