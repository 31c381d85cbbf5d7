package h264

import (
	"errors"
	"testing"
)

// sps640x360 and sps1280x720 are parameter sets as browsers send them.
func sps640x360() []byte {
	return []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x17, 0xfc, 0xb0, 0x0f, 0x08, 0x84, 0x6a}
}

func TestParse(t *testing.T) {
	t.Parallel()
	sps := sps640x360()
	stap := append([]byte{24, 0, byte(len(sps))}, sps...)
	stap = append(stap, 0, 4, 0x68, 0xce, 0x3c, 0x80)
	for name, c := range map[string]struct {
		b    []byte
		want Payload
	}{
		"sps":             {sps, Payload{Start: true, SPS: true, Width: 640, Height: 360}},
		"aggregate":       {stap, Payload{Start: true, SPS: true, Width: 640, Height: 360}},
		"idr":             {[]byte{0x65, 0x88, 0x84}, Payload{Start: true, IDR: true}},
		"later slice":     {[]byte{0x65, 0x48, 0x84}, Payload{}},
		"delta":           {[]byte{0x41, 0x9a}, Payload{Start: true}},
		"idr begins":      {[]byte{0x7c, 0x85, 0x88}, Payload{Start: true, IDR: true}},
		"idr goes on":     {[]byte{0x7c, 0x05, 0x88}, Payload{}},
		"idr ends":        {[]byte{0x7c, 0x45, 0x88}, Payload{}},
		"parameters only": {[]byte{0x68, 0xce, 0x3c, 0x80}, Payload{}},
	} {
		if got, err := Parse(c.b); err != nil || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, c.want)
		}
	}
	for name, b := range map[string][]byte{
		"empty": {}, "half fragment": {0x7c}, "half size": {24, 0}, "no unit": {24, 0, 0}, "lying size": {24, 0, 9, 0x67},
	} {
		if _, err := Parse(b); !errors.Is(err, ErrPayload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEscapedParameters(t *testing.T) {
	t.Parallel()
	if got := unescape(make([]byte, 0, 8), []byte{1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3}); string(got) != "\x01\x00\x00\x01\x00\x00\x00\x00" {
		t.Errorf("%x", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sps640x360())
	f.Add([]byte{24, 0, 4, 0x67, 0x64, 0, 0x1f, 0, 2, 0x65, 0x88})
	f.Add([]byte{0x7c, 0x87, 0x42, 0xc0, 0x1f})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err == nil && (p.Width > 0) != (p.Height > 0) {
			t.Fatalf("%+v", p)
		}
		if err == nil && p.IDR && !p.Start {
			t.Fatalf("%+v", p)
		}
	})
}
