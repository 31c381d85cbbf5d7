package httpd

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// shared is a port on which HTTP answers with its protocol, and on which what
// the relay gets comes back.
func shared(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := selfSigned(filepath.Join(t.TempDir(), "tls"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := serverConfig(pair)
	s := Share(l, cfg)
	web := &http.Server{TLSConfig: cfg, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	})}
	done := make(chan error, 3)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- s.Run(ctx) }()
	go func() { _ = web.Serve(s.HTTP()); done <- nil }()
	go func() {
		defer func() { done <- nil }()
		for {
			conn, err := s.Relay().Accept()
			if err != nil {
				return
			}
			_, _ = io.CopyN(conn, conn, 5)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = web.Close()
		_ = s.Relay().Close()
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	return l.Addr().String()
}

func dialTLS(t *testing.T, addr string) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp4", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

func TestOnePortSpeaksHTTPAndTURN(t *testing.T) {
	t.Parallel()
	addr := shared(t)
	silent, err := net.Dial("tcp4", addr) // holds nobody up
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	dialTLS(t, addr)
	for _, protocol := range []string{"HTTP/2.0", "HTTP/1.1"} {
		transport := &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			ForceAttemptHTTP2: protocol == "HTTP/2.0",
		}
		answer, err := (&http.Client{Transport: transport}).Get("https://" + addr)
		if err != nil {
			t.Fatalf("%s: %v", protocol, err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		transport.CloseIdleConnections()
		if string(body) != protocol {
			t.Errorf("asked by %s, answered by %s", protocol, body)
		}
	}
	for _, first := range []string{"\x00\x03STU", "\x01\x01STU"} {
		conn := dialTLS(t, addr)
		_, _ = io.WriteString(conn, first)
		if back, err := io.ReadAll(conn); string(back) != first {
			t.Errorf("%q came back as %q, %v", first, back, err)
		}
	}
}

func TestSharedPortWithoutARelay(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := selfSigned(filepath.Join(t.TempDir(), "tls"))
	if err != nil {
		t.Fatal(err)
	}
	s := Share(l, serverConfig(pair))
	done := make(chan error, 1)
	go func() { done <- s.Run(context.Background()) }()
	_ = s.Relay().Close()
	conn := dialTLS(t, l.Addr().String())
	_, _ = io.WriteString(conn, "\x00\x01")
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("nobody was there, and yet it was answered")
	}
	_ = s.HTTP().Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
