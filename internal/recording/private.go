package recording

import (
	"encoding/binary"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
)

// avcPrivate is what a player has to know of H.264 before its first picture
// (ISO/IEC 14496-15 section 5.3.3.1): the parameter sets in a key frame whose units
// have their sizes before them. "" when they are not there.
func avcPrivate(data []byte) string {
	const typeMask, typeSPS, typePPS = 0x1f, 7, 8
	var sps, pps []byte
	for len(data) > 4 {
		size := binary.BigEndian.Uint32(data)
		if size == 0 || uint64(size) > uint64(len(data)-4) {
			return ""
		}
		unit := data[4 : 4+size]
		switch kind := unit[0] & typeMask; {
		case kind == typeSPS && sps == nil:
			sps = unit
		case kind == typePPS && pps == nil:
			pps = unit
		}
		data = data[4+size:]
	}
	if len(sps) < 4 || len(pps) == 0 {
		return ""
	}
	b := []byte{1, sps[1], sps[2], sps[3], 0xfc | 3, 0xe0 | 1}
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(sps))), sps...)
	b = append(append(b, 1), binary.BigEndian.AppendUint16(nil, uint16(len(pps)))...)
	b = append(b, pps...)
	if len(b) > webm.MaxPrivate {
		return ""
	}
	return string(b)
}

// av1Private is the same for AV1 (AV1 codec ISO media file format binding, section
// 2.3): the sequence header that a key frame begins with. Browsers send the main
// profile, of which the colours need no reading.
func av1Private(data []byte) string {
	const typeSequence, hasSize = 1, 0x02
	for len(data) > 1 {
		kind, head := data[0]>>3&0x0f, 1
		if data[0]&0x04 != 0 {
			head++
		}
		if data[0]&hasSize == 0 || len(data) <= head {
			return ""
		}
		size, n := binary.Uvarint(data[head:])
		if n <= 0 || size > uint64(len(data)-head-n) {
			return ""
		}
		unit := data[:head+n+int(size)]
		if kind != typeSequence {
			data = data[len(unit):]
			continue
		}
		body := unit[head+n:]
		if len(body) < 4 || len(unit)+4 > webm.MaxPrivate {
			return ""
		}
		profile, level := body[0]>>5, byte(8)
		const reducedOrTimed = 0x0c
		if body[0]&reducedOrTimed == 0 { // the first operating point's level is the 24th bit on
			level = body[3] >> 3
		}
		return string(append([]byte{0x81, profile<<5 | level, 0x0c, 0}, unit...))
	}
	return ""
}
