//go:build !linux

package batch

import "net"

// useBatches leaves the plain ways: there is no sendmmsg here.
func (*Conn) useBatches(*net.UDPConn, Settings) error { return nil }
