package sfu

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/dd"
	"github.com/yunqiao/yunqiao/sfu/internal/munge"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
)

// seatEnd is the emitter and pion track of one m-line of a seat.
type seatEnd struct {
	outlet *outlet
	way    *transport
	stream string // msid shared by the seat's audio and video
	kind   webrtc.RTPCodecType

	offered []uint8 // payload types the section lists; set before Bind

	wired atomic.Pointer[wire]

	reported lossSeen     // guarded by the transport's mu
	asked    atomic.Int32 // sounds asked for since the last report, each once

	// Guarded by the outlet's mu.
	ended        bool               // the newest packet was the last of its frame
	repeated     uint16             // up to here packets have been considered for repeating
	keyTimestamp uint32             // incoming, of the last key frame considered
	resounded    [red.Copies]uint16 // likewise for each repetition of a sound
}

// wire is a negotiated sender. What follows its identifiers is guarded by the
// outlet's mu.
type wire struct {
	writer            webrtc.TrackLocalWriter
	ssrc, repair, fec uint32             // repair and fec are 0 where not negotiated
	payload, rtx      [codec.Kinds]uint8 // payload types; 0 where the receiver knows no such codec
	playoutID         uint8              // of the playout-delay extension; 0 is none
	numbered          bool               // packets carry transport-wide numbers
	numberID          uint8              // of the extension they stand in

	dependencyID uint8 // of the Dependency Descriptor; 0 is none

	header, rtxHead, fecHead rtp.Header
	withDependency           rtp.Header      // one of them with a Dependency Descriptor
	elements                 []rtp.Extension // of withDependency
	dependency               [dd.MaxSize]byte
	ext                      extensionValues
	rtxSequence              uint16
	rtxBuffer                [maxPacket + 2]byte
	cover                    *cover // nil while no parity is sent
	probe                    uint8  // the cluster being sent; 0 is none
	exact                    *exact // nil until something has to be sent again as it was
}

// extensionValues are the header extensions an outgoing packet carries. The
// headers of a wire all point to the same bytes, so a value is written once.
type extensionValues struct {
	number   [2]byte // transport-wide
	sendTime [3]byte // 6.18 bits fixed point seconds
	playout  [3]byte // least and most playout delay
}

const (
	maxPacket       = 1600
	profileOneByte  = 0xBEDE
	mimeRTX         = "video/rtx"
	extAbsSendTime  = sdp.ABSSendTimeURI
	extPlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
	absSendFraction = 18
)

// ID implements webrtc.TrackLocal.
func (e *seatEnd) ID() string { return e.stream + "-" + e.kind.String() }

// RID implements webrtc.TrackLocal.
func (e *seatEnd) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (e *seatEnd) StreamID() string { return e.stream }

// Kind implements webrtc.TrackLocal.
func (e *seatEnd) Kind() webrtc.RTPCodecType { return e.kind }

// Bind implements webrtc.TrackLocal.
func (e *seatEnd) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	w := &wire{
		writer: ctx.WriteStream(), ssrc: uint32(ctx.SSRC()), repair: uint32(ctx.SSRCRetransmission()),
		fec: uint32(ctx.SSRCForwardErrorCorrection()),
	}
	chosen, ok := w.learn(slices.DeleteFunc(slices.Clone(ctx.CodecParameters()), func(c webrtc.RTPCodecParameters) bool {
		return !slices.Contains(e.offered, uint8(c.PayloadType))
	}))
	if !ok {
		return chosen, webrtc.ErrUnsupportedCodec
	}
	w.header = rtp.Header{Version: 2, SSRC: w.ssrc}
	w.rtxHead = rtp.Header{Version: 2, SSRC: w.repair}
	for _, h := range ctx.HeaderExtensions() {
		w.numbered = w.numbered || h.URI == sdp.TransportCCURI && h.ID > 0 && h.ID < 15
	}
	for _, h := range ctx.HeaderExtensions() {
		if err := w.extend(h.URI, h.ID); err != nil {
			return chosen, err
		}
	}
	switch {
	case w.numbered:
		e.way.down.numbered.Store(true)
	case e.kind == webrtc.RTPCodecTypeAudio:
		e.way.down.apart.Store(true)
	}
	e.wired.Store(w)
	return chosen, nil
}

// learn notes the payload types of every codec the receiver knows, and their
// repairs'. It returns one that media can be sent with; pion wants to be told of
// one, but sends whatever a header says.
func (w *wire) learn(list []webrtc.RTPCodecParameters) (chosen webrtc.RTPCodecParameters, ok bool) {
	for _, c := range list {
		if c.MimeType == webrtc.MimeTypeFlexFEC03 {
			w.fecHead = rtp.Header{Version: 2, PayloadType: uint8(c.PayloadType), SSRC: w.fec}
		}
		kind := kindOf(c.MimeType)
		if kind == codec.Unknown || w.payload[kind] != 0 {
			continue
		}
		w.payload[kind] = uint8(c.PayloadType)
		if kind == codec.RED {
			continue
		}
		if !ok {
			chosen, ok = c, true
		}
		for _, r := range list {
			if r.MimeType == mimeRTX && r.SDPFmtpLine == aptLine(c.PayloadType) {
				w.rtx[kind] = uint8(r.PayloadType)
			}
		}
	}
	if w.fecHead.Version == 0 {
		w.fec = 0
	}
	return chosen, ok
}

func kindOf(mime string) codec.Kind {
	_, name, _ := strings.Cut(mime, "/")
	return codec.Parse(strings.ToLower(name))
}

