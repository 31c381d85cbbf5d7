// Package redistest runs real Redis servers for tests: one that can be paused,
// killed and started again, one behind TLS, a cluster, and one under a Sentinel.
package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience is how long a server may take to come up.
const patience = 20 * time.Second

// Server is one redis-server process.
type Server struct {
	tb   testing.TB
	args []string
	cmd  *exec.Cmd // nil: it does not run
	// URL connects to it.
	URL string
}

// Start runs a server on a Unix socket of its own.
func Start(tb testing.TB) *Server {
	tb.Helper()
	socket := filepath.Join(tb.TempDir(), "redis.sock")
	s := newServer(tb, "unix://"+socket+"?db=0", "--port", "0", "--unixsocket", socket)
	s.Start()
	return s
}

func newServer(tb testing.TB, url string, args ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, URL: url, args: append(args, "--save", "", "--appendonly", "no", "--dir", tb.TempDir())}
	tb.Cleanup(s.Kill)
	return s
}

// Start starts a server that was killed, at the same address.
func (s *Server) Start() {
	s.tb.Helper()
	s.cmd = exec.CommandContext(context.Background(), "redis-server", s.args...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatalf("start redis-server: %v", err)
	}
	if s.URL != "" {
		AwaitUp(s.tb, s.URL)
	}
}

// Kill ends the server at once, with all its connections.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Pause stops the server where it is: it takes connections and answers nothing.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.tb.Fatalf("signal redis-server: %v", err)
	}
}

// AwaitUp waits until a server answers.
func AwaitUp(tb testing.TB, url string) {
	tb.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close() //nolint:errcheck // a test's own
	await(tb, "Redis answers", func() bool { return client.Ping(context.Background()).Err() == nil })
}

func await(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("waited too long until %s", what)
		}
	}
}

// freePorts returns ports that nobody uses now.
func freePorts(tb testing.TB, n int) []string {
	tb.Helper()
	ports := make([]string, 0, n)
	for range n {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close() //nolint:errcheck // all are held until the last is found, so that they differ
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports
}

func write(tb testing.TB, dir, name string, data []byte) string {
	tb.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}
