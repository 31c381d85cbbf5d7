package batch

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// twin opens a second socket on the address of the first, for sending alone.
//
// The runtime's poller watches every socket of package net for room to write
// too, and is woken whenever the kernel has let go of a datagram: a thread per
// system call for nothing. The twin is not watched. The kernel is told to hand
// everything that arrives to the first socket.
func twin(udp *net.UDPConn) (*os.File, error) {
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reach socket: %w", err)
	}
	fd := -1
	var made error
	err = raw.Control(func(first uintptr) { fd, made = makeTwin(int(first)) })
	if err == nil {
		err = made
	}
	if err != nil {
		return nil, fmt.Errorf("open a second socket on %v: %w", udp.LocalAddr(), err)
	}
	return os.NewFile(uintptr(fd), "media"), nil
}

// makeTwin sets the first socket to share its address only now, when it has it
// for itself: two programs on one port must not go unnoticed.
func makeTwin(first int) (int, error) {
	name, err := unix.Getsockname(first)
	if err != nil {
		return -1, err
	}
	family, err := unix.GetsockoptInt(first, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return -1, err
	}
	// It stays in blocking mode, which is what keeps the poller away.
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := pair(first, fd, family, name); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func pair(first, second, family int, name unix.Sockaddr) error {
	if family == unix.AF_INET6 {
		only, err := unix.GetsockoptInt(first, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
		if err != nil {
			return err
		}
		if err := unix.SetsockoptInt(second, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only); err != nil {
			return err
		}
	}
	// The kernel reports twice what was asked for.
	if size, err := unix.GetsockoptInt(first, unix.SOL_SOCKET, unix.SO_SNDBUF); err == nil {
		_ = unix.SetsockoptInt(second, unix.SOL_SOCKET, unix.SO_SNDBUF, size/2) // smaller only means more loss
	}
	for _, fd := range []int{first, second} {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
	}
	if err := unix.Bind(second, name); err != nil {
		return err
	}
	// A filter of one instruction: whatever arrives is for the socket with index 0.
	toFirst := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	program := unix.SockFprog{Len: uint16(len(toFirst)), Filter: &toFirst[0]}
	return unix.SetsockoptSockFprog(first, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &program)
}
