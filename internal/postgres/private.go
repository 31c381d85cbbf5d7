package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Private is a Postgres server of our own: the binaries installed on this
// machine, a data folder, a Unix socket and no port.
type Private struct {
	// Dir holds the cluster (Dir/data), its log and its socket.
	Dir string
	// BinDir holds initdb and postgres; "" finds the installed ones.
	BinDir string
	// Unsafe switches fsync off. Only tests, whose data is worth nothing, do.
	Unsafe bool
	Log    *slog.Logger
}

const (
	startTimeout = 30 * time.Second
	// predecessorTimeout is how long a server of the same folder has to stop.
	predecessorTimeout = 15 * time.Second
	stopTimeout        = 30 * time.Second
	socketPort         = 5432
)

// ErrOtherVersion: the data folder was made by another major version of
// Postgres. It is never touched.
var ErrOtherVersion = errors.New("data folder of another Postgres version")

var errEndedAtOnce = errors.New("the server ended at once; does another one run in this folder?")

// Server is a running private server.
type Server struct {
	// URL connects as superuser to the database "yunqiao".
	URL string

	cmd    *exec.Cmd
	done   chan struct{}
	socket string
}

// Start creates the cluster when the folder is empty and starts the server.
func (p *Private) Start(ctx context.Context) (*Server, error) {
	bin, err := p.findBinaries()
	if err != nil {
		return nil, err
	}
	owner, err := ownerOf()
	if err != nil {
		return nil, err
	}
	if err := p.prepareDir(owner); err != nil {
		return nil, err
	}
	if err := p.initialise(ctx, bin, owner); err != nil {
		return nil, err
	}
	return p.launchPatiently(ctx, bin, owner)
}

