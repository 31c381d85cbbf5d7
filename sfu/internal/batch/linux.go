//go:build linux

package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	maxMessages = 64     // of one sendmmsg
	maxReads    = 32     // of one recvmmsg
	readSize    = 2048   // larger than any media packet
	segmentMTU  = 1472   // larger datagrams are not worth cutting: no usual path takes them
	fullWait    = 5      // ms a full socket is waited for
	maxFailed   = 8      // runs that failed in a row before segments are given up
	controlSize = 16 + 8 // CMSG_SPACE of one uint16 on 64 and 32 bits
	nameSize    = 28     // sockaddr_in6
)

// message is the kernel's struct mmsghdr.
type message struct {
	hdr unix.Msghdr
	n   uint32
}

// useBatches makes the Conn send with sendmmsg and read with recvmmsg.
func (c *Conn) useBatches(udp *net.UDPConn, s Settings) error {
	raw, err := udp.SyscallConn()
	if err != nil {
		return fmt.Errorf("reach socket: %w", err)
	}
	var family int
	var familyErr error
	err = raw.Control(func(fd uintptr) {
		family, familyErr = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
	})
	if err := errors.Join(err, familyErr); err != nil {
		return fmt.Errorf("ask for the family of the socket: %w", err)
	}
	c.in = newLinuxReceiver(c, raw)
	out := raw
	if more, err := openSiblings(udp, max(s.Readers-1, 0)); err == nil { // else one socket does all
		if out, err = c.useSiblings(more); err != nil {
			return errors.Join(err, more.Close())
		}
	}
	c.out = newLinuxSender(c, out, family == unix.AF_INET, !s.NoSegments)
	return nil
}

// useSiblings reads from some of them, and gives the one to send by.
func (c *Conn) useSiblings(more *siblings) (syscall.RawConn, error) {
	for _, udp := range more.readers {
		raw, err := udp.SyscallConn()
		if err != nil {
			return nil, fmt.Errorf("reach socket: %w", err)
		}
		c.more = append(c.more, &Reader{udp, newLinuxReceiver(c, raw)})
	}
	c.others = more
	return more.sender.SyscallConn()
}

// linuxSender sends a pile with sendmmsg. Everything the kernel is pointed at
// lives in here, so that nothing is allocated.
type linuxSender struct {
	c        *Conn
	raw      syscall.RawConn
	ipv4     bool // the socket speaks IPv4 alone
	segments bool // the kernel may cut runs apart
	proven   bool // it has done so
	failed   int  // runs it refused since
	call     func(fd uintptr, m *message, n int) (int, unix.Errno)
	step     func(fd uintptr) // made once

	// Set while sending.
	pile *pile
	at   int   // place
	next int32 // datagram of it

	runs     [maxMessages]run
	messages [maxMessages]message
	names    [maxMessages][nameSize]byte
	controls [maxMessages][controlSize]byte
	vectors  [maxMessages * maxRun]unix.Iovec
	lone     message
}

func newLinuxSender(c *Conn, raw syscall.RawConn, ipv4, segments bool) *linuxSender {
	s := &linuxSender{c: c, raw: raw, ipv4: ipv4, segments: segments, call: sendMessages}
	s.step = s.sendAll
	for i := range s.controls {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&s.controls[i][0]))
		h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
		h.SetLen(unix.CmsgLen(2))
	}
	return s
}

func (s *linuxSender) send(p *pile) {
	s.pile, s.at, s.next = p, 0, none
	if len(p.places) > 0 {
		s.next = p.places[0].first
	}
	// An error means that the socket is closed: then there is nobody to send to.
	_ = s.raw.Control(s.step)
	s.pile = nil
}

func (s *linuxSender) sendAll(fd uintptr) {
	for {
		n := s.fill()
		if n == 0 || !s.push(fd, n) {
			return
		}
	}
}

