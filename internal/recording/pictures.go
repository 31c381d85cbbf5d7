package recording

import (
	"time"

	"github.com/pion/rtp/codecs"
)

const maxPicture = 8 << 20

// frame is one complete sound or picture.
type frame struct {
	at            time.Duration
	video, key    bool
	width, height int // of a key frame
	data          []byte
}

// pictures puts VP8 frames together from packets in order. After a loss nothing
// is let through until the next key frame. Pure.
type pictures struct {
	open   bool
	ts     uint32
	at     time.Duration
	data   []byte
	synced bool // nothing is missing since a key frame
}

func (s *pictures) push(p rtpPacket, at time.Duration, gap bool) (frame, bool) {
	if gap {
		s.open, s.synced = false, false
	}
	if len(p.payload) == 0 {
		return frame{}, false
	}
	var d codecs.VP8Packet
	body, err := d.Unmarshal(p.payload)
	if err != nil || len(s.data)+len(body) > maxPicture {
		s.open, s.synced = false, false
		return frame{}, false
	}
	if d.S == 1 && d.PID == 0 && (!s.open || p.ts != s.ts) {
		if s.open { // the last picture never ended
			s.synced = false
		}
		s.open, s.ts, s.at, s.data = true, p.ts, at, nil
	}
	if !s.open || p.ts != s.ts {
		s.open, s.synced = false, false
		return frame{}, false
	}
	s.data = append(s.data, body...)
	if !p.marker {
		return frame{}, false
	}
	s.open = false
	return s.finish()
}

func (s *pictures) finish() (frame, bool) {
	f := frame{at: s.at, video: true, data: s.data}
	s.data = nil
	if len(f.data) >= 10 && f.data[0]&1 == 0 {
		// RFC 6386 section 9.1.
		f.key = true
		f.width = int(f.data[6]) | int(f.data[7]&0x3f)<<8
		f.height = int(f.data[8]) | int(f.data[9]&0x3f)<<8
		s.synced = true
	}
	return f, s.synced && len(f.data) > 0
}
