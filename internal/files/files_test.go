package files

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// picture is red on the left and blue on the right.
func picture(w, h int) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 200, A: 255}
			if x >= w/2 {
				c = color.RGBA{B: 200, A: 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func jpegOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an Exif segment with an orientation and a place into a JPEG.
func withExif(photo []byte, turn byte) []byte {
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00" +
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26GPS-34.2N-117.2E"
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return bytes.Join([][]byte{photo[:2], segment, []byte(exif), photo[2:]}, nil)
}

func TestPicturesHaveAPreviewAndLoseTheirPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	photo := withExif(jpegOf(t, 1200, 800), 6) // to be turned clockwise
	id := h.upload(t, "lin", named("合影.jpg"), photo)
	claimed, err := h.claim(t, "lin", []string{"chen"}, id)
	if err != nil {
		t.Fatal(err)
	}
	if f := claimed[0]; f.Type != "image/jpeg" || !f.Preview || f.Width != 800 || f.Height != 1200 || f.Name != "合影.jpg" {
		t.Errorf("claimed %+v", f)
	}
	response, small := h.ask(t, "chen", http.MethodGet, h.path(id)+"/preview", nil, nil)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "image/jpeg" {
		t.Fatalf("preview: %s", response.Status)
	}
	if bytes.Contains(small, []byte("GPS")) || bytes.Contains(small, []byte("Exif")) {
		t.Error("the preview says where it was taken")
	}
	p, err := jpeg.Decode(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if b := p.Bounds(); b.Dx() != 426 || b.Dy() != 640 {
		t.Errorf("the preview is %v", b)
	}
	if r, _, blue, _ := p.At(200, 100).RGBA(); r < blue { // left of the photo is at its top now
		t.Error("the preview is not turned")
	}
	_, whole := h.ask(t, "chen", http.MethodGet, h.path(id), nil, nil)
	if bytes.Contains(whole, []byte("GPS")) {
		t.Error("the picture says where it was taken")
	}
	if o := orientationOf(bytes.NewReader(whole)); o != 6 || len(whole) != len(photo) {
		t.Errorf("%d bytes of %d, held %d", len(whole), len(photo), o)
	}
	if !bytes.HasSuffix(whole, photo[len(photo)-1000:]) {
		t.Error("the picture itself was changed")
	}
}

// memory is a file in memory.
type memory []byte

func (m memory) ReadAt(b []byte, at int64) (int, error) { return bytes.NewReader(m).ReadAt(b, at) }

func (m memory) WriteAt(b []byte, at int64) (int, error) { return copy(m[at:], b), nil }

func TestPhotographsForgetEverythingButHowTheyWereHeld(t *testing.T) {
	t.Parallel()
	plain := jpegOf(t, 8, 8)
	with := func(marker byte, text string) []byte {
		part := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(text)+2))
		return bytes.Join([][]byte{plain[:2], part, []byte(text), plain[2:]}, nil)
	}
	for name, test := range map[string]struct {
		photo []byte
		stays bool
	}{
		"no segments":      {plain, true},
		"Exif":             {withExif(plain, 3), false},
		"XMP":              {with(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta exif:GPSLatitude=\"34,15N\"/>"), false},
		"IPTC":             {with(0xed, "Photoshop 3.0\x008BIM\x04\x04City Xuzhou"), false},
		"colours":          {with(0xe2, "ICC_PROFILE\x00\x01\x01"), true},
		"no JPEG":          {[]byte("GPS 34.2N 117.2E"), true},
		"a broken segment": {append(bytes.Clone(plain[:2]), 0xff, 0xe1, 0xff, 0xff, 'G', 'P', 'S'), true},
	} {
		got := memory(bytes.Clone(test.photo))
		for range 2 {
			if err := forgetPlace(got, int64(len(got))); err != nil {
				t.Fatal(err)
			}
		}
		if stays := bytes.Equal(got, test.photo); stays != test.stays {
			t.Errorf("%s: unchanged is %t", name, stays)
		}
		for _, word := range []string{"GPSLat", "GPS-34", "Xuzhou"} {
			if bytes.Contains(got, []byte(word)) {
				t.Errorf("%s: still tells %s", name, word)
			}
		}
		if before, after := orientationOf(bytes.NewReader(test.photo)), orientationOf(bytes.NewReader(got)); before != after {
			t.Errorf("%s: held %d, now %d", name, before, after)
		}
	}
}

