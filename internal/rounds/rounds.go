// Package rounds is work that a node does again and again: sweeping up what
// nobody else will.
package rounds

import (
	"context"
	"time"
)

// Rounds say how often something is done, and who hears what went wrong. A round
// that fails is followed by the next as if it had not.
type Rounds struct {
	Every time.Duration
	// Limit ends a round that a half-dead database does not answer; 0 for none.
	Limit time.Duration
	// AtOnce begins with a round instead of a wait.
	AtOnce bool
	// Failed is not told what fails because the context has ended.
	Failed func(context.Context, error)
}

// Run does round after round until the context ends, and returns nil then.
func (r Rounds) Run(ctx context.Context, round func(context.Context) error) error {
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for first := true; ; first = false {
		if !first || !r.AtOnce {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
		if err := r.once(ctx, round); err != nil && ctx.Err() == nil {
			r.Failed(ctx, err)
		}
	}
}

func (r Rounds) once(ctx context.Context, round func(context.Context) error) error {
	if r.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Limit)
		defer cancel()
	}
	return round(ctx)
}
