package files

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

// The uploader is told of what may say where it was made, by the answer to the
// last piece, and again when that was lost.
func TestWhatCannotBeCleanedIsSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, test := range map[string]struct {
		content []byte
		said    string
	}{
		"photo.jpg": {picturetest.WithExif(picturetest.JPEG(t, 20, 20), 6), ""},
		"notes.txt": {[]byte("at 34.2 N"), ""},
		"scan.tif":  {[]byte("II*\x00\x08\x00\x00\x00GPS-34.2N"), "true"},
		"cut.jpg":   {picturetest.WithExif(picturetest.JPEG(t, 20, 20), 6)[:30], "true"},
	} {
		at := h.begin(t, "lin", named(name), len(test.content))
		for _, piece := range []struct {
			from, to int
			said     string
		}{{0, 5, ""}, {5, len(test.content), test.said}} {
			answer, _ := h.ask(t, "lin", http.MethodPatch, at, bytes.NewReader(test.content[piece.from:piece.to]), map[string]string{
				"Upload-Offset": strconv.Itoa(piece.from), "Content-Type": "application/offset+octet-stream",
			})
			if got := answer.Header.Get("Upload-May-Tell-Place"); answer.StatusCode != http.StatusNoContent || got != piece.said {
				t.Errorf("%s from %d: %s, said %q", name, piece.from, answer.Status, got)
			}
		}
		if asked, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil); asked.Header.Get("Upload-May-Tell-Place") != test.said {
			t.Errorf("%s, asked again: %q", name, asked.Header.Get("Upload-May-Tell-Place"))
		}
	}
}

// Files from before a format was cleaned are cleaned where they lie.
func TestFilesKeptBeforeAreCleaned(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ctx := t.Context()
	photo := picturetest.WithExif(picturetest.JPEG(t, 20, 20), 6)
	lost, old, fresh := h.upload(t, "lin", named("lost.jpg"), photo), h.upload(t, "lin", named("old.jpg"), photo), h.upload(t, "lin", named("fresh.jpg"), photo)
	for _, id := range []uuid.UUID{old, fresh} {
		if err := h.files.Storage.Put(ctx, contentName(id), bytes.NewReader(photo), int64(len(photo))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.files.Storage.Delete(ctx, contentName(lost)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.files.Pool.Exec(ctx, `update files set cleaned = false, sha256 = 'of the photograph with its place' where id = any($1)`, []uuid.UUID{lost, old}); err != nil {
		t.Fatal(err)
	}
	tag := func() string {
		answer, _ := h.ask(t, "lin", http.MethodGet, h.path(old), nil, nil)
		return answer.Header.Get("ETag")
	}
	before := tag()
	h.files.CleanOld(ctx)
	if _, body := h.ask(t, "lin", http.MethodGet, h.path(old), nil, nil); bytes.Contains(body, []byte("GPS")) || len(body) != len(photo) {
		t.Errorf("an old file still says where, or lost something: %d bytes of %d", len(body), len(photo))
	}
	if tag() == before {
		t.Error("browsers that have the old content are not told of the new one")
	}
	if _, body := h.ask(t, "lin", http.MethodGet, h.path(fresh), nil, nil); !bytes.Contains(body, []byte("GPS")) {
		t.Error("a file that was cleaned is cleaned again")
	}
	var left []string
	if err := h.files.Pool.QueryRow(ctx, `select array_agg(name) from files where not cleaned`).Scan(&left); err != nil || len(left) != 1 || left[0] != "lost.jpg" {
		t.Errorf("not cleaned: %v, %v", left, err)
	}
}
