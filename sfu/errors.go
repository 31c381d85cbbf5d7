package sfu

import (
	"errors"
	"fmt"
)

// What callers can ask for at the wrong time.
var (
	ErrClosed  = errors.New("closed")
	ErrPresent = errors.New("peer is in the meeting already")

	errRepair = errors.New("repair packet of nothing known")
)

// OfferError says what is wrong with an offer. The peer's previous state stays.
type OfferError struct {
	Field  string // "sdp", "sources.camera", "seats[3].audio"
	Reason string
}

// Error implements error.
func (e *OfferError) Error() string { return fmt.Sprintf("offer: %s %s", e.Field, e.Reason) }
