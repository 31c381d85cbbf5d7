//go:build !linux

package sfu

// beGuests has nothing to do: that benchmark is for Linux.
func beGuests() {}
