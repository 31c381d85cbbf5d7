package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/google/uuid"
)

// Storage keeps contents under names of ours. Putting again replaces, deleting
// what is not there is no error, and opening it is fs.ErrNotExist.
type Storage interface {
	Put(ctx context.Context, name string, content io.Reader, size int64) error
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	Delete(ctx context.Context, name string) error
}

// The names of a file's contents.
func contentName(id uuid.UUID) string { return id.String() }
func previewName(id uuid.UUID) string { return id.String() + ".preview" }

// Disk is a storage in a folder. os.Root keeps all access inside.
type Disk struct{ root *os.Root }

// NewDisk opens a folder, making it when it is missing.
func NewDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder of files: %w", err)
	}
	return &Disk{root}, nil
}

// place spreads files over 256 folders, by the end of their names: the
// beginning of an id is the time.
func place(name string) string {
	id, _, _ := cut(name)
	return path.Join(id[max(0, len(id)-2):], name)
}

func cut(name string) (id, extension string, found bool) {
	extension = path.Ext(name)
	return name[:len(name)-len(extension)], extension, extension != ""
}

// Put implements Storage. The file is there wholly or not at all.
func (d *Disk) Put(_ context.Context, name string, content io.Reader, size int64) error {
	at := place(name)
	if err := d.root.MkdirAll(path.Dir(at), 0o700); err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	fresh := at + "." + uuid.NewString() + ".new"
	out, err := d.root.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	n, err := io.Copy(out, content)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = d.root.Rename(fresh, at)
	}
	if err != nil {
		_ = d.root.Remove(fresh) // what is half there is of no use
		return fmt.Errorf("store %s: %w", name, err)
	}
	return nil
}

// Open implements Storage.
func (d *Disk) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	in, err := d.root.Open(place(name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return in, nil
}

// Delete implements Storage.
func (d *Disk) Delete(_ context.Context, name string) error {
	if err := d.root.Remove(place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}
