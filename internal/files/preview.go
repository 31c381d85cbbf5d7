package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/yunqiao/yunqiao/internal/problem"
)

const (
	// maxPixels is asked of a picture's head before anything is decoded.
	maxPixels = 40_000_000
	// maxPixelsAtOnce bounds the memory of all pictures that are decoded at the
	// same time: some 500 MB when all are progressive JPEG.
	maxPixelsAtOnce = maxPixels
	previewSide     = 640
	previewQuality  = 80
)

// errNoPicture is for contents that begin like a picture and are none.
var errNoPicture = problem.New(http.StatusUnprocessableEntity, "no_picture", "the picture cannot be read")

// preview is a small picture of a picture. It is drawn anew, so nothing of what
// a camera wrote beside the pixels, such as the place, is in it.
type preview struct {
	width, height int // of the picture, as it is shown
	jpeg          []byte
}

// decoder reads one kind of picture.
type decoder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func decoders() map[string]decoder {
	return map[string]decoder{
		"jpeg": {jpeg.DecodeConfig, jpeg.Decode}, "png": {png.DecodeConfig, png.Decode},
		"gif": {gif.DecodeConfig, gif.Decode}, "webp": {webp.DecodeConfig, webp.Decode},
	}
}

func pictureTypes() []string { return []string{"image/jpeg", "image/png", "image/gif", "image/webp"} }

// preview draws a preview. A picture of too many pixels has a size and none.
func (f *Files) preview(ctx context.Context, content io.ReadSeeker) (p preview, err error) {
	defer func() {
		if caught := recover(); caught != nil { // decoders are for all the world's pictures
			err = errors.Join(errNoPicture, fmt.Errorf("decoder panicked: %v", caught))
		}
	}()
	d, config, err := headOf(content)
	if err != nil {
		return preview{}, errNoPicture
	}
	p.width, p.height = config.Width, config.Height
	pixels := int64(config.Width) * int64(config.Height)
	if pixels > maxPixels {
		return p, nil
	}
	if err := f.pixels.Acquire(ctx, pixels); err != nil {
		return preview{}, fmt.Errorf("wait for other pictures: %w", err)
	}
	defer f.pixels.Release(pixels)
	picture, turn, err := decode(content, d)
	if err != nil {
		return preview{}, errNoPicture
	}
	if turn.swapsSides() {
		p.width, p.height = p.height, p.width
	}
	p.jpeg, err = shrink(picture, turn)
	return p, err
}

// headOf finds the decoder that understands a picture's head.
func headOf(content io.ReadSeeker) (decoder, image.Config, error) {
	for _, d := range decoders() {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return decoder{}, image.Config{}, err
		}
		config, err := d.config(content)
		if err == nil && config.Width > 0 && config.Height > 0 {
			return d, config, nil
		}
	}
	return decoder{}, image.Config{}, errNoPicture
}

func decode(content io.ReadSeeker, d decoder) (image.Image, orientation, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, upright, err
	}
	turn := orientationOf(content)
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, upright, err
	}
	picture, err := d.decode(content)
	return picture, turn, err
}

// shrink draws a picture into a box of previewSide, on white.
func shrink(picture image.Image, turn orientation) ([]byte, error) {
	from := picture.Bounds()
	width, height := fit(from.Dx(), from.Dy())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), picture, from, draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, turn.apply(small), &jpeg.Options{Quality: previewQuality}); err != nil {
		return nil, fmt.Errorf("draw preview: %w", err)
	}
	return out.Bytes(), nil
}

// fit returns the largest size of the same shape within the box; nothing grows.
func fit(width, height int) (w, h int) {
	longer := max(width, height)
	if longer <= previewSide {
		return width, height
	}
	return max(1, width*previewSide/longer), max(1, height*previewSide/longer)
}
