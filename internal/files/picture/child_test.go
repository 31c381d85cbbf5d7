package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

// pngOf is a PNG of nothing but zeros: of a shape, and a kind of pixel.
func pngOf(t *testing.T, width, height uint32, depth, colour, interlaced byte, pixels int) []byte {
	t.Helper()
	out := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		_ = binary.Write(out, binary.BigEndian, uint32(len(data)))
		named := append([]byte(name), data...)
		out.Write(named)
		_ = binary.Write(out, binary.BigEndian, crc32.ChecksumIEEE(named))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	chunk("IHDR", append(head, depth, colour, 0, 0, interlaced))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	for left := pixels; left > 0; left -= len(zeros) {
		if _, err := z.Write(zeros[:min(left, len(zeros))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}

// progressive is the head of a progressive JPEG in four colours, of a size, and
// a scan that ends at once.
func progressive(side uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, 0xc2, 0, 20, 8)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, side), side)
	b = append(b, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	b = append(b, 0xff, 0xc4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for component := range byte(4) {
		b = append(b, 0xff, 0xda, 0, 8, 1, component+1, 0, 0, 0, 0)
		b = append(b, make([]byte, 1<<17)...)
	}
	return append(b, 0xff, 0xd9)
}

func hostile(t *testing.T) map[string][]byte {
	t.Helper()
	gif := []byte("GIF89a\xff\x7f\xb0\x04\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\x7f\xb0\x04\x00\x02\x02D\x01\x00;")
	webp := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\xff\x3f\x57\x02\x07\x10\x11\x11\x88\x88\xfe\x07\x00") // 16384 by 2398
	return map[string][]byte{
		"PNG, 1 by 40 million":      pngOf(t, 1, 40_000_000, 1, 0, 0, 4_000_000),
		"PNG, 40 million by 1":      pngOf(t, 40_000_000, 1, 8, 2, 0, 1000),
		"PNG, 16 bit, interlaced":   pngOf(t, 6300, 6300, 16, 6, 1, 20_000_000),
		"PNG, two thousand million": pngOf(t, 2_000_000_000, 2_000_000_000, 8, 6, 0, 1000),
		"JPEG, progressive, CMYK":   progressive(6300),
		"JPEG, 65535 by 65535":      progressive(65535),
		"GIF, 32767 by 1200":        gif,
		"WebP, 16384 by 2398":       webp,
		"nothing":                   {},
	}
}

// TestHostilePicturesTakeAsMuchAsTheyMay decodes with the program itself, built
// as it is run: the race detector multiplies memory.
func TestHostilePicturesTakeAsMuchAsTheyMay(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "yunqiao")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../../cmd/yunqiao").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, content := range hostile(t) {
		p, memory, err := drawBy(t.Context(), program, kept(t, content))
		if err != nil && !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
		if p.Width < 0 || len(p.JPEG) > maxPreview {
			t.Errorf("%s: %d by %d, preview of %d bytes", name, p.Width, p.Height, len(p.JPEG))
		}
		if memory == 0 || memory > maxMemory+160<<20 {
			t.Errorf("%s took %d MiB", name, memory>>20)
		}
	}
	p, _, err := drawBy(t.Context(), program, kept(t, picturetest.JPEG(t, 4000, 3000)))
	if err != nil || p.Width != 4000 || p.Height != 3000 || len(p.JPEG) == 0 {
		t.Errorf("a photograph: %d by %d, %d bytes, %v", p.Width, p.Height, len(p.JPEG), err)
	}
}

func TestShapesAreRefusedByTheirHead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		width, height uint32
		drawn         bool
	}{
		"a photograph":    {8000, 5000, true},
		"a long page":     {750, 30_000, true},
		"a line":          {1, 200, true},
		"too long a line": {1, 201, false},
		"too long":        {400, 32_768, false},
		"too many pixels": {8000, 5001, false},
	} {
		s, err := open(bytes.NewReader(pngOf(t, test.width, test.height, 1, 0, 0, 10)))
		if err != nil || s.drawable() != test.drawn {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func kept(t *testing.T, content []byte) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "picture"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	return f
}
