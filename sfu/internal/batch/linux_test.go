//go:build linux

package batch

import (
	"maps"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel answers sendmmsg with the errors a test asks for.
type kernel struct {
	real   func(uintptr, *message, int) (int, unix.Errno)
	refuse func(m *message) unix.Errno
	calls  int
}

func (k *kernel) call(fd uintptr, m *message, n int) (int, unix.Errno) {
	k.calls++
	list := unsafe.Slice(m, n)
	for i := range list {
		if errno := k.refuse(&list[i]); errno != 0 {
			if i == 0 {
				return 0, errno
			}
			return k.real(fd, m, i)
		}
	}
	return k.real(fd, m, n)
}

func faulty(t *testing.T, refuse func(m *message) unix.Errno) (*Conn, *kernel, map[Reason]int) {
	t.Helper()
	drops := map[Reason]int{}
	c := open(t, "udp4", "127.0.0.1:0", Settings{Dropped: func(why Reason, n int) { drops[why] += n }})
	out := c.out.(*linuxSender)
	k := &kernel{real: out.call, refuse: refuse}
	out.call = k.call
	return c, k, drops
}

func segmented(m *message) bool { return m.hdr.Controllen > 0 }

func TestKernelThatCannotCutRunsApart(t *testing.T) {
	t.Parallel()
	for _, errno := range []unix.Errno{unix.EIO, unix.EINVAL} {
		c, k, drops := faulty(t, func(m *message) unix.Errno {
			if segmented(m) {
				return errno
			}
			return 0
		})
		s := newSink(t, "udp4", "127.0.0.1:0")
		for i := range 6 {
			_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
			if i == 2 {
				c.Flush()
			}
		}
		before := k.calls
		c.Flush()
		s.expect(t, 6, func(i int) []byte { return media(1, i, 1000) })
		if k.calls != before+1 || c.out.(*linuxSender).segments || len(drops) > 0 || c.Stats().Degraded.Load() != 1 {
			t.Errorf("%v: %d calls afterwards, drops %v, %d degraded", errno, k.calls-before, drops, c.Stats().Degraded.Load())
		}
	}
}

func TestNarrowPathDoesNotEndSegments(t *testing.T) {
	t.Parallel()
	narrow := newSink(t, "udp4", "127.0.0.1:0")
	wide := newSink(t, "udp4", "127.0.0.1:0")
	port := narrow.addr.Port()
	c, _, _ := faulty(t, func(m *message) unix.Errno {
		name := unsafe.Slice(m.hdr.Name, 4)
		if segmented(m) && uint16(name[2])<<8|uint16(name[3]) == port {
			return unix.EMSGSIZE
		}
		return 0
	})
	for i := range 100 {
		for _, s := range []*sink{wide, narrow} {
			_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
		}
		if i%5 == 4 {
			c.Flush()
		}
	}
	for _, s := range []*sink{wide, narrow} {
		s.expect(t, 100, func(i int) []byte { return media(1, i, 1000) })
	}
	if !c.out.(*linuxSender).segments {
		t.Error("one narrow path ended segments for all")
	}
}

func TestErrorsOfSendingAreCountedAndEndNothing(t *testing.T) {
	t.Parallel()
	for errno, why := range map[unix.Errno]Reason{
		unix.EPERM: Unreachable, unix.ECONNREFUSED: Unreachable, unix.ENETUNREACH: Unreachable,
		unix.ENOBUFS: SocketFull, unix.EMSGSIZE: TooLarge,
	} {
		bad := true
		c, _, drops := faulty(t, func(m *message) unix.Errno {
			if bad && !segmented(m) {
				bad = false
				return errno
			}
			return 0
		})
		s := newSink(t, "udp4", "127.0.0.1:0")
		_, _ = c.WriteToAddrPort(media(1, 0, 1000), s.addr)
		c.Flush()
		_, _ = c.WriteToAddrPort(media(1, 1, 1000), s.addr)
		c.Flush()
		s.expect(t, 1, func(int) []byte { return media(1, 1, 1000) })
		if want := map[Reason]int{why: 1}; !maps.Equal(drops, want) {
			t.Errorf("%v: drops %v, want %v", errno, drops, want)
		}
	}
}

func TestFullSocketDropsWhatIsLeft(t *testing.T) {
	t.Parallel()
	full := true
	c, k, drops := faulty(t, func(*message) unix.Errno {
		if full {
			return unix.EAGAIN
		}
		return 0
	})
	var sinks []*sink
	for range 100 {
		sinks = append(sinks, newSink(t, "udp4", "127.0.0.1:0"))
	}
	for i := range 3 {
		for _, s := range sinks {
			_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
		}
	}
	c.Flush()
	if k.calls != 2 || !maps.Equal(drops, map[Reason]int{SocketFull: 300}) {
		t.Errorf("%d calls, drops %v", k.calls, drops)
	}
	full = false
	_, _ = c.WriteToAddrPort(media(1, 9, 1000), sinks[0].addr)
	c.Flush()
	sinks[0].expect(t, 1, func(int) []byte { return media(1, 9, 1000) })
}

func TestOnlySoMuchWaits(t *testing.T) {
	t.Parallel()
	inside, outside := make(chan struct{}), make(chan struct{})
	var once sync.Once
	c, _, drops := faulty(t, func(*message) unix.Errno {
		once.Do(func() {
			close(inside)
			<-outside
		})
		return 0
	})
	s := newSink(t, "udp4", "127.0.0.1:0")
	_, _ = c.WriteToAddrPort(media(1, 0, 1000), s.addr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Flush()
	}()
	<-inside
	// The kernel is busy: others go on writing, without waiting, up to the bound.
	const room = maxChunks * (chunkSize / 1000)
	for i := range room + 10 {
		_, _ = c.WriteToAddrPort(media(1, i, 1000), s.addr)
	}
	if want := map[Reason]int{Full: 10}; !maps.Equal(drops, want) {
		t.Errorf("drops %v, want %v", drops, want)
	}
	close(outside)
	<-done
}

func TestClosedSocketEndsReadingAndSending(t *testing.T) {
	t.Parallel()
	c := open(t, "udp4", "127.0.0.1:0", Settings{})
	s := newSink(t, "udp4", "127.0.0.1:0")
	_, _ = c.WriteToAddrPort(media(1, 0, 1000), s.addr)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.Flush()
	if _, _, err := c.ReadFromAddrPort(make([]byte, 100)); err == nil {
		t.Error("a closed socket gave something")
	}
}
