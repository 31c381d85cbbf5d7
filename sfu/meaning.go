package sfu

import (
	"strconv"

	"github.com/yunqiao/yunqiao/sfu/internal/offer"
)

// meaning sees to it that a description's media sections and what the client
// says of them fit together.
type meaning struct {
	media map[string]offer.Media
	used  map[string]bool
}

// check refuses an offer whose description and meaning do not fit together.
func check(o *offer.Offer, asked Offer) error {
	m := meaning{media: map[string]offer.Media{}, used: map[string]bool{}}
	for _, section := range o.Media {
		m.media[section.MID] = section
	}
	for source := range Source(sources) {
		if mid, ok := asked.Sources[source]; ok {
			if err := m.expect("sources."+source.String(), mid, source.mediaKind(), true); err != nil {
				return err
			}
		}
	}
	if err := m.seats(asked.Seats); err != nil {
		return err
	}
	if err := m.ears(asked.Ears); err != nil {
		return err
	}
	for mid := range m.media {
		if !m.used[mid] {
			return &OfferError{"sdp", "has a media section that is neither a source nor in a seat: " + strconv.Quote(mid)}
		}
	}
	return nil
}

func (m *meaning) seats(asked []SeatMIDs) error {
	if len(asked) > MaxSeats {
		return &OfferError{"seats", "are more than " + strconv.Itoa(MaxSeats)}
	}
	for i, s := range asked {
		field := "seats[" + strconv.Itoa(i) + "]"
		if s.Audio != "" {
			if err := m.expect(field+".audio", s.Audio, "audio", false); err != nil {
				return err
			}
		}
		if err := m.expect(field+".video", s.Video, "video", false); err != nil {
			return err
		}
	}
	return nil
}

func (m *meaning) ears(asked []string) error {
	if len(asked) > MaxSeats {
		return &OfferError{"ears", "are more than " + strconv.Itoa(MaxSeats)}
	}
	for i, mid := range asked {
		if err := m.expect("ears["+strconv.Itoa(i)+"]", mid, "audio", false); err != nil {
			return err
		}
	}
	return nil
}

// expect takes a media section for one meaning.
func (m *meaning) expect(field, mid, kind string, sends bool) error {
	section, ok := m.media[mid]
	switch {
	case !ok:
		return &OfferError{field, "names no media section: " + strconv.Quote(mid)}
	case m.used[mid]:
		return &OfferError{field, "names a media section used already: " + strconv.Quote(mid)}
	case section.Kind != kind:
		return &OfferError{field, "names a section of kind " + section.Kind}
	case sends && section.Direction == "recvonly", !sends && section.Direction != "recvonly":
		return &OfferError{field, "names a section that is " + section.Direction}
	}
	m.used[mid] = true
	return nil
}

// samePrefix refuses an offer that changes what the connection has already.
func samePrefix(have *transport, asked Offer) error {
	if len(asked.Seats) < len(have.seats) {
		return &OfferError{"seats", "are fewer than before"}
	}
	for i, s := range have.seats {
		if asked.Seats[i].Audio != s.audioMID || asked.Seats[i].Video != s.videoMID {
			return &OfferError{"seats[" + strconv.Itoa(i) + "]", "is another than before"}
		}
	}
	if len(asked.Ears) < len(have.ears) {
		return &OfferError{"ears", "are fewer than before"}
	}
	for i, e := range have.ears {
		if asked.Ears[i] != e.mid {
			return &OfferError{"ears[" + strconv.Itoa(i) + "]", "is another than before"}
		}
	}
	return nil
}
