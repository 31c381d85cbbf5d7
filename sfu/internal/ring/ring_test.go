package ring

import (
	"bytes"
	"testing"
)

func TestRing(t *testing.T) {
	t.Parallel()
	r := New(4, 10)
	if r.Put(100, []byte("aaaa")) != Stored || r.Put(100, []byte("aaaa")) != Duplicate {
		t.Error("duplicate is not seen")
	}
	if r.Put(101, make([]byte, 11)) != TooLarge {
		t.Error("too large is stored")
	}
	r.Put(104, []byte("bbbb"))
	if r.Put(100, []byte("x")) != TooOld {
		t.Error("too old is stored")
	}
	dst := make([]byte, 10)
	if got := r.Get(104, dst); string(got) != "bbbb" {
		t.Errorf("got %q", got)
	}
	if r.Get(104, dst[:2]) != nil {
		t.Error("packet cut short")
	}
	r.Reset()
	if r.Get(104, dst) != nil {
		t.Error("reset keeps a packet")
	}
}

// FuzzRing compares with a map that never forgets: what the ring still gives
// must be what was put.
func FuzzRing(f *testing.F) {
	f.Add([]byte{1, 5, 2, 9, 1, 3, 200, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		r := New(16, 100)
		model := map[uint64][]byte{}
		sn := uint64(1 << 16)
		dst := make([]byte, 100)
		for i := 0; i+1 < len(ops); i += 2 {
			sn = uint64(int64(sn) + int64(int8(ops[i]))%20)
			b := bytes.Repeat([]byte{byte(i)}, int(ops[i+1])%60)
			if r.Put(sn, b) == Stored {
				model[sn] = b
			}
			if got := r.Get(sn, dst); got != nil && !bytes.Equal(got, model[sn]) {
				t.Fatalf("packet %d: %x, want %x", sn, got, model[sn])
			}
			for old := sn - 20; old <= sn+20; old++ {
				if got := r.Get(old, dst); got != nil && !bytes.Equal(got, model[old]) {
					t.Fatalf("packet %d: %x, want %x", old, got, model[old])
				}
			}
		}
	})
}
