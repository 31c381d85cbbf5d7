package sfu

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

const (
	relayRealm = "yunqiao"
	// RelayLife is how long credentials can be used to begin with. What was begun
	// goes on for as long as its connection.
	RelayLife = 5 * time.Minute

	relaysPerPerson = 12   // networks × ways to the relay
	maxRelays       = 4096 // on this node
	// Of them one network has half: 200 people behind one address ask for one by
	// each way that there is.
	relaysPerNetwork = maxRelays / 2

	// Relayed addresses have these ports. They are never opened, and lie above
	// those from which systems choose for clients on this machine.
	firstRelayPort = 61000
	relayPorts     = 65535 - firstRelayPort + 1
)

// RelayConfig is where clients on closed networks reach the relay (TURN, RFC
// 8656). It relays to this node's media and to nothing else.
type RelayConfig struct {
	Addr string       // for TURN over UDP and TCP; "" for neither
	TLS  net.Listener // connections whose TLS is undone already; nil for none
	Host string       // name or address that clients are told
	// TLSHost is the name and port at which the connections of TLS arrive.
	TLSHost string
}

// RelayCredentials are what one person may use the relay with.
type RelayCredentials struct {
	URLs               []string
	Username, Password string
}

// relay is the TURN server of a node.
type relay struct {
	// Set by openRelay.
	sfu    *SFU
	cfg    RelayConfig
	secret [32]byte
	media  map[string]netip.AddrPort // udp4, udp6: the only address relayed to
	hosts  map[string]netip.Addr     // udp4, udp6: of relayed addresses
	server *turn.Server
	shares shares
	udp    net.PacketConn
	tcp    *tcpListener

	mu       sync.Mutex
	links    map[int]*relayLink // guarded by mu: by port
	nextPort int                // guarded by mu
	begun    map[beganBy]int    // guarded by mu: allocations there are
	persons  map[string]int     // guarded by mu: links of each person
}

// beganBy names an allocation's owner.
type beganBy struct{ client, person string }

var errRelayFull = errors.New("no more can be relayed")

// openRelay starts the TURN server.
func (s *SFU) openRelay(cfg RelayConfig) error {
	r := &relay{
		sfu: s, cfg: cfg, media: map[string]netip.AddrPort{}, hosts: map[string]netip.Addr{},
		links: map[int]*relayLink{}, begun: map[beganBy]int{}, persons: map[string]int{},
	}
	_, _ = rand.Read(r.secret[:]) // never fails
	for _, network := range []string{"udp4", "udp6"} {
		if addr, ok := s.mediaAddr(network == "udp4"); ok {
			r.media[network], r.hosts[network] = addr, addr.Addr()
		}
	}
	server := turn.ServerConfig{
		Realm: relayRealm, LoggerFactory: s.pionLog, AuthHandler: r.authorise, QuotaHandler: r.quota,
		EventHandler: turn.EventHandler{OnAllocationCreated: r.created, OnAllocationDeleted: r.deleted},
	}
	if err := r.listen(&server); err != nil {
		return errors.Join(err, r.closeSockets())
	}
	var err error
	if r.server, err = turn.NewServer(server); err != nil {
		return errors.Join(fmt.Errorf("start relay: %w", err), r.closeSockets())
	}
	s.relay = r
	return nil
}

func (r *relay) listen(server *turn.ServerConfig) error {
	if r.cfg.TLS != nil {
		server.ListenerConfigs = append(server.ListenerConfigs, r.streams(newTCPListener(r.cfg.TLS, &r.sfu.counters.tcpRefused, patiently)))
	}
	if r.cfg.Addr == "" {
		return nil
	}
	var lc net.ListenConfig
	tcp, err := lc.Listen(context.Background(), "tcp", r.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen for the relay on TCP %s: %w", r.cfg.Addr, err)
	}
	r.tcp = newTCPListener(tcp, &r.sfu.counters.tcpRefused, patiently)
	server.ListenerConfigs = append(server.ListenerConfigs, r.streams(r.tcp))
	udp := net.JoinHostPort(hostOf(r.cfg.Addr), strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port))
	if r.udp, err = lc.ListenPacket(context.Background(), "udp", udp); err != nil {
		return fmt.Errorf("listen for the relay on UDP %s: %w", udp, err)
	}
	server.PacketConnConfigs = []turn.PacketConnConfig{{
		PacketConn: newGate(r.udp, r.sfu.now), RelayAddressGenerator: r, PermissionHandler: r.permit,
	}}
	return nil
}

func (r *relay) streams(l net.Listener) turn.ListenerConfig {
	return turn.ListenerConfig{Listener: l, RelayAddressGenerator: r, PermissionHandler: r.permit}
}

func hostOf(addr string) string {
	host, _, _ := net.SplitHostPort(addr) // the same address was listened on
	return host
}

func (r *relay) closeSockets() error {
	var errs []error
	if r.tcp != nil {
		errs = append(errs, ignoreClosed(r.tcp.Close()))
	}
	if r.udp != nil {
		errs = append(errs, ignoreClosed(r.udp.Close()))
	}
	return errors.Join(errs...)
}

