package sfu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
	"github.com/yunqiao/yunqiao/sfu/internal/offer"
)

const extDependency = offer.Dependency

// Codec names how a source is encoded.
type Codec = codec.Kind

// The codecs of sources.
const (
	Opus = codec.Opus
	VP8  = codec.VP8
	VP9  = codec.VP9
	H264 = codec.H264
	AV1  = codec.AV1
)

// videoFormats are the pictures' codecs, each followed by its repairs. The
// numbers are for pion's table; answers use the offer's own.
func videoFormats() []webrtc.RTPCodecParameters {
	feedback := []webrtc.RTCPFeedback{
		{Type: webrtc.TypeRTCPFBGoogREMB},
		{Type: webrtc.TypeRTCPFBTransportCC},
		{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
		{Type: webrtc.TypeRTCPFBNACK},
		{Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"},
	}
	var list []webrtc.RTPCodecParameters
	for _, f := range []struct {
		mime, fmtp  string
		number, rtx webrtc.PayloadType
	}{
		{webrtc.MimeTypeVP8, "", 96, 97},
		{webrtc.MimeTypeVP9, "profile-id=0", 98, 99},
		{webrtc.MimeTypeAV1, "level-idx=5;profile=0;tier=0", 45, 46},
		{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 102, 103},
	} {
		list = append(list, webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: f.mime, ClockRate: videoClock, SDPFmtpLine: f.fmtp, RTCPFeedback: feedback,
			},
			PayloadType: f.number,
		}, webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mimeRTX, ClockRate: videoClock, SDPFmtpLine: aptLine(f.number)},
			PayloadType:        f.rtx,
		})
	}
	return list
}

// SetVideoCodecs makes participants whose offers come from now on send their
// pictures with the first of these codecs ("vp8", "vp9", "h264", "av1") they
// know, and with none but these. Whoever knows none of them uses what it knows.
// Without any, every client's own order holds.
func (m *Meeting) SetVideoCodecs(names ...string) error {
	var list []codec.Kind
	for _, name := range names {
		k := codec.Parse(name)
		if !k.Video() {
			return fmt.Errorf("set video codecs: %q is none", name)
		}
		if !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.codecs = list
	return nil
}

func (m *Meeting) videoCodecs() []codec.Kind {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.codecs
}

// preferred puts the negotiated codecs of a section in this order, each with its
// repairs, and leaves out those not listed, unless none is left.
func preferred(have []webrtc.RTPCodecParameters, order []codec.Kind) []webrtc.RTPCodecParameters {
	var list, rest []webrtc.RTPCodecParameters
	take := func(c webrtc.RTPCodecParameters) {
		list = append(list, c)
		for _, r := range have {
			if r.MimeType == mimeRTX && r.SDPFmtpLine == aptLine(c.PayloadType) {
				list = append(list, r)
			}
		}
	}
	for _, k := range order {
		for _, c := range have {
			if kindOf(c.MimeType) == k {
				take(c)
			}
		}
	}
	if len(list) == 0 {
		return have
	}
	for _, c := range have { // parity and the like
		if !kindOf(c.MimeType).Video() && c.MimeType != mimeRTX {
			rest = append(rest, c)
		}
	}
	return append(list, rest...)
}

// arrange has the answer keep to what each section offers: the preferred order
// where the client sends, and nothing a seat's section does not list.
func (t *transport) arrange(o *offer.Offer, order []codec.Kind) error {
	formats := map[string][]uint8{}
	for _, m := range o.Media {
		formats[m.MID] = m.Formats
	}
	for _, tr := range t.pc.GetTransceivers() {
		if tr.Kind() != webrtc.RTPCodecTypeVideo {
			continue
		}
		var have []webrtc.RTPCodecParameters
		switch {
		case tr.Sender() != nil && tr.Sender().Track() != nil:
			have = tr.Sender().GetParameters().Codecs
			have = slices.DeleteFunc(slices.Clone(have), func(c webrtc.RTPCodecParameters) bool {
				return !slices.Contains(formats[tr.Mid()], uint8(c.PayloadType))
			})
		case tr.Receiver() != nil:
			have = preferred(tr.Receiver().GetParameters().Codecs, order)
		}
		if len(have) == 0 {
			continue
		}
		if err := tr.SetCodecPreferences(have); err != nil {
			return fmt.Errorf("order codecs of section %q: %w", tr.Mid(), err)
		}
	}
	return nil
}

// independent takes the Dependency Descriptor out of an answer's sections in which
// the client sends with another codec than AV1. With it, browsers leave out of
// VP8's own descriptor what receivers without it need.
func independent(answer string) string {
	sections := strings.SplitAfter(answer, "\r\nm=")
	for i, section := range sections {
		if !strings.HasPrefix(section, "video ") || !strings.Contains(section, "\r\na=recvonly\r\n") {
			continue
		}
		if fields := strings.Fields(section); len(fields) > firstFormat &&
			strings.Contains(section, "a=rtpmap:"+fields[firstFormat]+" AV1/") {
			continue
		}
		var kept strings.Builder
		for line := range strings.SplitAfterSeq(section, "\r\n") {
			if !strings.HasPrefix(line, "a=extmap:") || !strings.Contains(line, extDependency) {
				kept.WriteString(line)
			}
		}
		sections[i] = kept.String()
	}
	return strings.Join(sections, "")
}

const firstFormat = 3 // among the fields of an m-line, without "m="
