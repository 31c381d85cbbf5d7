package recording

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
	"github.com/yunqiao/yunqiao/sfu"
)

// TestOneFileForEachCodec: a track keeps its codec, so that a participant who
// comes back with another is recorded into another file, and none is lost.
func TestOneFileForEachCodec(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var f *file
	named := 0
	f = newFile(manifestFile{}, func(name string) (webm.File, error) {
		return os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}, func(doc webm.Doc) {
		named++
		f.entry.Path = fmt.Sprint(named, extension(doc))
	}, func() error { return nil })
	other := aggregate()
	other[6]++ // other parameters
	sn := uint16(0)
	for i, c := range []struct {
		codec sfu.Codec
		key   []byte
	}{
		{sfu.VP8, []byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1, 7}},
		{sfu.VP9, []byte{0xac, 0x81, 0, 1, 7, 0x86, 1}},
		{sfu.AV1, append([]byte{0x18}, sequence()...)},
		{sfu.H264, aggregate()},
		{sfu.H264, aggregate()},
		{sfu.H264, other},
	} {
		for n := range 25 {
			at := time.Duration(i)*time.Second + time.Duration(n)*40*ms
			p := rtpPacket{
				sequence: sn, ts: uint32(at * 90 / ms), marker: true, arrived: at, codec: c.codec,
				payload: c.key, key: true, width: 640, height: 360,
			}
			f.push(p, true, 1)
			must(t, f.advance(at))
			sn++
		}
	}
	f.push(rtpPacket{sequence: 1, arrived: 6 * time.Second, payload: []byte("\xf8sound")}, false, 1)
	must(t, f.finish())
	want := []string{"1.webm", "2.webm", "3.webm", "4.mkv", "5.mkv"}
	parts := append(f.parts, f.entry)
	if len(parts) != len(want) {
		t.Fatalf("%d files: %+v", len(parts), parts)
	}
	total := 0
	for i, e := range parts {
		in, err := os.Open(filepath.Join(dir, e.Path))
		must(t, err)
		defer in.Close()
		pictures := 0
		c, err := webm.Read(in, e.Bytes, func(b webm.Block) error {
			if b.Track == webm.Video {
				pictures++
			}
			return nil
		})
		if err != nil || e.Path != want[i] || !c.Finished || !e.HasVideo || e.HasAudio != (i == len(parts)-1) {
			t.Errorf("file %d: %+v %+v %v", i, e, c, err)
		}
		if at := time.Duration(e.OffsetMS) * ms; i > 0 && at < time.Duration(i)*time.Second {
			t.Errorf("file %d begins at %v", i, at)
		}
		total += pictures
	}
	if total != 150 {
		t.Errorf("%d pictures in all, want 150", total)
	}
}
