package recording

import (
	"slices"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/sfu"
)

const ms = time.Millisecond

func TestClockSlewsToCaptureTimes(t *testing.T) {
	t.Parallel()
	c := clock{rate: 90000}
	if got := c.at(1<<32-900, 500*ms, 0, false); got != 500*ms {
		t.Errorf("first at %v", got)
	}
	if got := c.at(2100, 540*ms, 0, false); got != 500*ms+3000*time.Second/90000 {
		t.Errorf("second at %v", got)
	}
	// The capture clock says 200 ms less; it takes 8 s to get there.
	var got, want time.Duration
	ts := uint32(2100)
	for i := range 300 {
		ts += 3000
		want = time.Duration(i+2)*3000*time.Second/90000 + 300*ms
		last := got
		if got = c.at(ts, want+200*ms, want, true); got < last {
			t.Fatalf("time went back from %v to %v", last, got)
		}
	}
	if off := got - want; off.Abs() > 2*ms {
		t.Errorf("still off by %v", off)
	}
	if got := c.at(ts+3000, 0, want+time.Minute, true); (got - want - time.Minute).Abs() > ms {
		t.Errorf("a jump of a minute leads to %v", got)
	}
}

func TestReorder(t *testing.T) {
	t.Parallel()
	var r reorder
	for i, sn := range []uint16{65534, 65535, 1, 2, 0, 5} {
		r.push(rtpPacket{sequence: sn, arrived: time.Duration(i) * ms})
	}
	var got []uint16
	var gaps []bool
	drain := func(now time.Duration) {
		for {
			p, gap, ok := r.pop(now)
			if !ok {
				return
			}
			got, gaps = append(got, p.sequence), append(gaps, gap)
		}
	}
	drain(10 * ms)
	if !slices.Equal(got, []uint16{65534, 65535, 0, 1, 2}) || slices.Contains(gaps, true) {
		t.Errorf("at once: %v %v", got, gaps)
	}
	drain(900 * ms)
	if got[len(got)-1] != 5 || !gaps[len(gaps)-1] {
		t.Errorf("after the window: %v %v", got, gaps)
	}
	r.push(rtpPacket{sequence: 3})
	if _, _, ok := r.pop(time.Hour); ok {
		t.Error("a packet came back from the past")
	}
}

func TestPicturesAfterALossWaitForAKeyFrame(t *testing.T) {
	t.Parallel()
	var s pictures
	key := append([]byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1}, 7)
	delta := []byte{0x10, 1, 7}
	rest := []byte{0x00, 8}
	push := func(payload []byte, ts uint32, marker, gap bool) (frame, bool) {
		p := rtpPacket{payload: payload, ts: ts, marker: marker, codec: sfu.VP8}
		if p.key = len(payload) == len(key); p.key {
			p.width, p.height = 640, 360
		}
		return s.push(p, time.Duration(ts), gap)
	}
	if _, ok := push(delta, 1, true, false); ok {
		t.Error("a picture before the first key frame")
	}
	push(key, 2, false, false)
	f, ok := push(rest, 2, true, false)
	if !ok || !f.key || f.width != 640 || f.height != 360 || len(f.data) != 12 {
		t.Errorf("key frame %+v %v", f, ok)
	}
	if f, ok := push(delta, 3, true, false); !ok || f.key {
		t.Errorf("picture %+v %v", f, ok)
	}
	push(delta, 4, false, false)
	if _, ok := push(rest, 4, true, true); ok {
		t.Error("a picture with a hole")
	}
	if _, ok := push(delta, 5, true, false); ok {
		t.Error("a picture that refers to one with a hole")
	}
	if _, ok := push(key, 6, true, false); !ok {
		t.Error("no key frame after a loss")
	}
	push(delta, 7, false, false) // its end never comes
	if _, ok := push(delta, 8, true, false); ok {
		t.Error("a picture that refers to one without an end")
	}
}