func TestTypesComeFromTheContent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var pngBytes, gifBytes bytes.Buffer
	if err := png.Encode(&pngBytes, picture(10, 10)); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&gifBytes, picture(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		content  string
		kind     string // as it is served
		inline   bool
		metadata string
	}{
		"photo.txt": {pngBytes.String(), "image/png", true, ""},
		"a.gif":     {gifBytes.String(), "image/gif", true, ""},
		"photo.jpg": {"<html><script>alert(1)</script></html>", plainBytes, false, ""},
		"a.png":     {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, plainBytes, false, ""},
		"b.png":     {`<?xml version="1.0"?><a/>`, plainBytes, false, ""},
		"c.jpg":     {"\xff\xd8\xff\xe0 and no picture at all", plainBytes, false, ""},
		"d.png":     {pngBytes.String()[:60], plainBytes, false, ""},
		"e.txt":     {"纯文本", plainBytes, false, ""},
		"f.pdf":     {"%PDF-1.7\n1 0 obj\n", "application/pdf", true, ""},
		"v.webm":    {"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm", "audio/webm", true, "voice"},
		"w.webm":    {"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm", "video/webm", true, ""},
		"run.pdf":   {"MZ\x90\x00 a program", plainBytes, false, ""},
	} {
		more := []string{}
		if test.metadata != "" {
			more = append(more, test.metadata)
		}
		id := h.upload(t, "lin", named(name, more...), []byte(test.content))
		response, body := h.ask(t, "lin", http.MethodGet, h.path(id), nil, nil)
		header := response.Header
		if header.Get("Content-Type") != test.kind || string(body) != test.content {
			t.Errorf("%s is served as %s, %s", name, header.Get("Content-Type"), response.Status)
		}
		if strings.HasPrefix(header.Get("Content-Disposition"), "inline") != test.inline {
			t.Errorf("%s: %s", name, header.Get("Content-Disposition"))
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers %v", name, header)
		}
	}
}

func TestDownloadsKeepTheirNamesAndRanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.upload(t, "lin", named(`侨联 "纪要"; 终稿.txt`), []byte("0123456789"))
	response, body := h.ask(t, "lin", http.MethodGet, h.path(id)+"?download=true", nil, map[string]string{"Range": "bytes=2-5"})
	if response.StatusCode != http.StatusPartialContent || string(body) != "2345" {
		t.Errorf("a range: %s %q", response.Status, body)
	}
	if got := response.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename*=utf-8''%E4%BE%A8%E8%81%94") {
		t.Errorf("disposition %q", got)
	}
	response, _ = h.ask(t, "lin", http.MethodGet, h.path(id), nil, map[string]string{"If-None-Match": response.Header.Get("ETag")})
	if response.StatusCode != http.StatusNotModified {
		t.Errorf("known already: %s", response.Status)
	}
}

func TestTooManyPixelsAreNotDecoded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var b bytes.Buffer
	if err := png.Encode(&b, picture(4, 4)); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	binary.BigEndian.PutUint32(bomb[16:], 60_000) // the size in the head; its checksum is then wrong
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	id := h.upload(t, "lin", named("bomb.png"), bomb)
	if f, err := h.files.finished(t.Context(), id); err != nil || f.Preview {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestOnlyReadersReadAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.upload(t, "lin", named("a.txt"), []byte("secret"))
	check := func(when string, want map[string]int) {
		t.Helper()
		for who, status := range want {
			if got := h.status(t, who, id); got != status {
				t.Errorf("%s, %s gets %d, want %d", when, who, got, status)
			}
		}
	}
	check("before it is posted", map[string]int{"lin": 200, "chen": 404, "guest": 404, "lobby": 403, "": 401})
	if _, err := h.claim(t, "lin", []string{"lin", "guest"}, id); err != nil {
		t.Fatal(err)
	}
	check("posted", map[string]int{"lin": 200, "chen": 404, "guest": 200, "lobby": 403, "": 401})
	h.messages.carry(id)
	check("taken back", map[string]int{"lin": 404, "chen": 404, "guest": 404})
	if response, _ := h.ask(t, "lin", http.MethodDelete, uploadsPath+"/"+id.String(), nil, nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("a posted file is deleted by its uploader: %s", response.Status)
	}
}

