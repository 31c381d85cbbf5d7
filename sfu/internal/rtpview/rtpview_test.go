package rtpview

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp"
)

func TestParseAgreesWithPion(t *testing.T) {
	t.Parallel()
	p := rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: true, PayloadType: 96, SequenceNumber: 7, Timestamp: 8, SSRC: 9, CSRC: []uint32{1, 2},
			Padding: true,
		},
		Payload: []byte("payload"), PaddingSize: 5,
	}
	for id, v := range map[uint8]string{1: "a", 4: "mid0", 11: "rrid"} {
		if err := p.SetExtension(id, []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	v, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Marker || v.PayloadType != 96 || v.Sequence != 7 || v.Timestamp != 8 || v.SSRC != 9 {
		t.Errorf("header %+v", v)
	}
	if !bytes.Equal(v.Payload(b), []byte("payload")) {
		t.Errorf("payload %q", v.Payload(b))
	}
	if got := v.Extension(b, 4); string(got) != "mid0" {
		t.Errorf("extension %q", got)
	}
	if got := v.Extension(b, 5); got != nil {
		t.Errorf("absent extension %q", got)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":     {nil, ErrShort},
		"version":   {make([]byte, 12), ErrVersion},
		"csrc":      {append([]byte{0x8f}, make([]byte, 11)...), ErrShort},
		"extension": {append([]byte{0x90}, make([]byte, 11)...), ErrExtension},
		"too long":  {append(append([]byte{0x90}, make([]byte, 11)...), 0xbe, 0xde, 0xff, 0xff), ErrExtension},
		"padding":   {append(append([]byte{0xa0}, make([]byte, 11)...), 200), ErrPadding},
		"no size":   {append(append([]byte{0xa0}, make([]byte, 11)...), 0), ErrPadding},
	} {
		if _, err := Parse(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	var u Unwrapper
	first := u.Next(65530)
	for i, sn := range []uint16{65531, 2, 65535, 3} {
		want := first + []uint64{1, 8, 5, 9}[i]
		if got := u.Next(sn); got != want {
			t.Errorf("%d: %d, want %d", sn, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 0x80, 0, 0, 1, 2}, uint8(1))
	f.Add([]byte{0xb0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0, 0, 1, 1, 1, 9, 0, 1, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, id uint8) {
		v, err := Parse(b)
		if err != nil {
			return
		}
		if len(v.Payload(b))+v.HeaderSize() > len(b) {
			t.Fatal("payload outside the packet")
		}
		_ = v.Extension(b, id)
		var p rtp.Packet
		if p.Unmarshal(b) == nil && !bytes.Equal(p.Payload, v.Payload(b)) {
			t.Fatalf("payload %x, pion %x", v.Payload(b), p.Payload)
		}
	})
}