func FuzzPictures(f *testing.F) {
	f.Add(uint8(sfu.VP8), []byte{0x90, 0x80, 0x80, 1, 1}, uint32(1), true, false, false)
	f.Add(uint8(sfu.VP9), []byte{0xac, 0x81, 2, 1, 7, 0x86, 1}, uint32(1), true, false, true)
	f.Add(uint8(sfu.H264), aggregate(), uint32(1), true, false, true)
	f.Add(uint8(sfu.AV1), append([]byte{0x18}, sequence()...), uint32(1), true, false, true)
	f.Fuzz(func(t *testing.T, kind uint8, b []byte, ts uint32, marker, gap, key bool) {
		var s pictures
		codec := sfu.Codec(kind)
		s.push(rtpPacket{payload: []byte{0x10, 1}, ts: ts, codec: codec}, 0, false)
		if fr, ok := s.push(rtpPacket{payload: b, ts: ts, marker: marker, codec: codec, key: key}, 0, gap); ok && !fr.key {
			t.Fatal("a picture without a key frame")
		}
	})
}

// aggregate is an H.264 key frame in one packet; sequence is a sequence header of
// AV1.
func aggregate() []byte {
	sps := []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x17, 0xfc, 0xb0, 0x0f, 0x08, 0x84, 0x6a}
	b := append([]byte{24, 0, byte(len(sps))}, sps...)
	return append(b, 0, 4, 0x68, 0xce, 0x3c, 0x80, 0, 3, 0x65, 0x88, 0x84)
}

func sequence() []byte { return []byte{1 << 3, 0, 0, 0, 0x42, 0xa7, 0xbf, 0xe4, 0x60, 0x0d, 0x00} }

func TestEveryCodecsPictures(t *testing.T) {
	t.Parallel()
	for codec, c := range map[sfu.Codec]struct {
		packets      [][]byte
		data, player string
	}{
		sfu.VP9: {
			[][]byte{{0xa8, 1, 0, 7, 0x86, 1}, {0xa4, 1, 0, 7, 2}, {0xac, 1, 3, 7, 0x86, 3, 4}},
			"\x86\x01\x02\x86\x03\x04\xd9\x03\x00\x00\x00\x03\x00\x00\x00\xd9", "",
		},
		sfu.H264: {
			[][]byte{aggregate(), {0x7c, 0x85, 1}, {0x7c, 0x45, 2}},
			"\x00\x00\x00\x0f" + string(aggregate()[3:18]) + "\x00\x00\x00\x04\x68\xce\x3c\x80\x00\x00\x00\x03\x65\x88\x84" +
				"\x00\x00\x00\x03\x65\x01\x02",
			"\x01\x42\xc0\x1f\xff\xe1\x00\x0f" + string(aggregate()[3:18]) + "\x01\x00\x04\x68\xce\x3c\x80",
		},
		sfu.AV1: {
			[][]byte{append(append([]byte{0x68, 11}, sequence()...), 6<<3, 1), {0x90, 2}},
			"\x0a\x0a" + string(sequence()[1:]) + "\x32\x02\x01\x02",
			"\x81\x08\x0c\x00\x0a\x0a" + string(sequence()[1:]),
		},
	} {
		var s pictures
		for i, payload := range c.packets {
			last := i == len(c.packets)-1
			f, ok := s.push(rtpPacket{payload: payload, ts: 7, marker: last, codec: codec, key: i == 0, height: 360}, 0, false)
			if ok != last {
				t.Fatalf("%v: packet %d ends a picture: %v", codec, i, ok)
			}
			if ok && (string(f.data) != c.data || f.private != c.player || !f.key || f.height != 360 || f.codec != codec) {
				t.Errorf("%v: %x for %x, player %x for %x", codec, f.data, c.data, f.private, c.player)
			}
		}
	}
}

func TestNamesOfDownloads(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"陈 晓/../x": "陈_晓____x", "": "participant", "\r\n\"": "___"} {
		if got := clean(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := disposition(true, "陈.webm"); got != "attachment; filename*=utf-8''%E9%99%88.webm" {
		t.Error(got)
	}
}
