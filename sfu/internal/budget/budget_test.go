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
	if b.Bits() != 800_000 {
		t.Fatalf("budget %d", b.Bits())
	}
	for range 15 {
		now += 200 * time.Millisecond
		b.Grow(now)
	}
	if b.Bits() != 800_000 {
		t.Errorf("budget %d while it should hold", b.Bits())
	}
	for range 100 {
		now += 200 * time.Millisecond
		b.Grow(now)
	}
	if b.Bits() < 2_000_000 {
		t.Errorf("budget %d after 20 s without trouble", b.Bits())
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
	for i := range 100 {
		b.Loss(0.05, 1_000_000, time.Duration(i)*time.Second)
	}
	if b.Bits() != Start {
		t.Errorf("budget %d with a steady loss", b.Bits())
	}
	b.Loss(0.4, 1_000_000, 101*time.Second)
	b.Loss(0.4, 1_000_000, 102*time.Second)
	if b.Bits() != 800_000 {
		t.Errorf("budget %d under heavy loss", b.Bits())
	}
}
