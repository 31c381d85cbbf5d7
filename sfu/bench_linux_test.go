package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"
	"golang.org/x/sys/unix"

	"github.com/yunqiao/yunqiao/sfu/internal/codec"
)

// The benchmarks of sending measure down to a device that drops: one of a network
// namespace of their own, in which they may change addresses and routes:
//
//	unshare -rn go test ./sfu -run '^$' -bench 'Send' -count 5
//
// Elsewhere they send to sockets on loopback that nobody reads, which costs more
// for reasons that are none of ours.

const benchSubscribers = 20

// abyss is where packets go to vanish.
type abyss struct {
	private bool // we are alone in a network namespace and have the device
	local   netip.Addr
}

func newAbyss(b *testing.B) *abyss {
	b.Helper()
	a := &abyss{local: netip.MustParseAddr("127.0.0.1")}
	links, err := net.Interfaces()
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range links {
		if l.Flags&net.FlagLoopback == 0 && !strings.HasPrefix(l.Name, "drop") {
			return a
		}
	}
	tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return a
	}
	b.Cleanup(func() { _ = tun.Close() })
	var req struct {
		name  [unix.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(req.name[:], "drop0")
	req.flags = unix.IFF_TUN | unix.IFF_NO_PI
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, tun.Fd(), unix.TUNSETIFF, uintptr(unsafe.Pointer(&req))); errno != 0 {
		return a
	}
	a.ip(b, "link set lo up", "addr add 10.99.0.1/24 dev drop0", "link set drop0 up", "addr replace 10.98.0.1/32 dev lo")
	a.private, a.local = true, netip.MustParseAddr("10.99.0.1")
	return a
}

func (a *abyss) ip(b *testing.B, commands ...string) {
	b.Helper()
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			b.Fatalf("ip %s: %v: %s", c, err, out)
		}
	}
}

// open lets everything sent to the clients' address vanish until the end.
func (a *abyss) open(b *testing.B) {
	b.Helper()
	a.ip(b, "addr del 10.98.0.1/32 dev lo", "route add 10.98.0.0/24 dev drop0")
	b.Cleanup(func() { a.ip(b, "route del 10.98.0.0/24 dev drop0", "addr add 10.98.0.1/32 dev lo") })
}

// targets are n addresses that swallow what is sent to them.
func (a *abyss) targets(b *testing.B, n int) (list []netip.AddrPort) {
	b.Helper()
	for i := range n {
		if a.private {
			list = append(list, netip.AddrPortFrom(netip.MustParseAddr("10.99.0.2"), uint16(2000+i)))
			continue
		}
		udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		_ = udp.SetReadBuffer(1)
		b.Cleanup(func() { _ = udp.Close() })
		list = append(list, udp.LocalAddr().(*net.UDPAddr).AddrPort())
	}
	return list
}

// perPacket reports what one packet to one subscriber costs.
func perPacket(b *testing.B, packets int, before time.Duration) {
	b.Helper()
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/float64(packets), "cpu-ns/packet")
}

// cpu is the processor time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSend is one frame to 20 subscribers: the floor, which is encryption
// and one sendmmsg with segments and nothing else; the engine on its socket; with
// pion's connections between the two; and pion alone.
func BenchmarkSend(b *testing.B) {
	a := newAbyss(b)
	for _, burst := range []int{1, 2, 3, 8} {
		b.Run(fmt.Sprintf("burst=%d/floor", burst), func(b *testing.B) { benchFloor(b, a, burst) })
		b.Run(fmt.Sprintf("burst=%d/engine", burst), func(b *testing.B) { benchEngine(b, a, burst) })
		if !a.private { // connections need addresses that can be taken away
			continue
		}
		b.Run(fmt.Sprintf("burst=%d/whole", burst), func(b *testing.B) { benchWhole(b, a, burst) })
		b.Run(fmt.Sprintf("burst=%d/pion", burst), func(b *testing.B) { benchPion(b, a, burst) })
	}
}

func benchContext(b *testing.B) *srtp.Context {
	b.Helper()
	ctx, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		b.Fatal(err)
	}
	return ctx
}

// benchFloor encrypts straight into the buffers that one system call sends.
func benchFloor(b *testing.B, a *abyss, burst int) {
	b.Helper()
	const plain = 1200
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a.local, 0)))
	if err != nil {
		b.Fatal(err)
	}
	defer udp.Close()
	_ = udp.SetWriteBuffer(4 << 20)
	raw, err := udp.SyscallConn()
	if err != nil {
		b.Fatal(err)
	}
	f := newFloor(b, a.targets(b, benchSubscribers), burst, plain)
	before := cpu()
	for b.Loop() {
		for i := range f.keys {
			f.encrypt(b, i, burst)
		}
		if err := raw.Control(func(fd uintptr) { f.send(b, fd) }); err != nil {
			b.Fatal(err)
		}
	}
	perPacket(b, burst*benchSubscribers, before)
}

type mmsg struct {
	hdr unix.Msghdr
	n   uint32
}

