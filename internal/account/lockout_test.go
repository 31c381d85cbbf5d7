package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// stop stops the clock of a store's counters; it goes on by hand.
func stop(s *Store) (forward func(time.Duration)) {
	var mu sync.Mutex
	now := time.Now().Truncate(time.Microsecond)
	s.now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	return func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
}

func guess(t *testing.T, s *Store, d Device, with string) error {
	t.Helper()
	_, _, err := s.SignIn(t.Context(), "linyue", with, d)
	return err
}

func TestLockOutSlowsTheGuesserAndNotTheOwner(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	forward := stop(s)
	for range 5 {
		if err := guess(t, s, device("attacker"), "guess"); !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	if err := guess(t, s, device("attacker"), password); problem.Code(err) != "locked_out" {
		t.Errorf("the guesser is not slowed: %v", err)
	}
	if err := guess(t, s, device("owner"), password); err != nil {
		t.Errorf("the owner is locked out elsewhere: %v", err)
	}
	forward(time.Second)
	if err := guess(t, s, device("attacker"), password); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// together makes many attempts at the same moment and counts how they end.
func together(n int, attempt func(i int) error) map[string]int {
	var mu sync.Mutex
	ends := map[string]int{}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			err := attempt(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && problem.Code(err) == "" {
				ends[err.Error()]++
			} else {
				ends[problem.Code(err)]++
			}
		})
	}
	all.Wait()
	return ends
}

// However many guesses come together, no more are checked than one after the
// other, and none fails for another reason than that it is one of too many.
func TestGuessesTogetherAreCountedBeforeTheyAreChecked(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	stop(s)
	ends := together(200, func(int) error { return guess(t, s, device("attacker"), "guess") })
	if ends["bad_credentials"] < 1 || ends["bad_credentials"] > 5 || ends["bad_credentials"]+ends["locked_out"]+ends["sign_in_busy"] != 200 {
		t.Errorf("200 guesses end as %v", ends)
	}
}

// Many accounts from many addresses: the counters are shared crosswise, and
// nobody waits for each other for ever.
func TestCountersAreLockedInOneOrder(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	ends := together(40, func(i int) error {
		set := guards(fmt.Sprint("name", i%3), fmt.Sprint("10.0.0.", i%4))
		return errors.Join(s.reserve(t.Context(), set), s.giveBack(t.Context(), set))
	})
	if ends[""]+ends["locked_out"] != 40 {
		t.Errorf("attempts end as %v", ends)
	}
}

// Who guesses from changing addresses keeps the owner out where nobody of hers
// has signed in, for a minute at most, and never on a device that is known.
func TestAKnownDeviceHasALaneOfItsOwn(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	stop(s)
	known := device("owner")
	var err error
	if known.Token, err = s.Remember(t.Context(), a.ID, "made up"); err != nil || known.Token == "made up" {
		t.Fatalf("token %q, %v", known.Token, err)
	}
	for i := range 60 {
		if err := s.reserve(t.Context(), guards("linyue", fmt.Sprint("10.0.0.", i))); err != nil && problem.Code(err) != "locked_out" {
			t.Fatal(err)
		}
	}
	if err := guess(t, s, device("elsewhere"), password); problem.Code(err) != "locked_out" {
		t.Errorf("the attack is none: %v", err)
	}
	busy := make([]func(), 0, 10)
	for range 2 { // strangers hash all the time, and wait for it
		leave, err := s.hasher.strangers.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		busy = append(busy, leave)
	}
	if err := guess(t, s, known, password); err != nil {
		t.Errorf("the owner, on her device: %v", err)
	}
	for _, leave := range busy {
		leave()
	}
	other, err := s.Create(t.Context(), New{Name: "别人", UserName: "other", Role: Staff, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if is, err := s.knows(t.Context(), other.ID, known.Token); is || err != nil {
		t.Errorf("a device is known to another account: %v", err)
	}
	for range 5 {
		if err := guess(t, s, known, "guess"); !errors.Is(err, ErrBadCredentials) {
			t.Errorf("a guess on the device: %v", err)
		}
	}
	if err := guess(t, s, known, password); problem.Code(err) != "locked_out" {
		t.Errorf("a stolen device guesses on: %v", err)
	}
}

func TestFewHashesRunAndWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLane(1, 1)
		leave, err := l.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		waiting, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := l.enter(waiting); ended <- err }()
		synctest.Wait()
		_, err = l.enter(t.Context())
		if busy, is := errors.AsType[*problem.Error](err); !is || busy.Status != http.StatusServiceUnavailable || busy.GetHeaders().Get("Retry-After") == "" {
			t.Errorf("one too many: %v", err)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who gives up: %v", err)
		}
		leave()
		if leave, err = l.enter(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		} else {
			leave()
		}
	})
}

// Whoever holds a session does not find the password out with it.
func TestPasswordsAreNotGuessedByChangingThem(t *testing.T) {
	t.Parallel()
	s, a := newStore(t)
	stop(s)
	_, token, err := s.SignIn(t.Context(), "linyue", password, device("x"))
	if err != nil {
		t.Fatal(err)
	}
	_, session, err := s.BySession(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	ends := together(50, func(int) error {
		_, err := s.ChangePassword(t.Context(), a.ID, session, "guess", "another long password")
		return err
	})
	if ends["bad_credentials"] < 1 || ends["bad_credentials"] > 5 || ends["bad_credentials"]+ends["locked_out"]+ends["sign_in_busy"] != 50 {
		t.Errorf("50 guesses end as %v", ends)
	}
	if err := guess(t, s, device("x"), password); err != nil {
		t.Errorf("signing in is another counter: %v", err)
	}
}
