package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	packets "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// TestKeysAreTheClients: what a client seals with the keys that its own handshake
// arrived at opens with those found here, for every profile we offer.
func TestKeysAreTheClients(t *testing.T) {
	t.Parallel()
	for _, profile := range srtpProfiles() {
		for _, suite := range cipherSuites() {
			t.Run(fmt.Sprintf("%x %s", profile, suite), func(t *testing.T) {
				t.Parallel()
				found, sends := shakeHands(t, profile, suite)
				packet := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7, SequenceNumber: 1}, Payload: []byte("voice")}
				raw, err := packet.Marshal()
				must(t, err)
				sealed, err := sends.EncryptRTP(nil, raw, nil)
				must(t, err)
				opened, err := found.DecryptRTP(nil, sealed, nil)
				if err != nil || string(opened) != string(raw) {
					t.Errorf("opened %q: %v", opened, err)
				}
			})
		}
	}
}

// shakeHands gives what the server found and what the client has.
func shakeHands(t *testing.T, profile dtls.SRTPProtectionProfile, suite dtls.CipherSuiteID) (found, sends *srtp.Context) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	cert, err := selfsign.SelfSign(key)
	must(t, err)
	keys := &keying{agreed: func(c *srtp.Context) { found = c }}
	a, b := net.Pipe()
	server, err := dtls.ServerWithOptions(packets.PacketConnFromConn(a), a.RemoteAddr(),
		dtls.WithCertificates(cert), dtls.WithSRTPProtectionProfiles(srtpProfiles()...), dtls.WithCipherSuites(cipherSuites()...),
		dtls.WithInsecureSkipVerifyHello(true), dtls.WithServerHelloMessageHook(keys.hello), dtls.WithKeyLogWriter(keys))
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	client, err := dtls.ClientWithOptions(packets.PacketConnFromConn(b), b.RemoteAddr(),
		dtls.WithInsecureSkipVerify(true), dtls.WithSRTPProtectionProfiles(profile), dtls.WithCipherSuites(suite))
	must(t, err)
	must(t, client.Handshake())
	must(t, <-done)
	state, ok := client.ConnectionState()
	if !ok {
		t.Fatal("the handshake is not over")
	}
	t.Cleanup(func() { _ = errors.Join(a.Close(), b.Close(), server.Close(), client.Close()) })
	config := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	must(t, config.ExtractSessionKeysFromDTLS(&state, true))
	sends, err = srtp.CreateContext(config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt, config.Profile)
	must(t, err)
	return found, sends
}

// TestUnknownSecretsGiveNoKeys: of another protocol, or cut short.
func TestUnknownSecretsGiveNoKeys(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"", "CLIENT_RANDOM", "CLIENT_RANDOM 00", "CLIENT_RANDOM zz 00", "CLIENT_RANDOM 00 zz",
		"CLIENT_TRAFFIC_SECRET_0 00 00", "CLIENT_RANDOM 00 00 00",
	} {
		k := &keying{
			profiles: []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM},
			agreed:   func(*srtp.Context) { t.Errorf("keys from %q", line) },
		}
		if _, err := k.Write([]byte(line)); !errors.Is(err, errKeying) {
			t.Errorf("%q: %v", line, err)
		}
	}
	k := &keying{agreed: func(*srtp.Context) { t.Error("keys without a profile") }}
	if _, err := k.Write([]byte("CLIENT_RANDOM 00 00")); !errors.Is(err, errKeying) {
		t.Error(err)
	}
}
