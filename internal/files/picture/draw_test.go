package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"testing"

	"github.com/yunqiao/yunqiao/internal/files/location"
	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == Command {
		os.Exit(Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func TestOrientations(t *testing.T) {
	t.Parallel()
	in := image.NewRGBA(image.Rect(0, 0, 3, 2))
	in.SetRGBA(0, 0, color.RGBA{R: 255, A: 255})
	for turn, want := range map[location.Orientation]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}} {
		out := upright(turn, in)
		if r, _, _, _ := out.At(want.X, want.Y).RGBA(); r == 0 {
			t.Errorf("turned by %d, the corner is not at %v", turn, want)
		}
		if swapped := out.Bounds().Dx() == 2; swapped != turn.SwapsSides() {
			t.Errorf("turned by %d, the picture is %v", turn, out.Bounds())
		}
	}
}

// FuzzPreview: no file makes the decoders panic or the preview larger than its box.
func FuzzPreview(f *testing.F) {
	f.Add(picturetest.PNG(f, 8, 8))
	f.Add(picturetest.WithExif(picturetest.JPEG(f, 8, 8), 6))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add(picturetest.AnimatedWebP(64, 48))
	f.Add(picturetest.AVIF(64, 48, 1))
	f.Add(picturetest.UnusualJPEG(64, 48))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := open(bytes.NewReader(content))
		if err != nil || !s.drawable() || s.width > 1000 || s.height > 1000 { // the limits are for what is larger
			return
		}
		small, err := s.draw()
		if err != nil || small == nil {
			return
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(small))
		if err != nil || config.Width > previewSide || config.Height > previewSide {
			t.Fatalf("preview of %d by %d, %v", config.Width, config.Height, err)
		}
	})
}
