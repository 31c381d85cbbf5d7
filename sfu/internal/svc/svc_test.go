package svc

import (
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/dd/ddtest"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
)

// source makes the packets of a stream of three spatial layers, two packets to a
// frame.
type source struct {
	t         testing.TB
	kind      codec.Kind
	stream    ddtest.Stream
	structure *dd.Structure
	picture   uint16
}

func newSource(tb testing.TB, kind codec.Kind) *source {
	tb.Helper()
	return &source{t: tb, kind: kind, stream: ddtest.Stream{Spatial: 3, Temporal: 2, Height: 180}}
}

func (s *source) frame(key bool, sid, tid int) (list [2]codec.Descriptor) {
	for part := range list {
		var err error
		if s.kind == codec.AV1 {
			list[part] = codec.Descriptor{Kind: codec.AV1}
			var x dd.Descriptor
			b := s.stream.Next(ddtest.Frame{Key: key, SID: sid, TID: tid, Start: part == 0, End: part == 1})
			if x, s.structure, err = dd.Parse(b, s.structure); err == nil {
				list[part].Depend(&x, s.structure)
			}
		} else {
			list[part], err = codec.Read(codec.VP9, s.vp9(key, sid, tid, part))
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return list
}

func (s *source) vp9(key bool, sid, tid, part int) []byte {
	b := []byte{0x80 | 0x20 | 0x10, 0x80 | byte(s.picture>>8)&0x7f, byte(s.picture), byte(tid<<5 | sid<<1)}
	if !key {
		b[0] |= 0x40
		b = append(b, 1<<1) // one picture back
	}
	if part == 0 {
		b[0] |= 0x08
	} else {
		b[0] |= 0x04
	}
	return append(b, 0, 0)
}

func TestLayersAreSwitchedWhereTheyCan(t *testing.T) {
	t.Parallel()
	for _, kind := range []codec.Kind{codec.VP9, codec.AV1} {
		src := newSource(t, kind)
		var s Selector
		s.Reset()
		for i, step := range []struct {
			key    bool
			target int
			want   int
		}{
			{false, 0, None},
			{true, 0, 0},
			{false, 0, 0},
			{false, 2, 0},
			{true, 2, 2},
			{false, 2, 2},
			{false, 1, 1},
			{false, 2, 1},
			{true, 2, 2},
			{false, 0, 0},
			{true, 1, 1},
		} {
			s.Aim(step.target)
			lasts := 0
			for sid := range 3 {
				if i == 0 && kind == codec.AV1 {
					continue // nothing can be read of a stream before its structure
				}
				for _, d := range src.frame(step.key, sid, 0) {
					pass, last := s.Take(&d, false)
					if pass != (sid <= step.want) && s.Current() == step.want {
						t.Errorf("%v step %d layer %d: passed is %v", kind, i, sid, pass)
					}
					if last {
						lasts++
					}
				}
			}
			src.picture++
			if s.Current() != step.want || step.want != None && lasts == 0 {
				t.Errorf("%v step %d: layer %d with %d ends, want %d", kind, i, s.Current(), lasts, step.want)
			}
		}
	}
}

// FuzzSelector drives random targets, key pictures, missing layers and losses
// through the selector and the munger. What the receiver is shown can always be
// decoded from what it was given, and its numbers have no gap but losses.
func FuzzSelector(f *testing.F) {
	f.Add([]byte{0x80, 1, 2, 0x82, 2, 1, 0x41, 0x81, 0, 0x20, 2, 0x92, 2, 2}, true)
	f.Add([]byte{0x82, 2, 2, 0x10, 2, 0, 0x41, 0x82, 1, 2, 0x12}, false)
	f.Fuzz(func(t *testing.T, ops []byte, av1 bool) {
		kind := codec.VP9
		if av1 {
			kind = codec.AV1
		}
		src := newSource(t, kind)
		var s Selector
		s.Reset()
		m := munge.New(1024, 100)
		m.Begin(munge.Piece{}, 1<<16, 0, 0, codec.Running{})
		in, expect := uint64(1<<16), uint16(100)
		var decodable [3]bool // the latest frame of each layer, by the receiver
		for n, op := range ops {
			key, target, missing := op&0x80 != 0 || n == 0, int(op&3)%3, int(op>>4&3)
			s.Aim(target)
			below := false
			for sid := range 3 {
				if missing > 0 && sid >= missing && !key {
					continue // the publisher left the upper layers out
				}
				passed := true
				list := src.frame(key, sid, 0)
				for _, d := range list {
					pass, _ := s.Take(&d, false)
					passed = passed && pass
					if !pass {
						if _, hole := m.Drop(in); hole {
							t.Fatal("a packet in order left a hole")
						}
					} else if out, ok := m.Rewrite(in, uint32(n)*3000, d.Running, 0); !ok || out.Sequence != expect {
						t.Fatalf("packet went out as %d, want %d", out.Sequence, expect)
					} else {
						expect++
					}
					in++
				}
				decodable[sid] = passed && (key || decodable[sid]) && (sid == 0 || below)
				below = decodable[sid]
				if passed && sid == s.Current() && !decodable[sid] && missing == 0 {
					t.Fatalf("%v: layer %d is shown and cannot be decoded at picture %d", kind, sid, n)
				}
			}
			src.picture++
		}
	})
}
