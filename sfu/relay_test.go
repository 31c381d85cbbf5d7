package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"
)

// startRelay runs an SFU whose relay listens in every way.
func startRelay(t *testing.T, cfg Config) *SFU {
	t.Helper()
	plain, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	cfg.Relay = &RelayConfig{
		Addr: "127.0.0.1:0", Host: "127.0.0.1",
		TLS: tls.NewListener(plain, serverTLS(t)), TLSHost: plain.Addr().String(),
	}
	return startSFU(t, cfg)
}

func serverTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// lend gives a client the relay, reached in one way.
func lend(t *testing.T, s *SFU, person, way string) webrtc.ICEServer {
	t.Helper()
	c, ok := s.Lend(person)
	if !ok {
		t.Fatal("there is no relay")
	}
	i := slices.IndexFunc(c.URLs, func(u string) bool { return strings.HasPrefix(u, way[:5]) && strings.HasSuffix(u, way[5:]) })
	if i < 0 {
		t.Fatalf("no %s among %v", way, c.URLs)
	}
	return webrtc.ICEServer{URLs: c.URLs[i : i+1], Username: c.Username, Credential: c.Password}
}

// throughTLS is how the test's client trusts the test's certificate.
type throughTLS struct{}

func (throughTLS) Dial(network, addr string) (net.Conn, error) {
	return tls.Dial(network, addr, &tls.Config{InsecureSkipVerify: true})
}

func TestMediaFlowsThroughTheRelay(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"turn:udp", "turn:tcp", "turnstcp"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := startRelay(t, Config{})
			m := s.NewMeeting(newWitness())
			hidden := setup{seats: 1, relay: new(lend(t, s, "a", way))}
			if way == "turnstcp" {
				hidden.dialer = throughTLS{}
			}
			a := join(t, m, "a", hidden)
			b := join(t, m, "b", setup{seats: 1})
			live(a, Microphone, Camera)
			live(b, Microphone, Camera)
			eventually(t, "a sees b", func() bool {
				return a.got("seat-0-video", "b/video0") > 50 && a.got("seat-0-audio", "b/audio") > 50
			})
			eventually(t, "b sees a", func() bool {
				return b.got("seat-0-video", "a/video0") > 50 && b.got("seat-0-audio", "a/audio") > 50
			})
			if got := s.counters.relayed.Load(); got != 1 {
				t.Errorf("%d addresses relayed", got)
			}
			must(t, a.pc.Close())
			eventually(t, "the relayed address is given back", func() bool { return s.counters.relayed.Load() == 0 })
		})
	}
}

// turnClient is a client of the relay over UDP.
func turnClient(t *testing.T, s *SFU, username, password string, family turn.RequestedAddressFamily) *turn.Client {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	addr := s.relay.udp.LocalAddr().String()
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: addr, TURNServerAddr: addr, Conn: conn, Username: username, Password: password,
		RequestedAddressFamily: family,
	})
	must(t, err)
	must(t, c.Listen())
	t.Cleanup(func() {
		c.Close()
		_ = conn.Close()
	})
	return c
}

func TestRelayReachesNothingElse(t *testing.T) {
	t.Parallel()
	public := []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::7")}
	s := startRelay(t, Config{PublicIPs: public})
	c, _ := s.Lend("mallory")
	refused := map[turn.RequestedAddressFamily][]string{
		turn.RequestedAddressFamilyIPv4: {
			"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
			"100.64.0.1", "169.254.169.254", "192.0.0.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.1.1.1",
			"240.0.0.1", "255.255.255.255", "8.8.8.8", "203.0.113.8", "203.0.113.6",
		},
		turn.RequestedAddressFamilyIPv6: {
			"::", "::1", "::7f00:1", "::cb00:7107", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
			"2002:7f00:1::", "2001::1", "fc00::1", "fd00::1", "fe80::1", "ff02::1", "2001:db8::8",
		},
	}
	for family, list := range refused {
		client := turnClient(t, s, c.Username, c.Password, family)
		conn, err := client.Allocate()
		must(t, err)
		for _, text := range list {
			peer := &net.UDPAddr{IP: net.ParseIP(text), Port: int(s.UDPAddr().Port())}
			if err := client.CreatePermission(peer); err == nil {
				t.Errorf("%s is allowed", text)
			}
		}
		must(t, conn.Close())
	}
	for _, own := range public {
		if !s.relay.permit(nil, own.AsSlice()) {
			t.Errorf("the media address %v is refused", own)
		}
	}
}

func TestRelayReachesNoOtherPort(t *testing.T) {
	t.Parallel()
	s := startRelay(t, Config{})
	c, _ := s.Lend("mallory")
	conn, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate()
	must(t, err)
	secret, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	defer secret.Close()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		b := make([]byte, 100)
		if n, from, err := secret.ReadFrom(b); err == nil {
			t.Errorf("%q arrived from %v", b[:n], from)
		}
	}()
	for range 10 {
		_, _ = conn.WriteTo([]byte("\x80hello"), secret.LocalAddr())
	}
	eventually(t, "the packets are dropped", func() bool { return s.counters.drops[dropRelayTarget].Load() == 10 })
	_ = secret.Close()
	<-heard
	must(t, conn.Close())
}

