// Package offer reads from a client's SDP what the media path needs to know and
// refuses what could not be answered, before any state is touched. Pure.
package offer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// Limits of one offer.
const (
	MaxSDP   = 512 << 10
	MaxMedia = 512
	maxRIDs  = 3
)

// Dependency is the name of the Dependency Descriptor (RTP payload format for
// AV1, appendix A).
const Dependency = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

// Codec is what a payload type stands for.
type Codec struct {
	Name  string // lower case, such as "vp8"
	Clock uint32
	Apt   uint8 // of "rtx": the payload type repaired
	NACK  bool  // its lost packets may be asked for (RFC 4585)
}

// Extensions are the negotiated ids of the header extensions in use; 0 is none.
type Extensions struct {
	MID, RID, RepairedRID, AudioLevel, TransportCC, SendTime, Dependency uint8
}

// Media is one m-line.
type Media struct {
	MID, Kind, Direction string

	Formats []uint8 // payload types

	RIDs  []string          // simulcast encodings sent, lowest first
	Usual bool              // RIDs have the usual names, which tell their order
	SSRCs []uint32          // declared for sending, without repair streams
	RTX   map[uint32]uint32 // repair SSRC to the SSRC repaired
}

// Offer is what one session description says.
type Offer struct {
	Session     uint64 // RFC 9429: constant for one PeerConnection
	Fingerprint string // of the first m-line or the session
	ICE         string // user fragment and password
	Media       []Media
	Codecs      map[uint8]Codec
	Extensions  Extensions
}

// Parse reads and checks a session description.
func Parse(text string) (*Offer, error) {
	if len(text) > MaxSDP {
		return nil, errors.New("is too long")
	}
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("is not a session description: %w", err)
	}
	if n := len(desc.MediaDescriptions); n == 0 || n > MaxMedia {
		return nil, fmt.Errorf("has %d media sections", n)
	}
	o := &Offer{Session: desc.Origin.SessionID, Codecs: map[uint8]Codec{}}
	o.Fingerprint, _ = desc.Attribute("fingerprint")
	ufrag, _ := desc.Attribute("ice-ufrag")
	password, _ := desc.Attribute("ice-pwd")
	seen := map[string]bool{}
	for _, md := range desc.MediaDescriptions {
		m, err := o.media(md)
		if err != nil {
			return nil, err
		}
		if seen[m.MID] {
			return nil, fmt.Errorf("names mid %q twice", m.MID)
		}
		seen[m.MID] = true
		o.Media = append(o.Media, m)
		ufrag = first(ufrag, md, "ice-ufrag")
		password = first(password, md, "ice-pwd")
		o.Fingerprint = first(o.Fingerprint, md, "fingerprint")
	}
	if ufrag == "" || password == "" {
		return nil, errors.New("has no ICE credentials")
	}
	if o.Fingerprint == "" {
		return nil, errors.New("has no certificate fingerprint")
	}
	o.ICE = ufrag + ":" + password
	return o, nil
}

func first(have string, md *sdp.MediaDescription, key string) string {
	if have != "" {
		return have
	}
	v, _ := md.Attribute(key)
	return v
}

func (o *Offer) media(md *sdp.MediaDescription) (Media, error) {
	m := Media{Kind: md.MediaName.Media, Direction: "sendrecv", RTX: map[uint32]uint32{}}
	if m.Kind != "audio" && m.Kind != "video" {
		return m, fmt.Errorf("has a media section of kind %q", m.Kind)
	}
	for _, f := range md.MediaName.Formats {
		if pt, err := strconv.ParseUint(f, 10, 7); err == nil {
			m.Formats = append(m.Formats, uint8(pt))
		}
	}
	var simulcast string
	rids := map[string]bool{}
	apts := map[uint8]uint8{}
	for _, a := range md.Attributes {
		switch a.Key {
		case "mid":
			m.MID = a.Value
		case "sendrecv", "sendonly", "recvonly", "inactive":
			m.Direction = a.Key
		case "rtpmap":
			o.rtpmap(a.Value)
		case "fmtp":
			fmtp(a.Value, apts)
		case "rtcp-fb":
			o.feedback(a.Value)
		case "extmap":
			o.extmap(a.Value)
		case "rid":
			if f := strings.Fields(a.Value); len(f) >= 2 && f[1] == "send" {
				rids[f[0]] = true
			}
		case "simulcast":
			simulcast = a.Value
		case "ssrc":
			m.ssrc(a.Value)
		case "ssrc-group":
			m.group(a.Value)
		}
	}
	for pt, apt := range apts {
		if c, ok := o.Codecs[pt]; ok {
			c.Apt = apt
			o.Codecs[pt] = c
		}
	}
	if m.MID == "" || len(m.MID) > 32 {
		return m, errors.New("has a media section without a usable mid")
	}
	m.SSRCs = slices.DeleteFunc(m.SSRCs, func(s uint32) bool { _, repair := m.RTX[s]; return repair })
	return m, m.simulcast(simulcast, rids)
}

