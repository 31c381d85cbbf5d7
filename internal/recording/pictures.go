package recording

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp/codecs"

	"github.com/yunqiao/yunqiao/sfu"
)

const maxPicture = 8 << 20

// frame is one complete sound or picture.
type frame struct {
	at            time.Duration
	video, key    bool
	codec         sfu.Codec // of a picture
	private       string    // of a key frame, where players need it at once
	width, height int       // of a key frame
	data          []byte
}

// pictures puts frames together from packets in order. After a loss nothing is
// let through until the next key frame. Pure.
type pictures struct {
	open   bool
	codec  sfu.Codec
	ts     uint32
	at     time.Duration
	key    bool
	width  int
	height int
	data   []byte
	layers []int // where the spatial layers of a VP9 picture end
	synced bool  // nothing is missing since a key frame

	av1  codecs.AV1Depacketizer
	h264 codecs.H264Packet
}

func (s *pictures) push(p rtpPacket, at time.Duration, gap bool) (frame, bool) {
	if gap || p.codec != s.codec {
		s.codec, s.open, s.synced = p.codec, false, false
		s.av1, s.h264 = codecs.AV1Depacketizer{}, codecs.H264Packet{IsAVC: true}
	}
	if len(p.payload) == 0 {
		return frame{}, false
	}
	if !s.open || p.ts != s.ts {
		if s.open { // the last picture never ended
			s.synced = false
		}
		s.open, s.ts, s.at, s.data, s.layers = true, p.ts, at, nil, s.layers[:0]
		s.key, s.width, s.height = false, 0, 0
	}
	if p.key {
		s.key, s.width, s.height = true, max(s.width, p.width), max(s.height, p.height)
	}
	if !s.add(p.payload) || len(s.data) > maxPicture {
		s.open, s.synced = false, false
		return frame{}, false
	}
	if !p.marker {
		return frame{}, false
	}
	s.open = false
	return s.finish()
}

// add appends what a packet carries of the picture.
func (s *pictures) add(payload []byte) bool {
	var body []byte
	var err error
	switch s.codec {
	case sfu.VP9:
		var d codecs.VP9Packet
		if body, err = d.Unmarshal(payload); err == nil && d.E {
			defer func() { s.layers = append(s.layers, len(s.data)) }()
		}
	case sfu.H264:
		body, err = s.h264.Unmarshal(payload)
	case sfu.AV1:
		body, err = s.av1.Unmarshal(payload)
	default:
		var d codecs.VP8Packet
		body, err = d.Unmarshal(payload)
	}
	s.data = append(s.data, body...)
	return err == nil
}

func (s *pictures) finish() (frame, bool) {
	f := frame{at: s.at, video: true, codec: s.codec, key: s.key, width: s.width, height: s.height, data: s.data}
	s.data = nil
	switch s.codec {
	case sfu.VP9:
		f.data = superframe(f.data, s.layers)
	case sfu.H264:
		if f.key {
			f.private = avcPrivate(f.data)
			f.key = f.private != ""
		}
	case sfu.AV1:
		if f.key {
			f.private = av1Private(f.data)
			f.key = f.private != ""
		}
	default:
	}
	if f.key {
		s.synced = true
	}
	return f, s.synced && len(f.data) > 0
}

// superframe joins the spatial layers of one picture as decoders expect them: with
// an index of their sizes behind (VP9 bitstream specification annex B).
func superframe(data []byte, ends []int) []byte {
	if len(ends) < 2 || len(ends) > 8 {
		return data
	}
	const bytesPerSize = 4
	mark := byte(0xc0 | (bytesPerSize-1)<<3 | (len(ends) - 1))
	out := append(data, mark)
	from := 0
	for _, end := range ends {
		out = binary.LittleEndian.AppendUint32(out, uint32(end-from))
		from = end
	}
	return append(out, mark)
}
