package signaling

import (
	"math"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

func toPerson(p chat.Person) wire.Person {
	return wire.Person{ID: p.ID.String(), Kind: wire.PersonKind(p.Kind), Name: p.Name}
}

func toHeads(heads []chat.Head) []wire.RoomHead {
	list := make([]wire.RoomHead, 0, len(heads))
	for _, h := range heads {
		list = append(list, wire.RoomHead{
			Room: h.Room.String(), Seq: h.Seq, Read: h.Read, Unread: h.Unread, Mentions: h.Mentions, Mark: h.Mark, Manages: h.Manages,
		})
	}
	return list
}

func toSeats(seats []sfu.Seating) []wire.Seating {
	list := make([]wire.Seating, 0, len(seats))
	for _, s := range seats {
		list = append(list, wire.Seating{
			Seat: s.Seat, Participant: string(s.Peer), Kind: wire.StreamKind(s.Kind.String()), Picture: wire.Picture(s.Picture.String()),
		})
	}
	return list
}

func toWanted(source sfu.Source, layers uint8) *wire.Wanted {
	w := &wire.Wanted{Source: wire.Source(source.String()), Layers: make([]bool, sfu.MaxLayers)}
	for i := range w.Layers {
		w.Layers[i] = layers&(1<<i) != 0
	}
	return w
}

func toDirection(w sfu.Way) wire.Direction {
	percent := func(share float64) int { return int(math.Round(share * 100)) }
	return wire.Direction{
		Grade: wire.Grade(w.Grade.String()), Loss: percent(w.Loss), Frozen: percent(w.Frozen),
		RTTMS: int(w.RTT.Milliseconds()), JitterMS: int(w.Jitter.Milliseconds()), Bitrate: w.Rate,
	}
}

// maxTiles bounds what a client may say it shows.
const maxTiles = 64

func fromTiles(tiles []wire.Tile) ([]sfu.Tile, error) {
	if len(tiles) > maxTiles {
		return nil, failure(wire.CodeInvalid, "too many tiles").at("tiles")
	}
	list := make([]sfu.Tile, 0, len(tiles))
	for _, t := range tiles {
		if t.Width < 0 || t.Height < 0 || t.Width > 16384 || t.Height > 16384 {
			return nil, failure(wire.CodeInvalid, "not a size in pixels").at("tiles")
		}
		kind, err := kindOf(t.Kind)
		if err != nil {
			return nil, err
		}
		list = append(list, sfu.Tile{Peer: sfu.PeerID(t.Participant), Kind: kind, Width: t.Width, Height: t.Height})
	}
	return list, nil
}

func kindOf(kind wire.StreamKind) (sfu.Kind, error) {
	switch kind {
	case wire.StreamPerson:
		return sfu.Person, nil
	case wire.StreamScreen:
		return sfu.ScreenShare, nil
	}
	return 0, failure(wire.CodeInvalid, "person or screen").at("kind")
}

func sourceOf(source wire.Source) (sfu.Source, error) {
	s, err := sfu.ParseSource(string(source))
	if err != nil {
		return 0, failure(wire.CodeInvalid, "microphone, camera, screen or screen-audio").at("source")
	}
	return s, nil
}

// modeOf is what a source is good for; a camera says nothing of it.
func modeOf(mode wire.ScreenMode) (sfu.Mode, error) {
	switch mode {
	case "":
		return sfu.Auto, nil
	case wire.ModeText:
		return sfu.Text, nil
	case wire.ModeMotion:
		return sfu.Motion, nil
	}
	return 0, failure(wire.CodeInvalid, "text or motion").at("mode")
}

func fromOffer(o wire.Offer) (sfu.Offer, error) {
	offer := sfu.Offer{SDP: o.SDP, Sources: make(map[sfu.Source]string, len(o.Sources)), Seats: make([]sfu.SeatMIDs, 0, len(o.Seats))}
	if len(o.Seats) > sfu.MaxSeats || len(o.Sources) > 4 {
		return offer, failure(wire.CodeInvalid, "too many seats or sources").at("offer")
	}
	for _, s := range o.Sources {
		source, err := sourceOf(s.Source)
		if err != nil {
			return offer, err
		}
		offer.Sources[source] = s.MID
		if s.Packed && source.Video() {
			return offer, failure(wire.CodeInvalid, "only sounds are packed").at("offer.sources.packed")
		}
		if s.Packed {
			offer.Packed = append(offer.Packed, source)
		}
	}
	for _, s := range o.Seats {
		offer.Seats = append(offer.Seats, sfu.SeatMIDs{Audio: s.Audio, Video: s.Video})
	}
	return offer, nil
}

func parseIDs(field string, texts []string) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		id, err := parseID(field, text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
