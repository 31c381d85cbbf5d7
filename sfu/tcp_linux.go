package sfu

import (
	"net"

	"golang.org/x/sys/unix"
)

// notSent bounds what the kernel holds back before it has sent it: all of it
// would be late.
const notSent = 16 << 10

// keepShort keeps the kernel's own queue of a TCP connection short.
func keepShort(conn net.Conn) {
	for {
		inner, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = inner.NetConn() // below TLS
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // closed already
	}
	// A kernel that does not know the option keeps a longer queue.
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSent)
	})
}