func TestRelayCredentials(t *testing.T) {
	t.Parallel()
	s := startRelay(t, Config{})
	good, _ := s.Lend("a")
	past := strconv.FormatInt(time.Now().Add(-time.Second).Unix(), 10) + ":a"
	far := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10) + ":a"
	for name, c := range map[string][2]string{
		"expired":     {past, s.relay.password(past)},
		"prolonged":   {far, good.Password},
		"of another":  {strings.TrimSuffix(good.Username, "a") + "b", good.Password},
		"unsigned":    {good.Username, ""},
		"no time":     {"a", s.relay.password("a")},
		"no person":   {good.Username[:11], s.relay.password(good.Username[:11])},
		"not of ours": {"admin", "admin"},
	} {
		if conn, err := turnClient(t, s, c[0], c[1]+" ", turn.RequestedAddressFamilyIPv4).Allocate(); err == nil {
			t.Errorf("%s: the relay accepted it", name)
			_ = conn.Close()
		}
		if conn, err := turnClient(t, s, c[0], max(c[1], "x"), turn.RequestedAddressFamilyIPv4).Allocate(); err == nil {
			t.Errorf("%s: the relay accepted it", name)
			_ = conn.Close()
		}
	}
	if !strings.HasSuffix(good.Username, ":a") || len(good.URLs) != 3 {
		t.Errorf("lent: %+v", good)
	}
}

func TestRelayGoesOnForThoseWhoBeganInTime(t *testing.T) {
	t.Parallel()
	r := &relay{begun: map[beganBy]int{}}
	client := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5}
	past := strconv.FormatInt(time.Now().Add(-time.Minute).Unix(), 10) + ":a"
	ask := func(method stun.Method) bool {
		_, _, ok := r.authorise(&turn.RequestAttributes{Username: past, SrcAddr: client, Method: method})
		return ok
	}
	if ask(stun.MethodRefresh) {
		t.Error("nothing was begun")
	}
	r.created(client, nil, "", "a", "", nil, 0)
	if !ask(stun.MethodRefresh) || ask(stun.MethodAllocate) {
		t.Error("what was begun cannot be refreshed")
	}
	r.deleted(client, nil, "", "a", "")
	if ask(stun.MethodRefresh) || len(r.begun) > 0 {
		t.Error("what is over can be refreshed")
	}
}

func TestRelayQuota(t *testing.T) {
	t.Parallel()
	s := startRelay(t, Config{})
	c, _ := s.Lend("greedy")
	var conns []net.PacketConn
	for range relaysPerPerson {
		conn, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate()
		must(t, err)
		conns = append(conns, conn)
	}
	if _, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate(); err == nil {
		t.Error("one more than the quota was given")
	}
	other, _ := s.Lend("modest")
	conn, err := turnClient(t, s, other.Username, other.Password, turn.RequestedAddressFamilyIPv4).Allocate()
	must(t, err)
	for _, conn := range append(conns, conn) {
		must(t, conn.Close())
	}
	eventually(t, "all is given back", func() bool { return s.counters.relayed.Load() == 0 })
	again, err := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv4).Allocate()
	must(t, err)
	must(t, again.Close())
}

func TestRelayRateIsBounded(t *testing.T) {
	t.Parallel()
	b := bucket{level: relayBurst}
	passed, now := 0, time.Duration(0)
	for ; now < 2*time.Second; now += 100 * time.Microsecond {
		if b.takes(1200, now) {
			passed += 1200
		}
	}
	if most := relayBurst + 2*relayRate; passed > most || passed < most*9/10 {
		t.Errorf("%d bytes passed in two seconds, want about %d", passed, most)
	}
}

func TestStrangersAreHeardOnlySoOften(t *testing.T) {
	t.Parallel()
	now := time.Duration(0)
	g := newGate(nil, func() time.Duration { return now })
	request := append([]byte{0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	indication := append([]byte{0, 0x16, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	heard := func(b []byte, ip net.IP) (n int) {
		for range 3 * gateRate {
			if g.passes(b, &net.UDPAddr{IP: ip, Port: 1}) {
				n++
			}
		}
		return n
	}
	a, b := net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 2)
	if n := heard(request, a); n != gateRate {
		t.Errorf("%d requests heard", n)
	}
	if n := heard(indication, b); n != 3*gateRate {
		t.Errorf("%d indications heard", n)
	}
	if n := heard([]byte{0x40, 0, 0, 1, 1}, a); n != 3*gateRate {
		t.Errorf("%d messages of channels heard", n)
	}
	now += time.Second
	if n := heard(request, a); n != gateRate {
		t.Errorf("%d requests heard in the next second", n)
	}
}

func FuzzRelayGate(f *testing.F) {
	f.Add([]byte{0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0x40, 0, 0, 200, 1})
	f.Add([]byte{})
	s := &SFU{started: time.Now()}
	l := newRelayLink(&relay{sfu: s}, "a", netip.MustParseAddrPort("192.0.2.1:7882"))
	g := newGate(nil, s.now)
	f.Fuzz(func(t *testing.T, b []byte) {
		g.passes(b, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1)})
		if n, err := l.Deliver(b); err != nil || n == 0 {
			return
		}
		got := make([]byte, len(b))
		n, from, err := l.ReadFrom(got)
		if err != nil || string(got[:n]) != string(b) || fmt.Sprint(from) != "192.0.2.1:7882" {
			t.Fatalf("%q became %q from %v, %v", b, got[:n], from, err)
		}
	})
}

func TestRelayWithoutAMediaAddressOfTheFamily(t *testing.T) {
	t.Parallel()
	s := startRelay(t, Config{})
	c, _ := s.Lend("a")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client := turnClient(t, s, c.Username, c.Password, turn.RequestedAddressFamilyIPv6)
	if conn, err := client.AllocateWithContext(ctx); err == nil {
		t.Error("an IPv6 address was given by a node that has none")
		_ = conn.Close()
	}
}
