package files

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/files/location"
	"github.com/yunqiao/yunqiao/internal/files/picturetest"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestPicturesHaveAPreviewAndLoseTheirPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	photo := picturetest.WithExif(picturetest.JPEG(t, 1200, 800), 6) // to be turned clockwise
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
	if o := location.OrientationOf(bytes.NewReader(whole)); o != 6 || len(whole) != len(photo) {
		t.Errorf("%d bytes of %d, held %d", len(whole), len(photo), o)
	}
	if !bytes.HasSuffix(whole, photo[len(photo)-1000:]) {
		t.Error("the picture itself was changed")
	}
}

func TestTypesComeFromTheContent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	pngBytes, gifBytes := string(picturetest.PNG(t, 10, 10)), string(picturetest.GIF(t, 10, 10))
	for name, test := range map[string]struct {
		content  string
		kind     string // as it is served
		inline   bool
		metadata string
	}{
		"photo.txt": {pngBytes, "image/png", true, ""},
		"a.gif":     {gifBytes, "image/gif", true, ""},
		"photo.jpg": {"<html><script>alert(1)</script></html>", plainBytes, false, ""},
		"a.png":     {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, plainBytes, false, ""},
		"b.png":     {`<?xml version="1.0"?><a/>`, plainBytes, false, ""},
		"c.jpg":     {"\xff\xd8\xff\xe0 and no picture at all", plainBytes, false, ""},
		"d.png":     {pngBytes[:60], plainBytes, false, ""},
		"e.txt":     {"纯文本", plainBytes, false, ""},
		"f.pdf":     {"%PDF-1.7\n1 0 obj\n", "application/pdf", false, ""},
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

// A picture that the hub cannot draw keeps its type where browsers show it.
func TestPicturesWithoutAPreviewStayPictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for kind, content := range map[string][]byte{
		"image/webp": picturetest.AnimatedWebP(300, 200), "image/avif": picturetest.AVIF(300, 200, 0), "image/jpeg": picturetest.UnusualJPEG(300, 200),
	} {
		id := h.upload(t, "lin", named("a"), content)
		response, body := h.ask(t, "lin", http.MethodGet, h.path(id), nil, nil)
		if got := response.Header.Get("Content-Type"); got != kind || !strings.HasPrefix(response.Header.Get("Content-Disposition"), "inline") || !bytes.Equal(body, content) {
			t.Errorf("%s is served as %s, %s", kind, got, response.Header.Get("Content-Disposition"))
		}
		f, err := h.files.finished(t.Context(), id)
		if err != nil || f.Width != 300 || f.Height != 200 || f.Preview {
			t.Errorf("%s: %+v, %v", kind, f, err)
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
	bomb := picturetest.PNG(t, 4, 4)
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
	kept, back := h.upload(t, "lin", named("kept"), []byte("y")), h.upload(t, "lin", named("back.jpg"), picturetest.JPEG(t, 20, 20))
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
