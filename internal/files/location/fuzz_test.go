package location

import (
	"bytes"
	"testing"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

// FuzzOrientation: whatever a photograph says of itself, it is one of eight, and
// stays that when it forgets everything else.
func FuzzOrientation(f *testing.F) {
	photo := picturetest.JPEG(f, 8, 8)
	for turn := range byte(10) {
		f.Add(picturetest.WithExif(photo, turn))
	}
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		o := OrientationOf(bytes.NewReader(content))
		if o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		kept := memory(bytes.Clone(content))
		if _, err := Forget(kept, int64(len(kept))); err != nil || OrientationOf(bytes.NewReader(kept)) != o {
			t.Fatalf("held %d; without its place %d, %v", o, OrientationOf(bytes.NewReader(kept)), err)
		}
	})
}

// forgets is what holds of every file: it keeps its length and format, a second
// time changes nothing where the first was sure, and no work is without bounds.
func forgets(t *testing.T, content []byte) {
	t.Helper()
	once := &counting{memory: bytes.Clone(content)}
	sure, err := Forget(once, int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if once.written > 2*int64(len(content))+maxHead {
		t.Fatalf("%d bytes written of %d", once.written, len(content))
	}
	if !sure {
		return
	}
	twice := memory(bytes.Clone(once.memory))
	again, err := Forget(twice, int64(len(twice)))
	if err != nil || !again || !bytes.Equal(once.memory, twice) {
		t.Fatalf("the second time: sure is %t, %v, changed %t", again, err, !bytes.Equal(once.memory, twice))
	}
}

// seeded fuzzes with the samples of one format, and its beginning always there.
func seeded(f *testing.F, begins string, more ...[]byte) {
	f.Helper()
	for _, s := range samples(f) {
		if bytes.HasPrefix(s.content, []byte(begins)) {
			f.Add(s.content[len(begins):])
		}
	}
	for _, content := range more {
		f.Add(content[len(begins):])
	}
	f.Fuzz(func(t *testing.T, content []byte) { forgets(t, append([]byte(begins), content...)) })
}

func FuzzForgetJPEG(f *testing.F) { seeded(f, "\xff\xd8") }

func FuzzForgetPNG(f *testing.F) { seeded(f, "\x89PNG\r\n\x1a\n") }

func FuzzForgetWebP(f *testing.F) { seeded(f, "RIFF") }

func FuzzForgetGIF(f *testing.F) { seeded(f, "GIF8") }

func FuzzForgetFilm(f *testing.F) {
	seeded(f, "\x00\x00\x00", overlapping(2), withData(gps), heicOf("hvc1", "pixels"), heicOf("Exif", tiff(1)))
}

func FuzzForgetMatroska(f *testing.F) {
	seeded(f, "\x1a\x45\xdf\xa3",
		[]byte("\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"+
			"\x12\x54\xc3\x67\x8aTagGPS-34.\x1f\x43\xb6\x75\xff\xa3\x81\x00\x19\x41\xa4\x69\x40\x01x"))
}
