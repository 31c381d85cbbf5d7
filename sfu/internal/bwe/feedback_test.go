package bwe

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// message builds feedback from symbols and deltas in units of 250 µs.
func message(t testing.TB, base uint16, reference uint32, symbols []uint16, deltas []int64) []byte {
	t.Helper()
	fb := &rtcp.TransportLayerCC{BaseSequenceNumber: base, PacketStatusCount: uint16(len(symbols)), ReferenceTime: reference}
	for i := 0; i < len(symbols); i += 7 {
		v := make([]uint16, 7)
		copy(v, symbols[i:min(i+7, len(symbols))])
		fb.PacketChunks = append(fb.PacketChunks, &rtcp.StatusVectorChunk{
			Type: rtcp.TypeTCCStatusVectorChunk, SymbolSize: rtcp.TypeTCCSymbolSizeTwoBit, SymbolList: v,
		})
	}
	size := 20 + 2*len(fb.PacketChunks)
	for i, n := 0, 0; i < len(symbols); i++ {
		if symbols[i] == notReceived {
			continue
		}
		size += int(symbols[i])
		fb.RecvDeltas = append(fb.RecvDeltas, &rtcp.RecvDelta{Type: symbols[i], Delta: deltas[n] * 250})
		n++
	}
	fb.Header = rtcp.Header{
		Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback,
		Padding: size%4 != 0, Length: uint16((size+3)/4 - 1),
	}
	raw, err := fb.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestRepeatedPacketsSayNothingOfDelay: of a packet that went out twice nobody
// knows which one arrived, and its repetition does not undo that one was lost.
func TestRepeatedPacketsSayNothingOfDelay(t *testing.T) {
	t.Parallel()
	var h History
	for i := range 3 {
		h.Sent(100, 0, time.Duration(i)*10*time.Millisecond)
	}
	h.Again(1, 60)
	h.Again(9, 60) // not sent yet
	got, err := h.Resolve(message(t, 0, 2, []uint16{1, 0, 1}, []int64{4, 40}), 100*time.Millisecond, make([]Result, 0, 8))
	if err != nil || len(got) != 3 || got[0].Again || !got[1].Again || got[1].Size != 160 || got[2].Again {
		t.Fatalf("%+v %v", got, err)
	}
	late, err := h.Resolve(message(t, 1, 4, []uint16{1}, []int64{40}), 200*time.Millisecond, make([]Result, 0, 8))
	if err != nil || len(late) != 1 || !late[0].Late || !late[0].Again {
		t.Fatalf("%+v %v", late, err)
	}
	var e Estimator
	e.Update(got, 0, 100*time.Millisecond)
	lost := e.loss.lost
	e.Update(late, 0, 200*time.Millisecond)
	if lost != 1 || e.loss.lost != 1 {
		t.Errorf("%d lost, then %d", lost, e.loss.lost)
	}
}

func TestFatesAreTold(t *testing.T) {
	t.Parallel()
	var h History
	h.next = 65533 // over the end of the numbers
	for i := range 6 {
		h.Sent(100+i, uint8(i), time.Duration(i)*10*time.Millisecond)
	}
	raw := message(t, 65533, 2, []uint16{1, 0, 2, 1}, []int64{4, 400, 8})
	got, err := h.Resolve(raw, 100*time.Millisecond, make([]Result, 0, 8))
	if err != nil || len(got) != 4 {
		t.Fatalf("%v %v", got, err)
	}
	first, third := got[0], got[2]
	if first.Size != 100 || first.Lost || got[1].Size != 101 || !got[1].Lost || third.Probe != 2 {
		t.Errorf("%+v", got)
	}
	if third.Arrived-first.Arrived != 100*time.Millisecond {
		t.Errorf("arrived %v apart", third.Arrived-first.Arrived)
	}
	if d := third.Sent - first.Sent - 20*time.Millisecond; d > 100*time.Microsecond || d < -100*time.Microsecond {
		t.Errorf("sent %v apart", third.Sent-first.Sent)
	}
	// The second packet came after all; the first is told twice.
	got, err = h.Resolve(message(t, 65533, 2, []uint16{1, 1}, []int64{4, 1}), 0, make([]Result, 0, 8))
	if err != nil || len(got) != 1 || !got[0].Late || got[0].Lost {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := h.Resolve(message(t, 500, 2, []uint16{1}, []int64{4}), 0, make([]Result, 0, 8)); err != nil || len(got) != 0 {
		t.Errorf("a number never sent: %+v %v", got, err)
	}
}

// TestALostFeedbackLeavesARunUntold: what it spoke of is known to be unknown, and
// counts once if it is told of after all.
func TestALostFeedbackLeavesARunUntold(t *testing.T) {
	t.Parallel()
	var h History
	h.next = 65534
	for range 6 {
		h.Sent(100, 0, 0)
	}
	scratch := make([]Result, 0, 8)
	for _, c := range []struct {
		base uint16
		want []Result
	}{
		{65534, []Result{{}}}, // nothing went before
		{2, []Result{{Untold: true, Size: 300}, {}}},
		{1, []Result{{Counted: true}}}, // overtaken, not lost
		{3, []Result{{}}},
	} {
		got, err := h.Resolve(message(t, c.base, 2, []uint16{1}, []int64{4}), 0, scratch)
		if err != nil || len(got) != len(c.want) {
			t.Fatalf("%d: %+v %v", c.base, got, err)
		}
		for i, r := range got {
			if r.Untold != c.want[i].Untold || r.Counted != c.want[i].Counted || r.Untold && r.Size != c.want[i].Size {
				t.Errorf("%d: %+v", c.base, r)
			}
		}
	}
}

func TestReferenceTimeWraps(t *testing.T) {
	t.Parallel()
	var h History
	a, b, c := h.when(1<<24-1), h.when(1), h.when(1<<24-2)
	if b-a != 2*referenceUnit || a-c != referenceUnit {
		t.Errorf("%v %v %v", a, b, c)
	}
}

func TestAFeedbackAllocatesNothing(t *testing.T) {
	raw := message(t, 0, 2, []uint16{1, 0, 1, 1, 1, 1, 1, 1}, []int64{4, 4, 4, 4, 4, 4, 4})
	var h History
	var e Estimator
	scratch := make([]Result, 0, 16)
	now := time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		now += 50 * time.Millisecond
		h.next = 0
		for range 8 {
			h.Sent(1000, 0, now)
		}
		list, err := h.Resolve(raw, now, scratch)
		if err != nil || len(list) != 8 {
			t.Fatal(list, err)
		}
		e.Update(list, 0, now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzResolve: whatever a receiver tells, nothing breaks, at most what was sent
// is settled, and the estimate stays within its bounds.
func FuzzResolve(f *testing.F) {
	f.Add(message(f, 0, 5, []uint16{1, 0, 2, 1, 1, 0, 0, 0, 1}, []int64{4, 400, 8, 8, 9}))
	f.Add(message(f, 65530, 1<<24-1, []uint16{2, 2}, []int64{-5, 32767}))
	f.Add([]byte("\x8f\xcd\x00\x05........\x00\x00\xff\xff\x00\x00\x01\x00\x3f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var h History
		var e Estimator
		for i := range 100 {
			h.Sent(1200, uint8(i/90), time.Duration(i)*time.Millisecond)
		}
		settled := 0
		for i := range 3 {
			now := time.Duration(200+50*i) * time.Millisecond
			list, err := h.Resolve(raw, now, make([]Result, 0, 64))
			if err != nil && len(raw) == 0 {
				continue
			}
			for _, r := range list {
				if !r.Untold {
					settled++
				}
			}
			e.Update(list, 0, now)
			if e.Target() < Floor || e.Target() > Ceiling {
				t.Fatalf("estimate %d", e.Target())
			}
		}
		if settled > 200 { // each may be told lost, then come late
			t.Fatalf("%d fates of 100 packets", settled)
		}
	})
}