// formatted gives the headers the payload types of this codec, and reports
// whether the receiver knows it.
func (w *wire) formatted(k codec.Kind) bool {
	w.header.PayloadType, w.rtxHead.PayloadType = w.payload[k], w.rtx[k]
	return w.payload[k] != 0
}

// knows reports whether the receiver can show pictures of this codec, as far as
// is known yet.
func (e *seatEnd) knows(k codec.Kind) bool {
	w := e.wired.Load()
	return w == nil || k == codec.Unknown || w.payload[k] != 0
}

// extend lets all headers of the wire carry a negotiated extension, if it is one
// that is written here and fits the one-byte form (RFC 8285 section 4.2).
func (w *wire) extend(uri string, id int) error {
	var value []byte
	switch uri {
	case sdp.TransportCCURI:
		w.numberID, value = uint8(max(id, 0)), w.ext.number[:]
	case extAbsSendTime:
		if w.numbered {
			return nil // receivers heed one of the two
		}
		value = w.ext.sendTime[:]
	case extDependency:
		w.dependencyID = uint8(max(id, 0))
		return nil
	case extPlayoutDelay:
		if id > 0 && id < 15 {
			w.playoutID = uint8(id) // carried once there is something to say
		}
		return nil
	default:
		return nil
	}
	if id <= 0 || id >= 15 {
		return nil
	}
	for _, head := range []*rtp.Header{&w.header, &w.rtxHead, &w.fecHead} {
		head.Extension, head.ExtensionProfile = true, profileOneByte
		if err := head.SetExtension(uint8(id), value); err != nil {
			return fmt.Errorf("carry extension %s: %w", uri, err)
		}
	}
	return nil
}

// Unbind implements webrtc.TrackLocal.
func (e *seatEnd) Unbind(webrtc.TrackLocalContext) error {
	e.wired.Store(nil)
	return nil
}

// emit implements emitter: it patches the reader's buffer, sends, and restores
// it for the next outlet.
func (e *seatEnd) emit(o *outlet, p *packet, out munge.Out) bool {
	w := e.wired.Load()
	if w == nil || !w.formatted(p.frame.Kind) {
		return false
	}
	w.header.SequenceNumber, w.header.Timestamp, w.header.Marker = out.Sequence, out.Timestamp, p.marker
	if !o.video {
		return e.emitAudio(w, p)
	}
	if out.Sequence == o.munger.Highest() {
		e.ended = p.marker
	}
	if e.way.down.tight.Load() {
		if waits, sent := e.holds(w, out.Sequence, len(p.payload), p.at); waits {
			return sent
		}
	}
	var saved [codec.MaxTouched]byte
	n := copy(saved[:], p.payload[:p.frame.Touched])
	p.frame.Patch(p.payload, out.Picture, out.TL0, out.Key)
	head := w.described(&w.header, &p.dep, out.Picture, p.only)
	sent := e.write(w, head, p.payload, p.at)
	if sent && w.cover != nil {
		e.protect(w, head, p.payload, p.at)
	}
	copy(p.payload, saved[:n])
	return sent
}

// emitAudio sends a sound, together with those before it where the receiver
// loses some.
func (e *seatEnd) emitAudio(w *wire, p *packet) bool {
	payload := p.payload
	if copies := int(e.outlet.copies.Load()); copies > 0 {
		if together := p.with(copies); together != nil {
			red.Retype(together, w.payload[codec.Opus])
			w.header.PayloadType, payload = w.payload[codec.RED], together
		}
	}
	return e.write(w, &w.header, payload, p.at)
}

// write sends one packet of the wire and counts it. Every packet of a seat goes
// out here: media, repair and whatever protects them.
func (e *seatEnd) write(w *wire, head *rtp.Header, payload []byte, at time.Duration) bool {
	c := classVideo
	switch {
	case !e.outlet.video:
		c = classAudio
	case w.probe != 0:
		c = classProbe
	case head.SSRC == w.repair:
		c = classExtra
	case head.SSRC != w.ssrc:
		c = classParity
	}
	return e.send(w, head, payload, c, w.probe, at)
}

func (e *seatEnd) send(w *wire, head *rtp.Header, payload []byte, c class, probe uint8, at time.Duration) bool {
	o := e.outlet
	if o.clog.holds(at) {
		o.sfu.counters.drop(dropPathFull)
		return false
	}
	// It is stamped as it leaves, not as what it carries was read: with hundreds of
	// receivers the way through this node takes longer than a link's queue, and would
	// look like one.
	at = max(at, o.sfu.now())
	w.stamp(at)
	size := head.MarshalSize() + len(payload) + int(head.PaddingSize)
	if w.numbered {
		binary.BigEndian.PutUint16(w.ext.number[:], e.way.down.sent(size, c, probe, at))
	} else {
		e.way.down.unnumbered(size, c, at)
	}
	if w.exact != nil && head.SSRC == w.ssrc && !head.Padding {
		w.exact.keep(head, payload)
	}
	written, err := w.writer.WriteRTP(head, payload)
	if err == nil && written <= 0 {
		o.cloggedLocked(at)
		return false
	}
	return o.count(written, err)
}

// stamp writes the send time of at.
func (w *wire) stamp(at time.Duration) {
	t := uint64(at/time.Microsecond) << absSendFraction / 1e6
	w.ext.sendTime = [3]byte{byte(t >> 16), byte(t >> 8), byte(t)}
}

func (o *outlet) count(size int, err error) bool {
	if err != nil {
		o.sfu.counters.drop(dropWrite)
		return false
	}
	o.sfu.counters.packetsOut.Add(1)
	o.sfu.counters.bytesOut.Add(uint64(size))
	return true
}
