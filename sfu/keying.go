package sfu

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/srtp/v3"
)

const (
	exporterLabel = "EXTRACTOR-dtls_srtp" // RFC 5764 section 4.2
	keyLogLabel   = "CLIENT_RANDOM"       // of TLS 1.2 and DTLS 1.2
	replayRTP     = 1024                  // packets
	replayRTCP    = 64
)

// cipherSuites are those of which the exporter's hash is SHA-256 (RFC 5246 section
// 5). The first is the one that every endpoint has to know (RFC 8827 section 6.5).
func cipherSuites() []dtls.CipherSuiteID {
	return []dtls.CipherSuiteID{dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}
}

// srtpProfiles are those we take, the best first.
func srtpProfiles() []dtls.SRTPProtectionProfile {
	return []dtls.SRTPProtectionProfile{
		dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	}
}

// keying learns with which keys a client sends its media. pion derives the same
// ones and keeps them to itself; what they are made of it tells in two places: the
// ServerHello, and the key log that TLS programs write for those who debug them.
// Nothing of it is kept or logged.
//
// It is called by the handshake's goroutine.
type keying struct {
	random   [handshake.RandomLength]byte // the server's
	profiles []dtls.SRTPProtectionProfile
	agreed   func(*srtp.Context)
}

var errKeying = errors.New("keys cannot be derived")

// hello implements pion's hook for the ServerHello.
func (k *keying) hello(m handshake.MessageServerHello) handshake.Message {
	k.random = m.Random.MarshalFixed()
	for _, e := range m.Extensions {
		if use, ok := e.(*extension.UseSRTP); ok {
			k.profiles = slices.Clone(use.ProtectionProfiles)
		}
	}
	return &m
}

// Write takes a line of the key log: a label, the client's random value and the
// master secret. From anything it does not know no keys come; then pion decrypts.
func (k *keying) Write(line []byte) (int, error) {
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != keyLogLabel || len(k.profiles) != 1 {
		return 0, errKeying
	}
	random, err := hex.AppendDecode(nil, fields[1])
	if err != nil {
		return 0, fmt.Errorf("%w: random value: %w", errKeying, err)
	}
	secret, err := hex.AppendDecode(nil, fields[2])
	if err != nil {
		return 0, fmt.Errorf("%w: master secret", errKeying)
	}
	context, err := clientContext(secret, slices.Concat([]byte(exporterLabel), random, k.random[:]), k.profiles[0])
	clear(secret)
	if err != nil {
		return 0, err
	}
	k.agreed(context)
	return len(line), nil
}

// clientContext makes the SRTP context of what the client sends. The exporter gives
// the client's key, the server's, the client's salt and the server's
// (RFC 5764 section 4.2).
func clientContext(secret, seed []byte, p dtls.SRTPProtectionProfile) (*srtp.Context, error) {
	profile := srtp.ProtectionProfile(p)
	key, err := profile.KeyLen()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeying, err)
	}
	salt, err := profile.SaltLen()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeying, err)
	}
	keys, err := prf.PHash(secret, seed, 2*(key+salt), sha256.New)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeying, err)
	}
	defer clear(keys)
	return openingContext(keys[:key], keys[2*key:2*key+salt], profile)
}

// openingContext makes a context that takes every packet once. Headers are decrypted
// where they are encrypted (RFC 9335), whatever was offered.
func openingContext(key, salt []byte, profile srtp.ProtectionProfile) (*srtp.Context, error) {
	context, err := srtp.CreateContext(key, salt, profile,
		srtp.SRTPReplayProtection(replayRTP), srtp.SRTCPReplayProtection(replayRTCP), srtp.Cryptex(srtp.CryptexModeEnabled))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeying, err)
	}
	return context, nil
}
