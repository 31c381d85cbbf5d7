package load

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// reception is what one peer received since it was last restarted.
type reception struct {
	asked atomic.Int64 // when it asked to join, in nanoseconds
	first atomic.Int64 // how long after that the first packet came, in nanoseconds

	mu    sync.Mutex
	kinds [2]figures // sound and picture; guarded by mu
}

// figures count the packets of one kind.
type figures struct {
	packets, bytes, lost int
	again                int       // packets that had come before
	late                 histogram // without those
}

// restart begins a new measurement.
func (r *reception) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kinds = [2]figures{}
}

// listen reads one track until it ends.
func (r *reception) listen(track *webrtc.TrackRemote) {
	kind := 0
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		kind = 1
	}
	var numbers window
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		now := time.Now()
		r.first.CompareAndSwap(0, now.UnixNano()-r.asked.Load())
		r.mu.Lock()
		f := &r.kinds[kind]
		f.packets++
		f.bytes += len(p.Payload)
		missing, fresh := numbers.take(p.SequenceNumber)
		at, stamped := sentAt(p.Payload)
		switch {
		case !fresh:
			f.again++
		case stamped && missing < 0 && now.Sub(at) > tooLate: // it stays lost
		default:
			f.lost = max(f.lost+missing, 0) // a repair may be of a loss before the measurement
			if stamped {
				f.late.add(now.Sub(at))
			}
		}
		r.mu.Unlock()
	}
}

// tooLate is when a repair is of no use any more. Such come by chance, when a node
// probes with packets that had been lost.
const tooLate = time.Second

// histogram counts durations in steps of a tenth: bounded, and exact enough.
type histogram struct{ counts [128]int }

const histogramBase = 50 * time.Microsecond

func (h *histogram) add(d time.Duration) {
	i := 0
	for limit := histogramBase; d > limit && i < len(h.counts)-1; i++ {
		limit += limit / 10
	}
	h.counts[i]++
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
}

// at is the duration that the share q of all was below.
func (h *histogram) at(q float64) time.Duration {
	total := 0
	for _, n := range h.counts {
		total += n
	}
	limit, seen := histogramBase, 0
	for _, n := range h.counts {
		if seen += n; float64(seen) >= q*float64(total) {
			break
		}
		limit += limit / 10
	}
	return limit
}

func report(out io.Writer, peers []*peer, before, after map[string]float64, took time.Duration) {
	var answers, first []time.Duration
	var kinds [2]figures
	deaf := 0
	for _, p := range peers {
		answers = append(answers, p.answered)
		if d := time.Duration(p.received.first.Load()); d > 0 {
			first = append(first, d)
		} else {
			deaf++
		}
		p.received.mu.Lock()
		for i := range kinds {
			from := &p.received.kinds[i]
			kinds[i].packets += from.packets
			kinds[i].bytes += from.bytes
			kinds[i].lost += from.lost
			kinds[i].again += from.again
			kinds[i].late.merge(&from.late)
		}
		p.received.mu.Unlock()
	}
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) } // a closed pipe ends it
	line("joined      answer %s, first packet %s, nothing received by %d", spread(answers), spread(first), deaf)
	for i, name := range []string{"sound", "picture"} {
		f := &kinds[i]
		share := func(n int) float64 { return 100 * float64(n) / float64(max(f.packets-f.again+f.lost, 1)) }
		line("%-11s %d packets/s, %.2f Mbit/s, lost %.3f %%, twice %.1f %%, latency p50 %s p95 %s p99 %s", name,
			int(float64(f.packets)/took.Seconds()), float64(f.bytes)*8/took.Seconds()/1e6, share(f.lost), share(f.again),
			short(f.late.at(0.5)), short(f.late.at(0.95)), short(f.late.at(0.99)))
	}
	if before == nil {
		return
	}
	delta := func(name string) float64 { return after[name] - before[name] }
	cpu, sent := delta("process_cpu_seconds_total"), delta("yunqiao_sfu_packets_out_total")
	line("server      %.1f ms CPU per second, %.2f µs per packet sent (%d/s out, %d/s in), %.1f MB resident",
		1000*cpu/took.Seconds(), 1e6*cpu/max(sent, 1), int(sent/took.Seconds()),
		int(delta("yunqiao_sfu_packets_in_total")/took.Seconds()), after["process_resident_memory_bytes"]/1e6)
}

func spread(list []time.Duration) string {
	if len(list) == 0 {
		return "-"
	}
	slices.Sort(list)
	at := func(q float64) string { return short(list[min(int(q*float64(len(list))), len(list)-1)]) }
	return fmt.Sprintf("p50 %s p95 %s max %s", at(0.5), at(0.95), short(list[len(list)-1]))
}

func short(d time.Duration) string {
	if d < time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}
