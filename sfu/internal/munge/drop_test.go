package munge

import (
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
)

func descriptor(picture uint64) codec.Running {
	return codec.Running{HasPictureID: true, Compact: true, PictureBits: 15, PictureID: uint16(picture) & 0x7fff}
}

func TestDropClosesItsGap(t *testing.T) {
	t.Parallel()
	m := New(64, 65534)
	m.Begin(Piece{}, 100, 0, 0, descriptor(32766))
	for i := range uint64(6) {
		in, d := 100+i, descriptor(32766+i)
		if i == 1 || i == 2 {
			m.Skip(d)
			if _, hole := m.Drop(in); hole {
				t.Fatalf("dropping %d left a hole", in)
			}
			continue
		}
		o, ok := m.Rewrite(in, 0, d, 0)
		n := i
		if i > 2 {
			n -= 2
		}
		if !ok || o.Sequence != 65534+uint16(n) || o.Picture != uint16(32766+n)&0x7fff {
			t.Errorf("packet %d: %+v %v", in, o, ok)
		}
	}
	if _, ok := m.Rewrite(101, 0, descriptor(32767), 0); ok {
		t.Error("a dropped packet was sent")
	}
	again, ok := m.Again(65535, 0, descriptor(32766+3), 0)
	if !ok || again.Picture != 32767 {
		t.Errorf("repeated: %+v %v", again, ok)
	}
}

func TestLateDropLeavesAHole(t *testing.T) {
	t.Parallel()
	m := New(64, 10)
	m.Begin(Piece{}, 100, 0, 0, descriptor(0))
	for _, in := range []uint64{100, 102} {
		if _, ok := m.Rewrite(in, 0, descriptor(in-100), 0); !ok {
			t.Fatal("refused")
		}
	}
	if sn, hole := m.Drop(101); !hole || sn != 11 {
		t.Errorf("%d %v", sn, hole)
	}
	if _, hole := m.Drop(99); hole {
		t.Error("a packet from before the piece left a hole")
	}
}

// model is what Munger does, the slow way: a list of everything that happened.
type model struct {
	next  uint16 // number of the packet after the highest seen
	place map[uint64]uint16
	gone  map[uint64]bool
	high  uint64
}

// see gives the packets up to in their numbers: those in between stay open.
func (o *model) see(in uint64, dropped bool) {
	for n := o.high + 1; n <= in; n++ {
		if n == in && dropped {
			o.gone[n] = true
			continue
		}
		o.place[n] = o.next
		o.next++
	}
	o.high = max(o.high, in)
}

// FuzzDrops drives a stream with losses, reordering, drops and switches of
// source beside the model. Every number is given once, none is left over.
func FuzzDrops(f *testing.F) {
	f.Add([]byte{1, 64, 2, 65, 130, 3, 200, 129, 66, 66, 66, 1, 255, 64, 0, 140}, uint16(65530))
	f.Add([]byte{64, 64, 64, 64, 0, 128, 0, 0, 250, 3, 67, 131, 132}, uint16(0))
	f.Fuzz(func(t *testing.T, ops []byte, first uint16) {
		m := New(256, first)
		o := &model{next: first}
		var piece Piece
		start := uint64(1 << 16)
		begin := func() {
			piece.Occupant++
			o.place, o.gone, o.high = map[uint64]uint16{}, map[uint64]bool{}, start-1
			m.Begin(piece, start, 0, 1, descriptor(start))
		}
		begin()
		for _, op := range ops {
			step := uint64(op % 64)
			switch op / 64 {
			case 0: // sent, some lost before
				in := o.high + 1 + step%4
				o.see(in, false)
				out, ok := m.Rewrite(in, 0, descriptor(in), 0)
				if !ok || out.Sequence != o.place[in] {
					t.Fatalf("%d went out as %d %v, want %d", in, out.Sequence, ok, o.place[in])
				}
				inverse(t, m, out.Sequence, piece, in)
			case 1: // left out, some lost before
				in := o.high + 1 + step%4
				o.see(in, true)
				m.Skip(descriptor(in))
				if _, hole := m.Drop(in); hole {
					t.Fatalf("dropping %d in order left a hole", in)
				}
			case 2: // late, to be sent
				in := o.high - step
				out, ok := m.Rewrite(in, 0, descriptor(in), 0)
				want, open := o.place[in]
				if ok != open || ok && out.Sequence != want {
					t.Fatalf("late %d went out as %d %v, want %d %v", in, out.Sequence, ok, want, open)
				}
			case 3:
				if step >= 48 {
					start = o.high + 1<<20*step
					begin()
					continue
				}
				in := o.high - step // late, to be left out
				sn, hole := m.Drop(in)
				want, open := o.place[in]
				if hole != open || hole && sn != want {
					t.Fatalf("late drop of %d: %d %v, want %d %v", in, sn, hole, want, open)
				}
			}
			if m.Highest() != o.next-1 {
				t.Fatalf("highest %d, want %d", m.Highest(), o.next-1)
			}
		}
	})
}

func inverse(t *testing.T, m *Munger, sn uint16, p Piece, in uint64) {
	t.Helper()
	if gotPiece, got, _, ok := m.Sent(sn); !ok || got != in || gotPiece != p {
		t.Fatalf("number %d came from %v %d %v, want %v %d", sn, gotPiece, got, ok, p, in)
	}
}
