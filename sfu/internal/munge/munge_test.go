package munge

import (
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
)

func TestSwitchIsContinuous(t *testing.T) {
	t.Parallel()
	m := New(64, 500)
	m.Begin(Piece{Layer: 0, Occupant: 1}, 1000, 90000, 3000, codec.Running{PictureID: 10, TL0: 5})
	for i := range uint64(3) {
		d := codec.Running{PictureID: uint16(10 + i), TL0: uint8(5 + i)}
		o, ok := m.Rewrite(1000+i, 90000+uint32(i)*3000, d, 0)
		if !ok || o.Sequence != uint16(500+i) || o.Timestamp != 90000+uint32(i)*3000 || o.Picture != uint16(10+i) {
			t.Fatalf("packet %d: %+v %v", i, o, ok)
		}
	}
	d := codec.Running{PictureID: 7000, TL0: 200, KeyIndex: 3}
	m.Begin(Piece{Layer: 2, Occupant: 1}, 7, 5, 3000, d)
	o, ok := m.Rewrite(7, 5, d, 0)
	if !ok || o.Sequence != 503 || o.Timestamp != 90000+9000 || o.Picture != 13 || o.TL0 != 8 || o.Key != 1 {
		t.Fatalf("after the switch: %+v %v", o, ok)
	}
	if _, ok := m.Rewrite(6, 5, d, 0); ok {
		t.Error("a packet from before the switch was let through")
	}
	p, in, _, ok := m.Sent(501)
	if !ok || p.Layer != 0 || in != 1001 {
		t.Errorf("sent 501: %+v %d %v", p, in, ok)
	}
	if _, _, _, ok := m.Sent(504); ok {
		t.Error("found what was never sent")
	}
	again, ok := m.Again(501, 93000, codec.Running{PictureID: 11, TL0: 6}, 1)
	if !ok || again.Sequence != 501 || again.Timestamp != 93000 || again.Picture != 11 {
		t.Errorf("again: %+v %v", again, ok)
	}
}

// FuzzMunger drives random sources, losses, reorderings and switches: what goes
// out is continuous, and Sent inverts Rewrite.
func FuzzMunger(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 9, 250, 0, 3, 3, 0, 251, 1, 1, 1, 2, 0, 0}, uint16(65530))
	f.Fuzz(func(t *testing.T, ops []byte, first uint16) {
		m := New(128, first)
		type origin struct {
			piece Piece
			in    uint64
		}
		out := map[uint16]origin{}
		var piece Piece
		in, ts := uint64(1<<16), uint32(0)
		m.Begin(piece, in, ts, 3000, codec.Running{})
		expect, sent := first, 0
		for _, op := range ops {
			switch {
			case op >= 250: // another layer, far away
				piece = Piece{Layer: int8(op % 3), Occupant: piece.Occupant + 1}
				in, ts = in*7%(1<<40)+1<<16, ts*31
				m.Begin(piece, in, ts, 3000, codec.Running{PictureID: uint16(in)})
				expect = m.Highest() + 1
			case op >= 240: // an old packet comes late
				late := in - uint64(op-239)
				o, ok := m.Rewrite(late, ts, codec.Running{}, 0)
				if ok {
					if have, dup := out[o.Sequence]; dup && have.piece == piece && have.in != late {
						t.Fatalf("number %d given to %v and %d", o.Sequence, have, late)
					}
					out[o.Sequence] = origin{piece, late}
				}
				continue
			}
			lost := uint64(op % 4)
			in, expect, ts = in+lost, expect+uint16(lost), ts+3000
			o, ok := m.Rewrite(in, ts, codec.Running{PictureID: uint16(in)}, 0)
			if !ok || o.Sequence != expect {
				t.Fatalf("packet %d went out as %d %v, want %d", in, o.Sequence, ok, expect)
			}
			out[o.Sequence] = origin{piece, in}
			in, expect, sent = in+1, expect+1, sent+1
		}
		for back := range uint16(100) {
			sn := m.Highest() - back
			if p, got, _, ok := m.Sent(sn); ok && (out[sn].in != got || out[sn].piece != p) {
				t.Fatalf("sent %d: %v %d, want %+v", sn, p, got, out[sn])
			}
		}
	})
}

// Padding takes a number of its own: what follows moves on, and what comes late
// cannot take it.
func TestPaddingTakesANumber(t *testing.T) {
	t.Parallel()
	m := New(16, 100)
	if _, ok := m.Pad(); ok {
		t.Error("padding before the first packet")
	}
	m.Begin(Piece{}, 10, 0, 0, codec.Running{})
	sent := map[uint16]bool{}
	for _, in := range []uint64{10, 11, 13} {
		out, ok := m.Rewrite(in, 7, codec.Running{}, 1)
		if !ok || sent[out.Sequence] {
			t.Errorf("packet %d: %v, %v", in, out, ok)
		}
		sent[out.Sequence] = true
	}
	if m.Missing() != 1 {
		t.Errorf("%d missing", m.Missing())
	}
	pad, ok := m.Pad()
	if !ok || pad.Sequence != 104 || pad.Timestamp != 7 {
		t.Errorf("padding: %v, %v", pad, ok)
	}
	if out, ok := m.Rewrite(12, 7, codec.Running{}, 2); ok {
		t.Errorf("a late one takes %d", out.Sequence)
	}
	if _, _, _, ok := m.Sent(pad.Sequence); ok {
		t.Error("padding is sent again")
	}
	if out, ok := m.Rewrite(14, 8, codec.Running{}, 3); !ok || out.Sequence != 105 {
		t.Errorf("behind it: %v, %v", out, ok)
	}
	if _, in, _, ok := m.Sent(103); !ok || in != 13 {
		t.Errorf("before it: %d, %v", in, ok)
	}
}