// fill prepares the next messages.
func (s *linuxSender) fill() int {
	p, n := s.pile, 0
	for n < maxMessages {
		for s.next == none {
			if s.at++; s.at >= len(p.places) {
				return n
			}
			s.next = p.places[s.at].first
		}
		r := p.run(s.next, !s.segments || p.datagrams[s.next].size > segmentMTU)
		s.prepare(n, r)
		s.next = r.next
		n++
	}
	return n
}

func (s *linuxSender) prepare(i int, r run) {
	m := &s.messages[i]
	vectors := s.vectors[i*maxRun:][:r.count]
	for j, at := 0, r.first; j < len(vectors); j++ {
		d := s.pile.datagrams[at]
		vectors[j].Base = &s.pile.chunks[d.chunk][d.offset]
		vectors[j].SetLen(int(d.size))
		at = d.next
	}
	s.runs[i] = r
	m.hdr.Iov = &vectors[0]
	m.hdr.SetIovlen(len(vectors))
	m.hdr.Name = &s.names[i][0]
	m.hdr.Namelen = s.name(&s.names[i], s.pile.places[s.at].to)
	m.hdr.Control = nil
	m.hdr.SetControllen(0)
	// A control message for a single segment breaks some paths.
	if r.count > 1 {
		control := &s.controls[i]
		binary.NativeEndian.PutUint16(control[unix.CmsgLen(0):], r.size)
		m.hdr.Control = &control[0]
		m.hdr.SetControllen(unix.CmsgSpace(2))
	}
}

// name writes the kernel's form of an address and returns its length.
func (s *linuxSender) name(b *[nameSize]byte, to target) uint32 {
	ip := to.bytes()
	binary.BigEndian.PutUint16(b[2:], to.port)
	if s.ipv4 {
		binary.NativeEndian.PutUint16(b[:], unix.AF_INET)
		copy(b[4:], ip[12:])
		return unix.SizeofSockaddrInet4
	}
	binary.NativeEndian.PutUint16(b[:], unix.AF_INET6)
	copy(b[8:], ip[:])
	return unix.SizeofSockaddrInet6
}

// push sends n prepared messages. It reports false when the socket takes no
// more; what is left of the pile is dropped then.
func (s *linuxSender) push(fd uintptr, n int) bool {
	waited := false
	for sent := 0; sent < n; {
		k, errno := s.call(fd, &s.messages[sent], n-sent)
		s.c.stats.Calls.Add(1)
		if errno == 0 {
			for i := sent; i < sent+k; i++ {
				s.went(s.runs[i])
			}
			sent += k
			waited = false
			continue
		}
		switch {
		case errno == unix.EINTR:
		case errno == unix.EAGAIN && !waited:
			waited = true
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, fullWait)
		case errno == unix.EAGAIN:
			s.dropRest(sent, n)
			return false
		case s.runs[sent].count > 1 && (errno == unix.EIO || errno == unix.EINVAL || errno == unix.EMSGSIZE):
			s.refused(errno)
			s.apart(fd, sent)
			sent++
		default:
			s.c.dropped(reasonOf(errno), int(s.runs[sent].count))
			sent++
		}
	}
	return true
}

func (s *linuxSender) went(r run) {
	if r.count > 1 {
		s.proven, s.failed = true, 0
	}
	s.c.stats.Messages.Add(1)
	s.c.stats.Datagrams.Add(uint64(r.count))
}

// refused notes a run the kernel did not cut apart. A device that cannot says
// EIO, a kernel that cannot EINVAL; but EINVAL and EMSGSIZE also come from one
// narrow path, which is no reason to give the others up.
func (s *linuxSender) refused(errno unix.Errno) {
	s.c.stats.Degraded.Add(1)
	s.failed++
	if errno == unix.EIO || !s.proven || s.failed >= maxFailed {
		s.segments = false
	}
}