// launchPatiently starts the server. After a kill of the hub the old server
// needs a moment to stop, and until then no new one starts in its folder.
func (p *Private) launchPatiently(ctx context.Context, bin string, owner *syscall.Credential) (*Server, error) {
	deadline := time.Now().Add(predecessorTimeout)
	for {
		server, err := p.launch(bin, owner)
		if err != nil {
			return nil, err
		}
		err = server.awaitReady(ctx)
		if err == nil {
			return server, nil
		}
		stopErr := server.Stop()
		if !errors.Is(err, errEndedAtOnce) || time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("start private Postgres (see %s): %w", p.logFile(), err), stopErr)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (p *Private) dataDir() string { return filepath.Join(p.Dir, "data") }
func (p *Private) logFile() string { return filepath.Join(p.Dir, "postgres.log") }

// findBinaries returns the folder of the newest installed server.
func (p *Private) findBinaries() (string, error) {
	if p.BinDir != "" {
		return p.BinDir, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		if path, lookErr := exec.LookPath("postgres"); lookErr == nil {
			return filepath.Dir(path), nil
		}
		return "", errors.New("no Postgres server on this machine: install the package postgresql, or set DATABASE_URL")
	}
	slices.SortFunc(found, func(a, b string) int { return majorOf(a) - majorOf(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func majorOf(path string) int {
	parts := strings.Split(path, "/")
	n, err := strconv.Atoi(parts[len(parts)-3])
	if err != nil {
		return 0
	}
	return n
}

// ownerOf says who must own the cluster: nil for the present user, an
// unprivileged one when we are root, which Postgres refuses to run as.
func ownerOf() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no credential means: stay who we are
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("running as root, and neither user postgres nor nobody exists to run the database as")
}

// prepareDir makes the folder, readable by the server's user alone.
func (p *Private) prepareDir(owner *syscall.Credential) error {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return fmt.Errorf("make database folder: %w", err)
	}
	if owner == nil {
		return nil
	}
	if err := os.Chown(p.Dir, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("give database folder to its user: %w", err)
	}
	return p.reachable(owner)
}

// reachable checks that every folder above is open to the server's user, which
// is often not so below /root.
func (p *Private) reachable(owner *syscall.Credential) error {
	abs, err := filepath.Abs(p.Dir)
	if err != nil {
		return err
	}
	for dir := filepath.Dir(abs); dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("look at %s: %w", dir, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if ok && stat.Uid != owner.Uid && info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("the database runs as an unprivileged user that cannot enter %s: choose another --data-dir or `chmod o+x %s`", dir, dir)
		}
	}
	return nil
}

// initialise runs initdb in an empty folder and refuses a strange one.
func (p *Private) initialise(ctx context.Context, bin string, owner *syscall.Credential) error {
	have, err := os.ReadFile(filepath.Join(p.dataDir(), "PG_VERSION"))
	if err == nil {
		return p.checkVersion(ctx, bin, strings.TrimSpace(string(have)))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read version of database folder: %w", err)
	}
	// Trust on the socket: its folder, mode 0700, is the guard. Trigram search of
	// Chinese text needs a UTF-8 character type, which C.UTF-8 always has.
	args := []string{
		"--pgdata", p.dataDir(), "--username", "yunqiao", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8",
	}
	if p.Unsafe {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir = p.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (p *Private) checkVersion(ctx context.Context, bin, have string) error {
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return fmt.Errorf("ask Postgres for its version: %w", err)
	}
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return fmt.Errorf("version of Postgres: unexpected answer %q", out)
	}
	major, _, _ := strings.Cut(words[2], ".")
	if major != have {
		return fmt.Errorf("%w: %s was made by Postgres %s, installed is %s; install %s again, or dump and restore",
			ErrOtherVersion, p.dataDir(), have, major, have)
	}
	return nil
}

// launch starts the server. Its socket lies in a short path of its own, since
// a socket's path may have 107 bytes.
func (p *Private) launch(bin string, owner *syscall.Credential) (*Server, error) {
	socket, err := os.MkdirTemp("", "yunqiao-pg-")
	if err != nil {
		return nil, fmt.Errorf("make socket folder: %w", err)
	}
	if owner != nil {
		if err := os.Chown(socket, int(owner.Uid), int(owner.Gid)); err != nil {
			return nil, fmt.Errorf("give socket folder to its user: %w", err)
		}
	}
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), p.serverArgs(socket)...) //nolint:noctx // Stop ends it in the right way
	cmd.Dir = p.Dir
	cmd.Stdout, cmd.Stderr = log, log
	// Own process group: Ctrl-C reaches us, and we stop the server in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true, Pdeathsig: syscall.SIGINT}
	s := &Server{cmd: cmd, done: make(chan struct{}), socket: socket}
	s.URL = s.urlOf("yunqiao")
	started := make(chan error)
	go func() {
		// The kernel sends Pdeathsig when the starting thread ends, not the
		// process: this one stays until the server has ended.
		runtime.LockOSThread()
		defer close(s.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // its exit is seen through done; the log says why
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start postgres: %w", err), os.RemoveAll(socket))
	}
	return s, nil
}

func (p *Private) serverArgs(socket string) []string {
	args := []string{
		"-D", p.dataDir(), "-k", socket, "-p", strconv.Itoa(socketPort),
		"-c", "listen_addresses=", "-c", "unix_socket_permissions=0700",
		"-c", "max_connections=100", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
	}
	if p.Unsafe {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400")
	}
	return args
}

// Running returns the address of the server that another process of ours runs
// in the folder.
func (p *Private) Running() (string, error) {
	// Lines: process, folder, start, port, socket's folder (Postgres, miscadmin.h).
	notes, err := os.ReadFile(filepath.Join(p.dataDir(), "postmaster.pid"))
	if err != nil {
		return "", fmt.Errorf("find running Postgres: %w", err)
	}
	lines := strings.Split(string(notes), "\n")
	if len(lines) < 5 || lines[4] == "" {
		return "", errors.New("find running Postgres: it is not up yet")
	}
	return (&Server{socket: lines[4]}).urlOf("yunqiao"), nil
}

func (s *Server) urlOf(database string) string {
	q := url.Values{"host": {s.socket}, "port": {strconv.Itoa(socketPort)}, "user": {"yunqiao"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// awaitReady waits until the server answers and its database exists.
func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.ensureDatabase(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.done:
			return errEndedAtOnce
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}

func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	const q = `select exists (select from pg_database where datname = 'yunqiao')`
	if err := conn.QueryRow(ctx, q).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `create database yunqiao`)
	return err
}

// Exited is closed when the server's process has ended.
func (s *Server) Exited() <-chan struct{} { return s.done }

// Stop ends the server: connections are cut, nothing is lost.
func (s *Server) Stop() error {
	defer os.RemoveAll(s.socket)
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop private Postgres: %w", err)
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill() // last resort; Postgres recovers from its log
		<-s.done
		return fmt.Errorf("private Postgres did not stop within %s and was killed", stopTimeout)
	}
}
