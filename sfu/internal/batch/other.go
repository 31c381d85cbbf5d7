//go:build !linux

package batch

// useBatches leaves the plain ways: there is no sendmmsg here.
func (*Conn) useBatches(bool) error { return nil }
