// Package audit remembers who read, changed and exported what. Entries are
// only ever added: a trigger in the database refuses everything else.
package audit

import (
	"time"

	"github.com/google/uuid"
)

// Entry is one line of the audit.
type Entry struct {
	ID   int64      `json:"id"`
	At   time.Time  `json:"at"`
	By   *uuid.UUID `json:"by,omitempty" format:"uuid"`
	Name string     `json:"name"`
	// Address is where the request came from.
	Address string         `json:"address"`
	Action  string         `json:"action"`
	Object  string         `json:"object"`
	Details map[string]any `json:"details"`
}

// EntryPage is one page of the audit, newest first.
type EntryPage struct {
	Items []Entry `json:"items" nullable:"false"`
	// NextCursor is absent on the last page.
	NextCursor *string `json:"next_cursor,omitempty"`
}
