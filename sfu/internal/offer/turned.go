package offer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

// Turned are the media sections of an offer that are turned down, by their place.
type Turned map[int]*sdp.MediaDescription

// Keep takes the media sections out of an offer that are not among these mids.
// Nothing is negotiated of the others; Down puts them into the answer.
func Keep(text string, mids map[string]bool) (string, Turned, error) {
	if len(text) > MaxSDP {
		return "", nil, errors.New("is too long")
	}
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(text); err != nil {
		return "", nil, fmt.Errorf("is not a session description: %w", err)
	}
	if n := len(desc.MediaDescriptions); n > MaxMedia {
		return "", nil, fmt.Errorf("has %d media sections", n)
	}
	turned, kept := Turned{}, make([]*sdp.MediaDescription, 0, len(desc.MediaDescriptions))
	gone := map[string]bool{}
	for i, md := range desc.MediaDescriptions {
		mid, _ := md.Attribute("mid")
		if mids[mid] && mid != "" {
			kept = append(kept, md)
			continue
		}
		turned[i], gone[mid] = md, true
	}
	if len(turned) == 0 {
		return text, nil, nil
	}
	desc.MediaDescriptions = kept
	for i, a := range desc.Attributes {
		if a.Key == "group" { // RFC 9143: of those that remain
			fields := slices.DeleteFunc(strings.Fields(a.Value), func(mid string) bool { return gone[mid] })
			desc.Attributes[i].Value = strings.Join(fields, " ")
		}
	}
	b, err := desc.Marshal()
	if err != nil {
		return "", nil, fmt.Errorf("cannot be cut down: %w", err)
	}
	return string(b), turned, nil
}

// Down puts the sections into the answer, each with port 0 (RFC 3264 section 6).
func (t Turned) Down(answer string) (string, error) {
	if len(t) == 0 {
		return answer, nil
	}
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("read answer: %w", err)
	}
	all := len(desc.MediaDescriptions) + len(t)
	list := make([]*sdp.MediaDescription, 0, all)
	for i := range all {
		md := t[i]
		if md == nil {
			if len(desc.MediaDescriptions) == 0 {
				return "", errors.New("the answer has too few media sections")
			}
			list, desc.MediaDescriptions = append(list, desc.MediaDescriptions[0]), desc.MediaDescriptions[1:]
			continue
		}
		down := &sdp.MediaDescription{MediaName: md.MediaName, ConnectionInformation: &sdp.ConnectionInformation{
			NetworkType: "IN", AddressType: "IP4", Address: &sdp.Address{Address: "0.0.0.0"},
		}}
		down.MediaName.Port = sdp.RangedPort{}
		if md.MediaName.Media != "application" {
			down.MediaName.Formats = []string{"0"} // any, since no codec is described
		}
		if mid, ok := md.Attribute("mid"); ok {
			down.WithValueAttribute("mid", mid)
		}
		list = append(list, down.WithPropertyAttribute("inactive"))
	}
	desc.MediaDescriptions = list
	b, err := desc.Marshal()
	if err != nil {
		return "", fmt.Errorf("write answer: %w", err)
	}
	return string(b), nil
}
