package recording

import (
	"slices"
	"testing"
	"time"
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
		return s.push(rtpPacket{payload: payload, ts: ts, marker: marker}, time.Duration(ts), gap)
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
	f.Add([]byte{0x90, 0x80, 0x80, 1, 1}, uint32(1), true, false)
	f.Fuzz(func(t *testing.T, b []byte, ts uint32, marker, gap bool) {
		var s pictures
		s.push(rtpPacket{payload: []byte{0x10, 1}, ts: ts}, 0, false)
		if fr, ok := s.push(rtpPacket{payload: b, ts: ts, marker: marker}, 0, gap); ok && !fr.key {
			t.Fatal("a picture without a key frame")
		}
	})
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