// apart sends the datagrams of a refused run one by one.
func (s *linuxSender) apart(fd uintptr, i int) {
	r := s.runs[i]
	s.lone = s.messages[i]
	s.lone.hdr.Control = nil
	s.lone.hdr.SetControllen(0)
	s.lone.hdr.SetIovlen(1)
	for j := range r.count {
		s.lone.hdr.Iov = &s.vectors[i*maxRun+int(j)]
		_, errno := s.call(fd, &s.lone, 1)
		s.c.stats.Calls.Add(1)
		if errno != 0 {
			s.c.dropped(reasonOf(errno), 1)
			continue
		}
		s.c.stats.Messages.Add(1)
		s.c.stats.Datagrams.Add(1)
	}
}

func (s *linuxSender) dropRest(sent, n int) {
	lost := 0
	for i := sent; i < n; i++ {
		lost += int(s.runs[i].count)
	}
	for {
		for at := s.next; at != none; at = s.pile.datagrams[at].next {
			lost++
		}
		if s.at++; s.at >= len(s.pile.places) {
			break
		}
		s.next = s.pile.places[s.at].first
	}
	s.c.dropped(SocketFull, lost)
}

func sendMessages(fd uintptr, m *message, n int) (int, unix.Errno) {
	// Not announced to the scheduler: the call waits for nothing, and all it takes
	// is this processor.
	k, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(m)), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	return int(k), errno
}

// linuxReceiver reads with recvmmsg.
type linuxReceiver struct {
	c    *Conn
	raw  syscall.RawConn
	step func(fd uintptr) bool // made once

	got, next int
	errno     unix.Errno
	messages  [maxReads]message
	vectors   [maxReads]unix.Iovec
	names     [maxReads]unix.RawSockaddrInet6
	slab      []byte
	zones     zones
}

func newLinuxReceiver(c *Conn, raw syscall.RawConn) *linuxReceiver {
	r := &linuxReceiver{c: c, raw: raw, slab: make([]byte, maxReads*readSize)}
	r.step = r.read
	for i := range r.messages {
		r.vectors[i].Base = &r.slab[i*readSize]
		r.vectors[i].SetLen(readSize)
		h := &r.messages[i].hdr
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
	}
	return r
}

func (r *linuxReceiver) ready() bool { return r.next < r.got }

func (r *linuxReceiver) receive(b []byte) (int, netip.AddrPort, error) {
	for {
		for r.next < r.got {
			i := r.next
			r.next++
			m := &r.messages[i]
			if m.hdr.Flags&unix.MSG_TRUNC != 0 {
				r.c.dropped(Truncated, 1)
				continue
			}
			return copy(b, r.slab[i*readSize:][:m.n]), r.address(&r.names[i]), nil
		}
		r.got, r.next = 0, 0
		if err := r.raw.Read(r.step); err != nil {
			return 0, netip.AddrPort{}, err
		}
		// Errors of earlier sends come out here too; they end nothing.
		if r.errno != 0 {
			r.c.dropped(reasonOf(r.errno), 0)
		}
	}
}

func (r *linuxReceiver) read(fd uintptr) bool {
	for i := range r.messages {
		r.messages[i].hdr.Namelen = nameSize
		r.messages[i].hdr.Flags = 0
	}
	k, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.messages[0])), maxReads, unix.MSG_DONTWAIT, 0, 0)
	r.errno = errno
	if errno == unix.EAGAIN || errno == unix.EINTR {
		r.errno = 0
		return errno == unix.EINTR
	}
	if errno == 0 {
		r.got = int(k)
	}
	return true
}

// address reads the kernel's form of an address.
func (r *linuxReceiver) address(sa *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:])
	if sa.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port)
	}
	ip := netip.AddrFrom16(sa.Addr).Unmap()
	if sa.Scope_id != 0 && ip.Is6() {
		ip = ip.WithZone(r.zones.name(sa.Scope_id))
	}
	return netip.AddrPortFrom(ip, port)
}

// zones remembers the name of the interface asked for last: finding it is slow.
type zones struct {
	index uint32
	last  string
}

func (z *zones) name(index uint32) string {
	if index != z.index {
		z.index, z.last = index, strconv.FormatUint(uint64(index), 10)
		if i, err := net.InterfaceByIndex(int(index)); err == nil {
			z.last = i.Name
		}
	}
	return z.last
}
