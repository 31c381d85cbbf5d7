package sfu

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

func TestNetworksOfAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.7:1": "192.0.2.7/32", "[::ffff:192.0.2.7]:1": "192.0.2.7/32", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:1": "fe80::/64",
	} {
		at := netip.MustParseAddrPort(text)
		if got := networkOf(net.TCPAddrFromAddrPort(at)); got != netip.MustParsePrefix(want) {
			t.Errorf("TCP from %s is of %v", text, got)
		}
		if got := networkOf(net.UDPAddrFromAddrPort(at)); got != netip.MustParsePrefix(want) {
			t.Errorf("UDP from %s is of %v", text, got)
		}
	}
	if networkOf(nil).IsValid() {
		t.Error("no address has a network")
	}
}

// One address cannot keep everybody else from connecting over TCP: what is beyond
// its share is closed, and what it closes is free again.
func TestOneAddressHasAShareOfTCP(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{TCPAddr: "127.0.0.1:0"})
	dial := func(from string) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := d.DialContext(t.Context(), "tcp4", s.TCPAddr().String())
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	listener := s.tcpIn
	for range tcpPerNetwork {
		dial("127.0.0.1")
	}
	eventually(t, "all are in", func() bool { return listener.count() == tcpPerNetwork })
	over := dial("127.0.0.1")
	if _, err := over.Read(make([]byte, 1)); err == nil {
		t.Error("one more than the share is served")
	}
	dial("127.0.0.2")
	eventually(t, "another address gets in", func() bool { return listener.count() == tcpPerNetwork+1 })
	if s.counters.tcpRefused.Load() == 0 {
		t.Error("it is not counted")
	}
}

// Who names nobody that is expected is hung up on, long before others miss the place.
func TestTCPOfNobodyIsClosed(t *testing.T) {
	t.Parallel()
	s := startSFU(t, Config{TCPAddr: "127.0.0.1:0"})
	for name, first := range map[string][]byte{"silent": nil, "of a stranger": framed(t, "nobody:me")} {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp4", s.TCPAddr().String())
		must(t, err)
		_, err = conn.Write(first)
		must(t, err)
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if _, err := io.ReadAll(conn); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			t.Errorf("a connection that is %s is kept", name)
		}
		_ = conn.Close()
	}
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// framed is a binding request as ICE sends it over TCP (RFC 4571).
func framed(t *testing.T, user string) []byte {
	t.Helper()
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(user), stun.Fingerprint)
	must(t, err)
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(m.Raw))), m.Raw...)
}

// One network cannot take all that can be relayed, under however many names.
func TestRelayHasAShareForEachNetwork(t *testing.T) {
	t.Parallel()
	s := startRelay(t, Config{})
	near := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	for range relaysPerNetwork {
		s.relay.created(near, nil, "udp", "p", "", nil, 0)
	}
	c, _ := s.Lend("modest")
	if _, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate(); err == nil {
		t.Error("one more than the network's share")
	}
	s.relay.deleted(near, nil, "udp", "p", "")
	conn, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate()
	must(t, err)
	must(t, conn.Close())
}
