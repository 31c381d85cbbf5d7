package bitread

import "testing"

func TestReader(t *testing.T) {
	t.Parallel()
	r := Reader{B: []byte{0b1010_0110, 0b0111_0001, 0b0100_0000}}
	if got := []uint32{r.Bits(3), r.Bits(7), r.Golomb(), r.Golomb()}; got[0] != 5 || got[1] != 0b0011001 || got[2] != 0 || got[3] != 0 {
		t.Errorf("read %v", got)
	}
	r = Reader{B: []byte{0b0010_1000}}
	if got := r.Golomb(); got != 4 || !r.OK() {
		t.Errorf("golomb %d", got)
	}
	if r.Golomb(); r.OK() {
		t.Error("read past the end")
	}
	// ns(5): two bits for 0 to 2, three for 3 and 4.
	r = Reader{B: []byte{0b0001_1011, 0b1000_0000}}
	for want := range uint32(5) {
		want := []uint32{0, 1, 2, 3, 4}[want]
		if got := r.Below(5); want < 3 && got != want {
			t.Errorf("below: %d, want %d", got, want)
		}
	}
	if (&Reader{}).Below(0) != 0 || (&Reader{}).Below(1) != 0 {
		t.Error("there is one number below 1")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, []byte{3, 33, 40, 7, 0})
	f.Fuzz(func(t *testing.T, b, ops []byte) {
		r := Reader{B: b}
		for _, op := range ops {
			before := r.At
			switch op % 4 {
			case 0:
				r.Bits(int(op) % 33)
			case 1:
				r.Golomb()
			case 2:
				r.Below(uint32(op))
			case 3:
				r.Skip(int(op))
			}
			if r.At < before || r.At > len(b)*8 {
				t.Fatalf("at %d of %d", r.At, len(b)*8)
			}
		}
	})
}
