//go:build !linux

package sfu

import "net"

// keepShort does nothing where there is no such option.
func keepShort(net.Conn) {}