// simulcast orders the encodings from the lowest to the highest: by the usual
// names when all have one, else as listed, since what is listed first is what the
// sender likes best (RFC 8853 section 5.2): of OBS's, "0" is the largest.
func (m *Media) simulcast(value string, rids map[string]bool) error {
	list, ok := strings.CutPrefix(value, "send ")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, " ")
	for part := range strings.SplitSeq(list, ";") {
		rid, _, _ := strings.Cut(part, ",")
		rid = strings.TrimPrefix(rid, "~")
		if !rids[rid] || len(rid) > 16 {
			return fmt.Errorf("lists simulcast encoding %q without declaring it", rid)
		}
		m.RIDs = append(m.RIDs, rid)
	}
	m.RIDs = m.RIDs[:min(len(m.RIDs), maxRIDs)] // the best of them
	const usual = "qhf"
	known := func(rid string) bool { return len(rid) == 1 && strings.Contains(usual, rid) }
	m.Usual = !slices.ContainsFunc(m.RIDs, func(r string) bool { return !known(r) })
	if m.Usual {
		slices.SortFunc(m.RIDs, func(a, b string) int { return strings.Index(usual, a) - strings.Index(usual, b) })
	} else {
		slices.Reverse(m.RIDs)
	}
	return nil
}

func (o *Offer) rtpmap(value string) {
	number, rest, _ := strings.Cut(value, " ")
	pt, err := strconv.ParseUint(number, 10, 7)
	if err != nil {
		return
	}
	parts := strings.Split(strings.TrimSpace(rest), "/")
	if len(parts) < 2 {
		return
	}
	clock, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil {
		return
	}
	c := o.Codecs[uint8(pt)]
	c.Name, c.Clock = strings.ToLower(parts[0]), uint32(clock)
	o.Codecs[uint8(pt)] = c
}

// feedback reads an rtcp-fb attribute (RFC 4585 section 4.2), which follows the
// rtpmap of its payload type.
func (o *Offer) feedback(value string) {
	number, kind, _ := strings.Cut(value, " ")
	pt, err := strconv.ParseUint(number, 10, 7)
	if err != nil || strings.TrimSpace(kind) != "nack" {
		return
	}
	if c, ok := o.Codecs[uint8(pt)]; ok {
		c.NACK = true
		o.Codecs[uint8(pt)] = c
	}
}

func fmtp(value string, apts map[uint8]uint8) {
	number, rest, _ := strings.Cut(value, " ")
	pt, err := strconv.ParseUint(number, 10, 7)
	if err != nil {
		return
	}
	for param := range strings.SplitSeq(rest, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(param), "apt="); ok {
			if apt, err := strconv.ParseUint(v, 10, 7); err == nil {
				apts[uint8(pt)] = uint8(apt)
			}
		}
	}
}

func (o *Offer) extmap(value string) {
	fields := strings.Fields(value)
	if len(fields) < 2 {
		return
	}
	number, _, _ := strings.Cut(fields[0], "/")
	id, err := strconv.ParseUint(number, 10, 8)
	if err != nil {
		return
	}
	switch fields[1] {
	case sdp.SDESMidURI:
		o.Extensions.MID = uint8(id)
	case sdp.SDESRTPStreamIDURI:
		o.Extensions.RID = uint8(id)
	case sdp.SDESRepairRTPStreamIDURI:
		o.Extensions.RepairedRID = uint8(id)
	case sdp.AudioLevelURI:
		o.Extensions.AudioLevel = uint8(id)
	case Dependency:
		o.Extensions.Dependency = uint8(id)
	case sdp.TransportCCURI:
		o.Extensions.TransportCC = uint8(id)
	case sdp.ABSSendTimeURI:
		o.Extensions.SendTime = uint8(id)
	}
}

func (m *Media) ssrc(value string) {
	number, _, _ := strings.Cut(value, " ")
	if n, err := strconv.ParseUint(number, 10, 32); err == nil && !slices.Contains(m.SSRCs, uint32(n)) && len(m.SSRCs) < 16 {
		m.SSRCs = append(m.SSRCs, uint32(n))
	}
}

func (m *Media) group(value string) {
	fields := strings.Fields(value)
	if len(fields) != 3 || fields[0] != "FID" || len(m.RTX) >= 8 {
		return
	}
	primary, err1 := strconv.ParseUint(fields[1], 10, 32)
	repair, err2 := strconv.ParseUint(fields[2], 10, 32)
	if err1 == nil && err2 == nil && primary != repair {
		m.RTX[uint32(repair)] = uint32(primary)
	}
}
