package files

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func newBucket(t *testing.T) *S3 {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	s, err := NewS3(S3Config{Endpoint: server.URL, Bucket: "files", Region: "us-east-1", AccessKey: "key", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every storage keeps the same promises.
func TestStorages(t *testing.T) {
	t.Parallel()
	disk, err := NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, storage := range map[string]Storage{"disk": disk, "bucket": newBucket(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conform(t, storage)
		})
	}
}

func conform(t *testing.T, s Storage) {
	t.Helper()
	ctx := t.Context()
	read := func(name string) ([]byte, error) {
		in, err := s.Open(ctx, name)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		return io.ReadAll(in)
	}
	if _, err := read("01935c1e.preview"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening what is not there: %v", err)
	}
	if err := s.Delete(ctx, "01935c1e"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	content := bytes.Repeat([]byte("侨联"), 300_000)
	if err := s.Put(ctx, "01935c1e", bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	got, err := read("01935c1e")
	if err != nil || sha256.Sum256(got) != sha256.Sum256(content) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if err := s.Put(ctx, "01935c1e", strings.NewReader("again"), 5); err != nil {
		t.Fatal(err)
	}
	in, err := s.Open(ctx, "01935c1e")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if end, err := in.Seek(0, io.SeekEnd); err != nil || end != 5 {
		t.Errorf("its end is at %d, %v", end, err)
	}
	if _, err := in.Seek(1, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(in); err != nil || string(rest) != "gain" {
		t.Errorf("from 1 on: %q, %v", rest, err)
	}
	if err := s.Put(ctx, "short", strings.NewReader("abc"), 5); err == nil {
		t.Error("less than announced was stored")
	}
	if _, err := read("short"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file is there: %v", err)
	}
	if err := s.Delete(ctx, "01935c1e"); err != nil {
		t.Fatal(err)
	}
	if _, err := read("01935c1e"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after deletion: %v", err)
	}
}

// A whole house on a bucket: what is uploaded comes back.
func TestFilesInABucket(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Storage = newBucket(t) })
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	id := h.upload(t, "lin", named("a.txt"), content)
	response, body := h.ask(t, "lin", "GET", h.path(id), nil, map[string]string{"Range": "bytes=50000-50009"})
	if string(body) != "0123456789" || response.Header.Get("Content-Range") != "bytes 50000-50009/100000" {
		t.Errorf("a range of it: %s %q", response.Status, body)
	}
}
