package webm

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSoundDuration(t *testing.T) {
	t.Parallel()
	for want, packet := range map[time.Duration][]byte{
		10 * time.Millisecond:   {0 << 3, 1},
		20 * time.Millisecond:   {13 << 3},
		120 * time.Millisecond:  {3<<3 | 1, 1},
		2500 * time.Microsecond: {16 << 3, 1},
		60 * time.Millisecond:   {31<<3 | 3, 3},
	} {
		if got, ok := soundDuration(packet); !ok || got != want {
			t.Errorf("% x lasts %v, %v; want %v", packet, got, ok, want)
		}
	}
	for _, packet := range [][]byte{nil, {3}, {31<<3 | 3, 0}, {31<<3 | 3, 7}, {3<<3 | 3, 3}} {
		if got, ok := soundDuration(packet); ok {
			t.Errorf("% x lasts %v", packet, got)
		}
	}
}

// FuzzFill copies what may be a recording: the copy is whole, its sound has no
// pause, and nothing goes wrong.
func FuzzFill(f *testing.F) {
	old, err := os.ReadFile(filepath.Join("..", "testdata", "gapped.webm"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(old)
	f.Add(old[:len(old)/2])
	f.Fuzz(func(t *testing.T, raw []byte) {
		// A file says of one cluster that it is years later: that much silence is not for a test.
		last := time.Duration(0)
		if _, err := Read(bytes.NewReader(raw), int64(len(raw)), func(b Block) error { last = max(last, b.At); return nil }); err != nil || last > time.Minute {
			return
		}
		out := &memory{}
		if _, err := Fill(bytes.NewReader(raw), int64(len(raw)), out); err != nil {
			return
		}
		heard := time.Duration(0)
		c, err := Read(bytes.NewReader(out.b), int64(len(out.b)), func(b Block) error {
			if b.Track == Audio {
				d, _ := soundDuration(b.Data)
				heard += d
			}
			return nil
		})
		if err != nil || c.Last-heard > soundLength {
			t.Errorf("%v of sound in %v: %v", heard, c.Last, err)
		}
	})
}

// memory is a File without a disk.
type memory struct{ b []byte }

func (m *memory) Write(p []byte) (int, error) { return m.WriteAt(p, int64(len(m.b))) }

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if grow := int(at) + len(p) - len(m.b); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	return copy(m.b[at:], p), nil
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(m.b).ReadAt(p, at) }

func (m *memory) Truncate(size int64) error {
	m.b = m.b[:size]
	return nil
}

func (*memory) Sync() error  { return nil }
func (*memory) Close() error { return nil }
