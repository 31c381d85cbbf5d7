package picture

import (
	"bytes"
	"testing"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

// Pictures that browsers show and nothing here decodes have a size, as they are
// shown, and no preview.
func TestWhatOnlyBrowsersDrawHasASize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content       []byte
		width, height int
	}{
		"animated WebP":                {picturetest.AnimatedWebP(300, 200), 300, 200},
		"AVIF":                         {picturetest.AVIF(300, 200, 0), 300, 200},
		"AVIF, turned":                 {picturetest.AVIF(300, 200, 3), 200, 300},
		"AVIF, upside down":            {picturetest.AVIF(300, 200, 2), 300, 200},
		"JPEG of another coding":       {picturetest.UnusualJPEG(300, 200), 300, 200},
		"JPEG of another coding, held": {picturetest.WithExif(picturetest.UnusualJPEG(300, 200), 6), 200, 300},
	} {
		s, err := open(bytes.NewReader(test.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w, h := s.shown(); w != test.width || h != test.height || s.drawable() {
			t.Errorf("%s: %d by %d, drawable %t", name, w, h, s.drawable())
		}
	}
	for name, content := range map[string][]byte{
		"half an AVIF": picturetest.AVIF(300, 200, 0)[:60], "an AVIF of nothing": picturetest.AVIF(0, 0, 0),
		"half a WebP": picturetest.AnimatedWebP(300, 200)[:25], "half a JPEG": picturetest.UnusualJPEG(300, 200)[:12],
	} {
		if _, err := open(bytes.NewReader(content)); err == nil {
			t.Errorf("%s is a picture", name)
		}
	}
}