func TestTwoInOneBrowserSendAsTheySay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.accounts["both"], h.guests["both"] = h.accounts["lin"], h.guests["guest"]
	send := func(path string) uuid.UUID {
		t.Helper()
		response, body := h.ask(t, "both", http.MethodPost, path, nil, map[string]string{"Upload-Length": "1", "Upload-Metadata": named("a.txt")})
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %s", response.Status, body)
		}
		at := response.Header.Get("Location")
		if status, code := h.send(t, "both", at, 0, []byte("x")); status != http.StatusNoContent {
			t.Fatalf("send: %d %s", status, code)
		}
		return uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/"))
	}
	asAccount, asGuest := send(uploadsPath), send(uploadsPath+"?as=guest")
	if _, err := h.claim(t, "lin", nil, asAccount); err != nil {
		t.Errorf("the account's: %v", err)
	}
	if _, err := h.claim(t, "guest", []string{"chen"}, asGuest); err != nil {
		t.Errorf("the guest's: %v", err)
	}
	if got := h.status(t, "both", asGuest); got != http.StatusNotFound {
		t.Errorf("neither may read it, and gets %d", got)
	}
	h.messages.carry(asGuest, h.ids["guest"])
	if got := h.status(t, "both", asGuest); got != http.StatusOK {
		t.Errorf("one of them may read it, and gets %d", got)
	}
	// Who is no guest does not become one by saying so.
	if response, _ := h.ask(t, "chen", http.MethodPost, uploadsPath+"?as=guest", nil, map[string]string{"Upload-Length": "1", "Upload-Metadata": named("a.txt")}); response.StatusCode != http.StatusCreated {
		t.Errorf("an account alone: %s", response.Status)
	}
}

func TestClaimingTakesOnlyOwnFinishedFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	own, second := h.upload(t, "lin", named("a.txt"), []byte("a")), h.upload(t, "lin", named("b.txt"), []byte("b"))
	others := h.upload(t, "chen", named("c.txt"), []byte("c"))
	guests := h.upload(t, "guest", named("d.txt"), []byte("d"))
	open := uuid.MustParse(strings.TrimPrefix(h.begin(t, "lin", named("e.txt"), 5), uploadsPath+"/"))
	for name, ids := range map[string][]uuid.UUID{
		"another's": {own, others}, "a guest's": {guests}, "unfinished": {own, open}, "unknown": {uuid.New()}, "twice": {own, own},
	} {
		if _, err := h.claim(t, "lin", nil, ids...); problem.Code(err) != "file_not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err := h.files.finished(t.Context(), own); err != nil || f.ClaimedAt != nil {
		t.Errorf("a refused claim took a file: %v %v", f.ClaimedAt, err)
	}
	claimed, err := h.claim(t, "lin", []string{"chen"}, second, own)
	if err != nil || len(claimed) != 2 || claimed[0].ID != second || claimed[1].ID != own {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
	h.room = uuid.New() // of another meeting
	if _, err := h.claim(t, "guest", nil, guests); problem.Code(err) != "file_not_found" {
		t.Errorf("a guest posts a file into another room: %v", err)
	}
}

func TestWhatNobodyNeedsIsDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ctx, now := t.Context(), time.Now()
	open := uuid.MustParse(strings.TrimPrefix(h.begin(t, "lin", named("open"), 10), uploadsPath+"/"))
	unposted := h.upload(t, "lin", named("unposted"), []byte("x"))
	kept, back := h.upload(t, "lin", named("kept"), []byte("y")), h.upload(t, "lin", named("back.jpg"), jpegOf(t, 20, 20))
	if _, err := h.claim(t, "lin", []string{"chen"}, kept, back); err != nil {
		t.Fatal(err)
	}
	sweep := func(at time.Time) {
		t.Helper()
		if err := h.files.Sweep(ctx, at); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(when string, want map[uuid.UUID]bool) {
		t.Helper()
		for id, there := range want {
			if got := h.holds(t, id); got != there {
				t.Errorf("%s, %s is there: %v", when, id, got)
			}
		}
	}
	sweep(now.Add(2 * time.Hour))
	h.messages.carry(back)
	sweep(now.Add(4 * time.Hour)) // seen to be loose
	holds("at first", map[uuid.UUID]bool{unposted: true, kept: true, back: true})
	sweep(now.Add(6 * time.Hour))
	holds("an hour after it was taken back", map[uuid.UUID]bool{unposted: true, kept: true, back: false})
	if _, err := h.files.Storage.Open(ctx, previewName(back)); err == nil {
		t.Error("its preview is still there")
	}
	sweep(now.Add(25 * time.Hour))
	if _, err := h.files.parts.size(open); problem.Code(err) != "upload_not_found" {
		t.Errorf("an unfinished upload is there after a day: %v", err)
	}
	holds("after a day", map[uuid.UUID]bool{unposted: true, kept: true})
	h.messages.carry(unposted, h.ids["lin"]) // a message that is sent later
	sweep(now.Add(8 * 24 * time.Hour))
	sweep(now.Add(8*24*time.Hour + 2*time.Hour))
	holds("while a message waits for it", map[uuid.UUID]bool{unposted: true, kept: true})
	h.messages.carry(unposted)
	sweep(now.Add(9 * 24 * time.Hour))
	sweep(now.Add(9*24*time.Hour + 2*time.Hour))
	holds("after nine days", map[uuid.UUID]bool{unposted: false, kept: true})
	var left int
	if err := h.files.Pool.QueryRow(ctx, `select count(*) from files`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d rows left, %v", left, err)
	}
}

func TestAFileThatIsForwardedInTimeStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.upload(t, "lin", named("a"), []byte("x"))
	if _, err := h.claim(t, "lin", nil, id); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i, readers := range []bool{false, true, true} { // taken back, then carried by a forward
		if readers {
			h.messages.carry(id, h.ids["chen"])
		} else {
			h.messages.carry(id)
		}
		if err := h.files.Sweep(t.Context(), now.Add(time.Duration(2+2*i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if !h.holds(t, id) || h.status(t, "chen", id) != http.StatusOK {
		t.Error("the forwarded file is gone")
	}
}

func TestOrientations(t *testing.T) {
	t.Parallel()
	in := image.NewRGBA(image.Rect(0, 0, 3, 2))
	in.SetRGBA(0, 0, color.RGBA{R: 255, A: 255})
	for turn, want := range map[orientation]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}} {
		out := turn.apply(in)
		if r, _, _, _ := out.At(want.X, want.Y).RGBA(); r == 0 {
			t.Errorf("turned by %d, the corner is not at %v", turn, want)
		}
		if swapped := out.Bounds().Dx() == 2; swapped != turn.swapsSides() {
			t.Errorf("turned by %d, the picture is %v", turn, out.Bounds())
		}
	}
}

// FuzzOrientation: whatever a photograph says of itself, it is one of eight, and
// stays that when it forgets everything else.
func FuzzOrientation(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(8, 8), nil); err != nil {
		f.Fatal(err)
	}
	for turn := range byte(10) {
		f.Add(withExif(b.Bytes(), turn))
	}
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		o := orientationOf(bytes.NewReader(content))
		if o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		kept := memory(bytes.Clone(content))
		if err := forgetPlace(kept, int64(len(kept))); err != nil || orientationOf(bytes.NewReader(kept)) != o {
			t.Fatalf("held %d; without its place %d, %v", o, orientationOf(bytes.NewReader(kept)), err)
		}
	})
}

// FuzzPreview: no file makes the decoders panic or the preview larger than its box.
func FuzzPreview(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, picture(8, 8)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	files, err := New(Deps{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := files.preview(t.Context(), bytes.NewReader(content))
		if err != nil || p.jpeg == nil {
			return
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(p.jpeg))
		if err != nil || config.Width > previewSide || config.Height > previewSide {
			t.Fatalf("preview of %d by %d, %v", config.Width, config.Height, err)
		}
	})
}