// close ends the relay, its connections and everything relayed.
func (r *relay) close() error {
	err := r.server.Close()
	r.mu.Lock()
	links := make([]*relayLink, 0, len(r.links))
	for _, l := range r.links {
		links = append(links, l)
	}
	r.mu.Unlock()
	for _, l := range links {
		_ = l.Close()
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// mediaAddr is the one address of a family at which this node's media is reached:
// a public one, the one listened on, or one of this host's.
func (s *SFU) mediaAddr(ipv4 bool) (netip.AddrPort, bool) {
	port := s.UDPAddr().Port()
	fits := func(ip netip.Addr) bool { return ip.IsValid() && ip.Unmap().Is4() == ipv4 }
	for _, ip := range s.cfg.PublicIPs {
		if fits(ip) {
			return netip.AddrPortFrom(ip.Unmap(), port), true
		}
	}
	var found netip.Addr
	for _, a := range s.udpMux.GetListenAddresses() {
		udp, ok := a.(*net.UDPAddr)
		if !ok {
			continue
		}
		ip := udp.AddrPort().Addr().Unmap()
		if !fits(ip) || ip.Zone() != "" || ip.IsUnspecified() {
			continue
		}
		if !found.IsValid() || (found.IsLoopback() && !ip.IsLoopback()) {
			found = ip
		}
	}
	return netip.AddrPortFrom(found, port), found.IsValid()
}

// Lend makes credentials for a person; none when there is no relay.
func (s *SFU) Lend(person string) (RelayCredentials, bool) {
	r := s.relay
	if r == nil {
		return RelayCredentials{}, false
	}
	username := strconv.FormatInt(time.Now().Add(RelayLife).Unix(), 10) + ":" + person
	return RelayCredentials{URLs: r.urls(), Username: username, Password: r.password(username)}, true
}

// urls are how the relay is reached (RFC 7065), the best way first.
func (r *relay) urls() []string {
	var list []string
	if r.cfg.Addr != "" {
		at := net.JoinHostPort(r.cfg.Host, strconv.Itoa(r.tcp.Addr().(*net.TCPAddr).Port))
		list = append(list, "turn:"+at+"?transport=udp", "turn:"+at+"?transport=tcp")
	}
	if r.cfg.TLS != nil {
		list = append(list, "turns:"+r.cfg.TLSHost+"?transport=tcp")
	}
	return list
}

func (r *relay) password(username string) string {
	mac := hmac.New(sha256.New, r.secret[:])
	_, _ = mac.Write([]byte(username)) // never fails
	return base64.RawStdEncoding.EncodeToString(mac.Sum(nil))
}

// authorise gives pion the key of a user name, which says until when it can be
// used. Later it still serves what was begun in time, from the same place.
func (r *relay) authorise(ask *turn.RequestAttributes) (string, []byte, bool) {
	until, person, ok := strings.Cut(ask.Username, ":")
	expiry, err := strconv.ParseInt(until, 10, 64)
	if !ok || err != nil || person == "" {
		return "", nil, false
	}
	if time.Now().Unix() > expiry && (ask.Method == stun.MethodAllocate || !r.has(ask.SrcAddr, person)) {
		return "", nil, false
	}
	return person, turn.GenerateAuthKey(ask.Username, ask.Realm, r.password(ask.Username)), true
}

func (r *relay) has(client net.Addr, person string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun[beganBy{client.String(), person}] > 0
}

func (r *relay) created(client, _ net.Addr, _, person, _ string, _ net.Addr, _ int) {
	r.shares.take(client)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun[beganBy{client.String(), person}]++
}

func (r *relay) deleted(client, _ net.Addr, _, person, _ string) {
	r.shares.give(client)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := beganBy{client.String(), person}
	if r.begun[key]--; r.begun[key] <= 0 {
		delete(r.begun, key)
	}
}

func (r *relay) quota(person, _ string, client net.Addr) bool {
	if r.shares.full(client, relaysPerNetwork) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.persons[person] < relaysPerPerson && len(r.links) < maxRelays
}

// permit lets clients reach this node's media address alone. The port is looked
// at when they send.
func (r *relay) permit(_ net.Addr, peer net.IP) bool {
	ip, ok := netip.AddrFromSlice(peer)
	if !ok {
		return false
	}
	for _, media := range r.media {
		if media.Addr() == ip.Unmap() {
			return true
		}
	}
	return false
}

// Validate implements turn.RelayAddressGenerator.
func (r *relay) Validate() error { return nil }

// AllocatePacketConn implements turn.RelayAddressGenerator.
func (r *relay) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	media, ok := r.media[c.Network]
	if !ok {
		return nil, nil, fmt.Errorf("relay over %s: no media address of that family: %w", c.Network, errors.ErrUnsupported)
	}
	l := newRelayLink(r, c.UserID, media)
	if err := r.admit(l, r.hosts[c.Network]); err != nil {
		return nil, nil, err
	}
	return l, l.LocalAddr(), nil
}

// admit finds a port for a link and lets media be sent to it.
func (r *relay) admit(l *relayLink, host netip.Addr) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.persons[l.person] >= relaysPerPerson || len(r.links) >= maxRelays {
		return errRelayFull
	}
	for r.links[firstRelayPort+r.nextPort] != nil {
		r.nextPort = (r.nextPort + 1) % relayPorts
	}
	port := firstRelayPort + r.nextPort
	r.nextPort = (r.nextPort + 1) % relayPorts
	l.at = netip.AddrPortFrom(host, uint16(port))
	if !r.sfu.udp.Route(l.at, l) {
		return errRelayFull
	}
	r.links[port] = l
	r.persons[l.person]++
	r.sfu.counters.relayed.Add(1)
	return nil
}

func (r *relay) forget(l *relayLink) {
	r.sfu.udp.Route(l.at, nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.links, int(l.at.Port()))
	if r.persons[l.person]--; r.persons[l.person] <= 0 {
		delete(r.persons, l.person)
	}
	r.sfu.counters.relayed.Add(-1)
}

// AllocateListener implements turn.RelayAddressGenerator: nothing is relayed over
// TCP (RFC 6062).
func (r *relay) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, fmt.Errorf("relay TCP: %w", errors.ErrUnsupported)
}

// AllocateConn implements turn.RelayAddressGenerator.
func (r *relay) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, fmt.Errorf("relay TCP: %w", errors.ErrUnsupported)
}
