package twcc

import (
	"maps"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// decode gives the arrival times a feedback tells, by sequence number.
func decode(t *testing.T, fb *rtcp.TransportLayerCC) map[uint16]time.Duration {
	t.Helper()
	raw, err := fb.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 1200 {
		t.Errorf("feedback of %d bytes", len(raw))
	}
	var back rtcp.TransportLayerCC
	if err := back.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	var symbols []uint16
	for _, c := range back.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				symbols = append(symbols, c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			symbols = append(symbols, c.SymbolList...)
		}
	}
	at := time.Duration(back.ReferenceTime) * reference
	times := map[uint16]time.Duration{}
	deltas := back.RecvDeltas
	for i := range back.PacketStatusCount {
		if symbols[i] == rtcp.TypeTCCPacketNotReceived {
			continue
		}
		at += time.Duration(deltas[0].Delta) * time.Microsecond
		deltas = deltas[1:]
		times[back.BaseSequenceNumber+i] = at
	}
	if len(deltas) != 0 {
		t.Errorf("%d deltas too many", len(deltas))
	}
	return times
}

func TestFeedbackTellsWhatArrived(t *testing.T) {
	t.Parallel()
	var c Collector
	want := map[uint16]time.Duration{}
	at := 3 * time.Second
	sn := uint16(65500)
	for i := range 300 {
		sn++
		at += time.Duration(i%7) * 700 * time.Microsecond
		if i%11 == 3 || i > 200 && i < 230 {
			continue
		}
		c.Arrived(sn, at)
		want[sn] = at
	}
	got := map[uint16]time.Duration{}
	for fb := c.Feedback(1, 2); fb != nil; fb = c.Feedback(1, 2) {
		maps.Copy(got, decode(t, fb))
	}
	if len(got) != len(want) {
		t.Errorf("%d packets told, want %d", len(got), len(want))
	}
	for sn, at := range want {
		if d := got[sn] - at; d < -tick || d > tick {
			t.Errorf("packet %d: %v, want %v", sn, got[sn], at)
		}
	}
}

// TestSettledLossIsNotTold: of what is forgiven no report says anything, of the
// rest every one does, and a packet that comes late is told of after all.
func TestSettledLossIsNotTold(t *testing.T) {
	t.Parallel()
	var c Collector
	at := time.Second
	missing := map[uint16]bool{12: true, 13: true, 14: true, 20: true, 31: true}
	for sn := uint16(10); sn <= 40; sn++ {
		at += 3 * time.Millisecond
		if sn == 11 {
			c.Settle(func(bool) bool { return false }) // counting begins
		}
		if !missing[sn] {
			c.Arrived(sn, at)
		}
	}
	asked, lost := 0, 0
	c.Settle(func(gone bool) bool {
		asked++
		if gone {
			lost++
		}
		return gone && lost != 2 // one of the three in a row stays a loss
	})
	if asked != 30 || lost != len(missing) {
		t.Errorf("asked about %d, %d of them lost", asked, lost)
	}
	told := map[uint16]bool{}
	for fb := c.Feedback(1, 2); fb != nil; fb = c.Feedback(1, 2) {
		decode(t, fb)
		for i := range fb.PacketStatusCount {
			told[fb.BaseSequenceNumber+i] = true
		}
	}
	for sn := uint16(10); sn <= 40; sn++ {
		quiet := sn == 12 || sn == 13 || sn == 20 || sn == 31
		if told[sn] == quiet {
			t.Errorf("packet %d: told %v", sn, told[sn])
		}
	}
	c.Arrived(31, at)
	c.Settle(func(bool) bool { t.Error("asked again"); return false })
	fb := c.Feedback(1, 2)
	if _, ok := decode(t, fb)[31]; !ok {
		t.Error("the late packet was not told of")
	}
}

// TestAnOutageIsTold: a long run of losses is not asked about, and told.
func TestAnOutageIsTold(t *testing.T) {
	t.Parallel()
	var c Collector
	c.Arrived(1, time.Second)
	c.Settle(nil)
	c.Arrived(2+maxForgive+1, time.Second+400*time.Millisecond)
	c.Settle(func(lost bool) bool { return true })
	c.Feedback(1, 2)
	if fb := c.Feedback(1, 2); fb != nil {
		t.Error("the report was divided")
	}
}

func FuzzCollector(f *testing.F) {
	f.Add([]byte{1, 1, 1, 9, 200, 3})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var c Collector
		sn, at := uint16(0), time.Duration(0)
		for i, op := range ops {
			sn += uint16(int16(int8(op))) * 3
			at += time.Duration(op) * time.Duration(op) * time.Millisecond / 4
			c.Arrived(sn, at)
			if i%5 == 0 {
				c.Settle(func(lost bool) bool { return lost && op&2 == 0 })
				if fb := c.Feedback(1, 2); fb != nil {
					decode(t, fb)
				}
			}
		}
	})
}
