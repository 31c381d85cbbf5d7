package webm

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/at-wat/ebml-go"
	atwebm "github.com/at-wat/ebml-go/webm"
)

func create(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "x.webm"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write records this long: sound every 20 ms, a picture every 40 ms from
// firstPicture on, a key frame every 4 s.
func write(t *testing.T, w *Writer, length, firstPicture time.Duration) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for at := time.Duration(0); at <= length; at += 20 * time.Millisecond {
		check(w.Frame(Audio, at, true, []byte{1, 2, 3}))
		if since := at - firstPicture; since >= 0 && since%(40*time.Millisecond) == 0 {
			check(w.DeclareVideo(Picture{Codec: "V_VP8", Width: 640, Height: 360}))
			check(w.Frame(Video, at, since%(4*time.Second) == 0, bytes.Repeat([]byte{9}, 100)))
		}
	}
}

func size(t *testing.T, name string) int64 {
	t.Helper()
	s, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return s.Size()
}

func read(t *testing.T, name string) (Contents, int) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	last := time.Duration(-1)
	c, err := Read(f, size(t, name), func(b Block) error {
		if b.At < last {
			t.Errorf("block at %v after %v", b.At, last)
		}
		last = b.At
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, n
}

func TestFinishedFile(t *testing.T) {
	t.Parallel()
	f := create(t)
	w, err := NewWriter(f, WebM)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 20*time.Second, 10*time.Second)
	s, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if s.Duration != 20*time.Second || !s.HasAudio || !s.HasVideo || s.Bytes != size(t, f.Name()) {
		t.Errorf("%+v", s)
	}
	c, n := read(t, f.Name())
	if !c.Finished || c.Duration != 20*time.Second || n != 1001+251 {
		t.Errorf("%d blocks, %+v", n, c)
	}
	if len(c.Cues) != 6 || c.Cues[3] != 10*time.Second || c.Cues[5] != 18*time.Second {
		t.Errorf("cues %v", c.Cues)
	}
	foreign(t, f.Name())
}

// foreign reads the file with another library.
func foreign(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var doc struct {
		Header  atwebm.EBMLHeader `ebml:"EBML"`
		Segment atwebm.Segment    `ebml:"Segment"`
	}
	if err := ebml.Unmarshal(f, &doc, ebml.WithIgnoreUnknown(true)); err != nil {
		t.Fatal(err)
	}
	seg := doc.Segment
	if doc.Header.DocType != "webm" || seg.Info.Duration != 20000 || len(seg.Cluster) < 20 || seg.Cues == nil || len(seg.Cues.CuePoint) != 6 {
		t.Errorf("another reader sees %q, %v ms, %d clusters, cues %v", doc.Header.DocType, seg.Info.Duration, len(seg.Cluster), seg.Cues)
	}
	if e := seg.Tracks.TrackEntry; len(e) != 2 || e[0].CodecID != "A_OPUS" || e[1].Video.PixelWidth != 640 {
		t.Errorf("tracks %+v", e)
	}
}

func TestRepairOfEveryCut(t *testing.T) {
	t.Parallel()
	f := create(t)
	w, err := NewWriter(f, WebM)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 8*time.Second, 0)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, _, clusters := places(WebM)
	for cut := int(clusters); cut <= len(whole); cut += 97 {
		g := create(t)
		if _, err := g.Write(whole[:cut]); err != nil {
			t.Fatal(err)
		}
		s, err := Repair(g, int64(cut))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		c, _ := read(t, g.Name())
		if s.Bytes != size(t, g.Name()) || c.Whole > s.Bytes || c.Last != s.Duration || s.Duration > 0 && !c.Finished {
			t.Fatalf("cut at %d: %+v %+v", cut, s, c)
		}
		if lost := time.Duration(float64(8*time.Second)*float64(cut)/float64(len(whole))) - s.Duration; lost > 1500*time.Millisecond {
			t.Fatalf("cut at %d lost %v", cut, lost)
		}
	}
}

func TestRepairOfOtherFiles(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, []byte("hello"), header(WebM)[:60], bytes.Repeat([]byte{0x1a}, 4000)} {
		g := create(t)
		if _, err := g.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := Repair(g, int64(len(b))); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

func FuzzRead(f *testing.F) {
	head := header(WebM)
	f.Add([]byte{0x1F, 0x43, 0xB6, 0x75, 0x8A, 0xE7, 0x81, 5, 0xA3, 0x85, 0x81, 0, 1, 0x80, 7})
	f.Add([]byte{0x1C, 0x53, 0xBB, 0x6B, 0x84, 0xBB, 0x82, 0xB3, 0x80})
	f.Fuzz(func(t *testing.T, tail []byte) {
		b := append(append([]byte{}, head...), tail...)
		c, err := Read(bytes.NewReader(b), int64(len(b)), func(Block) error { return nil })
		if err == nil && (c.Whole > int64(len(b)) || c.Whole < int64(len(head))) {
			t.Fatalf("%+v", c)
		}
	})
}
