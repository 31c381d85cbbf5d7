// Package picture draws small pictures of pictures, in a process of its own.
//
// Decoders are for all the world's pictures, and a picture of a few kilobytes
// may ask for gigabytes or hours. So the hub decodes none: it starts itself once
// more for each (Draw, in child.go), with limits of memory and time, and only
// that process (Main) looks at the picture. Should it break, the picture has no
// preview, and the hub notices nothing else.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/yunqiao/yunqiao/internal/files/location"
)

// Bounds of what is decoded, asked of a picture's head before anything is.
const (
	maxPixels = 40_000_000
	maxSide   = 32_767
	maxRatio  = 200 // of the longer side to the shorter
)

// Previews fit into a box of previewSide.
const (
	previewSide    = 640
	previewQuality = 80
)

// ErrNone is for contents that are no picture, or a broken one.
var ErrNone = errors.New("the picture cannot be read")

// decoder reads one kind of picture.
type decoder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func decoders() map[string]decoder {
	return map[string]decoder{
		"jpeg": {jpeg.DecodeConfig, jpeg.Decode}, "png": {png.DecodeConfig, png.Decode},
		"gif": {gif.DecodeConfig, gif.Decode}, "webp": {stillWebP, webp.Decode},
	}
}

// source is a picture whose head was read. One that browsers alone decode has no
// decoder.
type source struct {
	decoder

	content       io.ReadSeeker
	turn          location.Orientation
	width, height int // as it lies in the file
}

// open reads a picture's head. It returns ErrNone where there is none.
func open(content io.ReadSeeker) (*source, error) {
	for _, d := range decoders() {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		config, err := d.config(content)
		if err != nil || config.Width <= 0 || config.Height <= 0 {
			continue
		}
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return &source{d, content, location.OrientationOf(content), config.Width, config.Height}, nil
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	width, height, ok := headOnly(content)
	if !ok {
		return nil, ErrNone
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return &source{content: content, turn: location.OrientationOf(content), width: width, height: height}, nil
}

// shown is the size of the picture as it is shown.
func (s *source) shown() (width, height int) {
	if s.turn.SwapsSides() {
		return s.height, s.width
	}
	return s.width, s.height
}

// drawable says whether the picture's shape is one that is decoded.
func (s *source) drawable() bool {
	longer, shorter := max(s.width, s.height), min(s.width, s.height)
	return s.decode != nil && longer <= maxSide && longer <= maxRatio*shorter && longer*shorter <= maxPixels
}

// draw returns the preview as a JPEG. It is drawn anew, so nothing of what a
// camera wrote beside the pixels, such as the place, is in it. There is none of a
// kind of picture that the decoder does not know, though it read its size.
func (s *source) draw() ([]byte, error) {
	if _, err := s.content.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, err := s.decode(s.content)
	if unsupported(err) {
		return nil, nil
	}
	if err != nil {
		return nil, ErrNone
	}
	return shrink(picture, s.turn)
}

// shrink draws a picture into a box of previewSide, on white.
func shrink(picture image.Image, turn location.Orientation) ([]byte, error) {
	from := picture.Bounds()
	width, height := fit(from.Dx(), from.Dy())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), picture, from, draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(turn, small), &jpeg.Options{Quality: previewQuality}); err != nil {
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
