package bwe

import "time"

const (
	bucketTime = 50 * time.Millisecond
	buckets    = 10
)

// acked measures at which rate packets arrive, over the last half second of the
// receiver's clock. What a lost feedback would have told of is taken to have fared
// as the rest did: else every feedback lost would look like a slower link.
type acked struct {
	sum     [buckets]amount
	untold  int   // bytes sent before the next arrival, of which no feedback spoke
	highest int64 // bucket
	first   int64
	started bool
}

// amount are the bytes of one bucket, by what became of them.
type amount struct{ arrived, lost, untold int }

func (a *acked) add(size int, arrived time.Duration) {
	n := int64(arrived / bucketTime)
	switch {
	case !a.started, n-a.highest > 10*buckets, a.highest-n > 10*buckets:
		*a = acked{highest: n, first: n, started: true}
	case n <= a.highest-buckets:
		return
	}
	share := a.untold / int(max(n-a.highest, 0)+1)
	a.untold = 0
	a.sum[a.highest%buckets].untold += share
	for a.highest < n {
		a.highest++
		a.sum[a.highest%buckets] = amount{untold: share}
	}
	a.sum[n%buckets].arrived += size
}

func (a *acked) lose(size int) { a.sum[a.highest%buckets].lost += size }

// skip takes so many bytes of which no feedback speaks; they would have arrived
// before the next that does.
func (a *acked) skip(size int) { a.untold += size }

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
	total := amount{}
	for i := range n {
		b := a.sum[(a.highest-1-i)%buckets]
		total.arrived += b.arrived
		total.untold += b.untold
	}
	all := total.arrived + int(float64(total.untold)*a.share())
	return all * 8 * int(time.Second/bucketTime) / int(n)
}

// share is that of what was told of which arrived.
func (a *acked) share() float64 {
	total := amount{}
	for _, b := range a.sum {
		total.arrived += b.arrived
		total.lost += b.lost
	}
	return float64(total.arrived) / float64(max(total.arrived+total.lost, 1))
}
