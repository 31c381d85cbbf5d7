package av1

import (
	"errors"
	"testing"
)

// header is a sequence header for pictures of this size, without timing and with
// one operating point.
func header(width, height int) []byte {
	var b []byte
	at := 0
	put := func(n int, v uint64) {
		for i := n - 1; i >= 0; i-- {
			if at%8 == 0 {
				b = append(b, 0)
			}
			b[at/8] |= byte(v>>i&1) << (7 - at%8)
			at++
		}
	}
	put(3, 0)  // profile
	put(2, 0)  // neither still nor reduced
	put(1, 0)  // no timing
	put(1, 0)  // no display delay
	put(5, 0)  // one operating point
	put(12, 0) // all layers
	put(5, 8)  // level 4.0
	put(1, 0)  // tier
	put(4, 15)
	put(4, 15)
	put(16, uint64(width-1))
	put(16, uint64(height-1))
	put(8, 0)
	return b
}

func key(width, height int) []byte {
	h := header(width, height)
	b := append([]byte{0x28, byte(1 + len(h)), typeSequence << 3}, h...) // two units, a new sequence
	return append(b, 6<<3|4, 0x28, 1, 2, 3)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		b    []byte
		want Payload
	}{
		"key":       {key(1280, 720), Payload{Sequence: true, Width: 1280, Height: 720, TID: 1, SID: 1}},
		"delta":     {[]byte{0x10, 6 << 3, 1, 2}, Payload{}},
		"layer":     {[]byte{0x10, 6<<3 | 4, 2<<5 | 2<<3, 2}, Payload{TID: 2, SID: 2}},
		"middle":    {[]byte{0x80 | 0x40, 3, 1, 2, 3}, Payload{Continues: true, Unfinished: true}},
		"all sized": {[]byte{0x00, 2, 6 << 3, 1, 1, 6 << 3}, Payload{}},
		"has size":  {append([]byte{0x18, typeSequence<<3 | 2, 10}, header(320, 180)...), Payload{Sequence: true, Width: 320, Height: 180}},
	} {
		got, err := Parse(c.b)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, c.want)
		}
	}
	for name, b := range map[string][]byte{
		"empty": {}, "contradiction": {0x88}, "lying size": {0x00, 9, 1}, "endless size": {0x00, 0x80, 0x80, 0x80, 0x80, 1},
	} {
		if _, err := Parse(b); !errors.Is(err, ErrPayload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(key(1920, 1080))
	f.Add([]byte{0xd0, 6<<3 | 4, 0x28, 1})
	f.Add([]byte{0x00, 2, 6 << 3, 1, 1, 6 << 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err == nil && ((p.Width == 0) != (p.Height == 0) || p.SID > 3 || p.TID > 7) {
			t.Fatalf("%+v", p)
		}
	})
}