type floor struct {
	keys     []*srtp.Context
	bufs     [][]byte
	size     int
	packet   []byte
	header   rtp.Header
	messages []mmsg
}

func newFloor(b *testing.B, to []netip.AddrPort, burst, plain int) *floor {
	b.Helper()
	f := &floor{size: plain + 16, packet: make([]byte, plain), messages: make([]mmsg, len(to))}
	f.header = rtp.Header{Version: 2, PayloadType: 96, SSRC: 1}
	for i, addr := range to {
		f.keys = append(f.keys, benchContext(b))
		f.bufs = append(f.bufs, make([]byte, burst*f.size))
		name := &unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: addr.Addr().As4()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&name.Port))[:], addr.Port())
		vector := &unix.Iovec{Base: &f.bufs[i][0]}
		vector.SetLen(len(f.bufs[i]))
		h := &f.messages[i].hdr
		h.Name, h.Namelen, h.Iov = (*byte)(unsafe.Pointer(name)), unix.SizeofSockaddrInet4, vector
		h.SetIovlen(1)
		if burst > 1 {
			control := make([]byte, unix.CmsgSpace(2))
			c := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
			c.Level, c.Type = unix.SOL_UDP, unix.UDP_SEGMENT
			c.SetLen(unix.CmsgLen(2))
			binary.NativeEndian.PutUint16(control[unix.CmsgLen(0):], uint16(f.size))
			h.Control = &control[0]
			h.SetControllen(len(control))
		}
	}
	return f
}

func (f *floor) encrypt(b *testing.B, i, burst int) {
	b.Helper()
	for j := range burst {
		f.header.SequenceNumber++
		if _, err := f.header.MarshalTo(f.packet); err != nil {
			b.Fatal(err)
		}
		if _, err := f.keys[i].EncryptRTP(f.bufs[i][j*f.size:j*f.size:(j+1)*f.size], f.packet, &f.header); err != nil {
			b.Fatal(err)
		}
	}
}

func (f *floor) send(b *testing.B, fd uintptr) {
	b.Helper()
	for sent := 0; sent < len(f.messages); {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&f.messages[sent])), uintptr(len(f.messages)-sent), 0, 0, 0)
		if errno != 0 {
			b.Fatal(errno)
		}
		sent += int(n)
	}
}

// reel feeds a track with frames of several packets.
type reel struct {
	in    *inbound
	track *track
	raw   []byte
	n     uint16
	ts    uint32
}

func newReel(s *SFU) *reel {
	track := newTrack(s, "reel", Camera, 1)
	track.open.Store(true)
	up := &uplink{sfu: s, woken: func() {}}
	bound := &binding{media: []boundMedia{{mid: "1", track: track, ssrcs: []uint32{7}}}}
	bound.kinds[96] = codec.VP8
	up.bound.Store(bound)
	return &reel{in: &inbound{up: up, ssrc: 7}, track: track, raw: make([]byte, 1200)}
}

func (r *reel) show(o *outlet) {
	o.attach(r.track)
	o.aim(0, 7)
}

// frame sends a frame of so many packets.
func (r *reel) frame(packets int, key bool) {
	r.ts += 3000
	for i := range packets {
		b := r.raw
		b[0], b[1] = 0x80, 96
		if i == packets-1 {
			b[1] |= 0x80
		}
		binary.BigEndian.PutUint16(b[2:], r.n)
		binary.BigEndian.PutUint32(b[4:], r.ts)
		binary.BigEndian.PutUint32(b[8:], 7)
		copy(b[12:], []byte{0x80, 0xe0, 0x80 | byte(r.ts/3000>>8)&0x7f, byte(r.ts / 3000), byte(r.ts / 3000), 0, 1, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2})
		if i == 0 {
			b[12] |= 0x10
			if key {
				b[18] = 0
			}
		}
		r.n++
		r.in.take(b, r.in.up.sfu.now())
	}
}

// onSocket encrypts and writes to the engine's socket.
type onSocket struct {
	sealed
	sfu *SFU
	to  netip.AddrPort
}

func (o *onSocket) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	if _, err := o.sealed.WriteRTP(h, payload); err != nil {
		return 0, err
	}
	return o.sfu.udp.WriteToAddrPort(o.out, o.to)
}

