package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// parts are the unfinished uploads in a folder. How far one has come is the
// length of its file: there is nothing else to keep in step with it.
type parts struct{ root *os.Root }

// part is an unfinished upload that this request alone writes to. The lock is
// the kernel's: it ends with the process, and holds between the processes that
// share the folder.
type part struct {
	*os.File
	size int64
}

func (p *parts) create(id uuid.UUID) error {
	out, err := p.root.OpenFile(id.String(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("begin upload %s: %w", id, err)
	}
	return out.Close()
}

// open takes an upload for this request. It returns ErrNoUpload when it is not
// here, and ErrBusy while another request has it.
func (p *parts) open(id uuid.UUID) (*part, error) {
	f, err := p.root.OpenFile(id.String(), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoUpload
	}
	if err != nil {
		return nil, fmt.Errorf("open upload %s: %w", id, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, ErrBusy
	}
	size, seekErr := f.Seek(0, io.SeekEnd)
	if err = errors.Join(err, seekErr); err != nil {
		f.Close()
		return nil, fmt.Errorf("open upload %s: %w", id, err)
	}
	return &part{f, size}, nil
}

// size says how far an upload has come, whoever is writing to it.
func (p *parts) size(id uuid.UUID) (int64, error) {
	info, err := p.root.Stat(id.String())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrNoUpload
	}
	if err != nil {
		return 0, fmt.Errorf("look at upload %s: %w", id, err)
	}
	return info.Size(), nil
}

func (p *parts) remove(id uuid.UUID) error {
	if err := p.root.Remove(id.String()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove upload %s: %w", id, err)
	}
	return nil
}

// cutTo takes back what is after a length.
func (p *part) cutTo(size int64) error {
	if err := p.Truncate(size); err != nil {
		return fmt.Errorf("shorten upload: %w", err)
	}
	_, err := p.Seek(size, io.SeekStart)
	p.size = size
	return err
}

// removeOlder removes uploads that nothing has been written to since a time.
func (p *parts) removeOlder(than time.Time) error {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("list uploads: %w", err)
	}
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.ModTime().After(than) {
			continue // finished meanwhile, or young
		}
		if err := p.root.Remove(e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
