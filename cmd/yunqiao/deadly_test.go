package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/yunqiao/yunqiao/internal/files/picture"
)

// A picture under which the program dies twice is not looked at a third time,
// however its sender goes on; one under which only the drawing dies is a picture
// without a preview. Both are killed while they are at it.
func TestAPictureThatKillsIsNotBegunAThirdTime(t *testing.T) {
	t.Parallel()
	p, cookies := startFirst(t)
	content := slowPicture(t)
	at := p.beginUpload(t, cookies, "large.png", len(content))
	from := 0
	for range 2 {
		sent := p.sendRest(cookies, at, content, from)
		p.drawing(t)
		p.kill(syscall.SIGKILL)
		if a := <-sent; a.err == nil {
			t.Fatalf("the hub answered %d before it was killed", a.status)
		}
		p = p.startAgain(t)
		h := &house{url: p.url}
		offset := h.tus(t, cookies, http.MethodHead, at, nil, nil).Header.Get("Upload-Offset")
		if from, _ = strconv.Atoi(offset); from != len(content)-1 {
			t.Fatalf("after a death the upload stands at %q of %d", offset, len(content))
		}
	}
	if a := <-p.sendRest(cookies, at, content, from); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"deadly"`) {
		t.Errorf("the third time: %d %s, %v", a.status, a.body, a.err)
	}
	h := &house{url: p.url}
	if gone := h.tus(t, cookies, http.MethodHead, at, nil, nil); gone.StatusCode != http.StatusNotFound {
		t.Errorf("it is kept: %s", gone.Status)
	}

	at = p.beginUpload(t, cookies, "large.png", len(content))
	sent := p.sendRest(cookies, at, content, 0)
	if err := syscall.Kill(p.drawing(t), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if a := <-sent; a.status != http.StatusNoContent {
		t.Errorf("when the drawing is killed: %d %s, %v", a.status, a.body, a.err)
	}
	file := "/api/files/" + strings.TrimPrefix(at, "/api/uploads/")
	if got := h.tus(t, cookies, http.MethodGet, file, nil, nil); got.StatusCode != http.StatusOK || got.ContentLength != int64(len(content)) {
		t.Errorf("the file itself: %s, %d bytes", got.Status, got.ContentLength)
	}
	if got := h.tus(t, cookies, http.MethodGet, file+"/preview", nil, nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a preview that nobody drew: %s", got.Status)
	}
}

// slowPicture takes a second or so to be drawn.
func slowPicture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 6000, 6000))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (p *process) beginUpload(t *testing.T, cookies []*http.Cookie, name string, size int) (at string) {
	t.Helper()
	h := &house{url: p.url}
	begun := h.tus(t, cookies, http.MethodPost, "/api/uploads", nil, map[string]string{
		"Upload-Length": strconv.Itoa(size), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name)),
	})
	if begun.StatusCode != http.StatusCreated {
		t.Fatalf("begin upload: %s", begun.Status)
	}
	return begun.Header.Get("Location")
}

// said is an answer, or that there was none.
type said struct {
	status int
	body   string
	err    error
}

// sendRest sends what is missing of an upload, while the test goes on.
func (p *process) sendRest(cookies []*http.Cookie, at string, content []byte, from int) <-chan said {
	answer := make(chan said, 1)
	go func() {
		r, err := http.NewRequest(http.MethodPatch, p.url+at, bytes.NewReader(content[from:]))
		if err != nil {
			answer <- said{err: err}
			return
		}
		r.Header.Set("Tus-Resumable", "1.0.0")
		r.Header.Set("Upload-Offset", strconv.Itoa(from))
		r.Header.Set("Content-Type", "application/offset+octet-stream")
		for _, c := range cookies {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			answer <- said{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answer <- said{response.StatusCode, string(body), err}
	}()
	return answer
}

// drawing waits for the process that draws for this one, and returns its id.
func (p *process) drawing(t *testing.T) int {
	t.Helper()
	var pid int
	waitUntil(t, "a picture is being drawn", func() (found bool) {
		stats, err := filepath.Glob("/proc/[0-9]*/stat")
		if err != nil {
			t.Fatal(err)
		}
		for _, stat := range stats {
			if pid, found = p.draws(filepath.Dir(stat)); found {
				return true
			}
		}
		return false
	})
	return pid
}

// draws says of a process in /proc whether it draws for this one and has told the
// picture's size, which comes first.
func (p *process) draws(dir string) (pid int, ok bool) {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0, false // it has ended
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	var state string
	var parent int
	if _, err := fmt.Sscan(after, &state, &parent); err != nil || parent != p.cmd.Process.Pid {
		return 0, false
	}
	command, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil || !bytes.HasSuffix(command, []byte("\x00"+picture.Command+"\x00")) {
		return 0, false
	}
	counted, err := os.ReadFile(filepath.Join(dir, "io"))
	_, after, _ = strings.Cut(string(counted), "wchar: ")
	var written int
	if _, scanErr := fmt.Sscan(after, &written); err != nil || scanErr != nil || written < len("1000")+8 { // its place when memory is short, and the size
		return 0, false
	}
	pid, err = strconv.Atoi(filepath.Base(dir))
	return pid, err == nil
}
