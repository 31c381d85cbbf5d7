package location

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"golang.org/x/image/webp"

	"github.com/yunqiao/yunqiao/internal/files/picturetest"
)

// memory is a file in memory.
type memory []byte

func (m memory) ReadAt(b []byte, at int64) (int, error) { return bytes.NewReader(m).ReadAt(b, at) }

func (m memory) WriteAt(b []byte, at int64) (int, error) { return copy(m[at:], b), nil }

// gps is what no file may hold afterwards, and xmp the same in the words of XMP.
const (
	gps = "GPS-34.2N-117.2E"
	xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="` + gps + `"/></x:xmpmeta>`
)

func pngChunk(kind, data string) []byte {
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind+data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// pngWith puts chunks before the pixels.
func pngWith(tb testing.TB, chunks ...[]byte) []byte {
	tb.Helper()
	picture := picturetest.PNG(tb, 8, 8)
	return slices.Concat(picture[:33], bytes.Join(chunks, nil), picture[33:])
}

// tiff is Exif as formats without its introduction have it.
func tiff(orientation byte) string { return string(picturetest.Exif(orientation)[len(exifIntro):]) }

func webpChunk(kind, data string) string {
	chunk := kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data
	if len(data)%2 == 1 {
		chunk += "\x00"
	}
	return chunk
}

const vp8l = "/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00" // one pixel

func webpOf(chunks ...string) []byte {
	body := "WEBP"
	for _, c := range chunks {
		body += c
	}
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

func webpWith(chunks ...string) []byte {
	all := append([]string{webpChunk("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00"), webpChunk("VP8L", vp8l)}, chunks...)
	return webpOf(all...)
}

// gifWith puts extensions before the picture. XMP lies there by itself, and
// what follows it lets readers that take it for blocks find its end.
func gifWith(tb testing.TB, extension string) []byte {
	tb.Helper()
	picture := picturetest.GIF(tb, 8, 8)
	at := 13 + int(colours(picture[10]))
	return slices.Concat(picture[:at], []byte(extension), picture[at:])
}

func gifXMP() string {
	trailer := "\x01"
	for b := 255; b >= 0; b-- {
		trailer += string([]byte{byte(b)})
	}
	return "!\xff\x0bXMP DataXMP" + xmp + trailer + "\x00"
}

// heicOf is a picture of one item, and what it holds.
func heicOf(item, content string) []byte {
	box := func(kind, data string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(data)))) + kind + data
	}
	return []byte(box("ftyp", "heic\x00\x00\x00\x00mif1heic") +
		box("meta", "\x00\x00\x00\x00"+box("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00pict\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")+
			box("iinf", "\x00\x00\x00\x00\x00\x01"+box("infe", "\x02\x00\x00\x00\x00\x01\x00\x00"+item+"\x00"))) +
		box("mdat", content))
}

// kept says how a file is treated: whether it is known to say nothing more, and
// whether it is changed at all.
type kept struct {
	content []byte
	sure    bool
	same    bool
}

func samples(tb testing.TB) map[string]kept {
	tb.Helper()
	plain := picturetest.JPEG(tb, 8, 8)
	with := func(marker byte, text string) []byte { return picturetest.Segment(plain, marker, []byte(text)) }
	exif := picturetest.WithExif(plain, 3)
	return map[string]kept{
		"JPEG":                          {plain, true, true},
		"JPEG, Exif":                    {exif, true, false},
		"JPEG, fill bytes before Exif":  {slices.Concat(exif[:2], []byte{0xff, 0xff, 0xff}, exif[2:]), true, false},
		"JPEG, bytes between segments":  {slices.Concat(exif[:2], []byte("xx"), exif[2:]), false, false},
		"JPEG, a second picture inside": {slices.Concat(plain, exif), true, false},
		"JPEG, the second after zeros":  {slices.Concat(plain, make([]byte, 100), exif, exif), true, false},
		"JPEG, many inside":             {slices.Concat(plain, bytes.Repeat(exif, maxPictures+3)), true, false},
		"JPEG, a film after it":         {slices.Concat(exif, []byte("MotionPhoto_Data"+gps)), true, false},
		"JPEG, XMP":                     {with(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+xmp), true, false},
		"JPEG, IPTC":                    {with(0xed, "Photoshop 3.0\x008BIM\x04\x04"+gps), true, false},
		"JPEG, comment":                 {with(0xfe, gps), true, false},
		"JPEG, colours":                 {with(0xe2, "ICC_PROFILE\x00\x01\x01"), true, true},
		"JPEG, broken":                  {append(bytes.Clone(plain[:2]), 0xff, 0xe1, 0xff, 0xff, 'G', 'P', 'S'), false, true},
		"PNG":                           {picturetest.PNG(tb, 8, 8), true, true},
		"PNG, Exif":                     {pngWith(tb, pngChunk("eXIf", tiff(6))), true, false},
		"PNG, texts":                    {pngWith(tb, pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmp), pngChunk("tEXt", "Comment\x00"+gps), pngChunk("zTXt", "Raw profile type exif\x00\x00"+gps)), true, false},
		"PNG, of a maker":               {pngWith(tb, pngChunk("caBX", gps)), true, false},
		"PNG, after its end":            {append(picturetest.PNG(tb, 8, 8), gps...), true, false},
		"PNG, cut off":                  {pngWith(tb, pngChunk("eXIf", tiff(6)))[:90], false, true},
		"WebP":                          {webpOf(webpChunk("VP8L", vp8l)), true, true},
		"WebP, Exif":                    {webpWith(webpChunk("EXIF", tiff(6))), true, false},
		"WebP, Exif as in JPEG":         {webpWith(webpChunk("EXIF", exifIntro+tiff(6))), true, false},
		"WebP, XMP":                     {webpWith(webpChunk("XMP ", xmp)), true, false},
		"WebP, in a frame": {webpOf(webpChunk("VP8X", "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00"), webpChunk("ANIM", "\x00\x00\x00\x00\x00\x00"),
			webpChunk("ANMF", string(make([]byte, 16))+webpChunk("VP8L", vp8l)+webpChunk("note", gps)+webpChunk("ANMF", string(make([]byte, 16))+gps))), true, false},
		"WebP, after its end": {append(webpOf(webpChunk("VP8L", vp8l)), gps...), true, false},
		"WebP, broken":        {webpWith("EXIF\xff\xff\x00\x00" + gps), false, true},
		"GIF":                 {picturetest.GIF(tb, 8, 8), true, true},
		"GIF, XMP":            {gifWith(tb, gifXMP()), true, false},
		"GIF, comment":        {gifWith(tb, "!\xfe\x10"+gps+"\x00"), true, false},
		"GIF, loop":           {gifWith(tb, "!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"), true, true},
		"GIF, after its end":  {append(picturetest.GIF(tb, 8, 8), gps...), true, false},
		"GIF, cut off":        {gifWith(tb, gifXMP())[:80], false, true},
		"HEIC":                {heicOf("hvc1", "pixels"), true, true},
		"HEIC, Exif":          {heicOf("Exif", tiff(1)), false, true},
		"TIFF":                {[]byte("II*\x00\x08\x00\x00\x00" + gps), false, true},
		"AVI":                 {[]byte("RIFF\x20\x00\x00\x00AVI LIST" + gps), false, true},
		"text":                {[]byte("at 34.2 N"), true, true},
		"nothing":             {nil, true, true},
	}
}

func TestPicturesForgetEverythingButHowTheyWereHeld(t *testing.T) {
	t.Parallel()
	for name, sample := range samples(t) {
		got := memory(bytes.Clone(sample.content))
		for range 2 { // a second time changes nothing
			sure, err := Forget(got, int64(len(got)))
			if err != nil || sure != sample.sure {
				t.Errorf("%s: sure is %t, %v", name, sure, err)
			}
		}
		if same := bytes.Equal(got, sample.content); same != sample.same {
			t.Errorf("%s: unchanged is %t", name, same)
		}
		if sample.sure && (bytes.Contains(got, []byte("GPS-34")) || bytes.Contains(got, []byte("GPSLat"))) {
			t.Errorf("%s: still tells where", name)
		}
		if before, after := OrientationOf(bytes.NewReader(sample.content)), OrientationOf(bytes.NewReader(got)); before != after {
			t.Errorf("%s: held %d, now %d", name, before, after)
		}
		if before, after := pixels(sample.content), pixels(got); !bytes.Equal(before, after) {
			t.Errorf("%s: another picture", name)
		}
	}
}

// pixels decodes a picture and writes it as a PNG; nothing for what is none.
func pixels(content []byte) []byte {
	p, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		p, err = jpeg.Decode(bytes.NewReader(content))
	}
	if err != nil {
		p, err = gif.Decode(bytes.NewReader(content))
	}
	if err != nil {
		p, err = webp.Decode(bytes.NewReader(content))
	}
	var out bytes.Buffer
	if err != nil || png.Encode(&out, p) != nil {
		return nil
	}
	return out.Bytes()
}

// The orientation of the other formats stays where its readers look for it.
func TestOrientationStaysInPNGAndWebP(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"PNG": pngWith(t, pngChunk("eXIf", tiff(6))), "WebP": webpWith(webpChunk("EXIF", tiff(6))), "WebP, as in JPEG": webpWith(webpChunk("EXIF", exifIntro+tiff(6))),
	} {
		if _, err := Forget(memory(content), int64(len(content))); err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(content, []byte("MM\x00*"))
		if at < 0 {
			t.Fatalf("%s: no Exif any more", name)
		}
		if o := exifOrientation(append([]byte(exifIntro), content[at:]...)); o != 6 {
			t.Errorf("%s: held %d", name, o)
		}
	}
}

// What is made to be long to look at is given up, and said to be unsure.
func TestHostileFilesTakeBoundedWork(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"boxes":                          slices.Concat([]byte("\x00\x00\x00\x08ftyp"), bytes.Repeat([]byte("\x00\x00\x00\x08skip"), maxSteps)),
		"chunks":                         slices.Concat([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat(pngChunk("tEXt", ""), maxSteps)),
		"blocks":                         slices.Concat([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00!\xfe"), bytes.Repeat([]byte("\x01x"), maxSteps)),
		"elements":                       slices.Concat([]byte("\x1a\x45\xdf\xa3\x80"), bytes.Repeat([]byte("\xec\x80"), maxSteps+1)),
		"samples that lie on each other": overlapping(1 << 16),
	} {
		counted := &counting{memory: content}
		sure, err := Forget(counted, int64(len(content)))
		if err != nil || sure {
			t.Errorf("%s: sure is %t, %v", name, sure, err)
		}
		if counted.calls > maxSteps+1 || counted.written > 2*int64(len(content))+maxHead {
			t.Errorf("%s: %d calls, %d bytes written for %d", name, counted.calls, counted.written, len(content))
		}
	}
}

// overlapping is a film with a track of data whose samples are all the whole file.
func overlapping(count int) []byte {
	places := make([]uint32, count)
	for i := range places {
		places[i] = 8
	}
	return dataFilm(make([]byte, 1<<20), 1<<20, places)
}

// withData is a film whose track of data tells something in its second half.
func withData(words string) []byte {
	const before = 8 + 12 // the head of mdat after ftyp
	return dataFilm([]byte("pictures"+words), len(words), []uint32{before + uint32(len("pictures"))})
}

// dataFilm has one track of data, whose samples are of one size and begin at
// places in the file.
func dataFilm(content []byte, size int, places []uint32) []byte {
	box := func(kind string, data ...[]byte) []byte {
		whole := bytes.Join(data, nil)
		return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(whole))), []byte(kind), whole)
	}
	u32 := func(n ...uint32) (b []byte) {
		for _, v := range n {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		return b
	}
	count := uint32(len(places))
	return slices.Concat(box("ftyp", []byte("qt  ")), box("mdat", content), box("moov", box("trak", box("mdia",
		box("hdlr", u32(0, 0), []byte("meta")),
		box("minf", box("stbl", box("stsz", u32(0, uint32(size), count)), box("stsc", u32(0, 1, 1, 1, 1)),
			box("stco", u32(0, count), u32(places...))))))))
}

type counting struct {
	memory

	calls, written int64
}

func (c *counting) ReadAt(b []byte, at int64) (int, error) {
	c.calls++
	return c.memory.ReadAt(b, at)
}

func (c *counting) WriteAt(b []byte, at int64) (int, error) {
	c.calls++
	c.written += int64(len(b))
	return c.memory.WriteAt(b, at)
}
