package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is the hidden subcommand of the program that is Main.
const Command = "preview"

// Limits of the process that decodes.
const (
	// maxMemory is in bytes, and enough for maxPixels of 64 bits each.
	maxMemory = 448 << 20
	// maxWork is of processor time, and patience of time by the clock, which is
	// more, since the machine has other things to do.
	maxWork  = 20 * time.Second
	patience = 60 * time.Second
	// maxPreview is how long its answer may be, in bytes.
	maxPreview = 4 << 20
)

// What the process says by its exit status, besides success: that it could not
// work at all, and that there is no picture. With any other it broke.
const (
	statusFailed = 1
	statusNone   = 3
)

// Preview is a small picture of a picture, and the size of the picture itself as
// it is shown.
type Preview struct {
	Width, Height int
	JPEG          []byte // empty when the picture is of a size or kind that is not drawn here
}

// Draw draws a preview in a process of its own, which reads the file from its
// beginning. It returns ErrNone when the file is no picture. A picture that asks
// for too much has no preview, and a size where its head could be read.
func Draw(ctx context.Context, file *os.File) (Preview, error) {
	p, _, err := drawBy(ctx, "/proc/self/exe", file)
	return p, err
}

// drawBy draws with a program whose Command is Main, and says how much memory it
// took at most, in bytes.
func drawBy(ctx context.Context, program string, file *os.File) (p Preview, memory int64, err error) {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out bytes.Buffer
	child := exec.CommandContext(within, program, Command)
	child.Env = []string{} // nothing of the hub's secrets
	child.Stdin = file
	child.Stdout = &limited{&out, maxPreview}
	var said bytes.Buffer
	child.Stderr = &limited{&said, maxPreview}
	// It ends with the hub: else it would keep the upload locked. The signal comes
	// when the thread that began it ends, so this one stays.
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = child.Run()
	if ctx.Err() != nil {
		return Preview{}, 0, fmt.Errorf("draw preview: %w", context.Cause(ctx))
	}
	exit, ended := errors.AsType[*exec.ExitError](err)
	if child.ProcessState == nil || ended && exit.ExitCode() == statusFailed {
		return Preview{}, 0, fmt.Errorf("draw preview: %w: %.300s", err, said.String())
	}
	if r, ok := child.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = r.Maxrss << 10 // Linux counts kilobytes
	}
	p, headRead := parse(out.Bytes())
	switch {
	case !headRead || ended && exit.ExitCode() == statusNone:
		return Preview{}, memory, ErrNone
	case err != nil: // it asked for too much, and what it wrote may be half
		p.JPEG = nil
	}
	return p, memory, nil
}

// limited takes as many bytes as it was told to.
type limited struct {
	to   io.Writer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(b []byte) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return l.to.Write(b)
}

// parse reads what Main wrote: width and height (32 bits each), and the JPEG.
func parse(out []byte) (p Preview, ok bool) {
	if len(out) < 8 {
		return Preview{}, false
	}
	p.Width, p.Height = int(binary.BigEndian.Uint32(out)), int(binary.BigEndian.Uint32(out[4:]))
	p.JPEG = out[8:]
	return p, p.Width > 0 && p.Height > 0
}

// Main is the process that decodes: it reads a picture from in, writes its size
// and its preview, and returns the exit status.
func Main(in *os.File, out io.Writer) int {
	if err := confine(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return statusFailed
	}
	info, err := in.Stat()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return statusFailed
	}
	// Reading at places leaves the position alone, which the hub shares.
	switch err := answer(io.NewSectionReader(in, 0, info.Size()), out); {
	case errors.Is(err, ErrNone):
		return statusNone
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return statusFailed
	}
	return 0
}

// confine gives this process its limits. Memory is counted as data (RLIMIT_DATA),
// since Go reserves more addresses than it uses, and from what the program takes
// before it begins. The kernel ends this process before any other when the
// machine has no memory left.
func confine() error {
	memory, err := dataNow()
	if err != nil {
		return err
	}
	memory += maxMemory
	work := uint64(maxWork / time.Second)
	debug.SetMemoryLimit(maxMemory * 3 / 4)
	return errors.Join(
		unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: memory, Max: memory}),
		unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: work, Max: work}),
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
		os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0),
	)
}

// dataNow is how much data this process has mapped, in bytes (VmData in proc(5)).
func dataNow() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("read own size: %w", err)
	}
	_, after, _ := strings.Cut(string(status), "\nVmData:")
	line, _, _ := strings.Cut(after, "\n")
	var kilobytes uint64
	if _, err := fmt.Sscanf(line, "%d kB", &kilobytes); err != nil {
		return 0, fmt.Errorf("read own size in %q: %w", line, err)
	}
	return kilobytes << 10, nil
}

func answer(content io.ReadSeeker, out io.Writer) error {
	s, err := open(content)
	if err != nil {
		return err
	}
	width, height := s.shown()
	size := binary.BigEndian.AppendUint32(nil, uint32(width))  //nolint:gosec // positive
	size = binary.BigEndian.AppendUint32(size, uint32(height)) //nolint:gosec // positive
	if _, err := out.Write(size); err != nil || !s.drawable() {
		return err
	}
	small, err := s.draw()
	if err != nil {
		return err
	}
	_, err = out.Write(small)
	return err
}
