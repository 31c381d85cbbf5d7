package load

// remembered is how many numbers a window looks back, over half a minute of a
// narrow stream.
const remembered = 2048

// window knows which of a stream's last sequence numbers have come. A node that
// probes a link sends old packets again; they are nothing that came late.
type window struct {
	begun bool
	last  uint16
	came  [remembered / 64]uint64
}

// take notes a number. It is fresh when it had not come before; missing is by how
// many numbers more, or fewer, there is a gap now.
func (w *window) take(n uint16) (missing int, fresh bool) {
	if !w.begun {
		w.begun, w.last = true, n
		// What was before the first is nobody's loss, and no repair.
		for i := range w.came {
			w.came[i] = ^uint64(0)
		}
		return 0, true
	}
	step := int16(n - w.last)
	switch {
	case step > 0:
		for i := w.last + 1; i != n; i++ {
			w.set(i, false)
		}
		w.set(n, true)
		w.last = n
		return int(step) - 1, true
	case int(step) <= -remembered || w.has(n):
		return 0, false
	}
	w.set(n, true)
	return -1, true
}

func (w *window) has(n uint16) bool { return w.came[n%remembered/64]&(1<<(n%64)) != 0 }

func (w *window) set(n uint16, came bool) {
	if came {
		w.came[n%remembered/64] |= 1 << (n % 64)
	} else {
		w.came[n%remembered/64] &^= 1 << (n % 64)
	}
}
