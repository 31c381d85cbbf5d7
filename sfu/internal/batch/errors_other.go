//go:build !unix

package batch

// reasonOf names an error of sending; here they have no common names.
func reasonOf(error) Reason { return Unreachable }
