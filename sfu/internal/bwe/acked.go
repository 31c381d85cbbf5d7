package bwe

import "time"

const (
	bucketTime = 50 * time.Millisecond
	buckets    = 10
)

// acked measures at which rate packets arrive, over the last half second of the
// receiver's clock.
type acked struct {
	sum     [buckets]int
	highest int64 // bucket
	first   int64
	started bool
}

func (a *acked) add(size int, arrived time.Duration) {
	n := int64(arrived / bucketTime)
	switch {
	case !a.started, n-a.highest > 10*buckets, a.highest-n > 10*buckets:
		*a = acked{highest: n, first: n, started: true}
	case n <= a.highest-buckets:
		return
	}
	for a.highest < n {
		a.highest++
		a.sum[a.highest%buckets] = 0
	}
	a.sum[n%buckets] += size
}

// bits is the rate, 0 while too little is known.
func (a *acked) bits() int { return a.over(buckets - 1) }

// peak is the rate of the last while or of the whole time, whichever is higher:
// what a full link carries now, not what was sent before it was full.
func (a *acked) peak() int { return max(a.over(4), a.bits()) }

func (a *acked) over(most int64) int {
	n := min(a.highest-a.first, most) // the newest bucket is not full yet
	if !a.started || n < 3 {
		return 0
	}
	total := 0
	for i := range n {
		total += a.sum[(a.highest-1-i)%buckets]
	}
	return total * 8 * int(time.Second/bucketTime) / int(n)
}
