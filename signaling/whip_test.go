package signaling

import (
	"testing"

	"github.com/pion/sdp/v3"

	"github.com/yunqiao/yunqiao/sfu"
)

const machine = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=ice-ufrag:abcd\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=sendonly\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:3\r\na=inactive\r\n"

func TestMachinesOfferWhatTheyCan(t *testing.T) {
	t.Parallel()
	desc := &sdp.SessionDescription{}
	if err := desc.UnmarshalString(machine); err != nil {
		t.Fatal(err)
	}
	offer, live := playerOffer(desc)
	if len(offer.Ears) != 1 || len(offer.Seats) != 1 || offer.Seats[0] != (sfu.SeatMIDs{Video: "1"}) || live != nil {
		t.Errorf("a player: %+v sending %v", offer, live)
	}
	offer, live = encoderOffer(sfu.Microphone, sfu.Camera)(desc)
	if len(offer.Sources) != 1 || offer.Sources[sfu.Camera] != "2" || len(live) != 1 {
		t.Errorf("an encoder: %+v sending %v", offer, live)
	}
	if got := ufragOf(desc); got != "abcd" {
		t.Errorf("the fragment is %q", got)
	}
}

func FuzzMachineOffer(f *testing.F) {
	f.Add(machine)
	f.Add("v=0\r\nm=audio 9 x 1\r\n")
	f.Fuzz(func(_ *testing.T, text string) {
		desc := &sdp.SessionDescription{}
		if desc.UnmarshalString(text) != nil {
			return
		}
		playerOffer(desc)
		encoderOffer(sfu.ScreenAudio, sfu.Screen)(desc)
		ufragOf(desc)
	})
}
