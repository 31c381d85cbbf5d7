package budget

import (
	"testing"
	"time"
)

func TestClimbingEstimateIsNoLimit(t *testing.T) {
	t.Parallel()
	var b Budget
	for i := range 50 {
		b.Estimate(60_000+i*2000, 300_000, time.Duration(i)*200*time.Millisecond)
	}
	b.Estimate(100_000, 90_000, 11*time.Second) // falls, but above what is sent
	if b.Bits() != Start {
		t.Errorf("budget %d", b.Bits())
	}
}

func TestCongestionLowersAndTimeRaises(t *testing.T) {
	t.Parallel()
	var b Budget
	now := time.Second
	b.Estimate(2_500_000, 2_000_000, now)
	b.Estimate(800_000, 2_000_000, now)
	if b.Bits() != 1_000_000 {
		t.Fatalf("budget %d", b.Bits())
	}
	for range 9 {
		now += 200 * time.Millisecond
		b.Grow(now)
	}
	if b.Bits() != 1_000_000 {
		t.Errorf("budget %d while it should hold", b.Bits())
	}
	for range 25 {
		now += 200 * time.Millisecond
		b.Grow(now)
	}
	if b.Bits() < Start {
		t.Errorf("budget %d after 5 s without trouble", b.Bits())
	}
	for range 1000 {
		now += 200 * time.Millisecond
		b.Grow(now)
	}
	if b.Bits() != Ceiling {
		t.Errorf("budget %d, want the ceiling", b.Bits())
	}
}

func TestSteadyLossIsTheLinksOwn(t *testing.T) {
	t.Parallel()
	var b Budget
	now := time.Duration(0)
	report := func(lost, expected int) {
		now += time.Second
		b.Loss(lost, expected, 1_000_000, now)
	}
	for range 100 {
		report(7, 100)
		report(1, 3) // a third of hardly anything
		report(0, 11)
	}
	if b.Bits() != Start {
		t.Errorf("budget %d with a steady loss", b.Bits())
	}
	report(40, 100)
	if b.Bits() != Start {
		t.Errorf("budget %d after one burst", b.Bits())
	}
	report(40, 100)
	if b.Bits() != 800_000 {
		t.Errorf("budget %d under heavy loss", b.Bits())
	}
}
