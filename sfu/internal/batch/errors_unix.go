//go:build unix

package batch

import (
	"errors"

	"golang.org/x/sys/unix"
)

// reasonOf names an error of sending.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOBUFS), errors.Is(err, unix.ENOMEM):
		return SocketFull
	case errors.Is(err, unix.EMSGSIZE):
		return TooLarge
	}
	return Unreachable
}
