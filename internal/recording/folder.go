package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
)

const manifestName = "manifest.json"

// folder is where recordings lie. Every name in it is made here, none by users,
// and os.Root keeps all access inside.
type folder struct {
	root *os.Root
	open func(name string) (webm.File, error) // creates a file; tests fill the disk here
}

func openFolder(data string) (*folder, error) {
	dir := filepath.Join(data, "recordings")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of recordings: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder of recordings: %w", err)
	}
	f := &folder{root: root}
	f.open = func(name string) (webm.File, error) {
		return root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}
	return f, nil
}

func recordingPath(meeting, recording uuid.UUID) string {
	return path.Join(meeting.String(), recording.String())
}

// manifest says what lies in a recording's folder, for whoever finds it without
// the database and for finishing what a crash left.
type manifest struct {
	ID        uuid.UUID      `json:"id"`
	MeetingID uuid.UUID      `json:"meeting_id"`
	StartedAt time.Time      `json:"started_at"`
	Files     []manifestFile `json:"files"`
}

func (m *manifest) dir() string { return recordingPath(m.MeetingID, m.ID) }

// save replaces the manifest in one step.
func (f *folder) save(m *manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	name := path.Join(m.dir(), manifestName)
	out, err := f.root.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	_, err = out.Write(b)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := f.root.Rename(name+".new", name); err != nil {
		return fmt.Errorf("replace manifest: %w", err)
	}
	return nil
}

func (f *folder) load(meeting, recording uuid.UUID) (*manifest, error) {
	b, err := f.root.ReadFile(path.Join(recordingPath(meeting, recording), manifestName))
	if err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", recording, err)
	}
	m := &manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", recording, err)
	}
	if m.ID != recording || m.MeetingID != meeting {
		return nil, fmt.Errorf("read manifest of %s: it is another's", recording)
	}
	return m, nil
}

// repair finishes the files a crash left open. Files without a single frame are
// left out.
func (f *folder) repair(m *manifest) error {
	var errs []error
	m.Files = slices.DeleteFunc(m.Files, func(e manifestFile) bool {
		return e.Path != filePath(m, e.ID, webm.WebM) && e.Path != filePath(m, e.ID, webm.Matroska)
	})
	for i := range m.Files {
		e := &m.Files[i]
		in, err := f.root.OpenFile(e.Path, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("repair %s: %w", e.Path, err))
			continue
		}
		info, err := in.Stat()
		if err != nil {
			errs = append(errs, fmt.Errorf("repair %s: %w", e.Path, errors.Join(err, in.Close())))
			continue
		}
		s, err := webm.Repair(in, info.Size())
		if err != nil {
			errs = append(errs, fmt.Errorf("repair %s: %w", e.Path, err))
		}
		e.summarise(s)
	}
	m.Files = slices.DeleteFunc(m.Files, func(e manifestFile) bool { return !e.HasAudio && !e.HasVideo })
	return errors.Join(append(errs, f.digest(m))...)
}

// filePath is where a file lies; its extension tells what players need to know.
func filePath(m *manifest, id uuid.UUID, doc webm.Doc) string {
	return path.Join(m.dir(), id.String()+extension(doc))
}

const matroskaExtension = ".mkv"

func extension(doc webm.Doc) string {
	if doc == webm.Matroska {
		return matroskaExtension
	}
	return ".webm"
}

// digest notes the checksum of every file and saves the manifest.
func (f *folder) digest(m *manifest) error {
	for i := range m.Files {
		if err := f.sum(&m.Files[i]); err != nil {
			return err
		}
	}
	return f.save(m)
}

// sum notes the checksum of a file.
func (f *folder) sum(e *manifestFile) error {
	in, err := f.root.Open(e.Path)
	if err != nil {
		return fmt.Errorf("checksum of %s: %w", e.Path, err)
	}
	h := sha256.New()
	_, err = io.Copy(h, in)
	if err = errors.Join(err, in.Close()); err != nil {
		return fmt.Errorf("checksum of %s: %w", e.Path, err)
	}
	e.SHA256 = hex.EncodeToString(h.Sum(nil))
	return nil
}

// remove deletes a recording's folder, and its meeting's when that is empty.
func (f *folder) remove(meeting, recording uuid.UUID) error {
	if err := f.root.RemoveAll(recordingPath(meeting, recording)); err != nil {
		return fmt.Errorf("delete recording %s: %w", recording, err)
	}
	// It stays when another recording is in it.
	_ = f.root.Remove(meeting.String())
	return nil
}
