// Package webm writes, reads and repairs the files of recordings: Opus with VP8,
// VP9 or AV1 in WebM, with H264 in Matroska; one participant each. It exists beside the muxer libraries because a
// recording must be whole after every cluster: each is written in one piece, its
// size known, and everything that is only known at the end has its place
// reserved at the front.
package webm

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
)

// Element ids (RFC 9559 section 5).
const (
	idEBML         = 0x1A45DFA3
	idEBMLVersion  = 0x4286
	idEBMLReadVer  = 0x42F7
	idEBMLMaxID    = 0x42F2
	idEBMLMaxSize  = 0x42F3
	idDocType      = 0x4282
	idDocTypeVer   = 0x4287
	idDocTypeRead  = 0x4285
	idSegment      = 0x18538067
	idSeekHead     = 0x114D9B74
	idSeek         = 0x4DBB
	idSeekID       = 0x53AB
	idSeekPosition = 0x53AC
	idInfo         = 0x1549A966
	idScale        = 0x2AD7B1
	idDuration     = 0x4489
	idMuxingApp    = 0x4D80
	idWritingApp   = 0x5741
	idTracks       = 0x1654AE6B
	idTrackEntry   = 0xAE
	idTrackNumber  = 0xD7
	idTrackUID     = 0x73C5
	idTrackType    = 0x83
	idLacing       = 0x9C
	idCodecID      = 0x86
	idCodecPrivate = 0x63A2
	idSeekPreRoll  = 0x56BB
	idVideo        = 0xE0
	idPixelWidth   = 0xB0
	idPixelHeight  = 0xBA
	idAudio        = 0xE1
	idSampleRate   = 0xB5
	idChannels     = 0x9F
	idCluster      = 0x1F43B675
	idTimestamp    = 0xE7
	idSimpleBlock  = 0xA3
	idCues         = 0x1C53BB6B
	idCuePoint     = 0xBB
	idCueTime      = 0xB3
	idCuePositions = 0xB7
	idCueTrack     = 0xF7
	idCueCluster   = 0xF1
	idVoid         = 0xEC
)

const unknownSize = math.MaxUint64

func appendID(b []byte, id uint32) []byte {
	for shift := (bits.Len32(id) - 1) / 8 * 8; shift >= 0; shift -= 8 {
		b = append(b, byte(id>>shift))
	}
	return b
}

// appendSize writes a size in as few bytes as it fits in.
func appendSize(b []byte, n uint64) []byte {
	width := 1
	for n >= 1<<(7*width)-1 {
		width++
	}
	n |= 1 << (7 * width)
	for i := width - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

// appendWideSize writes a size in eight bytes, so that it can be overwritten.
func appendWideSize(b []byte, n uint64) []byte {
	if n == unknownSize {
		return binary.BigEndian.AppendUint64(b, 0x01ffffffffffffff)
	}
	return binary.BigEndian.AppendUint64(b, n|1<<56)
}

func appendBytes(b []byte, id uint32, data []byte) []byte {
	return append(appendSize(appendID(b, id), uint64(len(data))), data...)
}

func appendString(b []byte, id uint32, s string) []byte { return appendBytes(b, id, []byte(s)) }

func appendUint(b []byte, id uint32, n uint64) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], n)
	skip := min(bits.LeadingZeros64(n)/8, 7)
	return appendBytes(b, id, raw[skip:])
}

func appendFloat(b []byte, id uint32, f float64) []byte {
	return appendBytes(b, id, binary.BigEndian.AppendUint64(nil, math.Float64bits(f)))
}

// appendVoid fills n bytes, two at least, with nothing.
func appendVoid(b []byte, n int) []byte {
	if n < 10 {
		b = append(b, idVoid, 0x80|byte(n-2))
		return append(b, make([]byte, n-2)...)
	}
	b = appendWideSize(append(b, idVoid), uint64(n-9))
	return append(b, make([]byte, n-9)...)
}

// errTorn means that an element goes on past the end of the file.
var errTorn = errors.New("element is cut off")

// element is the head of one EBML element in a file.
type element struct {
	id         uint32
	start, pos int64 // of the element and of its content
	size       uint64
}

func (e element) end() int64 { return e.pos + int64(e.size) }

// readElement reads the head of the element at pos; limit is where its parent or
// the file ends.
func readElement(r io.ReaderAt, pos, limit int64) (element, error) {
	var head [12]byte
	n, err := r.ReadAt(head[:min(int64(len(head)), max(limit-pos, 0))], pos)
	if err != nil && !errors.Is(err, io.EOF) {
		return element{}, err
	}
	b := head[:n]
	if len(b) == 0 {
		return element{}, errTorn
	}
	width := bits.LeadingZeros8(b[0]) + 1
	if width > 4 || len(b) <= width {
		return element{}, errTorn
	}
	e := element{start: pos}
	for _, c := range b[:width] {
		e.id = e.id<<8 | uint32(c)
	}
	b = b[width:]
	sizeWidth := bits.LeadingZeros8(b[0]) + 1
	if sizeWidth > 8 || len(b) < sizeWidth {
		return element{}, errTorn
	}
	e.size = uint64(b[0]) & (1<<(8-sizeWidth) - 1)
	for _, c := range b[1:sizeWidth] {
		e.size = e.size<<8 | uint64(c)
	}
	if e.size == 1<<(7*sizeWidth)-1 {
		e.size = unknownSize
	}
	e.pos = pos + int64(width+sizeWidth)
	if e.size != unknownSize && e.size > uint64(max(limit-e.pos, 0)) {
		return e, errTorn
	}
	return e, nil
}

func readUint(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
