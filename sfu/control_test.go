package sfu

import (
	"testing"

	"github.com/pion/rtcp"
)

// bundle is several RTCP packets in one.
func bundle(t testing.TB, packets ...rtcp.Packet) []byte {
	t.Helper()
	raw, err := rtcp.Marshal(packets)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// FuzzControl: whatever RTCP a client sends, nothing breaks and media flows on.
func FuzzControl(f *testing.F) {
	f.Add(bundle(f,
		&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 100, TotalLost: 5, LastSequenceNumber: 900, Jitter: 90}}},
		&rtcp.TransportLayerNack{MediaSSRC: 100, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{1, 2, 3})},
		&rtcp.PictureLossIndication{MediaSSRC: 100},
	))
	f.Add([]byte("\x8f\xcd\x00\x05\x00\x00\x00\x01\x00\x00\x00\x64\x00\x00\x00\x03\x00\x00\x01\x00\x20\x03\x04\x04\x04"))
	f.Add([]byte("\x80\xc8\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := newPath(t, 1, false)
		p.t.down.numbered.Store(true)
		for range 5 {
			p.next(false)
		}
		for range 2 {
			(&control{t: p.t}).take(raw, p.sfu.now())
		}
		out := p.ends[0].wired.Load().writer.(*discard)
		before := out.packets
		p.next(true)
		if out.packets == before && !p.t.down.waiting() {
			t.Error("nothing flows any more")
		}
	})
}
