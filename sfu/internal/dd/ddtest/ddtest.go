// Package ddtest writes Dependency Descriptors of layered streams, for tests.
package ddtest

// Stream describes frames of a stream with this many spatial and temporal
// layers, of which each spatial one leans on that below it.
type Stream struct {
	Spatial, Temporal int
	Height            int // of the lowest spatial layer

	number uint16
	chains []uint16 // number of the latest frame of each spatial layer's chain
	intact []bool
}

// Frame is one frame of one spatial layer.
type Frame struct {
	Key      bool // belongs to a picture that needs no other
	SID, TID int
	Start    bool // first packet of the frame
	End      bool // last packet of it
}

// Next describes the packet of a frame; each frame's first packet takes the next
// frame number.
func (s *Stream) Next(f Frame) []byte {
	if s.chains == nil {
		s.chains, s.intact = make([]uint16, s.Spatial), make([]bool, s.Spatial)
	}
	if f.Start {
		s.number++
	}
	var w bits
	w.flag(f.Start)
	w.flag(f.End)
	// Templates: for each spatial layer one of key pictures, then one for each
	// temporal layer.
	template := f.SID * (s.Temporal + 1)
	if !f.Key {
		template += 1 + f.TID
	}
	w.put(6, uint64(template))
	w.put(16, uint64(s.number))
	structure := f.Key && f.SID == 0 && f.Start
	w.flag(structure)
	w.put(3, 0)
	w.flag(true) // chains of its own
	if structure {
		s.structure(&w)
	}
	for c := range s.Spatial {
		diff := uint16(0)
		if s.intact[c] && (!f.Key || f.SID > 0) {
			diff = s.number - s.chains[c]
		}
		w.put(8, uint64(diff))
	}
	if f.End && f.TID == 0 {
		for c := f.SID; c < s.Spatial; c++ {
			s.chains[c], s.intact[c] = s.number, true
		}
	}
	return w.b
}

func (s *Stream) structure(w *bits) {
	w.put(6, 0) // template id offset
	w.put(5, uint64(s.Spatial*s.Temporal-1))
	for sid := range s.Spatial {
		w.put(2, 0) // key, then T0
		for range s.Temporal - 1 {
			w.put(2, 1)
		}
		if sid < s.Spatial-1 {
			w.put(2, 2)
		}
	}
	w.put(2, 3)
	for sid := range s.Spatial {
		s.needs(w, sid, 0, true)
		for tid := range s.Temporal {
			s.needs(w, sid, tid, false)
		}
	}
	for range s.Spatial * (s.Temporal + 1) {
		w.flag(false) // frame differences do not matter to a forwarder
	}
	w.below(uint64(s.Spatial*s.Temporal+1), uint64(s.Spatial)) // one chain for each spatial layer
	for sid := range s.Spatial {
		for range s.Temporal {
			w.below(uint64(s.Spatial), uint64(sid))
		}
	}
	for range s.Spatial * (s.Temporal + 1) * s.Spatial {
		w.put(4, 0)
	}
	w.flag(true)
	for sid := range s.Spatial {
		h := s.Height << sid
		w.put(16, uint64(h*16/9-1))
		w.put(16, uint64(h-1))
	}
}

// needs writes what every decode target needs of a frame.
func (s *Stream) needs(w *bits, sid, tid int, key bool) {
	const notPresent, discardable, switching, required = 0, 1, 2, 3
	for target := range s.Spatial {
		for temporal := range s.Temporal {
			switch {
			case sid > target, tid > temporal:
				w.put(2, notPresent)
			case key, sid == target && (tid == 0 || tid < temporal):
				w.put(2, switching)
			case sid == target:
				w.put(2, discardable)
			default:
				w.put(2, required)
			}
		}
	}
}

type bits struct {
	b  []byte
	at int
}

func (w *bits) flag(v bool) {
	if v {
		w.put(1, 1)
	} else {
		w.put(1, 0)
	}
}

func (w *bits) put(n int, v uint64) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

// below writes a number smaller than n, as "ns(n)".
func (w *bits) below(n, v uint64) {
	width := 0
	for x := n; x > 0; x >>= 1 {
		width++
	}
	m := uint64(1)<<width - n
	if v < m {
		w.put(width-1, v)
		return
	}
	w.put(width, v+m)
}
