package relay

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/pion/turn/v5"
)

const secret = "a secret of both"

// startServer runs a real TURN server on loopback, by UDP and by TCP.
func startServer(t *testing.T) (udp, tcp string) {
	t.Helper()
	packets, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addresses := &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: "test", AuthHandler: turn.LongTermTURNRESTAuthHandler(secret, nil),
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: packets, RelayAddressGenerator: addresses}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: listener, RelayAddressGenerator: addresses}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close TURN server: %v", err)
		}
	})
	return "turn:" + packets.LocalAddr().String(), "turn:" + listener.Addr().String() + "?transport=tcp"
}

func TestCheckAllocates(t *testing.T) {
	t.Parallel()
	udp, tcp := startServer(t)
	for _, url := range []string{udp, tcp} {
		for _, test := range []struct {
			secret string
			good   bool
		}{{secret, true}, {"another secret", false}} {
			r, err := New(url, test.secret)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			err = r.Check(ctx)
			cancel()
			if (err == nil) != test.good {
				t.Errorf("%s with %q: %v", url, test.secret, err)
			}
		}
	}
}

func TestAddressesAreRead(t *testing.T) {
	t.Parallel()
	for url, good := range map[string]bool{
		"turn:relay.example.org": true, "turns:relay.example.org:443?transport=tcp": true,
		"stun:relay.example.org": false, "https://relay.example.org": false, "": false, "turn:": false,
	} {
		if _, err := New(url, secret); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add("turn:relay.example.org:3478?transport=udp")
	f.Add("turns:[2001:db8::1]:443")
	f.Fuzz(func(_ *testing.T, url string) {
		_, _ = New(url, secret) // no panic
	})
}
