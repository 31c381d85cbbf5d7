package rounds

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRoundsGoOnAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
			defer cancel()
			var rounds, failures int
			r := Rounds{Every: time.Second, Limit: 200 * time.Millisecond, AtOnce: atOnce, Failed: func(_ context.Context, err error) {
				failures++
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("failed with %v", err)
				}
			}}
			err := r.Run(ctx, func(ctx context.Context) error {
				rounds++
				if rounds != 2 {
					return nil
				}
				<-ctx.Done() // nobody answers
				return ctx.Err()
			})
			want := 3
			if atOnce {
				want = 4
			}
			if err != nil || rounds != want || failures != 1 {
				t.Errorf("at once %v: %d rounds, %d failures, %v", atOnce, rounds, failures, err)
			}
		})
	}
}

func TestTheEndIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := Rounds{Every: time.Second, Failed: func(_ context.Context, err error) { t.Errorf("told of %v", err) }}
		err := r.Run(ctx, func(ctx context.Context) error {
			cancel()
			return ctx.Err()
		})
		if err != nil {
			t.Error(err)
		}
	})
}
