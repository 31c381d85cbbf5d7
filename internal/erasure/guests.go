package erasure

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// GuestFound is a guest whose data can be erased, with what tells them from others of
// their name.
type GuestFound struct {
	ID       uuid.UUID `json:"id" doc:"the newest invitation's; erasing it erases all of the person's"`
	Name     string    `json:"name"`
	Email    string    `json:"email" doc:"empty where none is known"`
	Unit     string    `json:"unit"`
	Title    string    `json:"title"`
	Meetings int       `json:"meetings" doc:"to how many the guest was invited"`
	LastAt   time.Time `json:"last_at" doc:"when the newest of them begins"`
}

const maxGuests = 20 // in an answer

// Guests finds guests by a part of a name or an address, for administrators. The audit
// keeps who was shown and not the words: they would be the name of whom is to be erased.
func (e *Erasures) Guests(ctx context.Context, part string) ([]GuestFound, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	part = strings.TrimSpace(part)
	if part == "" || strings.ContainsRune(part, 0) {
		return nil, problem.Invalid("q", "a part of a name or an address")
	}
	found, err := e.FindGuests(ctx, part, maxGuests)
	if err != nil || len(found) == 0 {
		return []GuestFound{}, err
	}
	shown := make([]uuid.UUID, len(found))
	for i, g := range found {
		shown[i] = g.ID
	}
	return found, e.Audit.Record(ctx, "guests.find", "guests", map[string]any{"count": len(found), "shown": shown})
}