func listenBench(b *testing.B, a *abyss) *SFU {
	b.Helper()
	s, err := Listen(Config{UDPAddr: netip.AddrPortFrom(a.local, 0).String()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// benchEngine has the engine's whole way out but pion's connections.
func benchEngine(b *testing.B, a *abyss, burst int) {
	b.Helper()
	s := listenBench(b, a)
	r := newReel(s)
	t := &transport{sfu: s, ends: map[uint32]*seatEnd{}, up: &uplink{sfu: s, woken: func() {}}}
	for i, to := range a.targets(b, benchSubscribers) {
		e := t.newEnd(fmt.Sprint("seat-", i), webrtc.RTPCodecTypeVideo)
		w := &wire{ssrc: uint32(100 + i), header: rtp.Header{Version: 2, SSRC: uint32(100 + i)}}
		w.payload[codec.VP8] = 96
		w.writer = &onSocket{sealed: sealed{ctx: benchContext(b), raw: make([]byte, 1500), out: make([]byte, 0, 1600)}, sfu: s, to: to}
		e.wired.Store(w)
		r.show(e.outlet)
	}
	runReel(b, s, r, burst)
}

func runReel(b *testing.B, s *SFU, r *reel, burst int) {
	b.Helper()
	r.frame(burst, true)
	b.ReportAllocs()
	sent := s.udp.Stats().Datagrams.Load()
	before := cpu()
	for b.Loop() {
		r.frame(burst, false)
	}
	perPacket(b, burst*benchSubscribers, before)
	if got := s.udp.Stats().Datagrams.Load() - sent; got < uint64(b.N*burst*benchSubscribers) {
		lost := map[string]uint64{}
		for d := range drop(drops) {
			if n := s.counters.drops[d].Load(); n > 0 {
				lost[d.String()] = n
			}
		}
		b.Fatalf("%d packets left, want %d; dropped: %v", got, b.N*burst*benchSubscribers, lost)
	}
}

func benchCertificate(b *testing.B) webrtc.Certificate {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		b.Fatal(err)
	}
	return *cert
}

// guest connects a client, whose offer answer answers.
func guest(b *testing.B, cert webrtc.Certificate, answer func(sdp string) (string, error)) {
	b.Helper()
	pc, err := visitor(cert, net.IPv4(10, 98, 0, 1).Equal)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pc.GracefulClose() })
	up := make(chan struct{}, 8)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			up <- struct{}{}
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		b.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		b.Fatal(err)
	}
	<-gathered
	text, err := answer(pc.LocalDescription().SDP)
	if err != nil {
		b.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}); err != nil {
		b.Fatal(err)
	}
	select {
	case <-up:
	case <-time.After(patience):
		b.Fatal("no connection")
	}
}

// benchWhole has pion's connections between the engine and its socket.
func benchWhole(b *testing.B, a *abyss, burst int) {
	b.Helper()
	s := listenBench(b, a)
	m := s.NewMeeting(newWitness())
	cert := benchCertificate(b)
	var peers []*Peer
	for i := range benchSubscribers {
		p, err := m.Join(PeerID(fmt.Sprint("p", i)))
		if err != nil {
			b.Fatal(err)
		}
		peers = append(peers, p)
		guest(b, cert, func(sdp string) (string, error) {
			return p.Answer(context.Background(), Offer{
				SDP: sdp, Sources: map[Source]string{Microphone: "0"}, Seats: []SeatMIDs{{Audio: "1", Video: "2"}},
			})
		})
	}
	a.open(b)
	r := newReel(s)
	for _, p := range peers {
		m.mu.Lock()
		o := p.places[0].video.outlet
		m.mu.Unlock()
		o.setShut(false)
		// Nobody reports what arrives: the estimate would hold everything back.
		down := &o.to.(*seatEnd).way.down
		down.numbered.Store(false)
		down.tight.Store(false)
		r.show(o)
	}
	runReel(b, s, r, burst)
}

// benchPion is pion's own fan-out with its default interceptors.
func benchPion(b *testing.B, a *abyss, burst int) {
	b.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a.local, 0)))
	if err != nil {
		b.Fatal(err)
	}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: udp})
	b.Cleanup(func() { _ = mux.Close() })
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "v", "s")
	if err != nil {
		b.Fatal(err)
	}
	cert := benchCertificate(b)
	for range benchSubscribers {
		guest(b, cert, func(sdp string) (string, error) { return plainAnswer(b, mux, track, sdp) })
	}
	a.open(b)
	p := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, 1188)}
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		for range burst {
			p.SequenceNumber++
			if err := track.WriteRTP(p); err != nil {
				b.Fatal(err)
			}
		}
	}
	perPacket(b, burst*benchSubscribers, before)
}

func plainAnswer(b *testing.B, mux ice.UDPMux, track webrtc.TrackLocal, sdp string) (string, error) {
	b.Helper()
	pc, err := plainServer(b, mux)
	if err != nil {
		return "", err
	}
	if _, err := pc.AddTrack(track); err != nil {
		return "", err
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		return "", err
	}
	return answerOf(pc)
}

// plainServer is what anybody would make with pion.
func plainServer(b *testing.B, mux ice.UDPMux) (*webrtc.PeerConnection, error) {
	b.Helper()
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	reg := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(m, reg); err != nil {
		return nil, err
	}
	var e webrtc.SettingEngine
	e.SetLite(true)
	e.SetICEUDPMux(mux)
	e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	e.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e)).
		NewPeerConnection(webrtc.Configuration{})
	if err == nil {
		b.Cleanup(func() { _ = pc.GracefulClose() })
	}
	return pc, err
}

func answerOf(pc *webrtc.PeerConnection) (string, error) {
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}
