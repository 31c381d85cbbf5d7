package sfu

import "testing"

// TestTemporalLayersAreShed goes down at any frame and up at a sync point only;
// the numbers stay continuous meanwhile.
func TestTemporalLayersAreShed(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	out := p.ends[0].wired.Load().writer.(*discard)
	o := p.ends[0].outlet
	for i, step := range []struct {
		aim, tid   uint8
		sync, sent bool
	}{
		{7, 0, false, true},
		{7, 2, false, true},
		{7, 1, false, true},
		{1, 2, false, false},
		{1, 1, false, true},
		{1, 0, false, true},
		{0, 1, false, false},
		{0, 1, true, false},
		{0, 0, false, true},
		{7, 2, false, false},
		{7, 1, false, false},
		{7, 1, true, true},
		{7, 2, false, false},
		{7, 2, true, true},
		{7, 2, false, true},
	} {
		o.aim(0, step.aim)
		packets, sn := out.packets, out.last.SequenceNumber
		p.tid, p.sync = step.tid, step.sync
		p.next(false)
		if sent := out.packets > packets; sent != step.sent {
			t.Errorf("step %d: sent is %v", i, sent)
		}
		if step.sent && out.last.SequenceNumber != sn+1 {
			t.Errorf("step %d: number %d after %d", i, out.last.SequenceNumber, sn)
		}
	}
	o.aim(0, 0)
	p.tid = 2
	p.next(false)
	o.aim(0, 7)
	p.next(true)
	p.tid, p.sync = 2, false
	before := out.packets
	p.next(false)
	if out.packets != before+1 {
		t.Error("a key frame did not bring back the upper layers")
	}
}

// TestLateShedPacketLeavesNoHole loses a packet on its way in; when it comes
// late and is not wanted any more, an empty one takes its number.
func TestLateShedPacketLeavesNoHole(t *testing.T) {
	t.Parallel()
	p := newPath(t, 1, false)
	out := p.ends[0].wired.Load().writer.(*discard)
	p.next(false)
	before := out.last.SequenceNumber
	p.n++ // lost for now
	p.next(false)
	if out.last.SequenceNumber != before+2 {
		t.Fatalf("number %d after %d and a loss", out.last.SequenceNumber, before)
	}
	p.ends[0].outlet.aim(0, 0)
	p.next(false)
	p.n -= 3
	p.tid = 2
	p.next(false)
	if out.last.SequenceNumber != before+1 || out.payload != 0 {
		t.Errorf("number %d with %d bytes, want %d and none", out.last.SequenceNumber, out.payload, before+1)
	}
}

// TestTemporalLayersOfAV1 come back at a picture of the lowest layer, as browsers'
// descriptors say.
func TestTemporalLayersOfAV1(t *testing.T) {
	t.Parallel()
	p, enc := kindPath(t, AV1, 1)
	enc.stream.Temporal = 3
	o := p.ends[0].outlet
	out := p.ends[0].wired.Load().writer.(*discard)
	p.send(t, enc, true)
	for i, step := range []struct {
		aim  uint8
		tid  int
		sent bool
	}{
		{7, 2, true},
		{7, 1, true},
		{0, 2, false},
		{0, 0, true},
		{0, 1, false},
		{7, 2, false},
		{1, 0, true},
		{1, 2, false},
		{1, 1, true},
		{7, 2, false},
		{7, 1, true},
		{7, 2, true},
	} {
		o.aim(0, step.aim)
		before := out.packets
		enc.tid = step.tid
		p.send(t, enc, false)
		if sent := out.packets > before; sent != step.sent {
			t.Errorf("step %d: sent is %v", i, sent)
		}
	}
}
