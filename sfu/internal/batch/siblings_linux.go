package batch

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// siblings are further sockets on the address of a first one.
type siblings struct {
	readers []*net.UDPConn
	sender  *os.File
}

func (s *siblings) Close() error {
	var errs []error
	for _, r := range s.readers {
		errs = append(errs, r.Close())
	}
	if s.sender != nil {
		errs = append(errs, s.sender.Close())
	}
	return errors.Join(errs...)
}

// openSiblings opens sockets on the address of the first: so many that are read from
// besides it, for one processor could not read for all, and one for sending alone.
//
// The runtime's poller watches every socket of package net for room to write
// too, and is woken whenever the kernel has let go of a datagram: a thread per
// system call for nothing. The sender is not watched.
//
// The kernel sorts what arrives by the word in which RTP has its SSRC, so that a
// stream stays in order. Anything goes anywhere; what is too short to have that
// word goes to the first.
func openSiblings(udp *net.UDPConn, readers int) (*siblings, error) {
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reach socket: %w", err)
	}
	s := &siblings{}
	var made error
	if err = raw.Control(func(first uintptr) { made = s.open(int(first), readers) }); err == nil {
		err = made
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open more sockets on %v: %w", udp.LocalAddr(), err), s.Close())
	}
	return s, nil
}

// open sets the first socket to share its address only now, when it has it for
// itself: two programs on one port must not go unnoticed.
func (s *siblings) open(first, readers int) error {
	// The kernel numbers the sockets in the order in which they are bound.
	for range readers {
		fd, err := sibling(first, unix.SOCK_NONBLOCK)
		if err != nil {
			return err
		}
		r, err := reader(fd)
		if err != nil {
			return err
		}
		s.readers = append(s.readers, r)
	}
	// The sender stays in blocking mode, which is what keeps the poller away.
	fd, err := sibling(first, 0)
	if err != nil {
		return err
	}
	s.sender = os.NewFile(uintptr(fd), "media")
	return sortBySSRC(first, 1+readers)
}

// reader makes a socket of package net out of a descriptor, which is closed.
func reader(fd int) (*net.UDPConn, error) {
	f := os.NewFile(uintptr(fd), "media")
	defer f.Close()
	conn, err := net.FilePacketConn(f)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

func sibling(first, flags int) (int, error) {
	name, err := unix.Getsockname(first)
	if err != nil {
		return -1, err
	}
	family, err := unix.GetsockoptInt(first, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|flags, 0)
	if err != nil {
		return -1, err
	}
	if err := join(first, fd, family, name); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// join binds a socket to the address of the first, with its settings.
func join(first, fd, family int, name unix.Sockaddr) error {
	if family == unix.AF_INET6 {
		only, err := unix.GetsockoptInt(first, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
		if err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only); err != nil {
			return err
		}
	}
	for _, buffer := range []int{unix.SO_SNDBUF, unix.SO_RCVBUF} {
		// The kernel reports twice what was asked for.
		if size, err := unix.GetsockoptInt(first, unix.SOL_SOCKET, buffer); err == nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, size/2) // smaller only means more loss
		}
	}
	for _, each := range []int{first, fd} {
		if err := unix.SetsockoptInt(each, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
	}
	return unix.Bind(fd, name)
}

// ssrcAt is where the SSRC is in a packet (RFC 3550 section 5.1).
const ssrcAt = 8

// sortBySSRC has the kernel divide what arrives among so many sockets. A program that
// reads beyond the end of a datagram gives 0.
func sortBySSRC(first, sockets int) error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: ssrcAt},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(sockets)},
		{Code: unix.BPF_RET | unix.BPF_A},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	return unix.SetsockoptSockFprog(first, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &program)
}
