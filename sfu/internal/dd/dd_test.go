package dd

import (
	"bytes"
	"errors"
	"testing"

	"github.com/yunqiao/yunqiao/sfu/internal/dd/ddtest"
)

func TestParse(t *testing.T) {
	t.Parallel()
	stream := ddtest.Stream{Spatial: 3, Temporal: 3, Height: 180}
	key := stream.Next(ddtest.Frame{Key: true, Start: true, End: true})
	d, s, err := Parse(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Key || !d.Start || !d.End || d.Number != 1 || d.Needs != [3]Need{Switch, Switch, Switch} || d.Chain != [3]uint8{} || d.SwitchTo != 0b111 {
		t.Errorf("key: %+v", d)
	}
	if s.Height != [3]uint16{180, 360, 720} || s.Width[2] != 1280 || s.Layers(d.Active) != 3 || s.Mask(0) != 0b111 || s.Mask(1) != 0b111111 {
		t.Errorf("structure: %v %b %b", s.Height, s.Mask(0), s.Mask(1))
	}
	for _, c := range []struct {
		f     ddtest.Frame
		needs [3]Need
		chain [3]uint8
	}{
		{ddtest.Frame{Key: true, SID: 1, Start: true, End: true}, [3]Need{NotPresent, Switch, Switch}, [3]uint8{1, 1, 1}},
		{ddtest.Frame{Key: true, SID: 2, Start: true}, [3]Need{NotPresent, NotPresent, Switch}, [3]uint8{2, 1, 1}},
		{ddtest.Frame{Key: true, SID: 2, End: true}, [3]Need{NotPresent, NotPresent, Switch}, [3]uint8{2, 1, 1}},
		{ddtest.Frame{TID: 2, Start: true, End: true}, [3]Need{Discardable, Required, Required}, [3]uint8{3, 2, 1}},
		{ddtest.Frame{TID: 1, SID: 1, Start: true, End: true}, [3]Need{NotPresent, Switch, Required}, [3]uint8{4, 3, 2}},
	} {
		d, again, err := Parse(stream.Next(c.f), s)
		if err != nil || again != s || d.Key || d.Needs != c.needs || d.Chain != c.chain || int(d.SID) != c.f.SID || int(d.TID) != c.f.TID {
			t.Errorf("%+v: %+v %v", c.f, d, err)
		}
	}
	repeated, again, err := Parse(stream.Next(ddtest.Frame{Key: true, Start: true}), s)
	if err != nil || !repeated.Key || again != s {
		t.Errorf("a repeated structure is another: %v", err)
	}
	if _, _, err := Parse([]byte{0xc0, 0, 1}, nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("without a structure: %v", err)
	}
	if _, _, err := Parse([]byte{0xc0 | 63, 0, 1}, s); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown template: %v", err)
	}
	for name, b := range map[string][]byte{
		"empty": {}, "short": {0, 0}, "half structure": key[:6], "endless": append(bytes.Clone(key[:3]), 0x80, 0, 0, 0),
		"no active mask": {0xc0, 0, 1, 0x40},
	} {
		if _, _, err := Parse(b, s); !errors.Is(err, ErrDescriptor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	stream := ddtest.Stream{Spatial: 3, Temporal: 2, Height: 180}
	var s *Structure
	for i, f := range []ddtest.Frame{
		{Key: true, Start: true, End: true},
		{Key: true, SID: 1, Start: true, End: true},
		{TID: 1, Start: true, End: true},
	} {
		b := stream.Next(f)
		var d Descriptor
		var err error
		if d, s, err = Parse(b, s); err != nil {
			t.Fatal(err)
		}
		var dst [MaxSize]byte
		moved, _, err := Parse(d.Rewrite(dst[:], b, s, 7000, 0), s)
		if err != nil || moved.Number != 7000 || moved.HasActive || moved.Needs != d.Needs {
			t.Errorf("frame %d with another number: %+v %v", i, moved, err)
		}
		cut, _, err := Parse(d.Rewrite(dst[:], b, s, 7001, s.Mask(1)), s)
		if err != nil || cut.Number != 7001 || cut.Active != 0b1111 || !cut.HasActive || cut.SID != d.SID || cut.Needs[2] != NotPresent || cut.Chain[0] != d.Chain[0] {
			t.Errorf("frame %d for fewer targets: %+v %v", i, cut, err)
		}
	}
	small := []byte{0xc0 | 1, 0, 9}
	d, _, err := Parse(small, s)
	if err != nil {
		t.Fatal(err)
	}
	var dst [MaxSize]byte
	cut, _, err := Parse(d.Rewrite(dst[:], small, s, 10, s.Mask(0)), s)
	if err != nil || cut.Active != 0b11 || cut.Number != 10 || cut.TID != d.TID {
		t.Errorf("the smallest descriptor: %+v %v", cut, err)
	}
	if d.Rewrite(dst[:2], small, s, 10, 0) != nil || d.Rewrite(dst[:3], small, s, 10, 1) != nil {
		t.Error("wrote more than there is room for")
	}
}

func FuzzParse(f *testing.F) {
	stream := ddtest.Stream{Spatial: 3, Temporal: 3, Height: 180}
	key := stream.Next(ddtest.Frame{Key: true, Start: true, End: true})
	_, s, err := Parse(key, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key, uint32(0b111))
	f.Add(stream.Next(ddtest.Frame{TID: 1, SID: 2, Start: true}), uint32(1))
	f.Add([]byte{0x81, 0, 7}, uint32(0))
	f.Add([]byte{0x81, 0, 7, 0x70, 0xff, 0xff, 0xff, 0xff}, uint32(3))
	f.Fuzz(func(t *testing.T, b []byte, only uint32) {
		for _, known := range []*Structure{nil, s} {
			d, now, err := Parse(b, known)
			if err != nil {
				continue
			}
			var dst [MaxSize]byte
			out := d.Rewrite(dst[:], b, now, 4711, only)
			if out == nil {
				continue
			}
			again, then, err := Parse(out, now)
			if err != nil || then != now || again.Number != 4711 || again.Start != d.Start || again.End != d.End || again.Key != d.Key {
				t.Fatalf("%x became %x: %+v %v", b, out, again, err)
			}
			if only != 0 && again.Active != d.Active&only || only == 0 && again.Needs != d.Needs {
				t.Fatalf("%x became %x: %+v, was %+v", b, out, again, d)
			}
		}
	})
}
