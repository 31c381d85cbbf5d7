package transcript

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Reader is for whom a history is written: in their language, on their clock.
type Reader struct {
	Name     string
	Language string // zh-CN or en
	Zone     *time.Location
}

// writer writes one archive: first it copies the history, as it is at one moment,
// and lets go of the database; then it notes it in files of its own, looking for
// what was sent with the messages; then it sends all that, however slow whoever
// waits is.
type writer struct {
	files  Files
	room   *chat.Transcription
	reader Reader
	now    time.Time
	copied *os.File            // the history: chat.Transcribed after chat.Transcribed, by gob
	notes  map[string]*os.File // history.html and room.json

	carried []chat.Attachment    // in the order in which they were sent
	paths   map[uuid.UUID]string // of those whose content is there
	sums    map[string]string    // of all entries
}

func newWriter(files Files, reader Reader) *writer {
	return &writer{
		files: files, reader: reader, now: time.Now().UTC(),
		notes: map[string]*os.File{}, paths: map[uuid.UUID]string{}, sums: map[string]string{},
	}
}

// close removes what was copied and noted.
func (w *writer) close() error {
	var errs []error
	if w.copied != nil {
		errs = append(errs, w.copied.Close(), os.Remove(w.copied.Name()))
	}
	for _, f := range w.notes {
		errs = append(errs, f.Close(), os.Remove(f.Name()))
	}
	return errors.Join(errs...)
}

// copy takes the whole history out of the database.
func (w *writer) copy(ctx context.Context, room *chat.Transcription) (err error) {
	w.room = room
	if w.copied, err = os.CreateTemp("", "yunqiao-transcript-"); err != nil {
		return fmt.Errorf("copy history: %w", err)
	}
	out := bufio.NewWriter(w.copied)
	encoder := gob.NewEncoder(out)
	err = room.Each(ctx, func(t chat.Transcribed) error { return encoder.Encode(t) })
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("copy history: %w", err)
	}
	return nil
}

// each calls do with every message that was copied, in order.
func (w *writer) each(ctx context.Context, do func(chat.Transcribed) error) error {
	if _, err := w.copied.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read copied history: %w", err)
	}
	decoder := gob.NewDecoder(bufio.NewReader(w.copied))
	for ctx.Err() == nil {
		var t chat.Transcribed
		switch err := decoder.Decode(&t); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read copied history: %w", err)
		}
		if err := do(t); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// note writes down the history that was copied.
func (w *writer) note(ctx context.Context) error {
	if err := w.findFiles(ctx); err != nil {
		return err
	}
	for name, fill := range map[string]func(context.Context, io.Writer) error{roomName: w.writeRoom, pageName: w.writePage} {
		f, err := os.CreateTemp("", "yunqiao-transcript-")
		if err != nil {
			return fmt.Errorf("note %s: %w", name, err)
		}
		w.notes[name] = f
		out := bufio.NewWriter(f)
		if err := errors.Join(fill(ctx, out), out.Flush()); err != nil {
			return fmt.Errorf("note %s: %w", name, err)
		}
	}
	return nil
}

// send writes the archive.
func (w *writer) send(ctx context.Context, out io.Writer) error {
	archive := zip.NewWriter(out)
	for _, name := range []string{pageName, roomName} {
		if _, err := w.notes[name].Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := w.entry(archive, name, zip.Deflate, w.notes[name]); err != nil {
			return err
		}
	}
	for _, a := range w.carried {
		if err := w.sendFile(ctx, archive, a); err != nil {
			return err
		}
	}
	manifest, err := json.MarshalIndent(map[string]any{"format": format, "version": version, "sha256": w.sums}, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(w.entry(archive, manifestName, zip.Deflate, bytes.NewReader(manifest)), archive.Close())
}

// entry writes one entry and keeps its sum.
func (w *writer) entry(archive *zip.Writer, name string, method uint16, content io.Reader) error {
	out, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: w.now})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// findFiles finds which of the files that were sent are still there.
func (w *writer) findFiles(ctx context.Context) error {
	seen := map[uuid.UUID]bool{}
	return w.each(ctx, func(t chat.Transcribed) error {
		for _, a := range t.Attachments {
			if seen[a.ID] {
				continue
			}
			seen[a.ID] = true
			content, err := w.files.Content(ctx, a.ID)
			if errors.Is(err, fs.ErrNotExist) || problem.Code(err) != "" {
				continue // it is gone; room.json says so
			}
			if err != nil {
				return fmt.Errorf("look for file %s: %w", a.ID, err)
			}
			content.Close()
			w.carried = append(w.carried, a)
			w.paths[a.ID] = filesFolder + a.ID.String() + extensionOf(a.Type)
		}
		return nil
	})
}

func (w *writer) sendFile(ctx context.Context, archive *zip.Writer, a chat.Attachment) error {
	content, err := w.files.Content(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("read file %s: %w", a.ID, err)
	}
	defer content.Close()
	return w.entry(archive, w.paths[a.ID], zip.Store, content)
}

// extensionOf is the usual one of a media type: names that people gave stay data.
func extensionOf(mediaType string) string {
	known, err := mime.ExtensionsByType(mediaType)
	if err != nil || len(known) == 0 {
		return ".bin"
	}
	subtype := "." + mediaType[strings.Index(mediaType, "/")+1:]
	if slices.Contains(known, subtype) {
		return subtype
	}
	return known[0]
}

func (w *writer) path(a chat.Attachment) string { return w.paths[a.ID] }

func (w *writer) header() Header {
	h := Header{
		ID: w.room.ID, Kind: w.room.Kind, Title: w.room.Title, TitleEN: w.room.TitleEN, CreatedAt: w.room.CreatedAt.UTC(),
		ExportedAt: w.now, ExportedBy: w.reader.Name, Head: w.room.Head, Members: make([]Member, 0, len(w.room.Members)),
	}
	for _, m := range w.room.Members {
		h.Members = append(h.Members, Member{m.ID, m.Name, m.Role})
	}
	return h
}

// writeRoom writes room.json message by message: a room may hold more than fits
// into memory.
func (w *writer) writeRoom(ctx context.Context, out io.Writer) error {
	head, err := json.Marshal(Room{Format: format, Version: version, Header: w.header(), Messages: []Message{}})
	if err != nil {
		return err
	}
	if _, err := out.Write(head[:len(head)-len("]}")]); err != nil {
		return err
	}
	comma := "\n"
	err = w.each(ctx, func(t chat.Transcribed) error {
		m, err := json.Marshal(messageOf(t, w.path))
		if err == nil {
			_, err = fmt.Fprintf(out, "%s%s", comma, m)
		}
		comma = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, "\n]}\n")
	return err
}
