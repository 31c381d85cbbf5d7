package signaling

import (
	"errors"
	"slices"
	"testing"

	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// TestSoundsAlonePack: a client says which of its sounds repeat others; of
// pictures that means nothing.
func TestSoundsAlonePack(t *testing.T) {
	t.Parallel()
	offer, err := fromOffer(wire.Offer{Sources: []wire.SourceOffer{
		{Source: wire.Microphone, MID: "0", Packed: true}, {Source: wire.Camera, MID: "1"},
	}})
	if err != nil || !slices.Equal(offer.Packed, []sfu.Source{sfu.Microphone}) {
		t.Errorf("packed are %v, %v", offer.Packed, err)
	}
	_, err = fromOffer(wire.Offer{Sources: []wire.SourceOffer{{Source: wire.Screen, MID: "2", Packed: true}}})
	if r := (*refusal)(nil); !errors.As(err, &r) || r.Field != "offer.sources.packed" {
		t.Errorf("a packed picture gives %v", err)
	}
}
