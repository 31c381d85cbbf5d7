package files

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
)

// daemon speaks INSTREAM: what holds "EICAR" is infected.
func daemon(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn)
		}
	}()
	return l
}

func answer(conn net.Conn) {
	defer conn.Close()
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		fmt.Fprint(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var all bytes.Buffer
	for {
		var length uint32
		if err := binary.Read(conn, binary.BigEndian, &length); err != nil {
			return
		}
		if length == 0 {
			break
		}
		if _, err := io.CopyN(&all, conn, int64(length)); err != nil {
			return
		}
	}
	switch {
	case bytes.Contains(all.Bytes(), []byte("EICAR")):
		fmt.Fprint(conn, "stream: Eicar-Signature FOUND\x00")
	case bytes.Contains(all.Bytes(), []byte("LIMIT")):
		fmt.Fprint(conn, "INSTREAM size limit exceeded. ERROR\x00")
	default:
		fmt.Fprint(conn, "stream: OK\x00")
	}
}

func TestInfectedFilesAreRefused(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "clamd")
	daemon(t, "unix", socket)
	h := newHouse(t, func(d *Deps) {
		var err error
		if d.Scanner, err = NewClamd("unix://" + socket); err != nil {
			t.Fatal(err)
		}
	})
	clean := h.upload(t, "lin", named("clean.txt"), bytes.Repeat([]byte("clean"), 50_000))
	if h.status(t, "lin", clean) != http.StatusOK {
		t.Error("a clean file is not served")
	}
	virus := append(bytes.Repeat([]byte("x"), 200_000), "EICAR"...)
	at := h.begin(t, "lin", named("bad.exe"), len(virus))
	if status, code := h.send(t, "lin", at, 0, virus); status != http.StatusUnprocessableEntity || code != "infected" {
		t.Errorf("an infected file: %d %s", status, code)
	}
	id := uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/"))
	if response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil); response.StatusCode != http.StatusNotFound || h.holds(t, id) {
		t.Errorf("it is still there: %s", response.Status)
	}
	if !slices.Equal(h.audit.notes, []string{"file.infected Eicar-Signature"}) {
		t.Errorf("audit: %q", h.audit.notes)
	}
}

func TestWithoutTheScannerNothingPasses(t *testing.T) {
	t.Parallel()
	l := daemon(t, "tcp", "127.0.0.1:0")
	address := l.Addr().String()
	l.Close()
	h := newHouse(t, func(d *Deps) {
		var err error
		if d.Scanner, err = NewClamd("tcp://" + address); err != nil {
			t.Fatal(err)
		}
	})
	at := h.begin(t, "lin", named("a.txt"), 10)
	if status, code := h.send(t, "lin", at, 0, []byte("0123456789")); status != http.StatusServiceUnavailable || code != "scanner_unavailable" {
		t.Errorf("while it is away: %d %s", status, code)
	}
	id := uuid.MustParse(strings.TrimPrefix(at, uploadsPath+"/"))
	if h.status(t, "lin", id) != http.StatusNotFound {
		t.Error("an unscanned file is served")
	}
	response, _ := h.ask(t, "lin", http.MethodHead, at, nil, nil)
	if got := response.Header.Get("Upload-Offset"); got != "9" {
		t.Errorf("the upload stands at %s, want one byte before its end", got)
	}
	daemon(t, "tcp", address)
	if status, code := h.send(t, "lin", at, 9, []byte("9")); status != http.StatusNoContent {
		t.Errorf("when it is back: %d %s", status, code)
	}
	if _, body := h.ask(t, "lin", http.MethodGet, h.path(id), nil, nil); string(body) != "0123456789" {
		t.Errorf("the file is %q", body)
	}
	at = h.begin(t, "lin", named("b.txt"), 5)
	if status, code := h.send(t, "lin", at, 0, []byte("LIMIT")); status != http.StatusServiceUnavailable || code != "scanner_unavailable" {
		t.Errorf("a file that it does not take: %d %s", status, code)
	}
}

// FuzzReply: nothing but a clear statement makes a file clean.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"stream: OK\x00", "stream: Eicar FOUND\x00", "", "stream: ERROR", "stream: OK FOUND", "x OK", "stream:  FOUND", "stream: a\x00b FOUND"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		virus, err := parseReply(reply)
		if err == nil && virus == "" && strings.Trim(reply, "\x00 \t\r\n\v\f\u0085\u00a0") != "stream: OK" {
			t.Fatalf("%q is taken for clean", reply)
		}
		if !utf8.ValidString(virus) || strings.ContainsRune(virus, 0) {
			t.Fatalf("%q gives the name %q", reply, virus)
		}
	})
}
