package red

import (
	"bytes"
	"errors"
	"testing"
)

func TestBuildRepeatsWhatPrecedes(t *testing.T) {
	t.Parallel()
	var e Encoder
	dst := make([]byte, 1500)
	if got := e.Build(dst, 2, 111, 10, 9600, []byte("ten")); !bytes.Equal(got, []byte("\x6ften")) {
		t.Errorf("the first packet is %q", got)
	}
	e.Add(10, 9600, []byte("ten"))
	e.Add(11, 10560, []byte("eleven"))
	got := e.Build(dst, 2, 111, 12, 11520, []byte("twelve"))
	blocks, err := Split(got)
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks.Redundant()) != 2 {
		t.Fatalf("%d payloads are repeated", len(blocks.Redundant()))
	}
	for i, want := range []struct {
		text   string
		offset uint32
	}{{"ten", 1920}, {"eleven", 960}, {"twelve", 0}} {
		b := blocks.list[i]
		if string(got[b.From:b.To]) != want.text || b.Offset != want.offset || b.PayloadType != 111 {
			t.Errorf("block %d is %q %+v", i, got[b.From:b.To], b)
		}
	}
	if one := e.Build(dst, 1, 111, 12, 11520, []byte("twelve")); len(one) != 4+1+6+6 {
		t.Errorf("one copy takes %d bytes", len(one))
	}
}

func TestBuildLeavesOutWhatDoesNotPrecede(t *testing.T) {
	t.Parallel()
	dst := make([]byte, 1500)
	for name, test := range map[string]struct {
		sn uint64
		ts uint32
	}{
		"a gap":     {13, 20000},
		"a silence": {11, 9600 + 20000},
		"the same":  {10, 9600},
	} {
		var e Encoder
		e.Add(10, 9600, []byte("ten"))
		if got := e.Build(dst, 2, 111, test.sn, test.ts, []byte("x")); len(got) != 2 {
			t.Errorf("%s: %q", name, got)
		}
	}
	var e Encoder
	e.Add(10, 9600, make([]byte, maxPayload+1))
	if got := e.Build(dst, 2, 111, 11, 10560, []byte("x")); len(got) != 2 {
		t.Errorf("a large payload is repeated: %d bytes", len(got))
	}
	if e.Build(dst[:1], 2, 111, 11, 10560, []byte("x")) != nil {
		t.Error("a packet larger than its room was built")
	}
}

func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string][]byte{
		"nothing":             nil,
		"half a header":       {0x80 | 111, 0, 0},
		"no primary":          {0x80 | 111, 0, 0, 0},
		"more than there is":  {0x80 | 111, 0, 0x03, 0xff, 111, 1, 2},
		"two that do not fit": {0x80 | 111, 0, 0, 2, 0x80 | 111, 0, 0, 2, 111, 1, 2, 3},
	} {
		if _, err := Split(payload); !errors.Is(err, ErrBlocks) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSplitKeepsTheNewest(t *testing.T) {
	t.Parallel()
	payload := []byte{
		0x80 | 111, 0x01, 0x00, 2, 0x80 | 111, 0x00, 0xc0, 2, 0x80 | 111, 0x00, 0x80, 2, 0x80 | 111, 0x00, 0x40, 1, 111,
		'a', 'a', 'b', 'b', 'c', 'c', 'd', 'e',
	}
	b, err := Split(payload)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, block := range b.Redundant() {
		got += string(payload[block.From:block.To])
	}
	if p := b.Primary(); got != "bbccd" || string(payload[p.From:p.To]) != "e" {
		t.Errorf("kept %q", got)
	}
}

func TestNothingIsAllocated(t *testing.T) { //nolint:paralleltest // counts allocations
	var e Encoder
	dst, payload := make([]byte, 1500), make([]byte, 90)
	sn := uint64(1)
	if n := testing.AllocsPerRun(100, func() {
		b := e.Build(dst, 2, 111, sn, uint32(sn)*960, payload)
		e.Add(sn, uint32(sn)*960, payload)
		if _, err := Split(b); err != nil {
			t.Error(err)
		}
		sn++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte{111, 1, 2, 3})
	f.Add([]byte{0x80 | 111, 0x0f, 0x00, 2, 111, 1, 2, 3})
	f.Add([]byte{0x80 | 111, 0x1e, 0x00, 1, 0x80 | 111, 0x0f, 0x00, 2, 111, 1, 2, 3, 4})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := Split(payload)
		if err != nil {
			return
		}
		end := b.list[0].From
		for _, block := range b.list[:b.count] {
			if block.From != end || block.To < block.From {
				t.Fatalf("blocks %+v do not follow each other", b)
			}
			end = block.To
		}
		if end != len(payload) {
			t.Fatalf("blocks end at %d of %d", end, len(payload))
		}
	})
}
